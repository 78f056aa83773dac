/** Descriptors of products: batched products of the last two dimensions. */
import { BLOCK_K, BLOCK_M, BLOCK_N, Gemm, GemmInt, Join, Op, PANEL, SPARE_TILE, Un } from '../../../assembly/isa';
import { collapse } from '../../program/encode';
import { f32, refAt, type Value } from '../../program/ir';
import { ShapeError } from '../../support/errors';
import type { TensorSpec } from '../../tensor/graph';
import { broadcastShapes, type Shape, showShape, sizeOf, stridesOf } from '../../tensor/shape';
import { type None, op } from '../core/descriptor';

/** What a fused product or convolution applies to its result; set by the planner alone. */
export interface Epilogue {
  /** The last operand is a bias along the last dimension. */
  readonly bias: boolean;
  readonly activation: Un;
  /** Of `leakyRelu` the slope; of `clip`, whose lower bound is 0 here, the upper bound. */
  readonly alpha: number;
  /** Only of convolutions with a bias: before it, the next two operands, rows too, are subtracted and multiplied with. */
  readonly isNormal?: boolean;
  /** The operand after that is a matrix of the product's shape, which joins it before the activation. */
  readonly join?: Join;
}

export interface MatMulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly epilogue?: Epilogue;
}

interface Operands {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch: Shape;
}

function operands(inputs: readonly TensorSpec[], attrs: MatMulAttrs): Operands {
  const [a, b] = inputs as [TensorSpec, TensorSpec];
  const show = (): string =>
    `${showShape(a.shape)}${attrs.transposeA ? ' transposed' : ''} and ${showShape(b.shape)}${attrs.transposeB ? ' transposed' : ''}`;
  if (a.shape.length < 2 || b.shape.length < 2)
    throw new ShapeError(`matMul: both operands need rank 2 or more, got ${show()}`);
  const rows = a.shape[a.shape.length - 2] as number;
  const inner = a.shape[a.shape.length - 1] as number;
  const outer = b.shape[b.shape.length - 2] as number;
  const columns = b.shape[b.shape.length - 1] as number;
  const m = attrs.transposeA ? inner : rows;
  const k = attrs.transposeA ? rows : inner;
  const k2 = attrs.transposeB ? columns : outer;
  const n = attrs.transposeB ? outer : columns;
  if (k !== k2) throw new ShapeError(`matMul: inner dimensions ${k} and ${k2} of ${show()} differ; they must be equal`);
  if (a.shape.length === 2 && b.shape.length === 2) return { m, n, k, batch: [] };
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (!batch) throw new ShapeError(`matMul: batch dimensions of ${show()} do not broadcast`);
  return { m, n, k, batch };
}

/** Scratch of one thread: the spare tile, a packed block of B, a packed block of A. */
function scratchBytes(m: number, n: number, k: number, packsA: boolean): number {
  // The kernel cuts k into equal pieces, each shorter than one and a half blocks.
  const depth = Math.min(k, BLOCK_K * 1.5);
  const columns = Math.min(Math.ceil(n / PANEL) * PANEL, BLOCK_N);
  return SPARE_TILE + depth * columns * 4 + (packsA ? depth * (Math.min(m, BLOCK_M) + 1) * 4 : 0);
}

/** Batch offsets, in elements of one operand, for every product; 0 steps where the operand is broadcast. */
function batchSteps(value: Value, batch: Shape, matrix: number): number[] {
  const own = value.shape.slice(0, -2);
  const strides = stridesOf(own);
  const lead = batch.length - own.length;
  return batch.map((_, d) => (d < lead || own[d - lead] === 1 ? 0 : (strides[d - lead] as number) * matrix));
}

/** What one command computes: places of its operands in elements, and `count` products that step through both. */
interface Products {
  readonly aAt: number;
  readonly bAt: number;
  readonly cAt: number;
  readonly m: number;
  readonly count: number;
  readonly aStep: number;
  readonly bStep: number;
}

