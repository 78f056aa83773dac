/**
 * Ops that are bound by memory rather than arithmetic, at sizes from cache to main memory, as cases with the id `memory`;
 * their params name an op of ops.mjs and the shapes of its operands. It runs in every runtime.
 */

const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7];
export const LARGEST = SIZES.at(-1);
const FLOAT = 4;
const count = (shape) => shape.reduce((a, b) => a * b, 1);
const side = (n) => Math.floor(Math.sqrt(n));
const square = (n) => [side(n), side(n)];
const rowsOf = (width) => (n) => [Math.max(1, Math.round(n / width)), width];
/** [batch, positions, heads, features] of attention. */
const heads = (n) => [Math.max(1, n / 1e5), Math.max(1, Math.round(Math.min(n, 1e5) / 512)), 8, 64];

/** What every op reads and writes, in bytes; x: elements of its operand, y: of its result. */
const chain = (ops, x) => ops.reduce((sum, operands) => sum + operands + 1, 0) * FLOAT * x;
const reduced = (x, y) => FLOAT * (x + y);
export const moved = (x) => 2 * FLOAT * x;

const reduction = (name, shape, axis, outputs) => ({
  params: (n) => ({ op: name, shape: shape(n), axis }),
  bytes: (n) => reduced(count(shape(n)), outputs(shape(n))),
});
const all = () => 1;
const outer = (shape) => shape[0];
const inner = (shape) => shape[1];

const transposition = (shape, perm) => ({
  params: (n) => ({ op: 'transpose', shape: shape(n), perm }),
  bytes: (n) => moved(count(shape(n))),
});
const softmax = (shape) => ({
  params: (n) => ({ op: 'softmax', shape: shape(n) }),
  bytes: (n) => moved(count(shape(n))),
});
const gather = (width) => ({
  params: (n) => ({ op: 'gather', shape: rowsOf(width)(n) }),
  bytes: (n) => moved(count(rowsOf(width)(n))) + FLOAT * rowsOf(width)(n)[0],
});
const elementwise = (op, bytes) => ({ params: (n) => ({ op, shape: [n] }), bytes });

/** The yardstick: TypedArray.set, inside linear memory. */
export const COPY = 'copy';
/** Label to { params(n), bytes(n) }. */
const groups = {
  [COPY]: elementwise('copy', moved),
  'a + b': elementwise('add', (n) => chain([2], n)),
  'relu(a b + c) d, op by op': elementwise('chain', (n) => chain([2, 2, 1, 2], n)),
  'relu(a b + c) d, compiled': elementwise('chainCompiled', (n) => chain([4], n)),
  'sigmoid(a b + c) exp(d), op by op': elementwise('curve', (n) => chain([2, 2, 1, 1, 2], n)),
  'sigmoid(a b + c) exp(d), compiled': elementwise('curveCompiled', (n) => chain([4], n)),
  sum: reduction('sum', square, undefined, all),
  mean: reduction('mean', square, undefined, all),
  max: reduction('max', square, undefined, all),
  'sum, last axis': reduction('sum', square, 1, outer),
  'sum, last axis of 10': reduction('sum', rowsOf(10), 1, outer),
  'sum, first axis': reduction('sum', square, 0, inner),
  'sum, first axis, 10 columns': reduction('sum', rowsOf(10), 0, inner),
  softmax: softmax(square),
  'softmax of 10': softmax(rowsOf(10)),
  'transpose, square': transposition(square, [1, 0]),
  'transpose, 10 columns': transposition(rowsOf(10), [1, 0]),
  'transpose [0, 2, 1, 3]': transposition(heads, [0, 2, 1, 3]),
  'gather, rows of 1': gather(1),
  'gather, rows of 16': gather(16),
  'gather, rows of 256': gather(256),
};

export const memoryRows = Object.entries(groups).flatMap(([label, { params, bytes }]) =>
  SIZES.map((n) => ({ id: 'memory', label, n, params: params(n), bytes: bytes(n) })),
);
