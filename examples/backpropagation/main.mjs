// Backpropagation by hand, equation by equation (8.16 to 8.35), on two small networks; beside it the library's gradients.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { example } from '../support/example.mjs';

const about = {
  system: 'sigmoid networks',
  section: '2.5 Forward and Backward Propagation, equations 8.16 to 8.35',
  data: 'one example',
  metric: 'largest difference from the gradients of the library',
  atMost: 1e-6,
};

/** Layers of sigmoids, and their weights as the equations have them: W from the layer before (columns) to this one (rows). */
function network(sizes) {
  const model = sg.sequential();
  sizes.slice(1).forEach((units, l) => {
    model.add(
      sg.layers.dense({ units, activation: 'sigmoid', biasInitializer: 'randomNormal', inputShape: [sizes[l]] }),
    );
  });
  const weights = model.layers.map((layer) => layer.getWeights());
  return { model, W: weights.map(([kernel]) => kernel.transpose()), b: weights.map(([, bias]) => bias.expandDims(1)) };
}

const text = (t) => [...t.dataSync()].map((v) => v.toFixed(4).padStart(7)).join(' ');
const show = (equation, name, value) => console.log(`  (${equation})  ${name.padEnd(10)} ${text(value)}`);

/** Forward, then backward: the auxiliary variables δ and the gradients of each layer. Vectors are columns. */
function byHand({ W, b }, x, y, [eqZ, eqA, eqLast, eqHidden, eqW, eqB]) {
  const L = W.length - 1;
  const a = [];
  for (let l = 0; l <= L; l++) {
    const z = W[l].matMul(a[l - 1] ?? x).add(b[l]);
    show(eqZ, `z ${l}`, z);
    a[l] = z.sigmoid();
    show(eqA, `a ${l}`, a[l]);
  }
  const delta = [];
  delta[L] = a[L].sub(y).mul(a[L]).mul(sg.sub(1, a[L]));
  show(eqLast, `δ ${L}`, delta[L]);
  for (let l = L - 1; l >= 0; l--) {
    delta[l] = W[l + 1]
      .transpose()
      .matMul(delta[l + 1])
      .mul(a[l])
      .mul(sg.sub(1, a[l]));
    show(eqHidden, `δ ${l}`, delta[l]);
  }
  return delta.map((d, l) => {
    const dW = d.matMul((a[l - 1] ?? x).transpose());
    show(eqW, `∂L/∂W ${l}`, dW);
    show(eqB, `∂L/∂b ${l}`, d);
    return { dW, db: d };
  });
}

/** ½ ‖a - ȳ‖² (8.25) */
const halfSquares = (y, a) => a.sub(y).square().sum().div(2);

/** The same gradients by the library. */
function byLibrary({ model }, x, y) {
  const { grads } = sg.variableGrads(() => halfSquares(y.transpose(), model.call(x.transpose(), {})));
  return model.layers.map(({ weights: [kernel, bias] }) => ({
    dW: grads[kernel.name].transpose(),
    db: grads[bias.name].expandDims(1),
  }));
}

/** Prints every step, and returns the library's gradients with their largest difference from those by hand. */
function compare(net, x, y, equations) {
  const hand = byHand(net, x, y, equations);
  const found = byLibrary(net, x, y);
  const differences = found.flatMap(({ dW, db }, l) => [dW.sub(hand[l].dW), db.sub(hand[l].db)]);
  const difference = Math.max(...differences.map((d) => d.abs().max().dataSync()[0]));
  const deltas = hand.flatMap(({ db }, l) => [...db.dataSync()].map((v, j) => [`layer ${l}, neuron ${j}`, v]));
  return { difference, deltas: Object.fromEntries(deltas), gradients: found.flatMap(Object.values) };
}

await example(about, async ({ draw }) => {
  sg.setSeed(1986);
  const column = (...values) => sg.tensor2d(values, [values.length, 1]);
  console.log('one neuron in each layer: 1 - 1 - 1 - 1');
  const forOne = ['8.16', '8.17', '8.20', '8.23', '8.21', '8.22'];
  const one = compare(network([1, 1, 1, 1]), column(0.7), column(0.2), forOne);
  console.log('\nseveral neurons in each layer: 3 - 4 - 2');
  const forSeveral = ['8.24', '8.24', '8.27', '8.31', '8.33', '8.35'];
  const several = compare(network([3, 4, 2]), column(0.1, -0.5, 0.9), column(0, 1), forSeveral);
  const axes = { yLabel: 'δ = ∂L/∂z' };
  await draw('delta-one', vis.bars(one.deltas, { title: 'δ, one neuron in each layer', ...axes }));
  await draw('delta-several', vis.bars(several.deltas, { title: 'δ, several neurons in each layer', ...axes }));
  return {
    reached: Math.max(one.difference, several.difference),
    learned: [...one.gradients, ...several.gradients],
  };
});
