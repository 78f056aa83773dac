/** Calls of the differential run: functions that read and write by index, with gradients where TensorFlow.js has them. */
import type { Operand } from '../tables/functions/case';
import type { Kit, Random, Row } from './differential';

const dtypes = ['float32', 'int32', 'bool'] as const;
const operand = (r: Random, shape: readonly number[]): Operand => r.operand(shape, r.pick(dtypes), -50, 50);

const both = (kit: Kit, x: Kit, f: (x: Kit) => Kit): Kit[] =>
  x.dtype === 'float32' ? [f(x), kit.grad((v: Kit) => kit.sum(kit.square(f(v))))(x)] : [f(x)];

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Index tuples [...batch, depth] inside a shape; all different if they must be. */
function tuples(r: Random, shape: readonly number[], count: number, depth: number, differ: boolean): Operand {
  const dims = shape.slice(0, depth);
  const places = Array.from({ length: sizeOf(dims) }, (_, i) => i);
  const list = Array.from({ length: differ ? Math.min(count, places.length) : count }, () => {
    const at = r.int(0, places.length - 1);
    const place = (differ ? places.splice(at, 1)[0] : places[at]) as number;
    let rest = place;
    const tuple = [...dims].reverse().map((d) => {
      const v = rest % d;
      rest = Math.floor(rest / d);
      return v;
    });
    return tuple.reverse();
  });
  return { shape: [list.length, depth], dtype: 'int32', data: Float64Array.from(list.flat()) };
}

export const indexing: readonly Row[] = [
  {
    op: 'gather',
    count: 60,
    make(r) {
      const shape = r.shape(r.int(1, 4));
      const axis = r.int(0, shape.length - 1);
      return {
        name: `axis ${axis}`,
        operands: [operand(r, shape), r.operand(r.shape(r.int(1, 2), 4), 'int32', 0, (shape[axis] as number) - 1)],
        run: (kit, x, ids) => [
          ...both(kit, x, (v) => kit.gather(v, ids, axis)),
          kit.gather(x, ids, axis - shape.length),
        ],
      };
    },
  },
  {
    op: 'gather with a batch',
    count: 40,
    make(r) {
      const shape = r.shape(r.int(2, 4), 4);
      const batchDims = r.int(1, shape.length - 1);
      const axis = r.int(batchDims, shape.length - 1);
      const ids = [...shape.slice(0, batchDims), ...r.shape(r.int(1, 2), 3)];
      return {
        name: `axis ${axis}, batchDims ${batchDims}`,
        operands: [operand(r, shape), r.operand(ids, 'int32', 0, (shape[axis] as number) - 1)],
        run: (kit, x, i) => kit.gather(x, i, axis, batchDims),
      };
    },
  },
  {
    op: 'unsortedSegmentSum',
    count: 40,
    make(r) {
      const shape = r.shape(r.int(1, 4));
      const n = r.int(1, 6);
      return {
        name: `${n} segments`,
        operands: [r.operand(shape), r.operand([shape[0] as number], 'int32', -1, n - 1)],
        run: (kit, x, ids) => both(kit, x, (v) => kit.unsortedSegmentSum(v, ids, n)),
      };
    },
  },
  {
    op: 'gatherND',
    count: 40,
    make(r) {
      const shape = r.shape(r.int(1, 4), 4);
      const depth = r.int(1, shape.length);
      return {
        name: `depth ${depth}`,
        operands: [operand(r, shape), tuples(r, shape, r.int(1, 6), depth, false)],
        run: (kit, x, ids) => kit.gatherND(x, ids),
      };
    },
  },
  {
    op: 'scatterND',
    count: 40,
    make(r) {
      const shape = r.shape(r.int(1, 4), 4);
      const depth = r.int(1, shape.length);
      const ids = tuples(r, shape, r.int(1, 6), depth, false);
      return {
        name: `depth ${depth}`,
        operands: [
          ids,
          r.operand([ids.shape[0] as number, ...shape.slice(depth)], r.pick(['float32', 'int32']), -50, 50),
        ],
        run: (kit, i, x) => kit.scatterND(i, x, shape),
      };
    },
  },
  {
    op: 'tensorScatterUpdate',
    count: 40,
    make(r) {
      const shape = r.shape(r.int(1, 4), 4);
      const depth = r.int(1, shape.length);
      const dtype = r.pick(dtypes);
      const ids = tuples(r, shape, r.int(1, 6), depth, r.pick([true, false]));
      return {
        name: `depth ${depth}`,
        operands: [r.operand(shape, dtype), ids, r.operand([ids.shape[0] as number, ...shape.slice(depth)], dtype)],
        run: (kit, x, i, y) => kit.tensorScatterUpdate(x, i, y),
      };
    },
  },
  {
    op: 'sparseToDense',
    count: 40,
    make(r) {
      const shape = r.shape(r.int(1, 4), 4);
      const dtype = r.pick(['float32', 'int32'] as const);
      const ids = tuples(r, shape, r.int(1, 6), shape.length, true);
      const single = r.pick([true, false]);
      const rest = r.pick([0, 7]);
      return {
        name: `${single ? 'one value' : 'values'}, default ${rest}`,
        operands: [ids, r.operand(single ? [] : [ids.shape[0] as number], dtype)],
        run: (kit, i, x) => kit.sparseToDense(i, x, shape, kit.scalar(rest, dtype)),
      };
    },
  },
  {
    op: 'where',
    make(r) {
      const shape = r.shape(r.int(0, 4), 4);
      const cut = (s: number[]): number[] => s.slice(r.int(0, s.length)).map((d) => r.pick([1, d]));
      const dtype = r.pick(['float32', 'int32'] as const);
      return {
        name: '',
        operands: [
          r.operand(r.pick([shape, cut(shape)]), 'bool'),
          r.operand(r.pick([shape, cut(shape)]), dtype),
          r.operand(shape, dtype),
        ],
        run: (kit, condition, a, b) => kit.where(condition, a, b),
      };
    },
  },
  {
    op: 'whereAsync',
    make(r) {
      return {
        name: '',
        operands: [r.operand(r.shape(r.int(1, 4)), 'bool')],
        run: (kit, x) => kit.whereAsync(x),
      };
    },
  },
  {
    op: 'booleanMaskAsync',
    make(r) {
      const shape = r.shape(r.int(1, 4));
      const axis = r.int(0, shape.length - 1);
      const covered = r.int(1, shape.length - axis);
      return {
        name: `axis ${axis}`,
        operands: [operand(r, shape), r.operand(shape.slice(axis, axis + covered), 'bool')],
        run: (kit, x, mask) => kit.booleanMaskAsync(x, mask, axis),
      };
    },
  },
  {
    op: 'setdiff1dAsync',
    make(r) {
      const dtype = r.pick(['float32', 'int32'] as const);
      const whole = (x: Operand): Operand => ({ ...x, data: x.data.map(Math.round) });
      return {
        name: '',
        operands: [whole(r.operand([r.int(1, 12)], dtype, -5, 5)), whole(r.operand([r.int(1, 6)], dtype, -5, 5))],
        run: (kit, x, y) => kit.setdiff1dAsync(x, y),
      };
    },
  },
];
