/** Calls of the differential run: functions that shape, cut, join and repeat, with gradients where TensorFlow.js has them. */
import { sliced } from '../tables/functions/arrays';
import type { Operand } from '../tables/functions/case';
import type { Kit, Random, Row } from './differential';

const dtypes = ['float32', 'int32', 'bool'] as const;
const operand = (r: Random, shape: readonly number[]): Operand => r.operand(shape, r.pick(dtypes), -50, 50);

/** The value, and for float32 the gradient of the sum of its squares. */
const both = (kit: Kit, x: Kit, f: (x: Kit) => Kit): Kit[] =>
  x.dtype === 'float32' ? [f(x), kit.grad((v: Kit) => kit.sum(kit.square(f(v))))(x)] : [f(x)];

/** An axis of a tensor, from either end. */
const axisOf = (r: Random, rank: number): number => r.int(-rank, rank - 1);
const some = (r: Random, rank: number): number[] =>
  Array.from({ length: rank }, (_, i) => i).filter(() => r.pick([true, false]));

/** A random order of the numbers below n. */
function order(r: Random, n: number): number[] {
  const left = Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: n }, () => left.splice(r.int(0, left.length - 1), 1)[0] as number);
}

const pairs = (r: Random, rank: number, most = 3): [number, number][] =>
  Array.from({ length: rank }, () => [r.int(0, most), r.int(0, most)]);

/** A part that lies inside. */
function part(r: Random, shape: readonly number[]): { begin: number[]; size: number[] } {
  const begin = shape.map((d) => r.int(0, d - 1));
  return { begin, size: shape.map((d, i) => r.pick([-1, r.int(1, d - (begin[i] as number))])) };
}

const NAMES = ['', '1d', '2d', '3d', '4d'];

