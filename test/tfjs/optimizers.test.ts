/** Optimizers by name alone have the settings that TensorFlow.js gives them. */
import '@tensorflow/tfjs-backend-cpu';
import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, test } from 'vitest';
import * as sg from '../../src/index';

beforeAll(async () => {
  await tfc.setBackend('cpu');
});

test.each(['sgd', 'adam', 'adamax', 'adagrad', 'adadelta', 'rmsprop', 'Adagrad', 'RMSProp'])('%s', (optimizer) => {
  const theirs = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
  theirs.compile({ optimizer, loss: 'meanSquaredError' });
  const ours = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [1] })] });
  ours.compile({ optimizer, loss: 'meanSquaredError' });
  expect(ours.optimizer.getConfig()).toEqual(theirs.optimizer.getConfig());
  expect(ours.optimizer.getClassName()).toBe(theirs.optimizer.getClassName());
});

test('a setting that is undefined is none', () => {
  expect(sg.train.adam({ learningRate: 0.1, decay: undefined } as never).learningRate).toBe(0.1);
  expect(() => sg.train.adam({ learningRate: 0.1, decay: 1 } as never)).toThrow(/unknown setting 'decay'/);
  const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', foo: undefined } as never);
});
