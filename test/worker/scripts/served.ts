/** A worker that exposes what the test calls. */
import * as sg from '../../../src/index';
import { expose } from '../../../src/worker';

export const functions = {
  add: (a: number, b: number): number => a + b,
  /** Tensors on their own, and in arrays and objects. */
  tensors: (): { one: sg.Tensor; more: sg.Tensor[]; note: string } => ({
    one: sg.tensor([1, 2, 3, 4], [2, 2]),
    more: [sg.tensor([5], [1], 'int32'), sg.zeros([0, 3])],
    note: 'text',
  }),
  sum: ({ data, shape }: { data: Float32Array; shape: number[] }): number =>
    sg.tensor(data, shape).sum().dataSync()[0] as number,
  async train(xs: Float32Array, ys: Float32Array, onEpoch: (epoch: number, weights: sg.Tensor) => unknown) {
    sg.setSeed(1);
    const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.fit(sg.tensor(xs, [xs.length / 2, 2]), sg.tensor(ys, [ys.length, 1]), {
      epochs: 3,
      verbose: 0,
      callbacks: { onEpochEnd: async (epoch) => void (await onEpoch(epoch, model.getWeights()[0] as sg.Tensor)) },
    });
    return model.getWeights();
  },
  fail: (): unknown => sg.zeros([2, 3]).matMul(sg.zeros([2, 3])),
  failOtherwise: (): never => {
    throw new TypeError('not of samegrad');
  },
  failWithText: (): never => {
    throw 'only text';
  },
  notTravelling: (): unknown => ({ run: () => 1 }),
  forever: (): Promise<never> => new Promise(() => undefined),
  crash: (): void => {
    setTimeout(() => {
      throw new Error('nobody caught this');
    });
  },
  exit: (): void => process.exit(3),
};
expose(functions);
