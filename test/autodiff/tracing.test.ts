/** Tracing and its gradients: results, arguments, kinks, errors, memory. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose, expectSameBits } from '../support/compare';
import { uniform } from '../support/random';
import { fold, type Nd, nd, total, zip } from '../tables/gradients/float64';
import { differences } from '../tables/gradients/numeric';

type Tensor = sg.Tensor;
const values = (t: Tensor): number[] => [...t.dataSync()];
const row = (...v: number[]): Tensor => sg.tensor1d(v);

describe('grad, grads, valueAndGrad, valueAndGrads', () => {
  it('gives one gradient for each argument, in its shape', () => {
    const [a, b] = [
      sg.tensor2d([
        [1, 2],
        [3, 4],
      ]),
      row(5, 6),
    ];
    const [da, db] = sg.grads((x, y) => x.mul(y).sum())([a, b]) as [Tensor, Tensor];
    expect(da.arraySync()).toEqual([
      [5, 6],
      [5, 6],
    ]);
    expect(db.arraySync()).toEqual([4, 6]);
  });

  it('gives the value that the function has eagerly, bit for bit', () => {
    const f = (x: Tensor): Tensor => x.exp().mul(x).sum(1).tanh();
    const x = sg.tensor(uniform(1, 600, -2, 2), [30, 20]);
    expectSameBits(sg.valueAndGrad(f)(x).value, f(x));
  });

  it('takes numbers and arrays for arguments', () => {
    expect(values(sg.grad((x) => x.square())(3))).toEqual([6]);
    expect(values(sg.grad((x) => x.square().sum())([1, 2]))).toEqual([2, 4]);
    expect(
      sg
        .grads((a, b) => a.mul(b).sum())([[1, 2], 3])
        .map(values),
    ).toEqual([[3, 3], [3]]);
  });

  it('adds up what reaches an argument on several ways', () => {
    expect(values(sg.grad((x) => x.mul(x).add(x).sub(x.mul(3)))(row(2, -1)))).toEqual([2, -4]);
    expect(values(sg.grad((x) => sg.concat([x, x.neg(), x]))(row(1, 2), row(1, 2, 3, 4, 5, 6)))).toEqual([
      1 - 3 + 5,
      2 - 4 + 6,
    ]);
  });

  it('differentiates the sum of a result that is no scalar', () => {
    expect(values(sg.grad((x) => x.square())(row(1, 2, 3)))).toEqual([2, 4, 6]);
  });

  it('weighs the elements of the result with dy', () => {
    const x = sg.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const dy = sg.tensor2d([
      [1, -1],
      [0.5, 0],
    ]);
    expect(values(sg.grad((t) => t.square())(x, dy))).toEqual([2, -4, 3, 0]);
    const { value, grad } = sg.valueAndGrad((t) => t.square())(x, dy);
    expect(values(value)).toEqual([1, 4, 9, 16]);
    expect(values(grad)).toEqual([2, -4, 3, 0]);
    expect(values(sg.grads((a, b) => a.mul(b))([row(2, 3), row(5, 7)], row(1, 10))[0] as Tensor)).toEqual([5, 70]);
  });

  it('sees through reshapes, moments and batch normalization', () => {
    const shape = [4, 3];
    const x = nd(shape, uniform(2, 12));
    const reference = (inputs: readonly Nd[]): number => {
      const [t] = inputs as [Nd];
      const mean = fold(t, [0], true, (v) => total(v) / v.length);
      const variance = fold(
        zip(t, mean, (a, b) => (a - b) ** 2),
        [0],
        true,
        (v) => total(v) / v.length,
      );
      const y = zip(
        zip(t, mean, (a, b) => a - b),
        variance,
        (a, b) => a / Math.sqrt(b + 0.001),
      );
      return total([...y.data].map((v, i) => v ** 3 * (i + 1)));
    };
    const weights = sg.tensor(
      Float32Array.from({ length: 12 }, (_, i) => i + 1),
      shape,
    );
    const got = sg.grad((t) => {
      const { mean, variance } = sg.moments(t, 0);
      const y = sg.batchNorm(t.expandDims(0).squeeze([0]), mean, variance);
      return y.mul(y).mul(y).mul(weights).flatten().sum();
    })(sg.tensor(Float32Array.from(x.data), shape));
    expectClose(got.dataSync(), differences(reference, [x], 1e-4)[0] as Float64Array, 5e-5);
  });

  it('draws the same numbers for the value and for its gradient', () => {
    sg.setSeed(3);
    const { value, grad } = sg.valueAndGrad((x) => sg.dropout(x, 0.5))(sg.ones([64]));
    expect(values(grad)).toEqual(values(value));
    expect(new Set(values(value))).toEqual(new Set([0, 2]));
  });

  it('works on tensors without elements', () => {
    expect(sg.grad((x) => x.square())(sg.zeros([0, 3])).shape).toEqual([0, 3]);
    const [da, db] = sg.grads((a, b) => sg.matMul(a, b))([sg.zeros([0, 3]), sg.ones([3, 2])]) as [Tensor, Tensor];
    expect(da.shape).toEqual([0, 3]);
    expect(values(db)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('gradients of gradients', () => {
  const cube = (x: Tensor): Tensor => x.mul(x).mul(x);

  it('nest', () => {
    const x = row(1, 2);
    expect(values(sg.grad((t) => sg.grad(cube)(t))(x))).toEqual([6, 12]);
    expect(values(sg.grad((t) => sg.grad((u) => sg.grad(cube)(u))(t))(x))).toEqual([6, 6]);
    expect(values(sg.grad((t) => sg.valueAndGrad(cube)(t).value)(x))).toEqual([3, 12]);
  });

  it('count only what the inner function does with its argument', () => {
    // d/dy (y x²) = x², whose derivative is 2 x; x itself reaches the inner function on two ways.
    expect(values(sg.grad((x) => sg.grad((y) => y.mul(x.square()))(x))(row(3)))).toEqual([6]);
    expect(values(sg.grad((x) => x.mul(sg.grad((y) => x.mul(y))(x)))(row(3)))).toEqual([6]);
    expect(() => sg.grad((x) => sg.grad(() => x.square())(x))(row(3))).toThrow(
      /grad: .*does not depend on its argument/,
    );
  });

  it('take several arguments and weights, inside as outside', () => {
    const f = (a: Tensor, b: Tensor): Tensor => a.mul(a).mul(b);
    const inner = (a: Tensor, b: Tensor): Tensor => sg.grads(f)([a, b], row(1, 10))[1] as Tensor;
    const mixed = sg.grad((a) => inner(a, row(5, 6)))(row(3, 4));
    expect(values(mixed)).toEqual([6, 80]);
    expect(() => sg.grads(inner)([row(3, 4), row(5, 6)])).toThrow(/grads: .*does not depend on argument 1 \(of 2/);
  });

  it('report errors as the outer ones do', () => {
    const inner = (f: (x: Tensor) => Tensor, dy?: Tensor) => () => sg.grad((x) => sg.grad(f)(x, dy))(row(1, 2));
    expect(inner(() => 1 as unknown as Tensor)).toThrow(sg.ArgumentError);
    expect(inner((x) => x, row(1))).toThrow(sg.ShapeError);
  });
});

describe('where there is no dependence', () => {
  it('an argument that is not used is an error that names it, as in TensorFlow.js', () => {
    const run = (): Tensor[] => sg.grads((a) => a.square())([row(1, 2), sg.ones([2, 3])]);
    expect(run).toThrow(sg.ArgumentError);
    expect(run).toThrow(/grads: .*argument 1 \(of 2, from 0\)/);
    expect(() => sg.valueAndGrads((_, b) => b.square())([row(1), row(2)])).toThrow(/valueAndGrads: .*argument 0/);
  });

  it('so is a result that comes from elsewhere; nothing was assigned then', () => {
    const other = row(7);
    const v = sg.variable(row(1));
    const run = (): unknown =>
      sg.valueAndGrad(() => {
        v.assign(other);
        return other;
      })(row(1, 2));
    for (let i = 0; i < 2; i++) expect(run).toThrow(/valueAndGrad: .*does not depend on its argument/);
    expect(values(v)).toEqual([1]);
    // A value that was read is a constant from there on.
    expect(() => sg.grad((x) => sg.tensor(x.square().dataSync()))(row(1, 2))).toThrow(sg.ArgumentError);
    v.dispose();
  });

  it('what is constant almost everywhere has gradient zero', () => {
    for (const f of [
      (x: Tensor) => x.floor(),
      (x: Tensor) => x.sign(),
      (x: Tensor) => x.greater(1).cast('float32'),
      (x: Tensor) => x.cast('int32').cast('float32'),
      (x: Tensor) => sg.stopGradient(x.square()),
    ])
      expect(values(sg.grad(f)(row(1.5, 2)))).toEqual([0, 0]);
  });

  it('nothing passes through indices', () => {
    expect(values(sg.grad((x) => sg.argMax(x).cast('float32'))(row(1, 2)))).toEqual([0, 0]);
  });

  it('the argument itself has gradient one', () => {
    expect(values(sg.grad((x) => x)(row(4, 5)))).toEqual([1, 1]);
  });
});

describe('kinks take the side that TensorFlow takes', () => {
  const at = (f: (x: Tensor) => Tensor, ...x: number[]): number[] => values(sg.grad(f)(row(...x)));

  it.each([
    ['abs', (x: Tensor) => x.abs(), [0, 2], [0, 1]],
    ['relu', (x: Tensor) => x.relu(), [0, -0], [0, 0]],
    ['leakyRelu', (x: Tensor) => x.leakyRelu(0.25), [0, -0], [0.25, 0.25]],
    ['clipByValue', (x: Tensor) => x.clipByValue(-1, 2), [-1, 2, -1.5, 2.5], [1, 1, 0, 0]],
    ['sqrt', (x: Tensor) => x.sqrt(), [0, 4], [Infinity, 0.25]],
    ['maximum with the same', (x: Tensor) => x.maximum([1, 1]), [1, 0], [1, 0]],
    ['maximum as second operand', (x: Tensor) => sg.maximum([1, 1], x), [1, 2], [0, 1]],
    ['minimum with the same', (x: Tensor) => x.minimum([1, 1]), [1, 2], [1, 0]],
    ['minimum as second operand', (x: Tensor) => sg.minimum([1, 1], x), [1, 0], [0, 1]],
    ['max of equals', (x: Tensor) => x.max(), [3, 1, 3, 3], [1 / 3, 0, 1 / 3, 1 / 3].map(Math.fround)],
    ['min of equals', (x: Tensor) => x.min(), [1, 3, 1], [0.5, 0, 0.5]],
    ['prod with a zero', (x: Tensor) => x.prod(), [2, 0, 3], [0, 6, 0]],
  ])('%s', (_, f, x, expected) => {
    expect(at(f, ...x)).toEqual(expected);
  });

  it('maxPool: the first of equals', () => {
    expect(values(sg.grad((x) => sg.maxPool(x, 2, 2, 'valid'))(sg.ones([1, 2, 2, 1])))).toEqual([1, 0, 0, 0]);
  });
});

describe('errors', () => {
  const bad = (result: unknown) => () => sg.grad(() => result as Tensor)(row(1));

  it.each([1, undefined, null, 'x', [1, 2], {}])('a result that is no tensor: %j', (result) => {
    expect(bad(result)).toThrow(sg.ArgumentError);
    expect(bad(result)).toThrow(/must return a tensor/);
  });

  it('arguments that are no array', () => {
    expect(() => sg.grads((x) => x)(row(1) as unknown as Tensor[])).toThrow(sg.ArgumentError);
    expect(() => sg.grad((x) => x)({} as unknown as Tensor)).toThrow(sg.ArgumentError);
  });

  it.each([[[6]], [[3, 2]], [[2, 2]], [[1, 2, 3]], [[]]])('dy of shape %j for a value of [2, 3]', (shape) => {
    const run = (): Tensor => sg.grad((x) => x.neg())(sg.ones([2, 3]), sg.ones(shape));
    expect(run).toThrow(sg.ShapeError);
    expect(run).toThrow(/\[2, 3\]/);
  });

  it('what is not a function', () => {
    for (const f of [undefined, null, 3, row(1), {}]) {
      const wrong = f as unknown as (x: Tensor) => Tensor;
      for (const make of [sg.grad, sg.valueAndGrad]) expect(() => make(wrong)).toThrow(sg.ArgumentError);
      for (const make of [sg.grads, sg.valueAndGrads]) expect(() => make(wrong)).toThrow(/rads: f must be a function/);
      expect(() => sg.variableGrads(wrong as unknown as () => Tensor)).toThrow(sg.ArgumentError);
    }
  });

  it('a function that returns a promise', () => {
    const f = (async (x: Tensor) => x) as unknown as (x: Tensor) => Tensor;
    expect(() => sg.grad(f)(row(1))).toThrow(/must be synchronous/);
  });

  it('disposed arguments', () => {
    const x = row(1);
    x.dispose();
    expect(() => sg.grad((t) => t.square())(x)).toThrow(sg.DisposedError);
    const dy = row(1);
    dy.dispose();
    expect(() => sg.grad((t) => t.square())(row(1), dy)).toThrow(sg.DisposedError);
  });

  it('an error of an op inside reaches the caller as it is', () => {
    expect(() => sg.grad((x) => x.add(sg.ones([3])))(row(1, 2))).toThrow(sg.ShapeError);
  });
});

describe('variables', () => {
  it('assign in a traced function takes effect when it runs', () => {
    const v = sg.variable(row(1, 2));
    const { value } = sg.valueAndGrad((x) => {
      v.assign(v.add(x));
      return v.mul(x).sum();
    })(row(10, 10));
    expect(values(value)).toEqual([230]);
    expect(values(v)).toEqual([11, 12]);
    v.dispose();
  });

  it('two variables can exchange their values', () => {
    const [a, b] = [sg.variable(row(1)), sg.variable(row(2))];
    sg.grad((x) => {
      const [newA, newB] = [b.mul(x), a.mul(x)];
      a.assign(newA);
      b.assign(newB);
      return x;
    })(row(1));
    expect([...values(a), ...values(b)]).toEqual([2, 1]);
    sg.dispose([a, b]);
  });
});

describe('memory', () => {
  const x = sg.tensor2d([
    [1, 2],
    [3, 4],
  ]);

  it('only the results are left', () => {
    const f = sg.valueAndGrads((a) => a.softmax().mul(a).sum());
    sg.dispose(f([x]));
    const before = sg.memory();
    const { value, grads } = f([x]);
    expect(sg.memory().numTensors).toBe(before.numTensors + 2);
    sg.dispose([value, grads]);
    expect(sg.memory()).toEqual({ ...before, peakBytes: sg.memory().peakBytes });
  });

  it.each([
    [
      'the function throws',
      (w: Tensor) => (a: Tensor) => {
        a.matMul(w);
        throw new Error('mine');
      },
    ],
    ['an op inside throws', (w: Tensor) => (a: Tensor) => a.matMul(w).add(sg.ones([3]))],
    ['the result is no tensor', (w: Tensor) => (a: Tensor) => [a.matMul(w)] as unknown as Tensor],
  ])('nothing is left when %s', (_, make) => {
    const attempt = (): void => {
      const w = sg.ones([2, 2]);
      expect(() => sg.tidy(() => sg.grad(make(w))(x))).toThrow();
      w.dispose();
    };
    attempt();
    const { numTensors, numDataBuffers, numBytes } = sg.memory();
    attempt();
    expect(sg.memory()).toMatchObject({ numTensors, numDataBuffers, numBytes });
  });

  it('a captured tensor may be disposed of afterwards', () => {
    const w = sg.ones([2, 2]);
    const g = sg.grad((a) => a.matMul(w))(x);
    w.dispose();
    expect(values(g)).toEqual([2, 2, 2, 2]);
    g.dispose();
  });
});
