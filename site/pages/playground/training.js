/** What the playground computes; `sg` is the library. All random numbers, sines and roots are the library's own. */
import { AMOUNTS, FEATURES } from './state.js';

const POINTS = 400;
/** Pictures of neurons have this many pixels in a row; x and y go from -1 to 1. */
export const GRID = 40;
const TURNS = 3.5;

/** [points, 1] in [-1, 1] each. */
const anywhere = (sg) => [sg.randomUniform([POINTS, 1], -1, 1), sg.randomUniform([POINTS, 1], -1, 1)];

const SHAPES = {
  circle(sg) {
    const [x, y] = anywhere(sg);
    return [x, y, sg.cast(sg.less(sg.add(sg.square(x), sg.square(y)), 0.4), 'float32')];
  },
  'exclusive or'(sg) {
    const [x, y] = anywhere(sg);
    return [x, y, sg.cast(sg.greater(sg.mul(x, y), 0), 'float32')];
  },
  'two clouds'(sg) {
    const kind = sg.cast(sg.greater(sg.randomUniform([POINTS, 1]), 0.5), 'float32');
    const around = () => sg.add(sg.mul(sg.sub(kind, 0.5), 0.9), sg.randomNormal([POINTS, 1], 0, 0.2));
    return [around(), around(), kind];
  },
  spiral(sg) {
    const kind = sg.cast(sg.greater(sg.randomUniform([POINTS, 1]), 0.5), 'float32');
    const far = sg.sqrt(sg.randomUniform([POINTS, 1], 0.02, 0.9));
    const angle = sg.add(sg.mul(far, TURNS), sg.mul(kind, Math.PI));
    return [sg.mul(far, sg.sin(angle)), sg.mul(far, sg.cos(angle)), kind];
  },
  plane(sg) {
    const [x, y] = anywhere(sg);
    return [x, y, sg.mul(sg.add(x, y), 0.5)];
  },
  hills(sg) {
    const [x, y] = anywhere(sg);
    return [x, y, sg.mul(sg.sin(sg.mul(x, 3)), sg.cos(sg.mul(y, 3)))];
  },
};

/** Of x and y [n, 1]. */
const FORMULAS = {
  x: (_sg, x) => x,
  y: (_sg, _x, y) => y,
  'x²': (sg, x) => sg.square(x),
  'y²': (sg, _x, y) => sg.square(y),
  'x y': (sg, x, y) => sg.mul(x, y),
  'sin x': (sg, x) => sg.sin(sg.mul(x, Math.PI)),
  'sin y': (sg, _x, y) => sg.sin(sg.mul(y, Math.PI)),
};

const featuresOf = (sg, names, x, y) =>
  sg.concat(
    names.map((name) => FORMULAS[name](sg, x, y)),
    1,
  );

/** Rates by name, over as many steps as a long training has. */
function rateOf(sg, { schedule, rate }) {
  const { cosineDecay, exponentialDecay, piecewiseConstantDecay } = sg.schedules;
  if (schedule === 'cosine') return cosineDecay(rate, 20_000);
  if (schedule === 'exponential') return exponentialDecay(rate, 2000, 0.7);
  if (schedule === 'steps') return piecewiseConstantDecay([2000, 6000], [rate, rate / 3, rate / 10]);
  if (schedule === 'warm-up')
    return cosineDecay({ initialLearningRate: 0, decaySteps: 20_000, warmupSteps: 500, warmupTarget: rate });
  return rate;
}

function optimizerOf(sg, state) {
  const learningRate = rateOf(sg, state);
  if (state.optimizer === 'momentum') return sg.train.momentum({ learningRate, momentum: 0.9 });
  if (state.optimizer === 'nesterov') return sg.train.momentum({ learningRate, momentum: 0.9, useNesterov: true });
  return sg.train[state.optimizer]({ learningRate });
}

