/** What TensorFlow.js Layers exports is here. */
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import * as sg from '../../src/index';

/** Left out: the shape of its result is drawn anew in each call, which no compiled model can follow. */
const LEFT_OUT = ['randomWidth'];

it.each(['layers', 'initializers', 'regularizers', 'constraints'] as const)('all of tf.%s', (kind) => {
  const ours = Object.keys(sg[kind]);
  expect(Object.keys(tfl[kind]).filter((name) => !ours.includes(name) && !LEFT_OUT.includes(name))).toEqual([]);
});
