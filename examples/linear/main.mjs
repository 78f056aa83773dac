// Three layers without activations are one line; with them they bend: the course of the temperature in a year.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { table } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'MLP',
  section: '4.2 Importance of Non-Linearities',
  data: 'weather of Seattle',
  metric: 'R² of the test days with tanh',
  atLeast: 0.6,
};

function network(activation) {
  const model = sg.sequential();
  model.add(sg.layers.dense({ units: 16, activation, inputShape: [1] }));
  model.add(sg.layers.dense({ units: 16, activation }));
  model.add(sg.layers.dense({ units: 1 }));
  model.compile({ optimizer: sg.train.adam(0.01), loss: 'meanSquaredError' });
  return model;
}

/** The one kernel and bias that linear layers multiply out to. */
function product(model) {
  return model.layers.reduce(
    ({ kernel, bias }, layer) => {
      const [w, b] = layer.getWeights();
      return { kernel: kernel.matMul(w), bias: bias.matMul(w).add(b) };
    },
    { kernel: sg.ones([1, 1]), bias: sg.zeros([1, 1]) },
  );
}

await example(about, async ({ pick, draw }) => {
  const rows = table('seattle-weather.csv');
  const day = sg.tensor2d(rows.map((_, i) => [i % 365.25]));
  const temperature = sg.tensor2d(rows.map((row) => [Number(row.temp_max)]));
  const [xTrain, xTest, yTrain, yTest] = sg.preprocessing.trainTestSplit(day, temperature, {
    testSize: 0.25,
    randomState: 1,
  });
  const [forX, forY] = [xTrain, yTrain].map((t) => sg.preprocessing.standardScaler().fit(t));
  const [scores, models, curves] = [{}, [], []];
  const year = sg.linspace(0, 365, 366).expandDims(1);
  for (const activation of ['linear', 'tanh']) {
    sg.setSeed(1943);
    const model = network(activation);
    await model.fit(forX.transform(xTrain), forY.transform(yTrain), { epochs: pick(60, 4), batchSize: 32, verbose: 0 });
    const predict = (x) => forY.inverseTransform(model.predict(forX.transform(x)));
    scores[activation] = sg.metrics.r2Score(yTest, predict(xTest)).dataSync()[0];
    const mae = sg.metrics.meanAbsoluteError(yTest, predict(xTest)).mean().dataSync()[0];
    console.log(`${activation.padEnd(6)} R² ${scores[activation].toFixed(3)}, mean error ${mae.toFixed(2)} °C`);
    curves.push({ name: activation, x: year.flatten(), y: predict(year).flatten() });
    models.push(model);
  }
  const { kernel, bias } = product(models[0]);
  const x = forX.transform(year);
  const difference = models[0].predict(x).sub(x.matMul(kernel).add(bias)).abs().max().dataSync()[0];
  console.log(
    `the three linear layers are y = ${kernel.dataSync()[0].toFixed(3)} x + ${bias.dataSync()[0].toFixed(3)}, to ${difference.toExponential(0)}`,
  );
  const axes = { xLabel: 'day of the year', yLabel: 'highest temperature (°C)' };
  const days = { name: 'days', x: day.flatten(), y: temperature.flatten(), points: true };
  await draw(
    'curves',
    vis.lines([...curves, days], { title: 'Three layers, linear and with tanh', ...axes, width: 640 }),
  );
  return { reached: scores.tanh, learned: models };
});
