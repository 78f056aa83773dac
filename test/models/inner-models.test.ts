/** Models inside of layers: who holds them. */
import { expect, it } from 'vitest';
import * as sg from '../../src/index';

const { layers } = sg;
const x = sg.ones([1, 4, 3]);

function make() {
  const inner = sg.sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
  const outer = sg.sequential({ layers: [layers.timeDistributed({ layer: inner, inputShape: [4, 3] })] });
  return { inner, outer };
}

it('a model in a wrapper that was loaded is disposed of with it', async () => {
  const { outer } = make();
  const bytes = await sg.io.toBytes(outer);
  const before = sg.memory().numTensors;
  const copy = await sg.loadModel(bytes);
  expect(sg.memory().numTensors).toBe(before + 2);
  expect(copy.dispose()).toEqual({ refCountAfterDispose: 0, numDisposedVariables: 2 });
  expect(sg.memory().numTensors).toBe(before);
});

it('a model that a user made stays his until he disposes of it', () => {
  const { inner, outer } = make();
  outer.predict(x);
  outer.dispose();
  expect((inner.predict(sg.ones([1, 3])) as sg.Tensor).shape).toEqual([1, 2]);
  expect(inner.dispose()).toEqual({ refCountAfterDispose: 0, numDisposedVariables: 2 });
});

it('a model whose user disposed of it lives on in its wrappers', () => {
  const inner = sg.sequential({ layers: [layers.dense({ units: 3, inputShape: [3] })] });
  const [one, other] = [0, 1].map(() =>
    sg.sequential({ layers: [layers.timeDistributed({ layer: inner, inputShape: [4, 3] })] }),
  ) as [sg.Sequential, sg.Sequential];
  expect(inner.dispose().refCountAfterDispose).toBe(2);
  expect((one.predict(x) as sg.Tensor).shape).toEqual([1, 4, 3]);
  one.dispose();
  expect((other.predict(x) as sg.Tensor).shape).toEqual([1, 4, 3]);
  expect(other.dispose().numDisposedVariables).toBe(2);
});
