// Free-hand training without a compiler, in the language of TF.js: every step traces its loss anew. Each case gives a
// function that makes one step and returns its loss.

import * as data from './data.mjs';

const tensorOf = (api, seed, shape) => api.tensor(data.uniform(seed, data.size(shape)), shape);

/** Variables with the weights that all peers begin with. */
const variables = (api, shapes) =>
  data.weights(shapes).map((values, i) => api.tidy(() => api.variable(api.tensor(values, shapes[i]))));

const meanSquare = (api, y, target) => api.mean(api.square(api.sub(y, target)));

/** One step of an optimizer that makes the loss smaller. */
function training(optimizer, owned, loss) {
  return {
    run() {
      const cost = optimizer.minimize(loss, true);
      const [value] = cost.dataSync();
      cost.dispose();
      return value;
    },
    dispose() {
      for (const tensor of owned) tensor.dispose();
      optimizer.dispose();
    },
  };
}

const cases = {
  minimizeLinear(api, { x: shape, weights }) {
    const [x, y] = [tensorOf(api, 1, shape), tensorOf(api, 2, [shape[0], 1])];
    const [w, b] = variables(api, weights);
    const loss = () => meanSquare(api, api.add(api.matMul(x, w), b), y);
    return training(api.train.sgd(0.1), [x, y, w, b], loss);
  },
  minimizeMlp(api, { x: shape, weights }) {
    const [x, y] = [tensorOf(api, 1, shape), tensorOf(api, 2, [shape[0], 1])];
    const [w1, b1, w2, b2] = variables(api, weights);
    const loss = () => {
      const hidden = api.relu(api.add(api.matMul(x, w1), b1));
      return meanSquare(api, api.add(api.matMul(hidden, w2), b2), y);
    };
    return training(api.train.adam(0.001), [x, y, w1, b1, w2, b2], loss);
  },
  variableGrads(api, { weights }) {
    const [w] = variables(api, weights);
    return {
      run() {
        const { value, grads } = api.variableGrads(() => api.sum(api.square(w)));
        const [first] = value.dataSync();
        for (const tensor of [value, ...Object.values(grads)]) tensor.dispose();
        return first;
      },
      dispose: () => w.dispose(),
    };
  },
  minimizeUnrolled(api, { x: [batch, steps, width], weights }) {
    const xs = Array.from({ length: steps }, (_, i) => tensorOf(api, 1 + i, [batch, width]));
    const y = tensorOf(api, 99, [batch, 1]);
    const [wx, wh, b, wo] = variables(api, weights);
    const loss = () => {
      let h = api.zeros([batch, weights[1][0]]);
      for (const x of xs) h = api.tanh(api.add(api.add(api.matMul(x, wx), api.matMul(h, wh)), b));
      return meanSquare(api, api.matMul(h, wo), y);
    };
    return training(api.train.adam(0.001), [...xs, y, wx, wh, b, wo], loss);
  },
};

/** The cases of a library; load gives its namespace, ready to use. */
export const eagerCases = (load) =>
  Object.fromEntries(Object.entries(cases).map(([id, start]) => [id, async (params) => start(await load(), params)]));
