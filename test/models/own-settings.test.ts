/** Classes of models of users: settings of their own are named, all others refused. */
import { expect, it } from 'vitest';
import * as sg from '../../src/index';

interface NetArgs extends sg.SequentialArgs {
  hidden: number;
}

class Net extends sg.Sequential {
  static override className = 'Net';
  static override accepts() {
    return { ...sg.Sequential.accepts(), hidden: true };
  }
  constructor(settings: NetArgs) {
    super(settings);
    this.add(sg.layers.dense({ units: settings.hidden, inputShape: [4] }));
  }
}

class Undeclared extends sg.Sequential {
  constructor(settings: NetArgs) {
    super(settings);
    this.add(sg.layers.dense({ units: settings.hidden, inputShape: [4] }));
  }
}

it('a sequential model takes settings that its class names', () => {
  const net = new Net({ hidden: 3, name: 'net' });
  expect([net.name, net.outputShape]).toEqual(['net', [null, 3]]);
  expect((net.predict(sg.ones([2, 4])) as sg.Tensor).shape).toEqual([2, 3]);
});

it('misspelled ones are refused, of the class and of its base', () => {
  expect(() => new Net({ hiden: 3 } as never)).toThrow("Net: unknown setting 'hiden'; did you mean 'hidden'?");
  expect(() => new Net({ hidden: 3, nmae: 'x' } as never)).toThrow("Net: unknown setting 'nmae'; did you mean 'name'?");
  expect(() => new Net({ hidden: 3, name: 4 } as never)).toThrow('Net: name must be a string, got 4');
});

it('a class that names none is told how', () => {
  expect(() => new Undeclared({ hidden: 3 })).toThrow(
    "Undeclared: unknown setting 'hidden'; known are layers, name; a class names settings of its own in static accepts(), { ...super.accepts(), name: true }",
  );
  expect(() => new sg.Sequential({ hidden: 3 } as never)).toThrow(
    new sg.ArgumentError("sequential: unknown setting 'hidden'; known are layers, name"),
  );
});

it('a model of symbolic inputs and outputs too, by either name of its class', () => {
  for (const Base of [sg.Functional, sg.LayersModel]) {
    class Wide extends Base {
      static override accepts() {
        return { ...Base.accepts(), width: true };
      }
      readonly width: number;
      constructor(settings: { width: number }) {
        const inputs = sg.input({ shape: [2] });
        const outputs = sg.layers.dense({ units: settings.width }).apply(inputs);
        super({ ...settings, inputs, outputs } as sg.ModelArgs);
        this.width = settings.width;
      }
    }
    expect(new Wide({ width: 5 }).outputShape).toEqual([null, 5]);
    expect(() => new Wide({ width: 5, witdh: 5 } as never)).toThrow("unknown setting 'witdh'");
  }
  const inputs = sg.input({ shape: [2] });
  expect(() => new sg.LayersModel({ inputs, outputs: inputs, hidden: 1 } as never)).toThrow(
    new sg.ArgumentError("model: unknown setting 'hidden'; known are inputs, outputs, name"),
  );
});
