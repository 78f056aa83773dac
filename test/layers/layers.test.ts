/** Every layer of the table, and nothing that users can make left out of it. */
import '@tensorflow/tfjs-backend-cpu';
import * as tfc from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkCompiled, checkConfig, checkGradient, checkShape, checkTwin, nameOf } from '../tables/layers/check';
import { layerTable } from '../tables/layers/table';

beforeAll(async () => {
  await tfc.setBackend('cpu');
});

describe.each(layerTable.map((c) => [nameOf(c), c] as const))('%s', (_, c) => {
  it('gives the shape that is foretold', () => expect(checkShape(c)).toBeUndefined());
  it('is made again from its settings', () => expect(checkConfig(c)).toBeUndefined());
  it('compiled: the same bits', () => expect(checkCompiled(c)).toBeUndefined());
  it('has the gradient that differences give', () => expect(checkGradient(c)).toBeUndefined());
  it('does what TensorFlow.js does', () => expect(checkTwin(c)).toBeUndefined());
});
