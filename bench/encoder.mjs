// A Transformer encoder (Vaswani et al., 2017): layers of attention and two dense layers, each added to its input and
// normalized; then the mean over time and a dense layer. Only samegrad and PyTorch have what it takes.

import * as data from './data.mjs';

function build({ layers, input, model }, { x: [, time, dim], layers: count, heads, hidden }) {
  const normalized = (x, y) => layers.layerNormalization({ epsilon: 1e-5 }).apply(layers.add().apply([x, y]));
  const inputs = input({ shape: [time, dim] });
  let x = inputs;
  for (let i = 0; i < count; i++) {
    x = normalized(x, layers.multiHeadAttention({ numHeads: heads, keyDim: dim / heads }).apply([x, x]));
    const inner = layers.dense({ units: hidden, activation: 'relu' }).apply(x);
    x = normalized(x, layers.dense({ units: dim }).apply(inner));
  }
  const mean = layers.globalAveragePooling1d({}).apply(x);
  return model({ inputs, outputs: layers.dense({ units: 10, activation: 'softmax' }).apply(mean) });
}

export async function trainEncoder(sg, params) {
  const model = build(sg, params);
  const kernels = model.weights.filter((w) => w.name.endsWith('kernel'));
  const values = data.weights(kernels.map((w) => (w.rank === 2 ? w.shape : matrix(w.shape))));
  kernels.forEach((w, i) => {
    w.assign(sg.tensor(values[i], w.shape));
  });
  model.compile({ optimizer: sg.train.adam(0.001), loss: 'categoricalCrossentropy' });
  const x = sg.tensor(data.input(params.x), params.x);
  const ys = data.targets(params.x[0]).map((y) => sg.tensor(y, [params.x[0], 10]));
  let step = 0;
  return {
    model,
    run: () => model.trainOnBatch(x, ys[step++ % ys.length]),
    dispose() {
      for (const owner of [model, x, ...ys]) owner.dispose();
    },
  };
}

/** All kernels of the attention are square here. */
const matrix = (shape) => {
  const side = Math.sqrt(data.size(shape));
  return [side, side];
};
