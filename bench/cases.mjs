// What is measured. A case's params go to every peer as they are, over JSON, so they hold all shapes a peer needs.
// Weights come in the layout and order of Keras: kernels (in, out) or HWIO, LSTM gates i, f, c, o.

const mlp = { x: [32, 784], weights: [[784, 128], [128], [128, 10], [10]] };
const cnn = {
  x: [32, 28, 28, 1],
  weights: [[3, 3, 1, 32], [32], [3, 3, 32, 64], [64], [1600, 128], [128], [128, 10], [10]],
};
const encoder = { x: [16, 64, 128], layers: 4, heads: 4, hidden: 512 };
const lstm = { x: [32, 50, 32], weights: [[32, 256], [64, 256], [256], [64, 10], [10]] };

export const cases = [
  ...[64, 128, 256, 512, 1024].map((n) => ({ id: 'gemm', label: `gemm ${n}`, params: { n }, flops: 2 * n ** 3 })),
  { id: 'trainMlp', label: 'train MLP, batch 32', params: mlp },
  { id: 'trainCnn', label: 'train CNN, batch 32', params: cnn },
  { id: 'trainLstm', label: 'train LSTM, batch 32', params: lstm },
  { id: 'trainEncoder', label: 'train Transformer encoder, 4 layers, batch 16', params: encoder },
  { id: 'predictMlp', label: 'predict MLP, batch 1', params: { ...mlp, x: [1, 784] } },
  { id: 'predictCnn', label: 'predict CNN, batch 32', params: cnn },
  {
    id: 'importToFirstPrediction',
    label: 'import to first prediction',
    params: { ...mlp, x: [1, 784] },
    process: true,
  },
];
