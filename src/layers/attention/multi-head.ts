/** Attention with several heads. */

import type { Draws } from '../../ops/core/keys';
import { matMul } from '../../ops/linear/products';
import { add, broadcastTo, mul, where } from '../../ops/math/arithmetic';
import { expandDims, reshape, transpose } from '../../ops/shape/shaping';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { normalizeAxis, sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { callArgsOf, type Mask } from '../base/call';
import { RANDOM } from '../base/keys';
import { make } from '../base/settings';
import { listOf, type PartialShape, type Shapes } from '../base/shapes';
import { channelsOf } from '../core/core';
import { Dropout } from '../core/regularization';
import { type KernelArgs, KernelLayer } from '../weights/kernel';
import {
  ATTENTION_ARGS,
  type AttentionCallArgs,
  attentionMask,
  both,
  causalMask,
  checkShapes,
  maskedSoftmax,
  maskOf,
  queryValueKey,
  type Scores,
} from './score';

interface HeadsArgs extends Omit<KernelArgs, 'activation'> {
  /** Probability that an attention weight becomes 0 while training; default 0. */
  dropout?: number;
  /** Seed of the dropout; by default drawn from that of the library. */
  seed?: number | string;
}

/** Settings of `multiHeadAttention`. */
export interface MultiHeadAttentionArgs extends HeadsArgs {
  /** Number of heads. */
  numHeads: number;
  /** Size of each head of query and key. */
  keyDim: number;
  /** Size of each head of the value; default keyDim. */
  valueDim?: number | null;
  /** Size of the output, or the dimensions that replace it; default the size of the query. */
  outputShape?: number | readonly number[] | null;
  /** Dimensions of the inputs along which attention runs; default all but the first and the last. */
  attentionAxes?: number | readonly number[] | null;
}

/** Settings of `groupedQueryAttention`. */
export interface GroupedQueryAttentionArgs extends HeadsArgs {
  /** Size of each head. */
  headDim: number;
  /** Number of heads of the query; a multiple of `numKeyValueHeads`. */
  numQueryHeads: number;
  /** Number of heads of key and value; each serves numQueryHeads / numKeyValueHeads heads of the query. */
  numKeyValueHeads: number;
}

/** How many heads of which sizes; `groups`: heads of the query for one of key and value. */
interface Heads {
  readonly count: number;
  readonly groups: number;
  readonly keyDim: number;
  readonly valueDim: number;
  readonly outputShape?: readonly number[] | undefined;
  readonly attentionAxes?: readonly number[] | undefined;
}

interface Projection {
  readonly kernel: Variable;
  readonly bias: Variable | undefined;
}

/** x · kernel + bias over the last `inner` dimensions of x, as one product of matrices. */
function project(x: Tensor, { kernel, bias }: Projection, inner = 1): Tensor {
  const out = kernel.shape.slice(inner);
  const [rows, columns] = [sizeOf(kernel.shape.slice(0, inner)), sizeOf(out)];
  const lead = x.shape.slice(0, x.rank - inner);
  const y = matMul(reshape(x, [sizeOf(lead), rows]), reshape(kernel, [rows, columns]));
  return reshape(bias ? add(y, reshape(bias, [columns])) : y, [...lead, ...out]);
}

/** softmax(query keyᵀ / √keyDim) value for each head, between projections of the inputs and one of the result. */
abstract class HeadedAttention extends KernelLayer {
  static override accepts(): is.Table {
    const { activation: _, ...rest } = KernelLayer.accepts();
    return { ...rest, dropout: is.share(), seed: is.seed() };
  }

  readonly #heads: Heads;
  readonly #args: HeadsArgs;
  readonly #dropout: Dropout;
  #query!: Projection;
  #key!: Projection;
  #value!: Projection;
  #output!: Projection;

  constructor(args: HeadsArgs, heads: Heads, name: string) {
    super(args, name);
    this.supportsMasking = true;
    this.#args = args;
    this.#heads = heads;
    this.#dropout = new Dropout({ rate: args.dropout ?? 0, ...(args.seed !== undefined && { seed: args.seed }) });
  }

  override get [RANDOM](): readonly Draws[] {
    return this.#dropout[RANDOM];
  }

  override get takesOne(): boolean {
    return false;
  }

  override build(inputShape: readonly PartialShape[]): void {
    const shapes = queryValueKey(this.name, inputShape);
    checkShapes(this.name, shapes, false);
    const [query, value, key] = shapes.map((s) => channelsOf(s, this.name)) as [number, number, number];
    const { count, groups, keyDim, valueDim, outputShape = [query] } = this.#heads;
    const projection = (name: string, shape: readonly number[], inner = 1): Projection => ({
      kernel: this.addKernel('kernel', shape, `${name}/kernel`),
      bias: this.addBias(shape.slice(inner), `${name}/bias`),
    });
    this.#query = projection('query', [query, count, keyDim]);
    this.#key = projection('key', [key, count / groups, keyDim]);
    this.#value = projection('value', [value, count / groups, valueDim]);
    this.#output = projection('attention_output', [count, valueDim, ...outputShape], 2);
  }

  override get callArgNames(): readonly string[] | undefined {
    return callArgsOf(this.constructor, ...ATTENTION_ARGS);
  }

  call(inputs: readonly Tensor[], called: AttentionCallArgs & Scores): Tensor[];
  call(inputs: readonly Tensor[], called?: AttentionCallArgs | null): Tensor;
  call(inputs: readonly Tensor[], called?: AttentionCallArgs | null): Tensor | Tensor[] {
    const args = called ?? {};
    const [query, value, key] = queryValueKey(this.name, inputs);
    checkShapes(this.name, [query.shape, value.shape, key.shape], false);
    const { count, groups, keyDim, valueDim } = this.#heads;
    const axes = this.#axes(query.rank);
    // [...batch, ...time, heads, size] -> [...batch, heads, ...time, size]
    const batch = query.shape.map((_, i) => i).filter((i) => i < query.rank - 1 && !axes.includes(i));
    const order = [...batch, query.rank - 1, ...axes, query.rank];
    const [times, spans] = [query, key].map((x) => axes.map((a) => x.shape[a] as number)) as [number[], number[]];
    const lead = batch.map((a) => query.shape[a] as number);
    /** [...batch, heads / groups, groups, time, size]; without groups if there are none. */
    const split = (x: Tensor, p: Projection, time: number, size: number, own: number): Tensor =>
      reshape(transpose(project(x, p), order), [
        ...lead,
        ...(groups === 1 ? [count] : [count / groups, own]),
        time,
        size,
      ]);
    const [rows, columns] = [sizeOf(times), sizeOf(spans)];
    const q = mul(split(query, this.#query, rows, keyDim, groups), 1 / Math.sqrt(keyDim));
    const k = split(key, this.#key, columns, keyDim, 1);
    const v = split(value, this.#value, columns, valueDim, 1);
    const scores = reshape(matMul(q, k, false, true), [...lead, count, rows, columns]);
    const mask = this.#mask(args, scores, times, spans);
    const shares = maskedSoftmax(scores, mask);
    // A query that may look at nothing sees zeros.
    const weights = mask ? where(mask, shares, 0) : shares;
    const dropped = reshape(this.#dropout.call(weights, args), [...q.shape.slice(0, -1), columns]);
    const seen = reshape(matMul(dropped, v), [...lead, count, ...times, valueDim]);
    const back = order.map((_, i) => order.indexOf(i));
    const out = project(transpose(seen, back), this.#output, 2);
    return args.returnAttentionScores ? [out, reshape(weights, [...lead, count, ...times, ...spans])] : out;
  }

  /** The mask of all positions that may be attended to: from the call, and from the masks of query, value and key. */
  #mask(args: AttentionCallArgs, scores: Tensor, times: readonly number[], spans: readonly number[]): Mask {
    const [rows, columns] = scores.shape.slice(-2) as [number, number];
    const own = times.length + spans.length;
    let given = attentionMask(args);
    // Several attended dimensions become one.
    if (given && own > 2) {
      const outer = given.shape.slice(0, -own);
      given = reshape(broadcastTo(given, [...outer, ...times, ...spans]), [...outer, rows, columns]);
    }
    /** The same for all heads, and for what the mask does not know. */
    const wide = (mask: Mask): Mask =>
      mask && mask.rank > 2 && mask.rank < scores.rank ? wide(expandDims(mask, -3)) : mask;
    const inputs = [maskOf(args, 0, -1), maskOf(args, 1, -2), maskOf(args, 2, -2)];
    return [...inputs, given, causalMask(args, rows, columns)].map(wide).reduce(both);
  }

  /** Attended dimensions of inputs of that rank. */
  #axes(rank: number): readonly number[] {
    const axes = this.#heads.attentionAxes?.map((a) => normalizeAxis(a, rank, `${this.name}: attentionAxes`));
    return axes ?? Array.from({ length: rank - 2 }, (_, i) => i + 1);
  }

  override computeMask(_inputs: readonly Tensor[], mask: Mask | readonly Mask[]): Mask {
    return Array.isArray(mask) ? mask[0] : (mask as Mask);
  }

  override computeOutputShape(inputShape: Shapes, args: AttentionCallArgs = {}): Shapes {
    const shapes = queryValueKey(this.name, inputShape as readonly PartialShape[]);
    checkShapes(this.name, shapes, false);
    const [query, , key] = shapes;
    const out = [...query.slice(0, -1), ...(this.#heads.outputShape ?? query.slice(-1))];
    if (!args.returnAttentionScores) return out;
    const axes = this.#axes(query.length);
    const lead = query.slice(0, -1).filter((_, i) => !axes.includes(i));
    const along = (s: PartialShape): PartialShape => axes.map((a) => s[a] ?? null);
    return [out, [...lead, this.#heads.count, ...along(query), ...along(key)]];
  }

  override getConfig(): Record<string, unknown> {
    const { activation: _, ...config } = super.getConfig();
    return { ...config, dropout: this.#args.dropout ?? 0, seed: this.#args.seed };
  }
}

/**
 * Multi-head attention (Vaswani et al., 2017). [batch, T, dim], [batch, S, vdim] and [batch, S, kdim] ->
 * [batch, T, dim], and the weights [batch, numHeads, T, S] if returnAttentionScores is set.
 */
export class MultiHeadAttention extends HeadedAttention {
  static override className = 'MultiHeadAttention';

  static override accepts(): is.Table {
    return {
      numHeads: is.required(is.count()),
      keyDim: is.required(is.count()),
      valueDim: is.count(),
      outputShape: is.sizes(),
      attentionAxes: is.axes(),
      ...HeadedAttention.accepts(),
    };
  }

  readonly #settings: Record<string, unknown>;

  constructor(args: MultiHeadAttentionArgs) {
    const where = 'multiHeadAttention:';
    const { numHeads, keyDim, attentionAxes } = args;
    const valueDim = args.valueDim ?? keyDim;
    const outputShape = args.outputShape == null ? undefined : listOf(args.outputShape);
    const axes = attentionAxes == null ? undefined : listOf(attentionAxes);
    super(
      args,
      {
        count: numHeads,
        groups: 1,
        keyDim,
        valueDim,
        outputShape,
        attentionAxes: axes,
      },
      where,
    );
    this.#settings = { numHeads, keyDim, valueDim, outputShape: outputShape ?? null, attentionAxes: axes ?? null };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.#settings };
  }
}

/**
 * Multi-head attention (Vaswani et al., 2017). `apply([query, value, key?], { attentionMask, useCausalMask,
 * returnAttentionScores })`: [batch, T, dim], [batch, S, vdim], [batch, S, kdim] -> [batch, T, dim]; with
 * returnAttentionScores also [batch, numHeads, T, S]. Masks of the inputs are respected.
 * @throws ArgumentError for a size that is not a positive integer; ShapeError for inputs that do not fit each other
 * @example
 * const x = sg.ones([2, 5, 8]);
 * sg.layers.multiHeadAttention({ numHeads: 2, keyDim: 4 }).apply([x, x], { useCausalMask: true }).shape; // [2, 5, 8]
 */
export const multiHeadAttention = (args: MultiHeadAttentionArgs): MultiHeadAttention => make(MultiHeadAttention, args);

/**
 * Grouped-query attention (Ainslie et al., 2023): several heads of the query share one of key and value.
 * [batch, T, dim], [batch, S, vdim] and [batch, S, kdim] -> [batch, T, dim], and the weights
 * [batch, numQueryHeads, T, S] if returnAttentionScores is set.
 */
export class GroupedQueryAttention extends HeadedAttention {
  static override className = 'GroupedQueryAttention';

  static override accepts(): is.Table {
    return {
      headDim: is.required(is.count()),
      numQueryHeads: is.required(is.count()),
      numKeyValueHeads: is.required(is.count()),
      ...HeadedAttention.accepts(),
    };
  }

  readonly #settings: Record<string, unknown>;

  constructor(args: GroupedQueryAttentionArgs) {
    const where = 'groupedQueryAttention:';
    const { headDim, numQueryHeads, numKeyValueHeads } = args;
    const groups = numQueryHeads / numKeyValueHeads;
    if (!Number.isInteger(groups))
      throw new ArgumentError(
        `${where} numQueryHeads ${numQueryHeads} must be a multiple of numKeyValueHeads ${numKeyValueHeads}`,
      );
    super(args, { count: numQueryHeads, groups, keyDim: headDim, valueDim: headDim }, where);
    this.#settings = { headDim, numQueryHeads, numKeyValueHeads };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.#settings };
  }
}

/**
 * Multi-head attention whose query heads share heads of key and value (Ainslie et al., 2023); shapes and call as for
 * `multiHeadAttention`.
 * @throws ArgumentError unless numQueryHeads is a multiple of numKeyValueHeads; ShapeError as `multiHeadAttention`
 * @example
 * const layer = sg.layers.groupedQueryAttention({ headDim: 4, numQueryHeads: 4, numKeyValueHeads: 2 });
 * const x = sg.ones([2, 5, 8]);
 * layer.apply([x, x]).shape; // [2, 5, 8]
 */
export const groupedQueryAttention = (args: GroupedQueryAttentionArgs): GroupedQueryAttention =>
  make(GroupedQueryAttention, args);

/** Same as `groupedQueryAttention`. */
export const groupQueryAttention = groupedQueryAttention;
