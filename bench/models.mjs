// The models in the language of the TF.js Layers API, for each library that speaks it.

import * as data from './data.mjs';

function sequential(api, layers, params) {
  const model = api.sequential();
  for (const layer of layers) model.add(layer);
  const arrays = data.weights(params.weights);
  model.setWeights(arrays.map((array, i) => api.tensor(array, params.weights[i])));
  return model;
}

const models = {
  Mlp: ({ layers }) => [
    layers.dense({ units: 128, activation: 'relu', inputShape: [784] }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
  Cnn: ({ layers }) => [
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 128, activation: 'relu' }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
  Lstm: ({ layers }) => [
    // TF.js' own default for the gates is the hard sigmoid.
    layers.lstm({ units: 64, recurrentActivation: 'sigmoid', inputShape: [50, 32] }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
  Gru: ({ layers }) => [
    layers.gru({ units: 64, recurrentActivation: 'sigmoid', inputShape: [50, 32] }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
  GruReset: ({ layers }) => [
    layers.gru({ units: 64, recurrentActivation: 'sigmoid', resetAfter: true, inputShape: [50, 32] }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
  Bidirectional: ({ layers }) => [
    layers.bidirectional({ layer: layers.lstm({ units: 128, recurrentActivation: 'sigmoid' }), inputShape: [100, 32] }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
  ConvLstm: ({ layers }) => [
    layers.convLstm2d({
      filters: 16,
      kernelSize: 3,
      padding: 'same',
      recurrentActivation: 'sigmoid',
      inputShape: [8, 16, 16, 3],
    }),
    layers.flatten(),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
  Conv1d: ({ layers }) => [
    layers.conv1d({ filters: 64, kernelSize: 5, activation: 'relu', inputShape: [128, 32] }),
    layers.conv1d({ filters: 64, kernelSize: 5, activation: 'relu' }),
    layers.globalAveragePooling1d(),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
  Conv3d: ({ layers }) => [
    layers.conv3d({ filters: 16, kernelSize: 3, activation: 'relu', inputShape: [12, 16, 16, 2] }),
    layers.maxPooling3d({ poolSize: 2 }),
    layers.conv3d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.flatten(),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
  Mobile: ({ layers }) => [
    layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [56, 56, 64] }),
    layers.conv2d({ filters: 64, kernelSize: 1, activation: 'relu' }),
    layers.globalAveragePooling2d({}),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
};

function gemm(api, { n }) {
  const a = api.tensor(data.uniform(1, n * n), [n, n]);
  const b = api.tensor(data.uniform(2, n * n), [n, n]);
  return {
    run() {
      const c = api.matMul(a, b);
      const [value] = c.dataSync();
      c.dispose();
      return value;
    },
    dispose() {
      a.dispose();
      b.dispose();
    },
  };
}

/** A convolution with 3x3 filters, or both its gradients at outputs' gradients that are the image again. */
function conv(api, params, hasGrads) {
  const [x, filter] = [params.x, params.filter].map((shape, i) =>
    api.tensor(data.uniform(1 + i, data.size(shape)), shape),
  );
  const convolve = (a, b) => api.conv2d(a, b, 1, 'same');
  const grads = api.grads(convolve);
  return {
    run() {
      const results = hasGrads ? grads([x, filter], x) : [convolve(x, filter)];
      const [value] = results[0].dataSync();
      for (const result of results) result.dispose();
      return value;
    },
    dispose() {
      x.dispose();
      filter.dispose();
    },
  };
}

function train(api, name, params) {
  const model = sequential(api, models[name](api), params);
  model.compile({ optimizer: api.train.adam(0.001), loss: 'categoricalCrossentropy' });
  const x = api.tensor(data.input(params.x), params.x);
  const ys = data.targets(params.x[0]).map((y) => api.tensor(y, [params.x[0], 10]));
  let step = 0;
  return {
    run: () => model.trainOnBatch(x, ys[step++ % ys.length]),
    dispose() {
      for (const owner of [model, x, ...ys]) owner.dispose();
    },
  };
}

function predict(api, name, params) {
  const model = sequential(api, models[name](api), params);
  const x = api.tensor(data.input(params.x), params.x);
  return {
    run() {
      const y = model.predict(x);
      const [value] = y.dataSync();
      y.dispose();
      return value;
    },
    dispose() {
      model.dispose();
      x.dispose();
    },
  };
}

/** The cases of a library; load gives its namespace, ready to use. */
export function layersCases(load) {
  const cases = {
    gemm: async (params) => gemm(await load(), params),
    conv: async (params) => conv(await load(), params, false),
    convGrads: async (params) => conv(await load(), params, true),
  };
  for (const name of Object.keys(models)) {
    cases[`train${name}`] = async (params) => train(await load(), name, params);
    cases[`predict${name}`] = async (params) => predict(await load(), name, params);
  }
  return cases;
}
