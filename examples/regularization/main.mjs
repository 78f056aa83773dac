// Thirty days to learn the course of the temperature in a year: many weights learn the weather of these days by heart.
// Penalties, dropout and stopping early keep them from that.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { table } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const { layers, preprocessing, regularizers } = sg;
const about = {
  system: 'MLP',
  section: '3.4 Regularization Techniques, 4.4 Overfitting and Underfitting',
  data: 'weather of Seattle, 30 days',
  metric: 'test error of the regularized networks, of that without, at most',
  atMost: 0.9,
};
const TRIALS = {
  without: {},
  L1: { penalty: regularizers.l1({ l1: 0.008 }) },
  L2: { penalty: regularizers.l2({ l2: 0.003 }) },
  dropout: { rate: 0.2 },
  'early stopping': { patience: 100 },
};

function network({ penalty = null, rate = 0 }) {
  const wide = sg.initializers.randomUniform({ minval: -4, maxval: 4 }); // steep slopes and many bends
  const model = sg.sequential();
  const first = { kernelInitializer: wide, biasInitializer: wide, kernelRegularizer: penalty, inputShape: [1] };
  model.add(layers.dense({ units: 128, activation: 'relu', ...first }));
  model.add(layers.dropout({ rate }));
  model.add(layers.dense({ units: 64, activation: 'relu', kernelRegularizer: penalty }));
  model.add(layers.dropout({ rate }));
  model.add(layers.dense({ units: 1 }));
  model.compile({ optimizer: sg.train.adam(0.003), loss: 'meanSquaredError', metrics: ['mse'] });
  return model;
}

/** Days of four years as shares of a year around its middle, and their highest temperatures. */
function days() {
  const rows = table('seattle-weather.csv');
  const x = rows.map((_, i) => [((i % 365.25) / 365.25) * 2 - 1]);
  return { x: sg.tensor2d(x), y: sg.tensor2d(rows.map((row) => [Number(row.temp_max)])) };
}

await example(about, async ({ pick, draw }) => {
  const { x, y } = days();
  const [xTrain, xRest, yTrain, yRest] = preprocessing.trainTestSplit(x, y, { trainSize: 30, randomState: 1 });
  const [xVal, xTest, yVal, yTest] = preprocessing.trainTestSplit(xRest, yRest, { trainSize: 60, randomState: 2 });
  const scaler = preprocessing.standardScaler().fit(yTrain);
  const [year, epochs] = [sg.linspace(-1, 1, 366).expandDims(1), pick(3000, 150)];
  const [errors, results] = [{}, {}];
  const [curves, losses, models] = [[], [], []];
  for (const [name, { patience, ...settings }] of Object.entries(TRIALS)) {
    sg.setSeed(2012);
    const model = network(settings);
    const stop = sg.callbacks.earlyStopping({
      monitor: 'val_mse',
      patience: patience ?? epochs,
      restoreBestWeights: patience > 0,
    });
    const { history } = await model.fit(xTrain, scaler.transform(yTrain), {
      epochs,
      batchSize: 30,
      validationData: [xVal, scaler.transform(yVal)],
      callbacks: stop,
      verbose: 0,
    });
    const predict = (x) => scaler.inverseTransform(model.predict(x, { batchSize: 2000 }));
    errors[name] = sg.metrics.rootMeanSquaredError(yTest, predict(xTest)).dataSync()[0];
    const weights = sg.concat(model.getWeights().map((w) => w.flatten()));
    const zeros = weights.abs().less(0.001).mean().dataSync()[0];
    results[name] = {
      epochs: history.loss.length,
      'error on other days (°C)': errors[name].toFixed(2),
      'weights near 0 (%)': (100 * zeros).toFixed(0),
    };
    curves.push({ name, x: year.mul(182.5).add(183), y: predict(year).flatten() });
    const at = [...history.val_mse.keys()].filter((i) => i % 20 === 0);
    losses.push({ name, x: at, y: at.map((i) => history.val_mse[i]) });
    models.push(model);
  }
  console.table(results);
  const points = { name: 'training days', x: xTrain.mul(182.5).add(183).flatten(), y: yTrain.flatten(), points: true };
  for (const curve of curves.slice(1)) {
    const title = `Without and with ${curve.name}`;
    const axes = { xLabel: 'day of the year', yLabel: 'highest temperature (°C)' };
    await draw(curve.name.replace(' ', '-'), vis.lines([curves[0], curve, points], { title, ...axes }));
  }
  const kernels = models.map((model, i) => [curves[i].name, model.layers[2].getWeights()[0].flatten()]);
  const weights = Object.fromEntries(kernels.slice(0, 3));
  await draw('weights', vis.distributions(weights, { title: 'Weights of the second layer', width: 640 }));
  const axes = { xLabel: 'epoch', yLabel: 'loss of the validation days', yScale: 'log', width: 640 };
  await draw('losses', vis.lines(losses, { title: 'Overfitting: the loss of other days rises', ...axes }));
  const { without, ...regularized } = errors;
  return { reached: Math.max(...Object.values(regularized)) / without, learned: models };
});
