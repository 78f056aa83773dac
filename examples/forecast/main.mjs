// Carbon dioxide in the air, month by month: how much comes next? An LSTM and a GRU see the changes of the last two years;
// they are measured against forecasts that need no network.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { table } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'LSTM and GRU',
  section: '1.5 Applications (RNN, LSTM, GRU: time series prediction)',
  data: 'CO₂ at Mauna Loa',
  metric: "error of the GRU's forecast / that of 'as a year ago'",
  atMost: 0.85,
};
const WINDOW = 24;
const { gru, lstm, dense } = sg.layers;

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1958);
  const rows = table('co2-concentration.csv').filter(({ Date }) => Date >= '1964-05'); // earlier months have gaps
  const years = rows.map(({ Date }) => Number(Date.slice(0, 4)) + (Number(Date.slice(5, 7)) - 1) / 12);
  const levels = sg.tensor2d(
    rows.map(({ CO2 }) => [Number(CO2)]),
    [rows.length, 1],
  );
  const changes = levels.slice(1).sub(levels.slice(0, rows.length - 1));

  // Until 2005 it learns, from 2006 on it forecasts.
  const seen = years.findIndex((year) => year >= 2006) - 1;
  const scaler = sg.preprocessing.standardScaler().fit(changes.slice(0, seen));
  const known = scaler.transform(changes);
  const windows = (startIndex, endIndex) =>
    sg.preprocessing.timeSeriesWindows(known, { sequenceLength: WINDOW, horizon: 1, startIndex, endIndex });
  /** The mean change of each window; what the networks see and forecast is how changes differ from it. */
  const growth = ({ x }) => x.mean(1);
  const centered = ({ x }) => x.sub(x.mean(1, true));
  const train = windows(0, seen);
  const test = windows(seen - WINDOW, changes.shape[0]);
  const actual = changes.slice(seen);

  const predictions = {
    'as last month': sg.zerosLike(actual),
    'as a year ago': changes.slice(seen - 12, actual.shape[0]),
  };
  const models = {};
  for (const [name, layer] of Object.entries({ LSTM: lstm, GRU: gru })) {
    const model = sg.sequential();
    model.add(layer({ units: 24, inputShape: [WINDOW, 1] }));
    model.add(dense({ units: 1 }));
    const [epochs, batchSize] = [pick(100, 2), 32];
    const learningRate = sg.schedules.cosineDecay(0.005, epochs * Math.ceil(train.x.shape[0] / batchSize));
    model.compile({ optimizer: sg.train.adam(learningRate), loss: 'meanSquaredError' });
    await model.fit(centered(train), train.y.sub(growth(train)), { epochs, batchSize, verbose: 0 });
    predictions[name] = scaler.inverseTransform(model.predict(centered(test)).add(growth(test)));
    models[name] = model;
  }
  const errorOf = (found) => sg.metrics.meanAbsoluteError(actual, found).mean().dataSync()[0];
  const errors = Object.fromEntries(Object.entries(predictions).map(([name, found]) => [name, errorOf(found)]));
  console.log(`${actual.shape[0]} months, mean absolute error one month ahead`);
  for (const [name, error] of Object.entries(errors)) console.log(`${name.padEnd(14)} ${error.toFixed(3)} ppm`);

  // Further ahead each forecast is an input of the next.
  const months = pick(60, 3);
  const start = rows.length - months;
  let x = known.slice(start - 1 - WINDOW, WINDOW).expandDims();
  let level = levels.slice(start - 1, 1);
  const values = [];
  for (let i = 0; i < months; i++) {
    const change = models.GRU.predict(centered({ x })).add(growth({ x }));
    x = x.slice([0, 1]).concat(change.expandDims(), 1);
    level = level.add(scaler.inverseTransform(change));
    values.push(level);
  }
  const ahead = sg.concat(values).flatten();
  const axes = { xLabel: 'year', yLabel: 'CO₂ (ppm)', x: years, last: 120 };
  const title = 'Carbon dioxide in the air, and a forecast of five years';
  await draw('forecast', vis.forecast(levels.flatten(), { GRU: { values: ahead, start } }, { title, ...axes }));
  await draw('errors', vis.bars(errors, { title: 'Mean absolute error, one month ahead', yLabel: 'error (ppm)' }));
  return { reached: errors.GRU / errors['as a year ago'], learned: Object.values(models) };
});
