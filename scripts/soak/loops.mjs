// Loops that dispose of nothing. Arguments: the loop's name, its steps. Prints the most memory that the process held, in MB.
import * as sg from '../../dist/index.js';

const [name, given] = process.argv.slice(2);
const steps = Number(given);

let most = 0;
const look = () => {
  most = Math.max(most, process.memoryUsage().rss);
};
/** 1.5 MB and more that nobody disposes of: 10,000 times it is four times all that 32 bits can address. */
const rows = Math.max(192, Math.ceil(2.4e9 / 8192 / steps));
const waste = () => {
  sg.fill([rows, 1024], 1).add(1);
};

const [x, y] = [sg.randomNormal([32, 8]), sg.randomNormal([32, 2])];
const modelOf = () => {
  const model = sg.sequential({
    layers: [sg.layers.dense({ units: 16, activation: 'relu', inputShape: [8] }), sg.layers.dense({ units: 2 })],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae'] });
  return model;
};
const model = modelOf();
const w = sg.variable(sg.randomNormal([8, 2]));
const optimizer = sg.train.adam(0.01);
const loss = () => sg.matMul(x, w).sub(y).square().mean();
const batches = (count) =>
  sg.data.generator(function* () {
    for (let i = 0; i < count; i++) {
      waste();
      yield { xs: sg.randomNormal([32, 8]), ys: sg.randomNormal([32, 2]) };
    }
  });

/** A loop whose every step awaits something of the library. */
const each = (step) => async () => {
  for (let i = 0; i < steps; i++) {
    waste();
    await step(i);
    if (i % 20 === 0) look();
  }
};
/** A loop that awaits nothing: what it forgets cannot come back, so it forgets its small results alone. */
const atOnce = (step) => () => {
  for (let i = 0; i < steps; i++) {
    step(i);
    if (i % 20 === 0) look();
  }
};
/** A training whose callbacks forget memory. */
const within = (train) => async () => {
  const onBatchEnd = (batch) => {
    waste();
    if (batch % 20 === 0) look();
  };
  await train({ callbacks: { onBatchEnd }, verbose: 0 });
};

const jitted = sg.jit((a, b) => optimizer.minimize(() => sg.matMul(a, w).sub(b).square().mean(), true));
const image = sg.randomUniform([8, 8, 3]);
const shapes = (count) => {
  const conv = (filters) => sg.layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' });
  const net = sg.sequential({
    layers: [sg.layers.inputLayer({ inputShape: [null, null, 3] }), conv(32), conv(32), conv(1)],
  });
  for (let size = 500 - count; size < 500; size++) {
    sg.tidy(() => void net.predict(sg.zeros([1, size, size, 3])));
    look();
  }
};

const loops = {
  fit: each(() => model.fit(x, y, { verbose: 0 })),
  'fit, in its callbacks': within((args) => model.fit(x, y, { ...args, epochs: steps })),
  'fit that never yields, in its callbacks': within((args) =>
    model.fit(x, y, { ...args, epochs: steps, yieldEvery: 'never' }),
  ),
  trainOnBatch: each(() => model.trainOnBatch(x, y)),
  testOnBatch: each(() => model.testOnBatch(x, y)[0].data()),
  fitDataset: each(() => model.fitDataset(sg.data.array([{ xs: x, ys: y }]), { verbose: 0 })),
  'fitDataset, in its data': within((args) => model.fitDataset(batches(steps), args)),
  evaluate: each(() => model.evaluate(x, y)[0].array()),
  evaluateDataset: each(() => model.evaluateDataset(sg.data.array([{ xs: x, ys: y }]))),
  predict: each(() => model.predict(x).data()),
  'predict, awaiting nothing': atOnce(() => model.predict(x)),
  'jit step': each(() => jitted(x, y).data()),
  'jit step, awaiting nothing': atOnce(() => jitted(x, y)),
  minimize: each(() => optimizer.minimize(loss, true).data()),
  'minimize, awaiting nothing': atOnce(() => optimizer.minimize(loss, true)),
  variableGrads: each(() => sg.variableGrads(loss).value.data()),
  'variableGrads, awaiting nothing': atOnce(() => sg.variableGrads(loss)),
  grad: each(() =>
    sg
      .grad((a) => a.square().sum())(x)
      .data(),
  ),
  'eager ops': each(() => x.add(1).matMul(w).softmax().data()),
  'eager ops and buffer': each(() => x.add(1).buffer()),
  'for await of a dataset': async () => {
    for await (const batch of sg.data
      .array(Array.from({ length: steps }, (_, i) => i))
      .map((i) => sg.fill([64, 64], i))) {
      waste();
      batch.square();
      look();
    }
  },
  forEachAsync: async () => {
    await batches(steps).forEachAsync(({ xs }) => {
      xs.square();
      look();
    });
  },
  whereAsync: each(() => sg.whereAsync(x.greater(0))),
  toPixels: each(() => sg.browser.toPixels(image)),
  'optimizer.getWeights': each(() => optimizer.getWeights()),
  nextFrame: each(() => sg.nextFrame()),
  "a promise of one's own": each(() => new Promise((resolve) => setTimeout(resolve, 0))),
  'models that are forgotten': each(() => modelOf().trainOnBatch(x, y)),
  'functions of jit that are forgotten': each(() =>
    sg
      .jit((a) => a.square().sum())(x)
      .data(),
  ),
  'variables and optimizers that are forgotten': each(() => {
    const v = sg.variable(sg.randomNormal([8, 2]));
    return sg.train
      .adam(0.01)
      .minimize(() => sg.matMul(x, v).square().mean(), true)
      .data();
  }),
  'slices of what is forgotten': each((i) => {
    kept[i % 100] = sg.fill([64, 1024], i).slice([3], [1]);
    return kept[i % 100].data();
  }),
  'predictions of 300 sizes': () => shapes(Math.min(300, steps)),
};
const kept = [];

if (name === undefined) console.log(JSON.stringify(Object.keys(loops)));
else {
  await loops[name]();
  look();
  console.log(Math.round(most / 1e6));
}
