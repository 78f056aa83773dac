// An autoencoder of LSTMs has learned how the stock market moves in calm years. What it cannot draw again is not calm:
// it finds the crises of the years that follow.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { table } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'LSTM autoencoder',
  section: '1.5 Applications (LSTM: anomaly detection)',
  data: 'S&P 500, day by day',
  metric: 'area under the ROC curve, days in crises',
  atLeast: 0.95,
};
const WINDOW = 20; // a month of trading
/** Names, first and last days. */
const CRISES = [
  ['Lehman Brothers', '2008-09-15', '2009-04-30'],
  ['flash crash, Greece', '2010-05-06', '2010-07-15'],
  ['euro, US rating', '2011-08-01', '2011-11-30'],
  ['stocks of China', '2015-08-20', '2015-10-05'],
  ['volatility funds', '2018-02-05', '2018-03-05'],
  ['rates, tariffs', '2018-12-04', '2019-01-04'],
  ['pandemic', '2020-02-24', '2020-04-17'],
];
const { lstm, dense } = sg.layers;

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2008);
  const rows = table('sp500-2000.csv').filter(({ date }) => date >= '2003');
  const column = (name) => sg.tensor1d(rows.map((row) => Number(row[name]))).log();
  const before = (series) => series.slice(0, rows.length - 1);
  // In logarithms: the day's change, how far apart its highest and lowest prices are, how much was traded.
  const prices = column('close');
  const range = column('high').sub(column('low'));
  const volume = column('volume');
  const features = sg.stack(
    [prices.slice(1).sub(before(prices)), range.slice(1), volume.slice(1).sub(before(volume))],
    1,
  );
  const days = rows.slice(1).map(({ date }) => date);

  const calm = days.findIndex((date) => date >= '2007');
  const scaler = sg.preprocessing.standardScaler().fit(features.slice(0, calm));
  const windows = (startIndex, endIndex) =>
    sg.preprocessing.timeSeriesWindows(scaler.transform(features), { sequenceLength: WINDOW, startIndex, endIndex }).x;
  const train = windows(0, calm);

  const model = sg.sequential({
    layers: [
      lstm({ units: 24, inputShape: [WINDOW, 3] }),
      dense({ units: 6 }),
      sg.layers.repeatVector({ n: WINDOW }),
      lstm({ units: 24, returnSequences: true }),
      dense({ units: 3 }),
    ],
  });
  model.compile({ optimizer: sg.train.adam(0.003), loss: 'meanSquaredError' });
  const fit = { epochs: pick(40, 1), batchSize: 32, validationSplit: 0.1, verbose: 0 };
  const training = await model.fit(train, train, fit);

  // Each day is judged by the window that it ends.
  const test = windows(calm - WINDOW + 1, days.length);
  const errors = sg.metrics.meanSquaredError(test, model.predict(test, { batchSize: 500 })).mean(1);
  const judged = days.slice(calm);
  const isIn = CRISES.map(([, first, last]) => judged.map((day) => Number(day >= first && day <= last)));
  const isCrisis = sg.tensor2d(isIn).max(0);
  const reached = sg.metrics.auc(isCrisis, errors).dataSync()[0];
  const sizes = test.square().mean([1, 2]);
  console.log(`${judged.length} days, ${isCrisis.sum().dataSync()[0]} of them in crises`);
  console.log(`area by the size of the moves alone: ${sg.metrics.auc(isCrisis, sizes).dataSync()[0].toFixed(4)}`);
  const order = sg.topk(errors, errors.size).indices.dataSync();
  const months = new Set(Array.from(order, (i) => judged[i].slice(0, 7)));
  console.log(`months with the largest errors: ${[...months].slice(0, 8).join(', ')}`);

  const year = judged.map(
    (day) => Number(day.slice(0, 4)) + (Number(day.slice(5, 7)) - 1 + Number(day.slice(8)) / 31) / 12,
  );
  const part = (days) => ({ x: year.slice(...days), y: errors.dataSync().slice(...days) });
  const crises = CRISES.map(([name], i) => ({ name, ...part([isIn[i].indexOf(1), isIn[i].lastIndexOf(1) + 1]) }));
  const series = [{ name: 'no crisis', x: year, y: errors }, ...crises];
  const axes = { xLabel: 'year', yLabel: 'squared error', yScale: 'log' };
  await draw('errors', vis.lines(series, { title: 'How badly an autoencoder draws the market again', ...axes }));
  await draw('roc', vis.rocCurve(isCrisis, errors, { title: 'Days in crises: ROC' }));
  await draw('training', vis.history(training));
  return { reached, learned: model };
});
