/** Calls of the differential run: tensors from rules and from numbers. */

import type { Operand } from '../tables/functions/case';
import { build } from '../tables/gradients/float64';
import type { Kit, Random, Row } from './differential';

const dtypes = ['float32', 'int32', 'bool'] as const;
const operand = (r: Random, shape: readonly number[]): Operand => r.operand(shape, r.pick(dtypes), -50, 50);

/** TensorFlow.js adds up the steps in float32: the error grows with every element. */
const SUMMED = 1e-5;

/** Gradients of float32 operands besides the values. */
const withGradient = (kit: Kit, x: Kit, f: (x: Kit) => Kit): Kit[] => [
  f(x),
  kit.grad((v: Kit) => kit.sum(kit.square(f(v))))(x),
];

export const creation: readonly Row[] = [
  {
    op: 'eye',
    make(r) {
      const [rows, columns] = [r.int(1, 6), r.pick([undefined, r.int(1, 6)])];
      const batch = r.pick([undefined, r.shape(r.int(1, 3), 3)]);
      const dtype = r.pick(['float32', 'int32'] as const);
      return {
        name: `${rows}, ${columns}, [${batch}], ${dtype}`,
        operands: [],
        run: (kit) => kit.eye(rows, columns, batch, dtype),
      };
    },
  },
  {
    op: 'range',
    bound: SUMMED,
    make(r) {
      const whole = r.pick([true, false]);
      const start = whole ? r.int(-20, 20) : r.float(-20, 20);
      const stop = start + (whole ? r.int(-30, 30) : r.float(-30, 30));
      // A step above 0 and below 1 toward a lower stop gives TensorFlow.js elements that lead away from it.
      const size = whole ? r.int(1, 5) : r.float(0.3, 4);
      const step = stop < start ? -size : size;
      const dtype = whole ? r.pick(['float32', 'int32'] as const) : 'float32';
      return {
        name: `${start}, ${stop}, ${step}, ${dtype}`,
        operands: [],
        run: (kit) => kit.range(start, stop, step, dtype),
      };
    },
  },
  {
    op: 'range without a step',
    make(r) {
      const [start, stop] = [r.int(-20, 20), r.int(-20, 20)];
      return { name: `${start}, ${stop}`, operands: [], run: (kit) => kit.range(start, stop) };
    },
  },
  {
    op: 'linspace',
    bound: SUMMED,
    make(r) {
      const [start, stop, num] = [r.float(-9, 9), r.float(-9, 9), r.int(2, 40)];
      return { name: `${start}, ${stop}, ${num}`, operands: [], run: (kit) => kit.linspace(start, stop, num) };
    },
  },
  {
    op: 'fill, zeros, ones',
    make(r) {
      const shape = r.shape(r.int(0, 4));
      const dtype = r.pick(dtypes);
      const value = dtype === 'float32' ? r.float() : dtype === 'int32' ? r.int(-9, 9) : r.int(0, 1);
      return {
        name: `[${shape}] ${dtype} ${value}`,
        operands: [],
        run: (kit) => [
          kit.fill(shape, value, dtype),
          kit.zeros(shape, dtype),
          kit.ones(shape, dtype),
          kit.fill(shape, value),
        ],
      };
    },
  },
  {
    op: 'zerosLike, onesLike, clone',
    make(r) {
      return {
        name: '',
        operands: [operand(r, r.shape(r.int(0, 4)))],
        run: (kit, x) => [kit.zerosLike(x), kit.onesLike(x), kit.clone(x), x.clone()],
      };
    },
  },
  {
    op: 'diag',
    make(r) {
      return { name: '', operands: [operand(r, r.shape(r.int(1, 3), 4))], run: (kit, x) => kit.diag(x) };
    },
  },
  {
    op: 'oneHot',
    make(r) {
      const depth = r.int(2, 6);
      const [on, off] = r.pick([
        [undefined, undefined],
        [r.int(-5, 5), r.int(-5, 5)],
      ]);
      const dtype = r.pick([undefined, 'float32', 'int32', 'bool'] as const);
      const bool = dtype === 'bool';
      return {
        name: `${depth}, ${on}, ${off}, ${dtype}`,
        operands: [r.operand(r.shape(r.int(0, 3), 4), 'int32', -1, depth)],
        run: (kit, x) => kit.oneHot(x, depth, bool ? 1 : on, bool ? 0 : off, dtype),
      };
    },
  },
  {
    op: 'meshgrid',
    make(r) {
      const indexing = r.pick(['xy', 'ij']);
      return {
        name: indexing,
        operands: [r.operand([r.int(1, 6)]), r.operand([r.int(1, 6)])],
        run: (kit, x, y) => kit.meshgrid(x, y, { indexing }),
      };
    },
  },
  {
    op: 'movingAverage',
    make(r) {
      const shape = r.shape(r.int(0, 3));
      const [decay, step, zeroDebias] = [r.float(0.5, 0.999), r.int(1, 50), r.pick([true, false])];
      return {
        name: `${decay}, ${step}, ${zeroDebias}`,
        operands: [r.operand(shape), r.operand(shape)],
        // TensorFlow.js computes 1 - decay^step in float32.
        run: (kit, v, x) => kit.movingAverage(v, x, decay, step, zeroDebias),
      };
    },
    bound: 1e-5,
  },
  {
    op: 'cast',
    make(r) {
      const dtype = r.pick(dtypes);
      return {
        name: dtype,
        operands: [operand(r, r.shape(r.int(0, 3)))],
        run: (kit, x) => [kit.cast(x, dtype), x.cast(dtype)],
      };
    },
  },
  {
    op: 'buffer',
    make(r) {
      const shape = r.shape(r.int(1, 4));
      const at = shape.map((d) => r.int(0, d - 1));
      return {
        name: `${at}`,
        operands: [operand(r, shape)],
        run: (kit, x) => {
          const b = x.bufferSync();
          b.set(1, ...at);
          const place = b.locToIndex(at);
          return [
            b.toTensor(),
            kit.tensor([b.get(...at), b.rank, b.size, place, ...b.strides, ...b.indexToLoc(place)]),
          ];
        },
      };
    },
  },
  {
    op: 'tensors of nested arrays',
    make(r) {
      const shape = r.shape(r.int(1, 6), 3);
      const x = operand(r, shape);
      return {
        name: `rank ${shape.length}`,
        operands: [x],
        run: (kit, t) => {
          const nested = t.arraySync();
          const make = kit[`tensor${shape.length}d`];
          const flat = shape.length === 1 ? make(t.dataSync(), x.dtype) : make(t.dataSync(), shape, x.dtype);
          return [kit.tensor(nested), make(nested), flat];
        },
      };
    },
  },
  {
    op: 'diag of a matrix and its gradient',
    count: 10,
    make(r) {
      const x = r.operand(r.shape(2, 3));
      return {
        name: '',
        operands: [x],
        run: (kit, t) => withGradient(kit, t, (v) => kit.diag(v)),
      };
    },
    fault: 'diag has no gradient in TensorFlow.js',
    truth: ({ operands: [x] }) => {
      const t = x as Operand;
      const twice = build([...t.shape, ...t.shape], ([a, b, c, d]) =>
        a === c && b === d ? (t.data[(a as number) * (t.shape[1] as number) + (b as number)] as number) : 0,
      );
      return [
        { ...twice, dtype: 'float32' },
        { ...t, data: t.data.map((v) => 2 * v) },
      ];
    },
  },
];
