/** What programs for TensorFlow.js do with what `getWeights` gives: there it is the variables themselves. */
import { expect, test } from 'vitest';
import * as sg from '../../src/index';

interface Value extends sg.Tensor {
  readonly name: string;
  assign(value: sg.Tensor): void;
}
const valuesOf = (holder: { getWeights(): sg.Tensor[] }): [Value, Value] => holder.getWeights() as [Value, Value];
const createModel = (): sg.Sequential =>
  sg.sequential({ layers: [sg.layers.dense({ name: 'head', units: 2, inputShape: [3] })] });

test('it has names, and sets weights by assign', () => {
  const model = createModel();
  const before = sg.memory().numTensors;
  const values = valuesOf(model);
  expect(values.map((w) => w.name)).toEqual(['head/kernel', 'head/bias']);
  expect(sg.memory().numTensors).toBe(before + 2);
  const [kernel, bias] = values;
  sg.tidy(() => bias.assign(sg.tensor1d([3, 4])));
  expect([...bias.dataSync()]).toEqual([3, 4]);
  expect([...(model.getWeights()[1] as sg.Tensor).dataSync()]).toEqual([3, 4]);
  expect(() => kernel.assign(bias)).toThrow(sg.ShapeError);
  expect(kernel.square().dataSync()).toHaveLength(6);
  expect(values[0] instanceof sg.Variable).toBe(false);
});

test('it stays what it was when the model is trained, or disposed of', async () => {
  const model = createModel();
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const [kernel, bias] = valuesOf(model);
  const was = [...kernel.dataSync()];
  await model.fit(sg.ones([4, 3]), sg.ones([4, 2]), { epochs: 2, verbose: 0 });
  expect([...kernel.dataSync()]).toEqual(was);
  expect([...bias.dataSync()]).toEqual([0, 0]);
  model.dispose();
  expect([...kernel.dataSync()]).toEqual(was);
  expect(() => bias.assign(sg.ones([2]))).toThrow(sg.DisposedError);
});

test('it stands for the weights in varList', () => {
  const model = createModel();
  const loss = (): sg.Tensor => (model.apply(sg.ones([1, 3])) as sg.Tensor).square().mean();
  const [kernel, bias] = valuesOf(model);
  const { grads } = sg.variableGrads(loss, [bias] as unknown as sg.Variable[]);
  expect(Object.keys(grads)).toEqual(['head/bias']);
  sg.train.sgd(0.1).minimize(loss, false, model.getWeights() as sg.Variable[]);
  expect([...(model.getWeights()[0] as sg.Tensor).dataSync()]).not.toEqual([...kernel.dataSync()]);
});

test('assign in a compiled function sets the weight of each run', () => {
  const model = createModel();
  const [, bias] = valuesOf(model);
  const set = sg.jit((x: sg.Tensor) => {
    bias.assign(x);
    return x.add(1);
  });
  set(sg.tensor1d([1, 2]));
  set(sg.tensor1d([5, 6]));
  expect([...(model.getWeights()[1] as sg.Tensor).dataSync()]).toEqual([5, 6]);
});

test('names stand beside values, and inputs have names', () => {
  const inputs = [sg.input({ shape: [3], name: 'left' }), sg.input({ shape: [3], name: 'right' })];
  const frozen = sg.layers.dense({ units: 1, name: 'frozen', trainable: false, useBias: false });
  const head = sg.layers.dense({ units: 1, name: 'head' });
  const model = sg.model({ inputs, outputs: head.apply(frozen.apply(sg.layers.add().apply(inputs))) });
  expect(model.inputNames).toEqual(['left', 'right']);
  const named = model.getNamedWeights();
  expect(named.map(({ name, tensor }) => `${name} ${tensor.shape}`).sort()).toEqual([
    'frozen/kernel 3,1',
    'head/bias 1',
    'head/kernel 1,1',
  ]);
  expect(model.getNamedWeights({ trainableOnly: true }).map((w) => w.name)).toEqual(['head/kernel', 'head/bias']);
});
