// An autoencoder that has seen fives alone draws fives well and all else badly: how badly tells what is no five.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const NORMAL = 5;
const dense = (units, activation) => sg.layers.dense({ units, activation });

const about = {
  system: 'Autoencoder, anomalies',
  section: '1.5 Applications (Autoencoders)',
  data: `MNIST, the digit ${NORMAL} is normal`,
  metric: 'area under the ROC curve',
  atLeast: 0.95,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1989);
  const { train, test } = mnist({ train: pick(60000, 2000), test: pick(10000, 300) });
  const isNormal = (y) => y.equal(NORMAL);
  const flat = (x) => x.reshape([-1, 784]);
  const normal = await sg.booleanMaskAsync(flat(train.x), isNormal(train.y));

  const model = sg.sequential({
    layers: [
      sg.layers.inputLayer({ inputShape: [784] }),
      dense(128, 'relu'),
      dense(16, 'relu'),
      dense(128, 'relu'),
      dense(784, 'sigmoid'),
    ],
  });
  model.compile({ optimizer: sg.train.adam(0.002), loss: 'binaryCrossentropy' });
  const training = await model.fit(normal, normal, {
    epochs: pick(20, 2),
    batchSize: 64,
    validationSplit: 0.1,
    verbose: 0,
  });

  const x = flat(test.x);
  const errors = sg.metrics.meanSquaredError(x, model.predict(x));
  const isAnomaly = isNormal(test.y).logicalNot();
  const reached = sg.metrics.auc(isAnomaly, errors).dataSync()[0];
  const typical = Array.from({ length: 10 }, (_, digit) => {
    const isDigit = test.y.equal(digit).cast('float32');
    return errors.mul(isDigit).sum().div(isDigit.sum()).dataSync()[0];
  });
  console.log(
    `mean error of fives ${typical[NORMAL].toFixed(4)}, of others from ${Math.min(...typical.toSpliced(NORMAL, 1)).toFixed(4)}`,
  );

  await draw('training', vis.history(training));
  await draw('roc', vis.rocCurve(isAnomaly, errors, { title: 'Found anomalies against false alarms' }));
  const amounts = Object.fromEntries(typical.map((error, digit) => [digit, error]));
  await draw(
    'errors',
    vis.bars(amounts, { title: 'Mean error of each digit', xLabel: 'digit', yLabel: 'squared error' }),
  );
  const drawn = sg.concat([x, model.predict(x)].map((images) => images.slice(0, 10))).reshape([-1, 28, 28]);
  await draw(
    'digits',
    vis.images(drawn, { title: 'Digits, and what a network that knows fives makes of them', columns: 10 }),
  );
  return { reached, learned: model };
});
