/** Numbers at their ends: truth of fractions and NaN, lengths of huge and tiny vectors, slopes at NaN and of -Infinity. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { rootOfSquares } from '../../src/ops/linear/norms';
import { pointsOf } from '../accuracy/points';
import { expectSameBits } from '../support/compare';

type Tensor = sg.Tensor;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const valuesOf = (t: Tensor): number[] => [...t.dataSync()];

describe('a bool', () => {
  const numbers = [0.4, -0.5, nan, 2, 0, -0, 2 ** -149, 1e-300, -inf, 256, 2 ** 32];
  const truths = [1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1];
  const given: Record<string, () => number[]> = {
    'of a list': () => valuesOf(sg.tensor1d(numbers, 'bool')),
    'of nested lists': () =>
      valuesOf(
        sg.tensor2d(
          numbers.map((v) => [v]),
          undefined,
          'bool',
        ),
      ),
    'of a Float64Array': () => valuesOf(sg.tensor1d(Float64Array.from(numbers), 'bool')),
    'of scalars': () => numbers.map((v) => valuesOf(sg.scalar(v, 'bool'))[0] as number),
    'of fill': () => numbers.map((v) => valuesOf(sg.fill([1], v, 'bool'))[0] as number),
    'of a buffer': () => {
      const buffer = sg.buffer([numbers.length], 'bool');
      numbers.forEach((v, i) => {
        buffer.set(v, i);
      });
      return valuesOf(buffer.toTensor());
    },
    'of rand': () => {
      let i = 0;
      return valuesOf(sg.rand([numbers.length], () => numbers[i++] as number, 'bool'));
    },
  };
  it.each(Object.entries(given))('%s: all but 0 is true', (_, make) => {
    expect(make()).toEqual(truths);
  });

  it('of float32: all but 0 is true, also by cast', () => {
    const floats = Float32Array.from(numbers);
    const expected = Array.from(floats, (v) => Number(v !== 0));
    expect(valuesOf(sg.tensor1d(floats, 'bool'))).toEqual(expected);
    expect(valuesOf(sg.cast(sg.tensor1d(floats), 'bool'))).toEqual(expected);
    expect(valuesOf(sg.tensor1d(floats).toBool())).toEqual(expected);
  });
});

describe('the norm', () => {
  const lengths = [2 ** -149, 2 ** -140, 1e-38, 1e-30, 1e-20, 1e-17, 1e-16, 1, 1e15, 2e15, 1e20, 1e27, 1e30, 2e37];
  it.each(lengths)('of vectors of size %d, and its gradient', (size) => {
    // 3, 4 and 12 make 13, with tails far below.
    const given = [3, -4, 12, 0].map((v) => Math.fround(v * size));
    const exact = Math.hypot(...given);
    for (const x of [sg.tensor1d(given), sg.tensor2d(given, [2, 2])]) {
      const norm = valuesOf(sg.norm(x))[0] as number;
      expect(Math.abs(norm / exact - 1)).toBeLessThan(size > 1e-38 ? 2e-7 : 0.05);
      if (size < 1e-37) continue;
      const slopes = valuesOf(sg.grad((t: Tensor) => sg.norm(t))(x));
      slopes.forEach((v, i) => {
        expect(v).toBeCloseTo((given[i] as number) / exact, 6);
      });
    }
    const columns = sg.norm(sg.tensor2d([given, given]), 'euclidean', 1);
    for (const norm of valuesOf(columns)) expect(Math.abs(norm / exact - 1)).toBeLessThan(size > 1e-38 ? 2e-7 : 0.05);
  });

  it('has the bits of the plain root where squares are safe', () => {
    const x = sg.tensor2d(
      pointsOf(2, 4096).map((v) => (Math.abs(v) > 1e-10 && Math.abs(v) < 1e10 ? v : 0.1)),
      [64, 64],
    );
    expectSameBits(sg.norm(x, 2, 1), sg.sqrt(sg.sum(sg.square(x), 1)));
    expectSameBits(sg.norm(x), sg.sqrt(sg.sum(sg.square(x))));
  });

  it('of zeros is 0 with gradient 0, of NaN NaN, of Infinity Infinity, of nothing 0', () => {
    expect(valuesOf(sg.norm([0, 0]))).toEqual([0]);
    expect(valuesOf(sg.grad((t: Tensor) => sg.norm(t))(sg.zeros([3])))).toEqual([0, 0, 0]);
    expect(valuesOf(sg.norm([1, nan]))).toEqual([nan]);
    expect(valuesOf(sg.norm([1, -inf]))).toEqual([inf]);
    expect(valuesOf(sg.norm(sg.zeros([0])))).toEqual([0]);
  });

  it('of several tensors is that of all their elements', () => {
    const huge = sg.tensor1d([3e30]);
    expect(valuesOf(sg.reshape(rootOfSquares([huge, sg.tensor1d([4e30])]), [1]))[0]).toBeCloseTo(5e30, -25);
  });

  it.each([1e-30, 1, 1e25])(
    'of size %d: cosine similarity, unit normalization, normalized products, constraints',
    (size) => {
      const x = sg.tensor2d([[3 * size, 4 * size]]);
      const y = sg.tensor2d([[4 * size, 3 * size]]);
      expect(valuesOf(sg.losses.cosineSimilarity(x, y))[0]).toBeCloseTo(-0.96, 6);
      const constrained = sg.constraints.unitNorm({ axis: 1 }).apply(x);
      if (size === 1e-30) return;
      valuesOf(constrained).forEach((v, i) => {
        expect(v).toBeCloseTo([0.6, 0.8][i] as number, 6);
      });
      const unit = valuesOf(sg.layers.unitNormalization({}).apply(x));
      unit.forEach((v, i) => {
        expect(v).toBeCloseTo([0.6, 0.8][i] as number, 6);
      });
      expect(valuesOf(sg.layers.dot({ axes: 1, normalize: true }).apply([x, y]) as Tensor)[0]).toBeCloseTo(0.96, 6);
    },
  );

  it.each(['clipNorm', 'globalClipNorm'] as const)('%s brings huge gradients to the limit', (limit) => {
    const w = sg.variable(sg.tensor1d([1, 1]), true, `huge_${limit}`);
    const optimizer = sg.train.sgd({ learningRate: 1, [limit]: 5 });
    optimizer.minimize(() => sg.sum(sg.mul(w, [3e25, 4e25])));
    expect(valuesOf(w).map(Math.round)).toEqual([-2, -3]);
    w.dispose();
  });
});

describe('slopes', () => {
  const slopeAt = (f: (x: Tensor) => Tensor, at: number): number =>
    valuesOf(sg.grad(f)(sg.tensor1d([at]), sg.ones([1])))[0] as number;

  it.each(['elu', 'selu', 'mish', 'gelu', 'swish', 'softplus', 'sigmoid', 'tanh'] as const)(
    'of %s at NaN are NaN',
    (name) => {
      expect(slopeAt((x) => (sg[name] as (x: Tensor) => Tensor)(x), nan)).toBe(nan);
    },
  );
  it('of celu at NaN is NaN', () => {
    expect(slopeAt((x) => sg.activations.celu(x), nan)).toBe(nan);
  });

  it('of minimum and maximum go to both where one is NaN', () => {
    for (const f of [sg.minimum, sg.maximum])
      for (const [a, b] of [
        [nan, 1],
        [1, nan],
      ]) {
        const grads = sg.grads((x, y) => f(x as Tensor, y as Tensor))([sg.scalar(a as number), sg.scalar(b as number)]);
        expect(grads.map((g) => valuesOf(g)[0])).toEqual([1, 1]);
      }
  });

  it('of where are exactly 0 for what is not chosen, whatever is there', () => {
    const f = (a: Tensor, b: Tensor): Tensor => sg.where(sg.tensor1d([true, false]), a, b);
    const grads = sg.grads((a, b) => f(a as Tensor, b as Tensor))(
      [sg.tensor1d([1, nan]), sg.tensor1d([inf, 2])],
      sg.tensor1d([3, 4]),
    );
    expect(grads.map(valuesOf)).toEqual([
      [3, 0],
      [0, 4],
    ]);
  });

  it('of logSumExp of -Infinity alone are 0, of others its softmax', () => {
    const x = sg.tensor2d([
      [-inf, -inf],
      [-inf, 1],
      [2, 2],
    ]);
    expect(valuesOf(sg.logSumExp(x, 1))).toEqual([-inf, 1, 2 + Math.fround(Math.log(2))]);
    expect(valuesOf(sg.grad((t: Tensor) => sg.logSumExp(t, 1))(x, sg.ones([3])))).toEqual([0, 0, 0, 1, 0.5, 0.5]);
  });

  it('of atan2 do not vanish or overflow with its squares', () => {
    for (const size of [1e-30, 1e-15, 1, 1e15, 1e25]) {
      const [a, b] = sg.grads((x, y) => sg.atan2(x as Tensor, y as Tensor))([sg.scalar(3 * size), sg.scalar(4 * size)]);
      expect((valuesOf(a as Tensor)[0] as number) * size).toBeCloseTo(4 / 25, 6);
      expect((valuesOf(b as Tensor)[0] as number) * size).toBeCloseTo(-3 / 25, 6);
    }
  });
});

it('threshold counts only values from 0 to 255', () => {
  const found = sg.image.threshold(
    [
      [[-1], [-1], [-1]],
      [[200], [210], [300]],
    ],
    'otsu',
  );
  expect(valuesOf(found)).toEqual([0, 0, 0, 0, 255, 255]);
});
