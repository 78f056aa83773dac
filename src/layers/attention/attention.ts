/** Attention between sequences with one head: products of Luong, sums of Bahdanau. */

import type { Draws } from '../../ops/core/keys';
import { matMul } from '../../ops/linear/products';
import { add, mul, tanh, where } from '../../ops/math/arithmetic';
import { sum } from '../../ops/math/reduce';
import { expandDims } from '../../ops/shape/shaping';
import * as is from '../../support/settings';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { callArgsOf, type Mask } from '../base/call';
import { RANDOM } from '../base/keys';
import { Layer, type LayerArgs } from '../base/layer';
import { make } from '../base/settings';
import type { PartialShape, Shapes } from '../base/shapes';
import { channelsOf } from '../core/core';
import { Dropout } from '../core/regularization';
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

/** Settings of `additiveAttention`. */
export interface AdditiveAttentionArgs extends LayerArgs {
  /** Whether scores have a learned scale; default false for `attention`, true for `additiveAttention`. */
  useScale?: boolean;
  /** Probability that an attention weight becomes 0 while training; default 0. */
  dropout?: number;
  /** Seed of the dropout; by default drawn from that of the library. */
  seed?: number | string;
}

/** Settings of `attention`. */
export interface AttentionArgs extends AdditiveAttentionArgs {
  /** 'dot' (default): query · key; 'concat': Σ tanh(query + key). */
  scoreMode?: 'dot' | 'concat';
}

/** [query, value, key?] -> Σ softmax(score(query, key)) value; key and query as wide as each other. */
abstract class ScoreAttention extends Layer {
  static override accepts(): is.Table {
    return { useScale: is.flag(), dropout: is.share(), seed: is.seed(), ...Layer.accepts() };
  }

  readonly #args: AdditiveAttentionArgs;
  readonly #dropout: Dropout;

  constructor(
    args: AdditiveAttentionArgs,
    readonly useScale: boolean,
  ) {
    super(args);
    this.supportsMasking = true;
    this.#args = args;
    this.#dropout = new Dropout({ rate: args.dropout ?? 0, ...(args.seed !== undefined && { seed: args.seed }) });
  }

  override get [RANDOM](): readonly Draws[] {
    return this.#dropout[RANDOM];
  }

  /** [batch, T, dim] and [batch, S, dim] -> [batch, T, S] */
  protected abstract score(query: Tensor, key: Tensor): Tensor;

  override get callArgNames(): readonly string[] | undefined {
    return callArgsOf(this.constructor, ...ATTENTION_ARGS);
  }

  call(inputs: readonly Tensor[], called: AttentionCallArgs & Scores): Tensor[];
  call(inputs: readonly Tensor[], called?: AttentionCallArgs | null): Tensor;
  call(inputs: readonly Tensor[], called?: AttentionCallArgs | null): Tensor | Tensor[] {
    const args = called ?? {};
    const [query, value, key] = queryValueKey(this.name, inputs);
    checkShapes(this.name, [query.shape, value.shape, key.shape], true);
    const scores = this.score(query, key);
    const [rows, columns] = scores.shape.slice(-2) as [number, number];
    const masks = [maskOf(args, 1, -2), attentionMask(args), causalMask(args, rows, columns)];
    const weights = this.#dropout.call(maskedSoftmax(scores, masks.reduce(both)), args);
    const seen = matMul(weights, value);
    const isQuery = maskOf(args, 0, -1);
    const out = isQuery ? where(isQuery, seen, 0) : seen;
    return args.returnAttentionScores ? [out, weights] : out;
  }

  override computeMask(_inputs: readonly Tensor[], mask: Mask | readonly Mask[]): Mask {
    return Array.isArray(mask) ? mask[0] : (mask as Mask);
  }

  override computeOutputShape(inputShape: Shapes, args: AttentionCallArgs = {}): Shapes {
    const shapes = queryValueKey(this.name, inputShape as readonly PartialShape[]);
    checkShapes(this.name, shapes, true);
    const [query, value, key] = shapes;
    const out = [...query.slice(0, -1), value.at(-1) ?? null];
    return args.returnAttentionScores ? [out, [...query.slice(0, -1), key.at(-2) ?? null]] : out;
  }

