/** What layers and models written for TensorFlow.js do as a matter of course. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';

type Tensor = sg.Tensor;
const values = (t: Tensor): number[] => [...t.dataSync()];
const { dense } = sg.layers;
const warnings = vi.spyOn(console, 'warn').mockImplementation(() => {});
afterEach(() => warnings.mockClear());

describe('custom layers', () => {
  it('may set built in build', () => {
    class Scale extends sg.layers.Layer {
      w!: sg.Variable;
      override build(): void {
        this.w = this.addWeight('w', [1], 'float32', sg.initializers.constant({ value: 3 }));
        this.built = true;
      }
      call(x: Tensor): Tensor {
        return sg.mul(x, this.w);
      }
    }
    const model = sg.sequential({ layers: [new Scale({ inputShape: [2] })] });
    expect(values(model.predict(sg.ones([1, 2])))).toEqual([3, 3]);
    expect(model.weights).toHaveLength(1);
    expect(() => Object.assign(model, { built: false })).toThrow(sg.StateError);
  });

  it('may take the first of a list of one', () => {
    class First extends sg.layers.Layer {
      call(inputs: Tensor | Tensor[]): Tensor {
        return sg.mul((inputs as Tensor[])[0] as Tensor, 2);
      }
    }
    class Around extends sg.layers.Layer {
      readonly inner = new First();
      call(inputs: Tensor | Tensor[]): Tensor {
        const inner = this.inner.apply((inputs as Tensor[])[0] as Tensor);
        return sg.add((inputs as Tensor[])[0] as Tensor, inner);
      }
    }
    const x = sg.tensor2d([[1, 2]]);
    expect(values(sg.sequential({ layers: [new First({ inputShape: [2] })] }).predict(x))).toEqual([2, 4]);
    expect(values(new Around().apply(x))).toEqual([3, 6]);
    expect(values(new First().apply([x]) as Tensor)).toEqual([2, 4]);
    // Elsewhere an index is a mistake.
    expect(() => (x as unknown as Tensor[])[0]).toThrow(/no elements by index/);
    expect(() => new First().call(x)).toThrow(sg.ArgumentError);
  });

  it('may change the shapes that they are given', () => {
    class Wide extends sg.layers.Layer {
      call(x: Tensor): Tensor {
        return sg.concat([x, x], -1);
      }
      override computeOutputShape(shape: (number | null)[]): sg.Shapes {
        shape[1] = 4;
        return shape;
      }
    }
    const x = sg.input({ shape: [2] });
    const y = new Wide().apply(x);
    expect([x.shape, y.shape]).toEqual([
      [null, 2],
      [null, 4],
    ]);
  });

  it('start from given weights', () => {
    const weights = [sg.tensor2d([[1], [2]]), sg.tensor1d([3])];
    const model = sg.sequential({ layers: [dense({ units: 1, inputShape: [2], weights })] });
    expect(values(model.predict(sg.ones([1, 2])))).toEqual([6]);
    expect(() => dense({ units: 2, weights }).apply(sg.ones([1, 2]))).toThrow(sg.ShapeError);
  });

  it('can be called without settings', () => {
    const x = sg.ones([1, 2, 2]);
    const layers = [
      sg.layers.flatten(),
      sg.layers.dropout({ rate: 0.5 }),
      sg.layers.softmax(),
      sg.layers.gaussianNoise({ stddev: 1 }),
      sg.layers.globalAveragePooling1d(),
      sg.layers.lambda((t: Tensor) => t),
    ];
    for (const layer of layers)
      expect(values((layer as sg.Layer).call(x, null as never) as Tensor).length).toBeGreaterThan(0);
    for (const make of [sg.layers.add, sg.layers.multiply, sg.layers.maximum, sg.layers.average])
      expect((make().call([x, x], null) as Tensor).shape).toEqual([1, 2, 2]);
    const norm = sg.layers.batchNormalization();
    expect(norm.apply(x, null).shape).toEqual([1, 2, 2]);
    const rnn = sg.layers.lstm({ units: 3 });
    rnn.apply(x);
    expect((rnn.call(x, null) as Tensor).shape).toEqual([1, 3]);
    expect(rnn.getInitialState(x).map((t) => [t.shape, values(t)])).toEqual([
      [
        [1, 3],
        [0, 0, 0],
      ],
      [
        [1, 3],
        [0, 0, 0],
      ],
    ]);
  });

  it('have hooks for their calls', () => {
    const seen: unknown[] = [];
    class Asking extends sg.layers.Layer {
      call(x: Tensor, args: sg.CallArgs): Tensor {
        this.invokeCallHook(x, args);
        return x;
      }
    }
    for (const layer of [dense({ units: 1 }), new Asking()]) {
      layer.setCallHook((_, args) => seen.push(args.training));
      layer.apply(sg.ones([1, 1]), { training: true });
      layer.clearCallHook();
      layer.apply(sg.ones([1, 1]));
    }
    expect(seen).toEqual([true, true]);
  });

  it('say what was disposed of', () => {
    const layer = dense({ units: 1 });
    layer.apply(sg.ones([1, 1]));
    expect(layer.dispose()).toEqual({ refCountAfterDispose: 0, numDisposedVariables: 2 });
    expect(layer.dispose()).toEqual({ refCountAfterDispose: 0, numDisposedVariables: 0 });
  });
});

describe('dropout', () => {
  it('takes its rate alone', () => {
    expect(sg.layers.dropout(0.25).getConfig().rate).toBe(0.25);
    expect(sg.layers.gaussianDropout(0.25).getConfig().rate).toBe(0.25);
    expect(sg.layers.alphaDropout(0.25).getConfig().rate).toBe(0.25);
    expect(sg.layers.spatialDropout1d(0.25).getConfig().rate).toBe(0.25);
    expect(() => sg.layers.dropout(1)).toThrow(sg.ArgumentError);
    expect(warnings).not.toHaveBeenCalled();
  });

  it('warns that it drops nothing without a rate', () => {
    const x = sg.ones([8, 8]);
    expect(values(sg.layers.dropout().apply(x, { training: true }))).toEqual(values(x));
    expect(warnings.mock.calls).toEqual([[expect.stringContaining('no rate was given')]]);
  });
});

describe('models', () => {
  const graph = () => {
    const x = sg.input({ shape: [2], name: 'in' });
    const hidden = dense({ units: 3, name: 'hidden' });
    const h = hidden.apply(x);
    const model = new sg.LayersModel({ inputs: x, outputs: dense({ units: 1, name: 'out' }).apply(h), name: 'm' });
    return { x, h, hidden, model };
  };

  it('are made with new, and are of one class', () => {
    const { model } = graph();
    expect([model.name, model.outputShape, model.getClassName()]).toEqual(['m', [null, 1], 'Functional']);
    const sequential = new sg.Sequential({ layers: [dense({ units: 1, inputShape: [2] })] });
    expect(
      [model, sequential, sg.model({ inputs: model.inputs, outputs: model.outputs })].map(
        (m) => m instanceof sg.LayersModel,
      ),
    ).toEqual([true, true, true]);
    class Own extends sg.LayersModel {}
    expect(sequential instanceof Own).toBe(false);
    const { inputs, outputs } = model;
    expect(new Own({ inputs, outputs })).toBeInstanceOf(Own);
    expect((new Own({ inputs, outputs }).predict(sg.ones([1, 2])) as Tensor).shape).toEqual([1, 1]);
    expect(dense({ units: 1 }) instanceof sg.LayersModel).toBe(false);
  });

  it('know where symbolic tensors come from', () => {
    const { x, h, hidden } = graph();
    expect([h.sourceLayer === hidden, h.nodeIndex, h.tensorIndex, h.inputs[0] === x]).toEqual([true, 0, 0, true]);
    const again = hidden.apply(sg.input({ shape: [2] }));
    expect(again.nodeIndex).toBe(1);
    const lstm = sg.layers.lstm({ units: 1, returnState: true }).apply(sg.input({ shape: [3, 1] }));
    expect(lstm.map((s) => s.tensorIndex)).toEqual([0, 1, 2]);
  });

  it('execute to any of their layers', () => {
    const { model, hidden, x } = graph();
    const data = sg.randomNormal([4, 2]);
    const wanted = values(hidden.apply(data));
    expect(values(model.execute(data, 'hidden'))).toEqual(wanted);
    const [a, b] = model.execute({ in: data }, ['out', 'hidden']);
    expect([values(a as Tensor), values(b as Tensor)]).toEqual([values(model.predict(data) as Tensor), wanted]);
    expect(values(model.execute([data], x.name))).toEqual(values(data));
    for (const names of ['nothing', [], new Array(3)])
      expect(() => model.execute(data, names as string)).toThrow(sg.ArgumentError);
    const sequential = sg.sequential({
      layers: [dense({ units: 3, inputShape: [2], name: 'one' }), dense({ units: 1 })],
    });
    expect(values(sequential.execute(data, 'one'))).toEqual(values((sequential.layers[0] as sg.Layer).apply(data)));
  });

  it('give their layers by name or position, in two ways', () => {
    const { model } = graph();
    const names = [model.getLayer('hidden'), model.getLayer(1), model.getLayer(null, 1), model.getLayer(undefined, 1)];
    expect(names.map((l) => l.name)).toEqual(['hidden', 'hidden', 'hidden', 'hidden']);
    for (const [name, index] of [[null], ['nothing'], [null, 9]] as const)
      expect(() => model.getLayer(name, index)).toThrow(sg.ArgumentError);
  });

  it('take numbers as examples of one feature', async () => {
    const make = (): sg.Sequential => {
      const model = sg.sequential({ layers: [dense({ units: 1, inputShape: [1] })] });
      model.setWeights([sg.tensor2d([[2]]), sg.tensor1d([1])]);
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      return model;
    };
    const [model, twin] = [make(), make()];
    const [x, y] = [sg.tensor1d([1, 2, 3, 4]), sg.tensor1d([1, 0, 1, 0])];
    const column = sg.reshape(x, [4, 1]);
    expect(values(model.predict(x))).toEqual([3, 5, 7, 9]);
    expect(values(model.execute(x, model.layers[0]?.name as string))).toEqual([3, 5, 7, 9]);
    const args = { epochs: 2, batchSize: 3, shuffle: false };
    await model.fit(x, y, { ...args, validationData: [x, y] });
    await twin.fit(column, sg.reshape(y, [4, 1]), args);
    await model.trainOnBatch(x, y);
    await twin.trainOnBatch(column, y);
    expect(model.getWeights().map(values)).toEqual(twin.getWeights().map(values));
    expect(values(model.evaluate(x, y) as Tensor)).toEqual(values(twin.evaluate(column, y) as Tensor));
    const cost = (m: sg.Sequential, t: Tensor): number[] =>
      values(sg.variableGrads(() => (m.predict(t) as Tensor).mean()).value);
    expectClose(cost(model, x), cost(twin, column), 0);
    expect(() => sg.sequential({ layers: [dense({ units: 1, inputShape: [2] })] }).predict(x)).toThrow(sg.ShapeError);
    const unbuilt = sg.sequential({ layers: [dense({ units: 1 })] });
    expect(unbuilt.predict(x).shape).toEqual([4, 1]);
  });

  it('give weights that are trained before the others', () => {
    const model = sg.sequential({ layers: [sg.layers.batchNormalization({ inputShape: [3] }), dense({ units: 2 })] });
    expect(model.getWeights().map((w) => w.shape)).toEqual([[3], [3], [3, 2], [2], [3], [3]]);
    const both = sg.layers.bidirectional({ layer: sg.layers.gru({ units: 1 }) as sg.RNN });
    both.apply(sg.ones([1, 2, 1]));
    expect(both.weights.map((w) => w.name.split('/')[0])).toEqual([
      ...Array(3).fill(expect.stringMatching(/gru/)),
      ...Array(3).fill(expect.stringMatching(/gru/)),
    ]);
  });
});

describe('inputs', () => {
  it('of layers that take one may be a list of one', () => {
    const x = sg.input({ shape: [4, 3] });
    const layers = [
      dense({ units: 2 }),
      sg.layers.conv1d({ filters: 2, kernelSize: 2 }),
      sg.layers.flatten(),
      sg.layers.batchNormalization(),
      sg.layers.maxPooling1d(),
      sg.layers.timeDistributed({ layer: dense({ units: 2 }) }),
    ];
    const data = sg.randomNormal([2, 4, 3]);
    for (const layer of layers as sg.Layer[]) {
      const wanted = values(layer.apply(data));
      expect(values(layer.apply([data]) as Tensor)).toEqual(wanted);
      expect(values(sg.model({ inputs: x, outputs: layer.apply([x]) }).predict(data) as Tensor)).toEqual(wanted);
      expect(() => layer.apply([data, data])).toThrow(/takes one tensor, got a list of 2/);
    }
  });

  it('of dense have a size that may be given as inputDim', () => {
    const model = sg.sequential({ layers: [dense({ units: 1, inputDim: 3 })] });
    expect(model.inputShape).toEqual([null, 3]);
    expect(() => dense({ units: 1, inputDim: 0 })).toThrow(sg.ArgumentError);
  });
});

describe('reshape', () => {
  it('refuses what does not divide', () => {
    expect(() => sg.layers.reshape({ targetShape: [7, null] }).apply(sg.input({ shape: [10, 4] }))).toThrow(
      sg.ShapeError,
    );
  });
});

describe('properties of classes of users', () => {
  const free = ['inputShape', 'outputShape', 'states', 'constraints', 'children', 'kept', 'added', 'listed', 'family'];
  it.each([...free, 'isContainer', 'mask', 'config', 'units'])('may be named %s', (name) => {
    class Own extends sg.layers.Layer {
      static override className = `Own_${name}`;
      readonly inner = dense({ units: 3 });

      override computeOutputShape(inputShape: sg.Shapes): sg.Shapes {
        Reflect.set(this, name, [7]);
        return inputShape;
      }

      call(x: Tensor): Tensor {
        return this.inner.apply(x) as Tensor;
      }
    }
    const before = sg.memory().numTensors;
    const model = sg.sequential({ layers: [dense({ units: 3, inputShape: [2] }), new Own()] });
    expect(Reflect.get(model.layers[1] as object, name)).toEqual([7]);
    expect((model.predict(sg.ones([1, 2])) as Tensor).shape).toEqual([1, 3]);
    expect(model.trainableWeights).toHaveLength(4);
    model.summary(80, undefined, () => {});
    model.dispose();
    expect(sg.memory().numTensors).toBeLessThanOrEqual(before + 2);
  });

  it('hold the layers that are trained, whatever they are named', () => {
    class Tree extends sg.layers.Layer {
      static override className = 'Tree';
      declare children: sg.Layer[];
      constructor() {
        super({});
        this.children = [dense({ units: 2 }), dense({ units: 1 })];
      }
      call(x: Tensor): Tensor {
        return this.children.reduce((y, layer) => layer.apply(y) as Tensor, x);
      }
    }
    const model = sg.sequential({ layers: [new Tree()] });
    model.build([null, 3]);
    expect(model.trainableWeights).toHaveLength(4);
  });

  it('is the name too: models find the layer by it', () => {
    const model = sg.sequential({ layers: [dense({ units: 1, inputShape: [2] })] });
    const [layer] = model.layers as [sg.Layer];
    layer.name = 'renamed';
    expect(model.getLayer('renamed')).toBe(layer);
    expect(() => {
      layer.name = 3 as never;
    }).toThrow(sg.ArgumentError);
  });
});

describe('a call that reads values', () => {
  class Reading extends sg.layers.Layer {
    static override className = 'Reading';
    readonly seen: number[] = [];

    call(x: Tensor): Tensor {
      const y = x.mul(2);
      this.seen.push(y.dataSync().length);
      return y.sum(-1, true);
    }
  }

  it('has a shape, runs at once and in minimize, and cannot be compiled', async () => {
    const before = sg.memory();
    const layer = new Reading();
    const model = sg.sequential({ layers: [dense({ units: 3, inputShape: [2] }), layer] });
    expect(model.outputShape).toEqual([null, 1]);
    const made = sg.memory().numTensors - before.numTensors;
    const y = model.apply(sg.ones([5, 2])) as Tensor;
    expect([y.shape, layer.seen.at(-1)]).toEqual([[5, 1], 15]);
    sg.train.sgd(0.1).minimize(() => (model.apply(sg.ones([4, 2])) as Tensor).square().mean());
    expect(layer.seen.at(-1)).toBe(12);
    expect(made).toBe(2);
    expect(() => model.predict(sg.ones([5, 2]))).toThrow(/not known yet/);
  });
});
