/** Rows of attention layers and of positions. */
import type { LayerCase } from './case';

const scores = { returnAttentionScores: true };
const causal = { useCausalMask: true };
const heads = { numHeads: 2, keyDim: 3 };

export const attentionLayers: readonly LayerCase[] = [
  {
    layer: 'attention',
    inputs: [
      [4, 3],
      [5, 3],
    ],
  },
  {
    layer: 'attention',
    config: { useScale: true },
    inputs: [
      [4, 3],
      [5, 2],
      [5, 3],
    ],
    args: scores,
    weights: 1,
  },
  {
    layer: 'attention',
    config: { scoreMode: 'concat' },
    inputs: [
      [3, 3],
      [2, 3],
    ],
    args: causal,
    weights: 1,
  },
  {
    layer: 'attention',
    config: { scoreMode: 'concat', useScale: true },
    inputs: [
      [1, 3],
      [2, 3],
    ],
    weights: 2,
  },
  {
    layer: 'attention',
    config: { dropout: 0.3, seed: 4 },
    inputs: [
      [2, 3, 4],
      [2, 5, 4],
    ],
  },
  {
    layer: 'additiveAttention',
    inputs: [
      [4, 3],
      [5, 3],
    ],
    weights: 1,
  },
  {
    layer: 'additiveAttention',
    config: { useScale: false },
    inputs: [
      [4, 3],
      [5, 2],
      [5, 3],
    ],
    args: scores,
  },
  {
    layer: 'multiHeadAttention',
    config: heads,
    inputs: [
      [4, 5],
      [4, 5],
    ],
    args: causal,
    weights: 8,
  },
  {
    layer: 'multiHeadAttention',
    config: { ...heads, useBias: false },
    inputs: [
      [4, 5],
      [6, 2],
    ],
    weights: 4,
  },
  {
    layer: 'multiHeadAttention',
    config: { ...heads, valueDim: 4, outputShape: 7, dropout: 0.2, kernelInitializer: 'heNormal' },
    inputs: [
      [4, 5],
      [3, 2],
      [3, 6],
    ],
    args: scores,
    weights: 8,
  },
  {
    layer: 'multiHeadAttention',
    config: { ...heads, outputShape: [2, 3] },
    inputs: [
      [1, 5],
      [3, 5],
    ],
    weights: 8,
  },
  {
    layer: 'multiHeadAttention',
    config: heads,
    inputs: [
      [2, 3, 4],
      [2, 3, 4],
    ],
    args: scores,
    weights: 8,
  },
  {
    layer: 'multiHeadAttention',
    config: { ...heads, attentionAxes: [2] },
    inputs: [
      [2, 3, 4],
      [2, 5, 4],
    ],
    args: { ...scores, ...causal },
    weights: 8,
  },
  {
    layer: 'groupedQueryAttention',
    config: { headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2 },
    inputs: [
      [4, 5],
      [6, 5],
    ],
    args: { ...scores, ...causal },
    weights: 8,
  },
  {
    layer: 'groupQueryAttention',
    config: { headDim: 2, numQueryHeads: 3, numKeyValueHeads: 1, useBias: false },
    inputs: [
      [4, 5],
      [3, 2],
      [3, 4],
    ],
    weights: 4,
  },
  { layer: 'positionEmbedding', config: { sequenceLength: 6 }, inputs: [[4, 3]], weights: 1 },
  { layer: 'positionEmbedding', config: { sequenceLength: 5, initializer: 'ones' }, inputs: [[2, 5, 3]], weights: 1 },
  { layer: 'sinePositionEncoding', inputs: [[4, 6]] },
  { layer: 'sinePositionEncoding', config: { maxWavelength: 100 }, inputs: [[2, 3, 5]] },
  { layer: 'rotaryEmbedding', inputs: [[5, 6]] },
  { layer: 'rotaryEmbedding', config: { maxWavelength: 50, scalingFactor: 2 }, inputs: [[4, 2, 4]] },
  { layer: 'rotaryEmbedding', config: { sequenceAxis: 2 }, inputs: [[2, 4, 4]] },
];
