/** Calls of the differential run: reductions. */
import type { DType } from '../../src/index';
import type { Operand } from '../tables/functions/case';
import { fold, type Nd, nd, total } from '../tables/gradients/float64';
import type { Call, Random, Row } from './differential';

/** Axes in any order, some of them negative; or one axis, or none. */
function axesOf(r: Random, rank: number): number | number[] | undefined {
  const sign = (a: number): number => (r.int(0, 1) ? a : a - rank);
  const kind = r.int(0, 3);
  if (kind === 0 || rank === 0) return undefined;
  if (kind === 1) return sign(r.int(0, rank - 1));
  const all = Array.from({ length: rank }, (_, i) => i).filter(() => r.int(0, 1));
  return (r.int(0, 1) ? all.reverse() : all).map(sign);
}

const reduction = (op: string, types: readonly DType[], range: readonly [number, number] = [-3, 3]): Row => ({
  op,
  count: 40,
  make(r): Call {
    const shape = r.shape(r.int(0, 4), 4);
    const axis = axesOf(r, shape.length);
    const keepDims = r.pick([true, false]);
    return {
      name: `axis ${JSON.stringify(axis)}, keepDims ${keepDims}`,
      operands: [r.operand(shape, r.pick(types), ...range)],
      run: (kit, x) => kit[op](x, axis, keepDims),
    };
  },
});

const place = (op: string): Row => ({
  op,
  make(r) {
    const shape = r.shape(r.int(1, 4), 5);
    const axis = r.int(-shape.length, shape.length - 1);
    return {
      name: `axis ${axis}`,
      operands: [r.operand(shape, r.pick(['float32', 'int32']), -2, 2)],
      run: (kit, x) => kit[op](x, axis),
    };
  },
});

const alongRows = (op: string, lastOnly = false): Row => ({
  op,
  make(r) {
    const shape = r.shape(r.int(1, 4), 5);
    const axis = lastOnly ? -1 : r.pick([-1, shape.length - 1]);
    return { name: `axis ${axis}`, operands: [r.operand(shape, 'float32', -5, 5)], run: (kit, x) => kit[op](x, axis) };
  },
});

const ORDS = ['euclidean', 'fro', 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const;

/** Settings of a call of `norm`, kept for its truth. */
const settings = new WeakMap<Call, { ord: string | number; axis: readonly number[]; keepDims: boolean }>();

/** The definition: of columns (1) or rows (±Infinity) the sums of |x|, and the extreme of them. */
function matrixNorm(call: Call): Operand {
  const { ord, axis, keepDims } = settings.get(call) as NonNullable<ReturnType<typeof settings.get>>;
  const x = call.operands[0] as Nd;
  const [row, column] = axis.map((a) => (a < 0 ? a + x.shape.length : a)) as [number, number];
  const wide = (): Nd => {
    if (typeof ord === 'string') return fold(x, [row, column], true, (v) => Math.sqrt(total(v.map((y) => y * y))));
    const sums = fold(x, [ord === 1 ? row : column], true, (v) => total(v.map(Math.abs)));
    return fold(sums, [ord === 1 ? column : row], true, (v) => (ord < 0 ? Math.min(...v) : Math.max(...v)));
  };
  const { data } = wide();
  const shape = x.shape.map((d, i) => (i === row || i === column ? 1 : d));
  return { ...nd(keepDims ? shape : shape.filter((_, i) => i !== row && i !== column), data), dtype: 'float32' };
}

const norms: readonly Row[] = [
  {
    op: 'norm',
    count: 60,
    make(r) {
      const shape = r.shape(r.int(0, 4), 4);
      const axis = shape.length && r.int(0, 2) ? r.int(0, shape.length - 1) : null;
      const [ord, keepDims] = [
        r.pick(['euclidean', 2, 1, Infinity, -Infinity]),
        axis !== null && r.pick([true, false]),
      ];
      return {
        name: `${ord}, axis ${axis}, keepDims ${keepDims}`,
        operands: [r.operand(shape, 'float32')],
        run: (kit, x) => kit.norm(x, ord, axis, keepDims),
      };
    },
  },
  {
    op: 'norm of matrices',
    count: 60,
    fault: 'matrix norms over axes that are negative or not sorted, and keepDims of some',
    truth: matrixNorm,
    make(r) {
      const shape = r.shape(r.int(2, 4), 4);
      const axes = shape.map((_, i) => i);
      const row = r.pick(axes);
      const column = r.pick(axes.filter((a) => a !== row));
      const axis = [row, column].map((a) => (r.int(0, 3) ? a : a - shape.length));
      const [ord, keepDims] = [r.pick(ORDS), r.pick([true, false])];
      const call: Call = {
        name: `${ord}, axis ${axis}, keepDims ${keepDims}`,
        operands: [r.operand(shape, 'float32')],
        run: (kit, x) => kit.norm(x, ord, axis, keepDims),
      };
      settings.set(call, { ord, axis, keepDims });
      return call;
    },
  },
];

export const reductions: readonly Row[] = [
  ...['sum', 'prod'].map((op) => reduction(op, ['float32', 'int32', 'bool'], [-2, 2])),
  reduction('mean', ['float32', 'int32', 'bool']),
  ...['max', 'min'].map((op) => reduction(op, ['float32', 'int32'])),
  ...['all', 'any'].map((op) => reduction(op, ['bool'])),
  reduction('logSumExp', ['float32'], [-20, 20]),
  {
    ...reduction('euclideanNorm', ['float32']),
    make(r) {
      const shape = r.shape(r.int(1, 4), 4);
      const axis = r.pick([null, 0, shape.length - 1]);
      return {
        name: `axis ${axis}`,
        operands: [r.operand(shape, 'float32')],
        run: (kit, x) => kit.euclideanNorm(x, axis),
      };
    },
  },
  {
    ...reduction('moments', ['float32', 'int32']),
    make(r) {
      const shape = r.shape(r.int(0, 4), 4);
      const axis = axesOf(r, shape.length);
      const keepDims = r.pick([true, false]);
      return {
        name: `axis ${JSON.stringify(axis)}, keepDims ${keepDims}`,
        operands: [r.operand(shape, r.pick(['float32', 'int32']))],
        run: (kit, x) => {
          const { mean, variance } = kit.moments(x, axis, keepDims);
          return [mean, variance];
        },
      };
    },
  },
  place('argMax'),
  place('argMin'),
  alongRows('softmax'),
  alongRows('logSoftmax'),
  ...norms,
];
