// A deep autoencoder (Hinton and Salakhutdinov, 2006) squeezes each digit into two numbers, from which it draws the digit
// again. It never sees a label, yet digits of a kind come to lie together.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const { layers } = sg;
const dense = (units, activation = 'elu') => layers.dense({ units, activation });

/** 784 pixels to two numbers, and back. */
const makeEncoder = () =>
  sg.sequential({
    layers: [layers.inputLayer({ inputShape: [784] }), dense(256), dense(128), dense(64), dense(2, 'linear')],
  });
const makeDecoder = () =>
  sg.sequential({
    layers: [layers.inputLayer({ inputShape: [2] }), dense(64), dense(128), dense(256), dense(784, 'sigmoid')],
  });

/** Share of the points whose class is that of most of the `k` nearest known points. */
function nearestNeighbors(known, knownLabels, points, labels, k = 15) {
  return sg.tidy(() => {
    const distance = known
      .square()
      .sum(1)
      .sub(points.matMul(known, false, true).mul(2)); // without the points' squares
    const { indices } = sg.topk(distance.neg(), k);
    const votes = sg.oneHot(knownLabels.gather(indices), 10).sum(1);
    return votes.argMax(1).equal(labels).mean().dataSync()[0];
  });
}

const about = {
  system: 'Autoencoder, two-dimensional codes',
  section: '1.5 Applications (Autoencoders)',
  data: 'MNIST',
  metric: 'accuracy of nearest neighbours',
  atLeast: 0.7,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2006);
  await sg.setThreads(pick(2, 1));
  const { train, test } = mnist({ train: pick(60000, 512), test: pick(2000, 100) });
  const [x, testX] = [train.x, test.x].map((images) => images.reshape([-1, 784]));

  const encoder = makeEncoder();
  const model = sg.sequential({ layers: [encoder, makeDecoder()] });
  const [epochs, batchSize] = [pick(9, 2), 128];
  const totalSteps = epochs * Math.ceil(train.y.size / batchSize);
  model.compile({
    optimizer: sg.train.adam(sg.schedules.oneCycle({ maxLearningRate: 0.004, totalSteps })),
    loss: 'binaryCrossentropy',
  });
  const training = await model.fit(x, x, { epochs, batchSize, validationData: [testX, testX], verbose: 2 });

  const codes = encoder.predict(testX);
  const known = pick(10000, 256);
  const knownCodes = encoder.predict(x.slice(0, known));
  const reached = nearestNeighbors(knownCodes, train.y.slice(0, known), codes, test.y);
  console.log(`two numbers for 784: ${(100 * reached).toFixed(1)} % of the digits lie among their kind`);
  await draw('training', vis.history(training));
  const classNames = [...'0123456789'];
  const axes = { xLabel: 'first number of the code', yLabel: 'second number of the code' };
  await draw('codes', vis.scatter(codes, { title: 'Codes of digits', labels: test.y, classNames, ...axes }));
  const drawn = sg.concat([testX, model.predict(testX.slice(0, 10))].map((x) => x.slice(0, 10))).reshape([-1, 28, 28]);
  await draw('digits', vis.images(drawn, { title: 'Digits, and what is drawn from their codes', columns: 10 }));
  return { reached, learned: model };
});
