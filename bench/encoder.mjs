// A Transformer encoder (Vaswani et al., 2017): layers of attention and two dense layers, each added to its input and
// normalized; then the mean over time and a dense layer. Only samegrad and PyTorch have what it takes.

import * as data from './data.mjs';

/** Normalization of the last dimension with a scale and an offset. */
function normalization(sg) {
  return class Normalization extends sg.layers.Layer {
    static className = 'Normalization';
    build(shape) {
      this.gamma = this.addWeight({ name: 'gamma', shape: [shape.at(-1)], initializer: 'ones' });
      this.beta = this.addWeight({ name: 'beta', shape: [shape.at(-1)], initializer: 'zeros' });
    }
    call(x) {
      const centered = x.sub(x.mean(-1, true));
      const deviation = centered.square().mean(-1, true).add(1e-5).sqrt();
      return centered.div(deviation).mul(this.gamma).add(this.beta);
    }
  };
}

function build(sg, { x: [, time, dim], layers, heads, hidden }) {
  const Normalization = normalization(sg);
  const plus = (a, b) => new Sum({}).apply([a, b]);
  class Sum extends sg.layers.Layer {
    static className = 'Sum';
    call([a, b]) {
      return a.add(b);
    }
  }
  class Mean extends sg.layers.Layer {
    static className = 'Mean';
    call(x) {
      return x.mean(1);
    }
  }
  const input = sg.input({ shape: [time, dim] });
  let x = input;
  for (let i = 0; i < layers; i++) {
    const seen = sg.layers.multiHeadAttention({ numHeads: heads, keyDim: dim / heads }).apply([x, x]);
    x = new Normalization({}).apply(plus(x, seen));
    const inner = sg.layers.dense({ units: hidden, activation: 'relu' }).apply(x);
    x = new Normalization({}).apply(plus(x, sg.layers.dense({ units: dim }).apply(inner)));
  }
  const outputs = sg.layers.dense({ units: 10, activation: 'softmax' }).apply(new Mean({}).apply(x));
  return sg.model({ inputs: input, outputs });
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
