/** The operators of TensorFlow.js' graph models. */
import type { OperatorSet } from '../../core/registry';
import { control } from './control';
import { convolutions } from './conv';
import { images } from './image';
import { dynamic, picks } from './indexing';
import { linear } from './linear';
import { lists } from './lists';
import { math } from './math';
import { ragged } from './ragged';
import { random } from './random';
import { reductions } from './reduce';
import { movements, shapes } from './shape';
import { strings } from './strings';
import { tables } from './tables';

const FORESTS = 'decision forests run in a WebAssembly module of their own (npm: @tensorflow/tfjs-tfdf)';

export const operators: OperatorSet = {
  pure: { ...math, ...linear, ...convolutions, ...reductions, ...movements, ...shapes, ...picks, ...images },
  other: { ...control, ...lists, ...tables, ...dynamic, ...random, ...ragged, ...strings },
  refused: {
    SimpleMLCreateModelResource: FORESTS,
    SimpleMLLoadModelFromPathWithHandle: FORESTS,
    SimpleMLInferenceOpWithHandle: FORESTS,
  },
};