function network(sg, { features, layers, activation, regularizer, strength, data }) {
  const { dense, dropout, batchNormalization } = sg.layers;
  const { l1, l2 } = sg.regularizers;
  const kernelRegularizer =
    regularizer === 'L1' ? l1({ l1: strength }) : regularizer === 'L2' ? l2({ l2: strength }) : null;
  const input = sg.input({ shape: [features.length] });
  const seen = [];
  let x = input;
  for (const units of layers) {
    x = dense({ units, activation, kernelRegularizer }).apply(x);
    if (regularizer === 'batch normalization') x = batchNormalization().apply(x);
    seen.push(x);
    if (regularizer === 'dropout') x = dropout({ rate: strength }).apply(x);
  }
  const output = dense({ units: 1, activation: AMOUNTS.includes(data) ? 'linear' : 'sigmoid' }).apply(x);
  return {
    model: sg.model({ inputs: input, outputs: output }),
    neurons: sg.model({ inputs: input, outputs: [...seen, output] }),
  };
}

/** A playground with these settings. */
export async function playground(sg, state) {
  sg.setSeed(state.seed);
  const isAmount = AMOUNTS.includes(state.data);
  const [x, y, wanted] = sg.tidy(() => {
    const [x, y, wanted] = SHAPES[state.data](sg);
    const moved = (v) => sg.add(v, sg.randomNormal([POINTS, 1], 0, state.noise));
    return [moved(x), moved(y), wanted];
  });
  const count = Math.round(POINTS * state.share);
  const all = sg.tidy(() => featuresOf(sg, state.features, x, y));
  const part = (t, from, size) => sg.slice(t, [from, 0], [size, -1]);
  const train = { x: part(all, 0, count), y: part(wanted, 0, count) };
  const test = { x: part(all, count, POINTS - count), y: part(wanted, count, POINTS - count) };
  const grid = sg.tidy(() => {
    const line = sg.linspace(-1, 1, GRID);
    const [columns, rows] = sg.meshgrid(line, sg.reverse(line));
    const flat = (t) => sg.reshape(t, [-1, 1]);
    return {
      network: featuresOf(sg, state.features, flat(columns), flat(rows)),
      features: featuresOf(sg, FEATURES, flat(columns), flat(rows)),
    };
  });

  const { model, neurons } = network(sg, state);
  const loss = isAmount ? 'meanSquaredError' : 'binaryCrossentropy';
  model.compile({ optimizer: optimizerOf(sg, state), loss });
  let epochs = 0;

  const lossOf = (of) => {
    const value = model.evaluate(of.x, of.y, { batchSize: POINTS });
    const [first] = (Array.isArray(value) ? value[0] : value).dataSync();
    return first;
  };

  /** The root mean square of the gradients of each layer's kernel, over the points for training. */
  const gradients = () =>
    sg.tidy(() => {
      const kernels = model.layers.filter((layer) => layer.getClassName() === 'Dense').map((layer) => layer.kernel);
      const measure = sg.losses[loss];
      const { grads } = sg.variableGrads(
        () => sg.mean(measure(train.y, model.apply(train.x, { training: false }))),
        kernels,
      );
      return kernels.map((kernel) => sg.sqrt(sg.mean(sg.square(grads[kernel.name]))).dataSync()[0]);
    });

  return {
    points: { x: x.dataSync(), y: y.dataSync(), wanted: wanted.dataSync(), count, isAmount },
    /** Trains, and shows what has come of it. */
    async advance(more) {
      if (more > 0)
        await model.fit(train.x, train.y, { epochs: more, batchSize: Math.min(state.batch, count), verbose: 0 });
      epochs += more;
      return sg.tidy(() => {
        const outputs = neurons.predict(grid.network, { batchSize: GRID * GRID });
        const lists = Array.isArray(outputs) ? outputs : [outputs];
        const dense = model.layers.filter((layer) => layer.getClassName() === 'Dense');
        return {
          epochs,
          trainLoss: lossOf(train),
          testLoss: lossOf(test),
          gradients: gradients(),
          features: sg.transpose(grid.features).dataSync(),
          /** For each layer a list: GRID x GRID values of each neuron. */
          pictures: lists.map((t) => sg.transpose(t).dataSync()),
          weights: dense.map((layer) => ({ shape: layer.kernel.shape, values: layer.kernel.dataSync() })),
          biases: dense.map((layer) => layer.bias.dataSync()),
        };
      });
    },
    dispose() {
      for (const one of [
        neurons,
        model,
        x,
        y,
        wanted,
        all,
        train.x,
        train.y,
        test.x,
        test.y,
        grid.network,
        grid.features,
      ])
        one.dispose();
    },
  };
}