export const shape: readonly Row[] = [
  {
    op: 'reshape, expandDims, squeeze, flatten',
    make(r) {
      const from = r.shape(r.int(1, 4), 3).flatMap((d) => r.pick([[d], [1, d]]));
      const axis = axisOf(r, from.length);
      return {
        name: `axis ${axis}`,
        operands: [operand(r, from)],
        run: (kit, x) => [
          ...both(kit, x, (v) => kit.reshape(v, [-1, from[0]])),
          ...both(kit, x, (v) => kit.expandDims(v, axis)),
          kit.squeeze(x),
        ],
      };
    },
  },
  {
    op: 'transpose',
    make(r) {
      const from = r.shape(r.int(0, 5), 4);
      const perm = r.pick([undefined, order(r, from.length)]);
      return {
        name: `${perm}`,
        operands: [operand(r, from)],
        run: (kit, x) => both(kit, x, (v) => kit.transpose(v, perm)),
      };
    },
  },
  {
    op: 'slice',
    count: 40,
    make(r) {
      const from = r.shape(r.int(1, 5));
      const { begin, size } = part(r, from);
      const cut = r.int(1, from.length);
      return {
        name: `${begin}, ${size}, ${cut}`,
        operands: [operand(r, from)],
        run: (kit, x) => [
          ...both(kit, x, (v) => kit.slice(v, begin, size)),
          kit.slice(x, begin.slice(0, cut), size.slice(0, cut)),
          kit.slice(x, begin[0]),
        ],
      };
    },
  },
  {
    op: 'slice1d to slice4d',
    make(r) {
      const rank = r.int(1, 4);
      const from = r.shape(rank);
      const { begin, size } = part(r, from);
      const args = rank === 1 ? [begin[0], size[0]] : [begin, size];
      return {
        name: `${begin}, ${size}`,
        operands: [operand(r, from)],
        run: (kit, x) => both(kit, x, (v) => kit[`slice${NAMES[rank]}`](v, ...args)),
      };
    },
  },
  {
    op: 'stridedSlice',
    count: 60,
    make(r) {
      const from = r.shape(r.int(1, 4));
      const named = r.int(1, from.length);
      const list = (make: (d: number) => number) => from.slice(0, named).map(make);
      const begin = list((d) => r.int(-d, d - 1));
      const end = list((d) => r.int(-d, d));
      const strides = list(() => r.pick([1, 2, -1, -2, 3]));
      const args = [begin, end, strides, r.int(0, 15), r.int(0, 15)];
      return {
        name: JSON.stringify(args),
        operands: [operand(r, from)],
        run: (kit, x) => kit.stridedSlice(x, ...args),
      };
    },
  },
  {
    op: 'stridedSlice with ellipsis, new and dropped axes',
    count: 60,
    make(r) {
      const from = r.shape(r.int(1, 4));
      // Entries: parts, at most one ellipsis, new axes, single places.
      const kinds: ('part' | 'ellipsis' | 'new' | 'one')[] = [];
      let left = from.length;
      let hasEllipsis = false;
      for (let i = 0; i < 5; i++) {
        const kind = r.pick(['part', 'one', 'new', 'ellipsis'] as const);
        if (kind === 'ellipsis' && !hasEllipsis) {
          hasEllipsis = true;
          kinds.push(kind);
        } else if (kind === 'new') kinds.push(kind);
        else if (left > 0 && kind !== 'ellipsis') {
          left--;
          kinds.push(kind);
        }
      }
      if (kinds.length === 0) kinds.push('part');
      const skipped =
        hasEllipsis || kinds.length === 0 ? from.length - kinds.filter((k) => k === 'part' || k === 'one').length : 0;
      let at = 0;
      const begin: number[] = [];
      const end: number[] = [];
      for (const kind of kinds) {
        const d = from[at] ?? 1;
        const place = r.int(0, d - 1);
        begin.push(kind === 'part' || kind === 'one' ? place - r.pick([0, d]) : 0);
        end.push(kind === 'part' ? r.pick([place + 1, d]) : kind === 'one' ? place + 1 : 0);
        if (kind === 'ellipsis') at += skipped;
        else if (kind !== 'new') at++;
      }
      const mask = (kind: string): number => kinds.reduce((m, k, i) => (k === kind ? m | (1 << i) : m), 0);
      const strides = kinds.map(() => 1);
      return {
        name: `${begin}, ${end}, ${kinds}`,
        operands: [operand(r, from)],
        run: (kit, x) => kit.stridedSlice(x, begin, end, strides, 0, 0, mask('ellipsis'), mask('new'), mask('one')),
      };
    },
  },
  {
    op: 'reverse',
    make(r) {
      const from = r.shape(r.int(1, 5));
      const axis = r.pick([undefined, axisOf(r, from.length), some(r, from.length)]);
      return {
        name: `${JSON.stringify(axis)}`,
        operands: [operand(r, from)],
        run: (kit, x) => both(kit, x, (v) => kit.reverse(v, axis)),
      };
    },
  },
  {
    op: 'reverse1d to reverse4d',
    make(r) {
      const rank = r.int(1, 4);
      const axis = axisOf(r, rank);
      return {
        name: `${axis}`,
        operands: [operand(r, r.shape(rank))],
        run: (kit, x) => kit[`reverse${NAMES[rank]}`](x, axis),
      };
    },
  },
  {
    op: 'split, unstack',
    make(r) {
      const from = r.shape(r.int(1, 4));
      const axis = axisOf(r, from.length);
      const sizes = Array.from({ length: r.int(1, 4) }, () => r.int(1, 4));
      from[axis < 0 ? axis + from.length : axis] = sizes.reduce((a, b) => a + b, 0);
      const rest = sizes.map((s, i) => (i > 0 && i === sizes.length - 1 ? -1 : s));
      const pieces = r.pick([sizes, rest, from.at(axis) as number]);
      return {
        name: `${JSON.stringify(pieces)} along ${axis}`,
        operands: [operand(r, from)],
        // TensorFlow.js replaces the -1 in the list that it is given.
        run: (kit, x) => [
          ...kit.split(x, typeof pieces === 'number' ? pieces : [...pieces], axis),
          ...kit.unstack(x, axis),
        ],
      };
    },
  },
  {
    op: 'split with -1 in front',
    count: 10,
    make(r) {
      const sizes = [r.int(1, 4), r.int(1, 4), r.int(1, 4)];
      return {
        name: JSON.stringify(sizes),
        operands: [operand(r, [sizes.reduce((a, b) => a + b, 0), 2])],
        run: (kit, x) => kit.split(x, [-1, ...sizes.slice(1)]),
      };
    },
    fault: 'a size of -1 in front is counted among the others',
    truth({ operands: [x], name }) {
      const sizes = JSON.parse(name) as number[];
      return sizes.map((size, i) => sliced(x as Operand, [sizes.slice(0, i).reduce((a, b) => a + b, 0), 0], [size, 2]));
    },
  },
  {
    op: 'gradients of split and unstack',
    make(r) {
      const from = r.shape(r.int(1, 3), 4);
      const axis = r.int(0, from.length - 1);
      // Of one piece TensorFlow.js finds no gradient.
      from[axis] = r.int(2, 4);
      return {
        name: `${axis}`,
        operands: [r.operand(from)],
        run: (kit, x) => [
          kit.grad((v: Kit) => kit.sum(kit.square(kit.split(v, from[axis], axis)[0])))(x),
          kit.grad((v: Kit) => kit.sum(kit.square(kit.unstack(v, axis).at(-1))))(x),
        ],
      };
    },
  },
  {
    op: 'concat',
    make(r) {
      const from = r.shape(r.int(1, 4), 4);
      const axis = r.int(0, from.length - 1);
      const dtype = r.pick(dtypes);
      return {
        name: `${axis}`,
        operands: Array.from({ length: r.int(1, 4) }, () =>
          r.operand(
            from.map((d, i) => (i === axis ? r.int(1, 4) : d)),
            dtype,
            -50,
            50,
          ),
        ),
        run: (kit, ...xs) => [kit.concat(xs, axis), kit[`concat${NAMES[from.length]}`](xs, axis)],
      };
    },
  },
  {
    op: 'concat of int32 and float32',
    make(r) {
      return {
        name: '',
        operands: [
          r.operand([r.int(1, 4)], r.pick(['int32', 'float32']), -50, 50),
          r.operand([r.int(1, 4)], r.pick(['int32', 'float32']), -50, 50),
        ],
        run: (kit, x, y) => kit.concat([x, y]),
      };
    },
  },
  {
    op: 'stack',
    make(r) {
      const from = r.shape(r.int(0, 3), 4);
      const axis = r.int(-from.length - 1, from.length);
      const dtype = r.pick(dtypes);
      return {
        name: `${axis}`,
        operands: Array.from({ length: r.int(2, 4) }, () => r.operand(from, dtype, -50, 50)),
        run: (kit, ...xs) => kit.stack(xs, axis),
      };
    },
  },
  {
    op: 'gradients of concat and stack',
    make(r) {
      const from = r.shape(r.int(1, 3), 4);
      const axis = r.int(0, from.length - 1);
      return {
        name: `${axis}`,
        operands: [r.operand(from), r.operand(from)],
        run: (kit, x, y) => [
          ...kit.grads((a: Kit, b: Kit) => kit.sum(kit.square(kit.concat([a, b, a], axis))))([x, y]),
          ...kit.grads((a: Kit, b: Kit) => kit.sum(kit.square(kit.stack([a, b, a], axis))))([x, y]),
        ],
      };
    },
  },
  {
    op: 'tile',
    make(r) {
      const from = r.shape(r.int(1, 4), 3);
      const reps = from.map(() => r.int(1, 3));
      return {
        name: `${reps}`,
        operands: [operand(r, from)],
        run: (kit, x) => both(kit, x, (v) => kit.tile(v, reps)),
      };
    },
  },
  {
    op: 'broadcastTo',
    make(r) {
      // Gradients of more dimensions are missing in TensorFlow.js.
      const to = r.shape(r.int(1, 4), 4);
      const from = to.slice(r.int(0, to.length)).map((d) => r.pick([1, d]));
      return {
        name: `${to}`,
        operands: [operand(r, from)],
        run: (kit, x) => both(kit, x, (v) => kit.broadcastTo(v, to)),
      };
    },
  },
  {
    op: 'pad',
    make(r) {
      const from = r.shape(r.int(1, 4), 4);
      const paddings = pairs(r, from.length);
      const value = r.pick([undefined, 0, 1]);
      return {
        name: `${JSON.stringify(paddings)}, ${value}`,
        operands: [operand(r, from)],
        run: (kit, x) => [
          ...both(kit, x, (v) => kit.pad(v, paddings, value)),
          kit[`pad${NAMES[from.length]}`](x, from.length === 1 ? paddings[0] : paddings, value),
        ],
      };
    },
  },
  {
    op: 'mirrorPad',
    make(r) {
      const from = r.shape(r.int(1, 4), 4);
      const mode = r.pick(['reflect', 'symmetric']);
      const most = (d: number): number => (mode === 'reflect' ? d - 1 : d);
      const paddings = from.map((d) => [r.int(0, most(d)), r.int(0, most(d))]);
      return {
        name: `${mode} ${JSON.stringify(paddings)}`,
        operands: [operand(r, from)],
        run: (kit, x) => kit.mirrorPad(x, paddings, mode),
      };
    },
  },
  {
    op: 'depthToSpace',
    make(r) {
      const size = r.int(2, 3);
      const from = [r.int(1, 3), r.int(1, 3), r.int(1, 3), size * size * r.int(1, 3)];
      return {
        name: `${size}`,
        operands: [r.operand(from)],
        run: (kit, x) => kit.depthToSpace(x, size),
      };
    },
  },
  {
    op: 'spaceToBatchND',
    make(r) {
      const block = Array.from({ length: r.int(1, 2) }, () => r.int(1, 3));
      const paddings = pairs(r, block.length, 2);
      const space = block.map((b, i) => {
        const [before, after] = paddings[i] as [number, number];
        return b * r.int(2, 3) + b * Math.ceil((before + after) / b) - before - after;
      });
      return {
        name: `${block}, ${JSON.stringify(paddings)}`,
        operands: [operand(r, [r.int(1, 2), ...space, r.int(1, 3)])],
        run: (kit, x) => both(kit, x, (v) => kit.spaceToBatchND(v, block, paddings)),
      };
    },
  },
  {
    op: 'batchToSpaceND',
    make(r) {
      const block = Array.from({ length: r.int(1, 2) }, () => r.int(1, 3));
      const space = block.map(() => r.int(2, 3));
      const crops = block.map((b) => [r.int(0, b - 1), r.int(0, b - 1)]);
      const batch = block.reduce((a, b) => a * b, r.int(1, 2));
      return {
        name: `${block}, ${JSON.stringify(crops)}`,
        operands: [operand(r, [batch, ...space, r.int(1, 3)])],
        run: (kit, x) => both(kit, x, (v) => kit.batchToSpaceND(v, block, crops)),
      };
    },
  },
];
