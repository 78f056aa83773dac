/** A loss from which no gradient flows to a trainable weight is an error in fit, as it is in minimize. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

type Tensor = sg.Tensor;
const x = sg.tensor2d([
  [1, 2],
  [3, 4],
]);
const y = sg.tensor2d([[1], [0]]);

const dense = (name: string, trainable = true): sg.Layer =>
  sg.layers.dense({ units: 1, inputShape: [2], name, trainable });

function model(loss: (t: Tensor, p: Tensor) => Tensor, trainable = true): sg.Sequential {
  const made = sg.sequential({ layers: [dense('out', trainable)] });
  made.compile({ optimizer: 'sgd', loss });
  return made;
}

const flat: Record<string, (t: Tensor, p: Tensor) => Tensor> = {
  rounding: (t, p) => t.sub(p.round()).abs(),
  comparing: (t, p) => p.greater(0.5).cast('float32').sub(t).abs(),
  argMax: (t, p) => sg.argMax(p, 1).cast('float32').sub(t.flatten()).abs(),
  stopped: (t, p) => sg.stopGradient(p).sub(t).square(),
};
const apart: Record<string, (t: Tensor, p: Tensor) => Tensor> = {
  'of the targets alone': (t) => t.square(),
  'a constant': () => sg.ones([2, 1]),
};

describe('fit, trainOnBatch', () => {
  it.each(Object.keys(flat))('%s', async (name) => {
    const made = model(flat[name] as (t: Tensor, p: Tensor) => Tensor);
    const before = made.getWeights().map((w) => w.arraySync());
    for (const run of [() => made.fit(x, y), () => made.trainOnBatch(x, y)]) {
      await expect(run()).rejects.toThrow(sg.ArgumentError);
      await expect(run()).rejects.toThrow(
        /^loss .*: no gradient flows from it to a trainable weight.*constant almost everywhere/,
      );
    }
    expect(made.getWeights().map((w) => w.arraySync())).toEqual(before);
    made.dispose();
  });

  it.each(Object.keys(apart))('%s', async (name) => {
    const made = model(apart[name] as (t: Tensor, p: Tensor) => Tensor);
    await expect(made.fit(x, y)).rejects.toThrow(/no gradient flows.*must be computed from the predictions/);
    made.dispose();
  });

  it('it may be measured, and it does no harm where nothing is trained', async () => {
    const made = model(flat.rounding as (t: Tensor, p: Tensor) => Tensor);
    expect(typeof (await made.evaluate(x, y))).toBe('object');
    const frozen = model(flat.rounding as (t: Tensor, p: Tensor) => Tensor, false);
    await frozen.fit(x, y);
    made.dispose();
    frozen.dispose();
  });

  it('of two outputs, one may hang on frozen weights alone, but neither may be flat', async () => {
    const make = (loss: (t: Tensor, p: Tensor) => Tensor): sg.LayersModel => {
      const input = sg.input({ shape: [2] });
      const outputs = [dense('a').apply(input), dense('b', false).apply(input)] as sg.SymbolicTensor[];
      const both = sg.model({ inputs: input, outputs });
      both.compile({ optimizer: 'sgd', loss: [loss, 'meanSquaredError'] });
      return both;
    };
    const fine = make((t, p) => t.sub(p).square());
    await fine.fit(x, [y, y]);
    const wrong = make(flat.rounding as (t: Tensor, p: Tensor) => Tensor);
    await expect(wrong.fit(x, [y, y])).rejects.toThrow(/output 'a'/);
    fine.dispose();
    wrong.dispose();
  });
});

it('minimize says the same', () => {
  const w = sg.variable(sg.scalar(1.5));
  const optimizer = sg.train.sgd(0.1);
  expect(() => optimizer.minimize(() => w.round())).toThrow(
    /no gradient flows from the result to a trainable variable/,
  );
  expect(() => optimizer.minimize(() => sg.scalar(1).mul(2))).toThrow(/depends on no trainable variable/);
  expect(optimizer.iterations).toBe(0);
  // Beside one that flows, a gradient that is flat is zero.
  const v = sg.variable(sg.scalar(2.5), true, 'flat_one');
  const { grads } = sg.variableGrads(() => w.square().add(v.floor()));
  expect(grads.flat_one?.dataSync()[0]).toBe(0);
  sg.dispose([w, v]);
});
