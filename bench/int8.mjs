// Products of integers of eight bits against those of float32, in turn: matrices, one row, convolutions.
import * as sg from 'samegrad';
import { local, measure } from './measure.mjs';

const PRODUCTS = [
  [256, 256, 256],
  [512, 512, 512],
  [1024, 1024, 1024],
  [32, 784, 128],
  [1, 512, 512],
  [1, 2048, 2048],
];
/** [batch, size, channels, filters] of 3 x 3 convolutions, filters 0 meaning depthwise. */
const CONVOLUTIONS = [
  [8, 56, 64, 64],
  [32, 13, 32, 64],
  [1, 14, 512, 0],
];

/** One row of the table: how often faster, and the milliseconds of both. */
async function compared(what, x, w, settings, product, pace) {
  const [whole, small] = [w, sg.quantizeWeights(w, settings)].map((weights) => sg.jit((t) => product(t, weights)));
  const results = await measure(
    [local('float32', () => whole(x).dispose()), local('int8', () => small(x).dispose())],
    pace,
  );
  const [float, int8] = results.map(({ min }) => min);
  return {
    what: `int8, ${what}: times float32's speed`,
    value: `${(float / int8).toFixed(2)} (${int8.toFixed(3)} ms)`,
  };
}

/** All rows, as { what, value }. */
export async function int8Figures(pace) {
  const rows = [];
  for (const [m, k, n] of PRODUCTS) {
    const [x, w] = [sg.randomNormal([m, k]), sg.randomNormal([k, n])];
    rows.push(await compared(`matMul ${m} x ${k} x ${n}`, x, w, {}, sg.matMul, pace));
  }
  for (const [batch, size, c, filters] of CONVOLUTIONS) {
    const x = sg.randomNormal([batch, size, size, c]);
    const [kind, conv, last] = filters ? ['product', sg.conv2d, filters] : ['depthwise', sg.depthwiseConv2d, 1];
    const w = sg.randomNormal([3, 3, c, last]);
    const what = `${filters ? 'conv2d' : 'depthwiseConv2d'} ${batch} x ${size} x ${size} x ${c}${filters ? ` to ${filters}` : ''}`;
    rows.push(await compared(what, x, w, { kind }, (t, f) => conv(t, f, 1, 'same'), pace));
  }
  return rows;
}
