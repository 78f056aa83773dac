/** What all attention layers share: their inputs, masks, and weights between positions. */

import { range } from '../../ops/create/sequences';
import { cast, greaterEqual, logicalAnd, where } from '../../ops/math/arithmetic';
import { softmax } from '../../ops/math/reduce';
import { expandDims, reshape } from '../../ops/shape/shaping';
import { ArgumentError, ShapeError } from '../../support/errors';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs, Mask } from '../base/call';
import { listOf, type PartialShape } from '../base/shapes';

/** Arguments of a call of an attention layer. */
export interface AttentionCallArgs extends CallArgs {
  /** Whether a query position [batch, T] may attend to a key position [batch, S]: bool, [batch, T, S]; default all. */
  readonly attentionMask?: Tensor;
  /** Whether positions attend only to themselves and earlier ones; default false. */
  readonly useCausalMask?: boolean;
  /** Whether the attention weights are returned too; default false. */
  readonly returnAttentionScores?: boolean;
}

/** Their names. */
export const ATTENTION_ARGS = [
  'attentionMask',
  'useCausalMask',
  'returnAttentionScores',
] satisfies (keyof AttentionCallArgs)[];

/** Arguments of a call that returns the attention weights too. */
export interface Scores {
  /** Whether the attention weights are returned too. */
  readonly returnAttentionScores: true;
}

/**
 * Query, value and key of a call or of a `build`; without a key the value is used.
 * @throws ArgumentError for another number of inputs
 */
export function queryValueKey<T>(where: string, inputs: T | readonly T[]): readonly [query: T, value: T, key: T] {
  const list = listOf(inputs);
  const [query, value, key = value] = list;
  if (query === undefined || value === undefined || key === undefined || list.length > 3 || !Array.isArray(inputs))
    throw new ArgumentError(`${where}: needs [query, value] or [query, value, key], got ${list.length} inputs`);
  return [query, value, key];
}

/** @throws ShapeError unless value and key have the same length, and query and key the same width if `asWide` */
export function checkShapes(
  where: string,
  [query, value, key]: readonly [PartialShape, PartialShape, PartialShape],
  asWide: boolean,
): void {
  const differ = (a: PartialShape, b: PartialShape, axis: number): boolean => {
    const [x, y] = [a.at(axis), b.at(axis)];
    return typeof x === 'number' && typeof y === 'number' && x !== y;
  };
  const show = `query ${showShape(query)}, value ${showShape(value)}, key ${showShape(key)}`;
  if (query.length < 3 || value.length !== query.length || key.length !== query.length)
    throw new ShapeError(`${where}: needs inputs of one rank, [batch, time, dim] or more, got ${show}`);
  if (key.some((_, i) => i < key.length - 1 && differ(key, value, i)))
    throw new ShapeError(`${where}: value and key may only differ in the last dimension, got ${show}`);
  if (differ(query, key, 0) || (asWide && differ(query, key, -1)))
    throw new ShapeError(`${where}: query and key differ in ${asWide ? 'batch or last dimension' : 'batch'}: ${show}`);
}

export const both = (a: Mask, b: Mask): Mask => (a && b ? logicalAnd(a, b) : (a ?? b));

/** Masks come as bool, or as numbers that are 0 or not. */
const bool = (mask: Mask): Mask => mask && cast(mask, 'bool');

/** [rows, columns], true on the diagonal and below, if the call asks for it. */
export const causalMask = ({ useCausalMask }: AttentionCallArgs, rows: number, columns: number): Mask =>
  useCausalMask ? greaterEqual(reshape(range(0, rows), [rows, 1]), range(0, columns)) : undefined;

/** The mask of one of the inputs, with a new dimension at `axis`. */
export function maskOf({ mask }: CallArgs, input: number, axis: number): Mask {
  const own = bool(listOf(mask)[input]);
  return own && expandDims(own, axis);
}

/** attentionMask of the call. */
export const attentionMask = (args: AttentionCallArgs): Mask => bool(args.attentionMask);

/** Where the mask is false a score is as good as -∞; a row without any true becomes uniform. */
const MASKED = -3e38;

/** softmax over the last dimension, of what the mask lets through */
export const maskedSoftmax = (scores: Tensor, mask: Mask): Tensor =>
  softmax(mask ? where(mask, scores, MASKED) : scores);
