/** Factories of attention layers and of positions. */
import * as attentions from '../attention/attention';
import * as heads from '../attention/multi-head';
import * as positions from '../attention/positions';
import { make } from '../base/settings';

/**
 * Dot-product attention (Luong et al., 2015). `apply([query, value, key?], { useCausalMask, returnAttentionScores,
 * mask: [queryMask, valueMask] })`: [batch, T, dim], [batch, S, vdim], [batch, S, dim] -> [batch, T, vdim]; with
 * returnAttentionScores also [batch, T, S].
 * @throws ArgumentError for an unknown scoreMode, ShapeError for inputs that do not fit each other
 * @example
 * sg.layers.attention().apply([sg.ones([2, 3, 8]), sg.ones([2, 5, 8])]).shape; // [2, 3, 8]
 */
export const attention = (args?: attentions.AttentionArgs): attentions.Attention => make(attentions.Attention, args);

/** Additive attention (Bahdanau et al., 2015): scores Σ scale tanh(query + key); shapes and call as for `attention`. */
export const additiveAttention = (args?: attentions.AdditiveAttentionArgs): attentions.AdditiveAttention =>
  make(attentions.AdditiveAttention, args);

/**
 * Multi-head attention (Vaswani et al., 2017). `apply([query, value, key?], { attentionMask, useCausalMask,
 * returnAttentionScores })`: [batch, T, dim], [batch, S, vdim], [batch, S, kdim] -> [batch, T, dim]; with
 * returnAttentionScores also [batch, numHeads, T, S]. Masks of the inputs count too.
 * @throws ArgumentError for sizes that are no whole numbers >= 1, ShapeError for inputs that do not fit each other
 * @example
 * const x = sg.ones([2, 5, 8]);
 * sg.layers.multiHeadAttention({ numHeads: 2, keyDim: 4 }).apply([x, x], { useCausalMask: true }).shape; // [2, 5, 8]
 */
export const multiHeadAttention = (args: heads.MultiHeadAttentionArgs): heads.MultiHeadAttention =>
  make(heads.MultiHeadAttention, args);

/**
 * Multi-head attention whose query heads share heads of key and value (Ainslie et al., 2023); shapes and call as for
 * `multiHeadAttention`. @throws ArgumentError unless numQueryHeads is a multiple of numKeyValueHeads
 */
export const groupedQueryAttention = (args: heads.GroupedQueryAttentionArgs): heads.GroupedQueryAttention =>
  make(heads.GroupedQueryAttention, args);
/** Same as `groupedQueryAttention`. */
export const groupQueryAttention = groupedQueryAttention;

/**
 * A learned vector for each position, to be added to the embeddings of the elements. [..., time, dim] -> [..., time,
 * dim]. @throws ShapeError for sequences longer than sequenceLength
 * @example
 * sg.layers.positionEmbedding({ sequenceLength: 64 }).apply(sg.ones([2, 10, 8])).shape; // [2, 10, 8]
 */
export const positionEmbedding = (args: positions.PositionEmbeddingArgs): positions.PositionEmbedding =>
  make(positions.PositionEmbedding, args);

/** Sines and cosines of the position, to be added to the embeddings (Vaswani et al., 2017); the shape stays. */
export const sinePositionEncoding = (args?: positions.SinePositionEncodingArgs): positions.SinePositionEncoding =>
  make(positions.SinePositionEncoding, args);

/** Rotates pairs of features by the position (Su et al., 2021); the shape stays. @throws ArgumentError for an odd size */
export const rotaryEmbedding = (args?: positions.RotaryEmbeddingArgs): positions.RotaryEmbedding =>
  make(positions.RotaryEmbedding, args);
