// Prices of houses from thirteen measurements of their district: linear regression against a multilayer perceptron, by
// cross-validation, so that each price is predicted by a model that has not seen it.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { boston } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'MLP',
  section: '1.5 Applications (MLP), 3.1 Data Preprocessing, 5.2 Metrics for Regression',
  data: 'houses of Boston',
  metric: 'R² in cross-validation',
  atLeast: 0.85,
};
const { dense } = sg.layers;

const linear = () => sg.sequential({ layers: [dense({ units: 1, inputShape: [13] })] });
const mlp = () =>
  sg.sequential({
    layers: [
      dense({ units: 64, activation: 'relu', inputShape: [13], kernelRegularizer: sg.regularizers.l2({ l2: 1e-3 }) }),
      dense({ units: 32, activation: 'relu', kernelRegularizer: sg.regularizers.l2({ l2: 1e-3 }) }),
      dense({ units: 1 }),
    ],
  });

/** Trains on one part of the houses and predicts the prices of the other. */
async function predict(model, { x, y, epochs }, [train, test]) {
  const scaler = sg.preprocessing.standardScaler().fit(x.gather(train));
  const target = sg.preprocessing.standardScaler().fit(y.gather(train));
  const steps = epochs * Math.ceil(train.length / 16);
  model.compile({ optimizer: sg.train.adam(sg.schedules.cosineDecay(0.005, steps)), loss: 'meanSquaredError' });
  await model.fit(scaler.transform(x.gather(train)), target.transform(y.gather(train)), {
    epochs,
    batchSize: 16,
    verbose: 0,
  });
  return target.inverseTransform(model.predict(scaler.transform(x.gather(test))));
}

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1978);
  const { x, y } = boston();
  const folds = [...sg.preprocessing.kFold({ nSplits: pick(10, 2), shuffle: true, randomState: 1 }).split(x)];
  const actual = sg.concat(folds.map(([, test]) => y.gather(test)));
  const results = {};
  for (const [name, make] of Object.entries({ 'linear regression': linear, MLP: mlp })) {
    const found = [];
    for (const fold of folds) found.push(await predict(make(), { x, y, epochs: pick(100, 10) }, fold));
    const predicted = sg.concat(found);
    const mae = sg.metrics.meanAbsoluteError(actual, predicted).mean().dataSync()[0];
    const r2 = sg.metrics.r2Score(actual, predicted).dataSync()[0];
    console.log(`${name.padEnd(18)} MAE $${(1000 * mae).toFixed(0)}, R² ${r2.toFixed(3)}`);
    results[name] = { predicted, mae, r2 };
  }
  const points = sg.concat([actual, results.MLP.predicted], 1);
  const axes = { xLabel: 'price ($1,000)', yLabel: 'predicted price ($1,000)' };
  await draw('prices', vis.scatter(points, { title: 'Prices that the MLP has not seen', ...axes }));
  const maes = Object.fromEntries(Object.entries(results).map(([name, { mae }]) => [name, mae]));
  await draw('errors', vis.bars(maes, { title: 'Mean absolute error', yLabel: 'MAE ($1,000)' }));
  return { reached: results.MLP.r2, learned: results.MLP.predicted };
});
