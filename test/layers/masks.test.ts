/** What layers make of masks, and masks of layers. */
import { describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';
import { expectClose } from '../support/compare';

type Tensor = sg.Tensor;
const values = (t: Tensor): number[] => [...t.dataSync()];
const bool = (rows: number[][]): Tensor => sg.tensor2d(rows, undefined, 'bool');

/** Says by its result what mask it was given: x and the mask as a last feature; without a mask 9. */
class Spy extends sg.layers.Layer {
  static override className = 'Spy';
  override supportsMasking = true;

  call(x: Tensor, { mask }: sg.CallArgs): Tensor {
    const seen = mask as Tensor | undefined;
    return seen ? seen.cast('float32') : sg.fill([x.shape[0] as number, x.shape[1] as number], 9);
  }
}

/** The mask that comes out of a graph of layers. */
const maskOf = (
  build: (spy: (x: sg.SymbolicTensor) => sg.SymbolicTensor) => sg.Functional<Tensor>,
  x: Tensor | Tensor[],
): number[] => values(build((s) => new Spy().apply(s) as sg.SymbolicTensor).predict(x));

const symbol = (shape: (number | null)[]): sg.SymbolicTensor => sg.input({ shape });
const apply = (layer: sg.Layer, x: sg.SymbolicTensor | sg.SymbolicTensor[]): sg.SymbolicTensor =>
  layer.apply(x as sg.SymbolicTensor) as sg.SymbolicTensor;

const steps = sg.tensor3d([
  [
    [1, 0],
    [0, 0],
    [0, 2],
  ],
  [
    [0, 0],
    [0, 0],
    [3, 3],
  ],
]);

describe('masks are made', () => {
  it('by masking, of steps that are not all maskValue', () => {
    const x = symbol([null, 2]);
    expect(maskOf((spy) => sg.model({ inputs: x, outputs: spy(apply(sg.layers.masking(), x)) }), steps)).toEqual([
      1, 0, 1, 0, 0, 1,
    ]);
    const three = sg.layers.masking({ maskValue: 3 });
    expect(maskOf((spy) => sg.model({ inputs: x, outputs: spy(apply(three, x)) }), steps)).toEqual([1, 1, 1, 1, 1, 0]);
    expect(values(three.apply(steps)).slice(-2)).toEqual([0, 0]);
    expect(values(three.apply(sg.fill([1, 1, 2], Number.NaN)))).toEqual([Number.NaN, Number.NaN]);
  });

  it('by embedding with maskZero alone', () => {
    const ids = sg.tensor2d([[1, 0, 2]], undefined, 'int32');
    for (const [maskZero, wanted] of [
      [true, [1, 0, 1]],
      [false, [9, 9, 9]],
    ] as const) {
      const x = sg.input({ shape: [null], dtype: 'int32' });
      const layer = sg.layers.embedding({ inputDim: 3, outputDim: 2, maskZero });
      expect(maskOf((spy) => sg.model({ inputs: x, outputs: spy(apply(layer, x)) }), ids)).toEqual(wanted);
    }
  });
});

describe('masks go through', () => {
  const makers: Record<string, () => sg.Layer> = {
    dense: () => sg.layers.dense({ units: 3 }),
    activation: () => sg.layers.activation({ activation: 'relu' }),
    reLU: () => sg.layers.reLU(),
    softmax: () => sg.layers.softmax(),
    prelu: () => sg.layers.prelu({ sharedAxes: [1] }),
    dropout: () => sg.layers.dropout({ rate: 0.5 }),
    spatialDropout1d: () => sg.layers.spatialDropout1d({ rate: 0.5 }),
    gaussianNoise: () => sg.layers.gaussianNoise({ stddev: 0.5 }),
    batchNormalization: () => sg.layers.batchNormalization(),
    layerNormalization: () => sg.layers.layerNormalization(),
    identity: () => sg.layers.identity(),
    lambda: () => sg.layers.lambda((x: Tensor) => x.mul(2)),
    activityRegularization: () => sg.layers.activityRegularization({ l1: 1 }),
    spectralNormalization: () => sg.layers.spectralNormalization({ layer: sg.layers.dense({ units: 2 }) }),
  };
  it.each(Object.keys(makers))('%s', (name) => {
    const x = symbol([null, 2]);
    const make = makers[name] as () => sg.Layer;
    const through = (spy: (s: sg.SymbolicTensor) => sg.SymbolicTensor): sg.Functional<Tensor> =>
      sg.model({ inputs: x, outputs: spy(apply(make(), apply(sg.layers.masking(), x))) });
    expect(maskOf(through, steps)).toEqual([1, 0, 1, 0, 0, 1]);
  });

  it.each(['flatten', 'permute'])('not %s, which has no use for them', (name) => {
    const x = symbol([3, 2]);
    const layer = name === 'flatten' ? sg.layers.flatten() : sg.layers.permute({ dims: [2, 1] });
    const model = sg.model({ inputs: x, outputs: apply(layer, apply(sg.layers.masking(), x)) });
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const y = model.predict(steps);
    expect(y.shape).toEqual(name === 'flatten' ? [2, 6] : [2, 2, 3]);
    // Another shape is traced again, and warned of no more.
    model.predict(sg.ones([1, 3, 2]));
    expect(warn.mock.calls.map(([text]) => text)).toEqual([expect.stringContaining('does not support masks')]);
    warn.mockRestore();
  });
});

describe('masks are merged', () => {
  const [a, b] = [bool([[1, 0, 0]]), bool([[0, 1, 0]])];
  const [x, y] = [sg.ones([1, 3, 2]), sg.ones([1, 3, 2]).mul(2)];
  const seen = (layer: sg.Layer, masks: (Tensor | undefined)[]): number[] | undefined => {
    const mask = layer.computeMask([x, y], masks) as Tensor | undefined;
    return mask && values(mask);
  };

  it('by or, elementwise; nothing is hidden without a mask', () => {
    for (const layer of [
      sg.layers.add(),
      sg.layers.subtract(),
      sg.layers.average(),
      sg.layers.multiply(),
      sg.layers.maximum(),
      sg.layers.minimum(),
    ]) {
      expect(seen(layer, [a, b])).toEqual([1, 1, 0]);
      expect(seen(layer, [a, undefined])).toBeUndefined();
    }
    expect(seen(sg.layers.dot({ axes: 2 }), [a, b])).toBeUndefined();
  });

  it('side by side', () => {
    expect(seen(sg.layers.concatenate({ axis: 1 }), [a, b])).toEqual([1, 0, 0, 0, 1, 0]);
    expect(seen(sg.layers.concatenate({ axis: 1 }), [a, undefined])).toEqual([1, 0, 0, 1, 1, 1]);
    expect(seen(sg.layers.concatenate(), [a, b])).toEqual([1, 1, 0]);
    expect(seen(sg.layers.concatenate(), [a, undefined])).toEqual([1, 1, 1]);
    expect(seen(sg.layers.concatenate(), [undefined, undefined])).toBeUndefined();
  });

  it('maximum and minimum leave out what is hidden, unless all is', () => {
    const hidden = { mask: [a, b] };
    expect(values(sg.layers.maximum().apply([x, y], hidden) as Tensor)).toEqual([1, 1, 2, 2, 1, 1]);
    expect(values(sg.layers.minimum().apply([x, y], { mask: [a, b] }) as Tensor)).toEqual([1, 1, 2, 2, 1, 1]);
    expect(values(sg.layers.maximum().apply([x, y], { mask: [a, undefined] }) as Tensor)).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it('multiply counts what is hidden as 1, and makes what all hide 0', () => {
    const product = (masks: (Tensor | undefined)[]): number[] =>
      values(sg.layers.multiply().apply([x.mul(3), y], { mask: masks }) as Tensor);
    expect(product([a, b])).toEqual([3, 3, 2, 2, 0, 0]);
    expect(product([a, undefined])).toEqual([6, 6, 2, 2, 2, 2]);
    expect(product([undefined, undefined])).toEqual([6, 6, 6, 6, 6, 6]);
    const z = sg.layers.multiply().apply([x, sg.fill([1, 3, 2], Number.NaN)], { mask: [a, b] }) as Tensor;
    expect(values(z)).toEqual([1, 1, Number.NaN, Number.NaN, 0, 0]);
  });

  it('in models', () => {
    const [p, q] = [symbol([null, 2]), symbol([null, 2])];
    const masked = (s: sg.SymbolicTensor): sg.SymbolicTensor => apply(sg.layers.masking(), s);
    const joined = apply(sg.layers.add(), [masked(p), masked(q)]);
    expect(maskOf((spy) => sg.model({ inputs: [p, q], outputs: spy(joined) }), [steps, steps.reverse(0)])).toEqual([
      1, 0, 1, 1, 0, 1,
    ]);
    // An input without a mask hides nothing.
    const half = apply(sg.layers.multiply(), [masked(p), q]);
    expect(maskOf((spy) => sg.model({ inputs: [p, q], outputs: spy(half) }), [steps, steps])).toEqual([
      9, 9, 9, 9, 9, 9,
    ]);
  });
});

describe('masks count', () => {
  it('in softmax, of positions of the same rank', () => {
    const y = sg.layers.softmax().apply(
      sg.tensor2d([
        [1, 2, 3],
        [1, 1, 1],
      ]),
      {
        mask: bool([
          [1, 1, 0],
          [0, 0, 0],
        ]),
      },
    );
    const e = Math.E;
    expectClose(values(y), [1 / (1 + e), e / (1 + e), 0, 0, 0, 0], 1e-6, 'softmax');
  });

  it('in batch normalization: hidden steps are no part of the statistics', () => {
    const layer = sg.layers.batchNormalization({ momentum: 0, epsilon: 0 });
    const x = sg.tensor3d([[[1], [100], [3]]]);
    const y = layer.apply(x, { training: true, mask: bool([[1, 0, 1]]) });
    expectClose(
      values(y).filter((_, i) => i !== 1),
      [-1, 1],
      1e-5,
      'values',
    );
    expectClose(
      layer.weights.slice(2).map((w) => values(w)[0] as number),
      [2, 1],
      1e-5,
      'statistics',
    );
  });
});
