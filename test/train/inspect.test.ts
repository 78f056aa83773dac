/** Looking into a model: its activations are those of the layers, its gradients those of the loss, and nothing changes. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { random } from '../models/helpers';

const x = random(1, [10, 3]);
const y = random(2, [10, 2]);

function compiled(rate = 0): sg.Sequential {
  const model = sg.sequential({
    layers: [
      sg.layers.dense({ units: 4, activation: 'tanh', inputShape: [3], name: 'hidden' }),
      sg.layers.dropout({ rate, name: 'drop' }),
      sg.layers.dense({ units: 2, name: 'out' }),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
}

describe('inspect', () => {
  it('finds what execute and variableGrads compute', () => {
    const model = compiled();
    const { loss, activations, gradients } = sg.train.inspect(model, x, y);
    const [hidden, out] = model.execute(x, ['hidden', 'out']) as [sg.Tensor, sg.Tensor];
    expect(Object.keys(activations)).toEqual(['hidden', 'drop', 'out']);
    expect(activations.hidden?.arraySync()).toEqual(hidden.arraySync());
    expect(activations.out?.arraySync()).toEqual(out.arraySync());
    const { value, grads } = sg.variableGrads(
      () => sg.losses.meanSquaredError(y, model.apply(x) as sg.Tensor).mean() as sg.Tensor,
    );
    expect(loss).toBeCloseTo(value.dataSync()[0] as number, 5);
    for (const [name, g] of Object.entries(gradients)) {
      const expected = grads[name]?.dataSync() as Float32Array;
      g.dataSync().forEach((v, i) => expect(v).toBeCloseTo(expected[i] as number, 5));
    }
  });

  it('takes the first examples, and changes neither weights nor random numbers', async () => {
    const steps = async (isInspected: boolean): Promise<number[][]> => {
      sg.setSeed(5);
      const model = compiled(0.5);
      if (isInspected) expect(sg.train.inspect(model, x, y, { batchSize: 4 }).activations.out?.shape).toEqual([4, 2]);
      await model.fit(x, y, { epochs: 2, verbose: 0 });
      return model.getWeights().map((w) => [...w.dataSync()]);
    };
    expect(await steps(true)).toEqual(await steps(false));
  });

  it('refuses what is no model, and what is not compiled', () => {
    expect(() => sg.train.inspect({} as never, x, y)).toThrow(/inspect: needs a model/);
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 2, inputShape: [3] })] });
    expect(() => sg.train.inspect(model, x, y)).toThrow(sg.StateError);
  });
});
