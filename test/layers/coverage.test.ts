/** No layer of TensorFlow.js is missing, and none is without rows. */
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import * as sg from '../../src/index';
import { layerTable } from '../tables/layers/table';

/** No layers but inputs; cells, which rows of `rnn` hold; a function and a random width, which have tests of their own. */
const ELSEWHERE = new Set(
  'input inputLayer lambda randomWidth simpleRNNCell lstmCell gruCell stackedRNNCells convLstm2dCell'.split(' '),
);

const factories = Object.entries(sg.layers).filter(([name, f]) => typeof f === 'function' && /^[a-z]/.test(name));

/** Rows of the generic check (layers.test.ts) that run a layer, under whatever name. */
const rowsOf = (factory: unknown): number =>
  layerTable.filter(({ layer }) => sg.layers[layer as keyof typeof sg.layers] === factory).length;

/** Every layer with its rows, and whether TensorFlow.js exports it. */
function printLayers(): void {
  const lines = factories
    .map(([name, f]) => {
      const rows = ELSEWHERE.has(name) ? 'its own tests' : `${rowsOf(f)} rows`;
      return `${name.padEnd(26)}${rows.padEnd(16)}${name in tfl.layers ? 'tf.layers' : 'beyond'}`;
    })
    .sort();
  const [theirs, found] = [Object.keys(tfl.layers), Object.keys(tfl.layers).filter((name) => name in sg.layers)];
  lines.push(`${lines.length} layers; ${found.length} of the ${theirs.length} of TensorFlow.js ${tfl.version_layers}`);
  console.log(lines.join('\n'));
}

it.each(['layers', 'initializers', 'regularizers', 'constraints'] as const)('all tf.%s are there', (kind) => {
  expect(Object.keys(tfl[kind]).filter((name) => !(name in sg[kind]))).toEqual([]);
});

it('every layer has rows', () => {
  printLayers();
  const known = new Set(layerTable.map((c) => c.layer));
  const byFactory = new Map(factories.map(([name, f]) => [name, f]));
  // Other names of one layer are the same function.
  const covered = new Set([...known].map((name) => byFactory.get(name)));
  expect(factories.filter(([name, f]) => !covered.has(f) && !ELSEWHERE.has(name)).map(([name]) => name)).toEqual([]);
});
