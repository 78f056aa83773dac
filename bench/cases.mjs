// What is measured. A case's params go to every peer as they are, over JSON, so they hold all shapes a peer needs.
// Weights come in the layout and order of Keras: kernels (in, out) or HWIO, LSTM gates i, f, c, o.

const mlp = { x: [32, 784], weights: [[784, 128], [128], [128, 10], [10]] };
const cnn = {
  x: [32, 28, 28, 1],
  weights: [[3, 3, 1, 32], [32], [3, 3, 32, 64], [64], [1600, 128], [128], [128, 10], [10]],
};
const encoder = { x: [16, 64, 128], layers: 4, heads: 4, hidden: 512 };
const lstm = { x: [32, 50, 32], weights: [[32, 256], [64, 256], [256], [64, 10], [10]] };

const gru = { x: [32, 50, 32], weights: [[32, 192], [64, 192], [192], [64, 10], [10]] };
const gruReset = { ...gru, weights: [[32, 192], [64, 192], [2, 192], [64, 10], [10]] };
const oneWay = [[32, 512], [128, 512], [512]];
const bidirectional = { x: [32, 100, 32], weights: [...oneWay, ...oneWay, [256, 10], [10]] };
const convLstm = { x: [8, 8, 16, 16, 3], weights: [[3, 3, 3, 64], [3, 3, 16, 64], [64], [4096, 10], [10]] };
const conv1d = { x: [32, 128, 32], weights: [[5, 32, 64], [64], [5, 64, 64], [64], [64, 10], [10]] };
const conv3d = { x: [4, 12, 16, 16, 2], weights: [[3, 3, 3, 2, 16], [16], [3, 3, 3, 16, 32], [32], [2400, 10], [10]] };
const mobile = { x: [4, 56, 56, 64], weights: [[3, 3, 64, 1], [64], [1, 1, 64, 64], [64], [64, 10], [10]] };

const linear = { x: [64, 2], weights: [[2, 1], [1]] };
const small = { x: [32, 8], weights: [[8, 16], [16], [16, 1], [1]] };
const unrolled = { x: [8, 20, 4], weights: [[4, 16], [16, 16], [16], [16, 1]] };

/** The 3x3 convolutions of a ResNet; flops as if computed term by term. */
const resnet = [1, 8].flatMap((batch) =>
  [
    [56, 64],
    [28, 128],
    [14, 256],
    [7, 512],
  ].flatMap(([side, channels]) => {
    const params = { x: [batch, side, side, channels], filter: [3, 3, channels, channels] };
    const flops = 2 * batch * side ** 2 * 9 * channels ** 2;
    const what = `conv 3x3, ${side}x${side}x${channels}, batch ${batch}`;
    return [
      { id: 'conv', label: what, params, flops },
      { id: 'convGrads', label: `both gradients of ${what}`, params, flops: 2 * flops },
    ];
  }),
);

export const cases = [
  ...[64, 128, 256, 512, 1024].map((n) => ({ id: 'gemm', label: `gemm ${n}`, params: { n }, flops: 2 * n ** 3 })),
  ...resnet,
  { id: 'trainMlp', label: 'train MLP, batch 32', params: mlp },
  { id: 'trainCnn', label: 'train CNN, batch 32', params: cnn },
  { id: 'trainLstm', label: 'train LSTM, batch 32', params: lstm },
  { id: 'trainGru', label: 'train GRU, batch 32', params: gru },
  { id: 'trainGruReset', label: 'train GRU with the reset after the product, batch 32', params: gruReset },
  { id: 'trainBidirectional', label: 'train bidirectional LSTM(128), 100 steps, batch 32', params: bidirectional },
  { id: 'trainConvLstm', label: 'train ConvLSTM2D, 8 images of 16x16, batch 8', params: convLstm },
  { id: 'trainConv1d', label: 'train Conv1D, batch 32', params: conv1d },
  { id: 'trainConv3d', label: 'train Conv3D, batch 4', params: conv3d },
  { id: 'trainMobile', label: 'train a MobileNet block, 56x56x64, batch 4', params: mobile },
  { id: 'trainEncoder', label: 'train Transformer encoder, 4 layers, batch 16', params: encoder },
  { id: 'minimizeLinear', label: 'minimize a linear regression, batch 64, no jit', params: linear },
  { id: 'minimizeMlp', label: 'minimize an MLP 8-16-1, batch 32, no jit', params: small },
  { id: 'variableGrads', label: 'variableGrads of a sum of 3 squares', params: { weights: [[3, 1]] } },
  { id: 'minimizeUnrolled', label: 'minimize an RNN unrolled over 20 steps, no jit', params: unrolled },
  { id: 'predictMlp', label: 'predict MLP, batch 1', params: { ...mlp, x: [1, 784] } },
  { id: 'predictCnn', label: 'predict CNN, batch 32', params: cnn },
  {
    id: 'importToFirstPrediction',
    label: 'import to first prediction',
    params: { ...mlp, x: [1, 784] },
    process: true,
  },
];
