// Rosenblatt's perceptron: one unit with a step, learning by w += rate (target - output) x, tells one digit of MNIST
// from all others. Then what it can never learn: XOR.
import * as sg from 'samegrad';
import { loadMnist } from '../mnist/data.mjs';

const DIGIT = 0;
const EPOCHS = Number(process.argv[2] ?? 3);

/** One unit: 1 if x · w + b > 0, else 0. */
function perceptron(inputShape) {
  const model = sg.sequential();
  model.add(sg.layers.flatten({ inputShape }));
  model.add(sg.layers.dense({ units: 1, activation: 'step', kernelInitializer: 'zeros' }));
  // Steepest descent on this loss, example by example, is Rosenblatt's rule.
  model.compile({ optimizer: sg.train.sgd(1), loss: 'perceptron', metrics: ['accuracy'] });
  return model;
}

/** Share of outputs that are what they should be. */
const accuracy = (model, x, y) => model.predict(x, { batchSize: 1000 }).equal(y).mean().dataSync()[0];

/** Weights as a picture: + speaks for the digit, - against it. */
function draw(weights) {
  const largest = Math.max(...weights.map(Math.abs));
  const shade = (w) =>
    Math.abs(w) < largest / 8 ? ' ' : w > 0 ? (w > largest / 2 ? '#' : '+') : w < -largest / 2 ? '=' : '-';
  const rows = Array.from({ length: 14 }, (_, y) => weights.slice(y * 56, y * 56 + 28));
  return rows.map((row) => Array.from(row, shade).join('')).join('\n');
}

sg.setSeed(1958);
const { train, test } = loadMnist(sg);
const isDigit = ({ labels }) =>
  sg.tensor(
    Float32Array.from(labels, (l) => Number(l === DIGIT)),
    [labels.length, 1],
  );
const [y, wanted] = [isDigit(train), isDigit(test)];
const model = perceptron([28, 28, 1]);
const start = performance.now();
for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  await model.fit(train.x, y, { batchSize: 1 });
  console.log(`epoch ${epoch}: test accuracy ${accuracy(model, test.x, wanted).toFixed(4)}`);
}
const seconds = (performance.now() - start) / 1000;
console.log(`${EPOCHS * train.labels.length} examples, one at a time, in ${seconds.toFixed(1)} s\n`);
console.log(draw(model.getWeights()[0].dataSync()));

const corners = sg.tensor2d([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]);
console.log();
for (const [name, targets] of Object.entries({ AND: [0, 0, 0, 1], OR: [0, 1, 1, 1], XOR: [0, 1, 1, 0] })) {
  const gate = perceptron([2]);
  await gate.fit(corners, sg.tensor2d(targets, [4, 1]), { batchSize: 1, epochs: 50 });
  console.log(`${name.padEnd(3)} ${gate.predict(corners).dataSync().join(' ')}  (wanted ${targets.join(' ')})`);
}
