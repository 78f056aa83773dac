// What one neuron can never learn: exclusive or. No straight line divides its four points; two layers bend the line.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { example } from '../support/example.mjs';

const about = {
  system: 'perceptron, then MLP',
  section: '2.2 The Perceptron Model, 4.2 Importance of Non-Linearities',
  data: 'AND, OR, XOR',
  metric: 'share of XOR that the MLP has right',
  atLeast: 1,
};
const CORNERS = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const GATES = { AND: [0, 0, 0, 1], OR: [0, 1, 1, 1], XOR: [0, 1, 1, 0] };

function perceptron() {
  const model = sg.sequential();
  model.add(sg.layers.dense({ units: 1, activation: 'step', kernelInitializer: 'zeros', inputShape: [2] }));
  model.compile({ optimizer: sg.train.sgd(1), loss: 'perceptron' });
  return model;
}

function mlp() {
  const model = sg.sequential();
  model.add(sg.layers.dense({ units: 4, activation: 'tanh', inputShape: [2] }));
  model.add(sg.layers.dense({ units: 1, activation: 'sigmoid' }));
  model.compile({ optimizer: sg.train.adam(0.05), loss: 'binaryCrossentropy' });
  return model;
}

/** Trains on all four corners, says what came of it, and returns the share that is right. */
async function learn(name, gate, model, settings) {
  const x = sg.tensor2d(CORNERS);
  const y = sg.tensor2d(GATES[gate], [4, 1]);
  await model.fit(x, y, { verbose: 0, ...settings });
  const outputs = model.predict(x).greater(0.5).toFloat();
  const right = outputs.equal(y).toFloat().mean().dataSync()[0];
  console.log(
    `${name.padEnd(10)} ${gate.padEnd(3)} wanted ${GATES[gate].join(' ')}, got ${outputs.dataSync().join(' ')}`,
  );
  return right;
}

const regions = (title, model, gate) =>
  vis.decisionRegions(model, CORNERS, GATES[gate], { title, xRange: [-0.5, 1.5], yRange: [-0.5, 1.5], width: 360 });

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1969);
  for (const gate of Object.keys(GATES)) {
    const model = perceptron();
    await learn('perceptron', gate, model, { batchSize: 1, epochs: pick(50, 20) });
    await draw(`perceptron-${gate.toLowerCase()}`, regions(`Perceptron: ${gate}`, model, gate));
  }
  const model = mlp();
  const reached = await learn('MLP', 'XOR', model, { batchSize: 4, epochs: pick(300, 200) });
  await draw('mlp-xor', regions('MLP: XOR', model, 'XOR'));
  return { reached, learned: model };
});