/** One command walks the innermost batch dimension; the others are unrolled here. */
function products([a, b]: readonly [Value, Value], attrs: MatMulAttrs): Products[] {
  const { m: rows, n, k, batch: given } = operands([a, b], attrs);
  // Batch dimensions through which both operands step evenly are one.
  const merged = collapse(given, [batchSteps(a, given, rows * k), batchSteps(b, given, k * n)]);
  const [aSteps, bSteps] = merged.strides as [number[], number[]];
  const count = sizeOf(given);
  // Rows of all products follow each other and share B: one tall product.
  if (!attrs.transposeA && bSteps.every((s) => s === 0) && sizeOf(a.shape) === count * rows * k)
    return [{ aAt: 0, bAt: 0, cAt: 0, m: rows * count, count: 1, aStep: 0, bStep: 0 }];
  const batch = count === 1 ? [] : merged.dims;
  const last = batch.length - 1;
  const inner = batch[last] ?? 1;
  const outer = batch.slice(0, -1);
  return Array.from({ length: sizeOf(outer) }, (_, i) => {
    let rest = i;
    let aAt = 0;
    let bAt = 0;
    for (let d = outer.length - 1; d >= 0; d--) {
      const size = outer[d] as number;
      aAt += (rest % size) * (aSteps[d] as number);
      bAt += (rest % size) * (bSteps[d] as number);
      rest = Math.floor(rest / size);
    }
    const step = (steps: readonly number[]): number => (last < 0 ? 0 : (steps[last] as number));
    return { aAt, bAt, cAt: i * inner * rows * n, m: rows, count: inner, aStep: step(aSteps), bStep: step(bSteps) };
  });
}

export const matMul = op<MatMulAttrs>('matMul', {
  infer(inputs, attrs) {
    const { m, n, batch } = operands(inputs, attrs);
    return { shape: [...batch, m, n], dtype: 'float32' };
  },
  lower(e, inputs, out, attrs) {
    const [a, b, ...more] = inputs as [Value, Value, ...Value[]];
    const { m: rows, n, k } = operands(inputs, attrs);
    const { bias: hasBias = false, activation = Un.identity, alpha = 0, join = Join.none } = attrs.epilogue ?? {};
    const bias = hasBias ? more[0] : undefined;
    const other = join === Join.none ? undefined : (more[more.length - 1] as Value);
    const [aRow, aCol] = attrs.transposeA ? [1, rows] : [k, 1];
    const [bRow, bCol] = attrs.transposeB ? [1, k] : [n, 1];
    for (const { aAt, bAt, cAt, m, count, aStep, bStep } of products([a, b], attrs))
      e.command(
        Op.Gemm,
        Gemm,
        {
          a: refAt(a, aAt),
          b: refAt(b, bAt),
          c: refAt(out, cAt),
          ...(bias ? { bias: bias.ref } : {}),
          m,
          n,
          k,
          aRow: aRow * 4,
          aCol: aCol * 4,
          bRow: bRow * 4,
          bCol: bCol * 4,
          cRow: n * 4,
          batch: count,
          aBatch: aStep * 4,
          bBatch: bStep * 4,
          cBatch: m * n * 4,
          activation,
          alpha: f32(alpha),
          ...(other ? { join, other: refAt(other, cAt) } : {}),
        },
        ['c'],
        scratchBytes(m, n, k, attrs.transposeA),
      );
  },
});

/** Both operands as they are. */
export const PLAIN: MatMulAttrs = { transposeA: false, transposeB: false };

/** The product of int32 matrices, exact modulo 2³². */
export const matMulInt = op<None>('matMulInt', {
  infer(inputs) {
    const { m, n, batch } = operands(inputs, PLAIN);
    return { shape: [...batch, m, n], dtype: 'int32' };
  },
  lower(e, inputs, out) {
    const [a, b] = inputs as [Value, Value];
    const { n, k } = operands(inputs, PLAIN);
    for (const { aAt, bAt, cAt, m, count, aStep, bStep } of products([a, b], PLAIN))
      e.command(
        Op.GemmInt,
        GemmInt,
        {
          a: refAt(a, aAt),
          b: refAt(b, bAt),
          c: refAt(out, cAt),
          m,
          n,
          k,
          batch: count,
          aBatch: aStep * 4,
          bBatch: bStep * 4,
          cBatch: m * n * 4,
        },
        ['c'],
      );
  },
});
