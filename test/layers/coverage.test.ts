/** No layer of TensorFlow.js is missing, and none is without rows. */
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import * as sg from '../../src/index';
import { layerTable } from './table';

/** No layers but inputs; cells, which rows of `rnn` hold; a function and a random width, which have tests of their own. */
const ELSEWHERE = new Set(
  'input inputLayer lambda randomWidth simpleRNNCell lstmCell gruCell stackedRNNCells convLstm2dCell'.split(' '),
);

const factories = Object.entries(sg.layers).filter(([name, f]) => typeof f === 'function' && /^[a-z]/.test(name));

it.each(['layers', 'initializers', 'regularizers', 'constraints'] as const)('all tf.%s are there', (kind) => {
  expect(Object.keys(tfl[kind]).filter((name) => !(name in sg[kind]))).toEqual([]);
});

it('every layer has rows', () => {
  const known = new Set(layerTable.map((c) => c.layer));
  const byFactory = new Map(factories.map(([name, f]) => [name, f]));
  // Other names of one layer are the same function.
  const covered = new Set([...known].map((name) => byFactory.get(name)));
  expect(factories.filter(([name, f]) => !covered.has(f) && !ELSEWHERE.has(name)).map(([name]) => name)).toEqual([]);
});
