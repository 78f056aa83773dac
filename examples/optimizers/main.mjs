// A race down a ravine: the loss is steep across and flat along, and every optimizer finds its own way to the minimum.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { example } from '../support/example.mjs';

const { schedules, train } = sg;
const about = {
  system: 'optimizers',
  section: '3.3 Learning Rate and Optimization',
  data: 'the ravine (x² + 25 y²) / 2',
  metric: 'largest loss of all after 300 steps, of 62.5 at the start',
  atMost: 0.01,
};
const START = [10, 1];
const ravine = (x, y) => x.square().add(y.square().mul(25)).div(2);
/** Each with a rate that suits it. */
const RACERS = {
  'gradient descent': () => train.sgd(0.07),
  momentum: () => train.momentum({ learningRate: 0.3, momentum: 0.9, dampening: true }),
  Nesterov: () => train.momentum({ learningRate: 0.03, momentum: 0.9, useNesterov: true }),
  Adagrad: () => train.adagrad(2),
  RMSprop: () => train.rmsprop({ learningRate: 0.1, rho: 0.99 }),
  Adam: () => train.adam(0.5),
  AdaDelta: () => train.adadelta({ learningRate: 50 }),
  AdaMax: () => train.adamax(0.5),
  Nadam: () => train.nadam(0.5),
  AMSGrad: () => train.amsgrad(0.5),
  RAdam: () => train.radam({ learningRate: 0.075, beta2: 0.98 }),
  AdamW: () => train.adamW(0.5),
  LAMB: () => train.lamb(0.05),
  Adafactor: () => train.adafactor(0.1),
  Muon: () => train.muon(0.1),
  FTRL: () => train.ftrl(2),
  Lion: () => train.lion(schedules.exponential(0.15, 0.015)), // its steps are of one size: the rate must fall
};

/** Points on the way, from the start. */
function walk(optimizer, steps) {
  const w = sg.variable(sg.tensor1d(START));
  const step = sg.jit(() => optimizer.minimize(() => ravine(...sg.unstack(w))));
  const path = [START];
  for (let i = 0; i < steps; i++) {
    step();
    path.push([...w.dataSync()]);
  }
  return path;
}

await example(about, async ({ pick, draw }) => {
  const steps = pick(300, 50);
  const paths = {};
  const losses = {};
  for (const [name, make] of Object.entries(RACERS)) {
    const path = walk(make(), steps);
    paths[name] = path;
    losses[name] = path.map(([x, y]) => (x * x + 25 * y * y) / 2);
    const arrived = losses[name].findIndex((_, i, all) => all.slice(i).every((loss) => loss < 0.01));
    console.log(
      `${name.padEnd(17)} loss ${losses[name].at(-1).toExponential(1)}, below 0.01 from step ${arrived < 0 ? '–' : arrived}`,
    );
  }
  const pictures = {
    'descent-and-momentum': ['gradient descent', 'momentum', 'Nesterov'],
    adaptive: ['Adagrad', 'RMSprop', 'Adam', 'AdaDelta'],
    'kin-of-adam': ['AdaMax', 'Nadam', 'AMSGrad', 'RAdam'],
    younger: ['AdamW', 'LAMB', 'Adafactor', 'Muon'],
    others: ['FTRL', 'Lion'],
  };
  for (const [file, racers] of Object.entries(pictures)) {
    const some = Object.fromEntries(racers.map((name) => [name, paths[name].slice(0, 100)]));
    const title = `${racers.join(', ')}: 100 steps`;
    const curves = Object.fromEntries(
      racers.map((name) => [name, losses[name].slice(0, 150).map((l) => Math.max(l, 1e-6))]),
    );
    const axes = { xLabel: 'step', yLabel: 'loss', yScale: 'log' };
    await draw(`loss-${file}`, vis.lines(curves, { title: racers.join(', '), ...axes }));
    await draw(file, vis.lossSurface(ravine, { title, paths: some, xRange: [-4, 12], yRange: [-3, 3], width: 720 }));
  }
  const last = Object.values(losses).map((loss) => loss.at(-1));
  return { reached: Math.max(...last), learned: Object.values(paths).flat() };
});
