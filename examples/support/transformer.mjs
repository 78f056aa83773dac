// The block that Transformers are made of (Vaswani et al., 2017), normalized before each of its parts (Xiong et al., 2020).
import * as sg from 'samegrad';

const { layers } = sg;

/**
 * Attention between all positions, then two dense layers at each position; both add to what comes in. A decoder's block
 * also attends to the `memory` of an encoder in between.
 * @param x symbolic [batch, time, dim]
 * @returns the symbolic output [batch, time, dim], and for pictures who looks where, [batch, heads, time, time]: `scores`
 * between the positions, `crossScores` from them to the memory
 */
export function block(x, { heads, hidden, dropout = 0, isCausal = false, memory }) {
  const dim = x.shape.at(-1);
  const normalize = (y) => layers.layerNormalization().apply(y);
  const plus = (a, b) => layers.add().apply([a, layers.dropout({ rate: dropout }).apply(b)]);
  const attend = (query, value, useCausalMask) =>
    layers
      .multiHeadAttention({ numHeads: heads, keyDim: dim / heads })
      .apply([query, value], { useCausalMask, returnAttentionScores: true });

  const before = normalize(x);
  const [seen, scores] = attend(before, before, isCausal);
  let y = plus(x, seen);
  let crossScores;
  if (memory) {
    const [found, scoresOfMemory] = attend(normalize(y), memory, false);
    crossScores = scoresOfMemory;
    y = plus(y, found);
  }
  const wide = layers.dense({ units: hidden, activation: 'gelu' }).apply(normalize(y));
  return { output: plus(y, layers.dense({ units: dim }).apply(wide)), scores, crossScores };
}