  override getConfig(): Record<string, unknown> {
    const { dropout = 0, seed } = this.#args;
    return { ...super.getConfig(), useScale: this.useScale, dropout, seed };
  }
}

/**
 * Dot-product attention (Luong et al., 2015): for each query the mean of the values, weighted by the softmax of the
 * products of the query with the keys. [batch, T, dim], [batch, S, vdim] and [batch, S, dim] -> [batch, T, vdim]
 */
export class Attention extends ScoreAttention {
  static override className = 'Attention';

  static override accepts(): is.Table {
    return { scoreMode: is.choice(['dot', 'concat']), ...ScoreAttention.accepts() };
  }

  readonly #scoreMode: 'dot' | 'concat';
  #scale: Variable | undefined;
  #concatScale: Variable | undefined;

  constructor(args: AttentionArgs = {}) {
    super(args, args.useScale ?? false);
    this.#scoreMode = args.scoreMode ?? 'dot';
  }

  override build(): void {
    const one = (name: string): Variable => this.addWeight({ name, shape: [], initializer: 'ones' });
    if (this.useScale) this.#scale = one('scale');
    if (this.#scoreMode === 'concat') this.#concatScale = one('concat_score_weight');
  }

  protected score(query: Tensor, key: Tensor): Tensor {
    const scaled = (x: Tensor): Tensor => (this.#scale ? mul(x, this.#scale) : x);
    if (!this.#concatScale) return scaled(matMul(query, key, false, true));
    const pairs = add(expandDims(query, -2), expandDims(key, -3));
    return mul(sum(tanh(scaled(pairs)), -1), this.#concatScale);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), scoreMode: this.#scoreMode };
  }
}

/**
 * Dot-product attention (Luong et al., 2015). `apply([query, value, key?], { useCausalMask, returnAttentionScores,
 * mask: [queryMask, valueMask] })`: [batch, T, dim], [batch, S, vdim], [batch, S, dim] -> [batch, T, vdim]; with
 * returnAttentionScores also [batch, T, S]. By default without scale and dropout.
 * @throws ArgumentError for an unknown scoreMode; ShapeError for inputs that do not fit each other
 * @example
 * const [query, value] = [sg.ones([2, 3, 4]), sg.ones([2, 5, 4])];
 * sg.layers.attention().apply([query, value]).shape; // [2, 3, 4]
 */
export const attention = (args?: AttentionArgs): Attention => make(Attention, args);

/**
 * Additive attention (Bahdanau et al., 2015): scores are Σ scale tanh(query + key); else as `Attention`.
 * [batch, T, dim], [batch, S, vdim] and [batch, S, dim] -> [batch, T, vdim]
 */
export class AdditiveAttention extends ScoreAttention {
  static override className = 'AdditiveAttention';
  #scale: Variable | undefined;

  constructor(args: AdditiveAttentionArgs = {}) {
    super(args, args.useScale ?? true);
  }

  override build(inputShape: readonly PartialShape[]): void {
    const [query] = queryValueKey(this.name, inputShape);
    if (this.useScale) this.#scale = this.addWeight({ name: 'scale', shape: [channelsOf(query, this.name)] });
  }

  protected score(query: Tensor, key: Tensor): Tensor {
    const pairs = tanh(add(expandDims(query, -2), expandDims(key, -3)));
    return sum(this.#scale ? mul(pairs, this.#scale) : pairs, -1);
  }
}

/**
 * Additive attention (Bahdanau et al., 2015), with scores Σ scale · tanh(query + key); shapes and call as for
 * `attention`.
 * @throws ArgumentError for unknown settings; ShapeError for inputs that do not fit each other
 * @example
 * const [query, value] = [sg.ones([2, 3, 4]), sg.ones([2, 5, 4])];
 * sg.layers.additiveAttention().apply([query, value]).shape; // [2, 3, 4]
 */
export const additiveAttention = (args?: AdditiveAttentionArgs): AdditiveAttention => make(AdditiveAttention, args);
