/** Trainings as bytes: safetensors files with the weights, the optimizer's slots, and all counters. */
import { ArgumentError, FormatError } from '../runtime/errors';
import type { OptimizerState } from '../train/optimizer';
import type { TrainingState, WeightValues } from '../train/state';
import { decodeSafetensors, type Elements, encodeSafetensors, type NamedArray } from './safetensors';

/** Version of the layout of names and metadata. */
const VERSION = '1';

type Parts = Readonly<Record<'weights' | 'states' | 'optimizer' | 'totals', readonly WeightLike[]>>;

interface WeightLike {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Elements;
}

/**
 * A state of `model.trainingState()` as bytes.
 * @param weightsOnly without what only a training that goes on needs.
 * @example
 * const bytes = sg.io.encodeTraining(model.trainingState());
 * model.restoreTraining(sg.io.decodeTraining(bytes));
 */
export function encodeTraining(
  state: TrainingState,
  { weightsOnly = false }: { weightsOnly?: boolean } = {},
): Uint8Array {
  const { weights, states, optimizer, totals, learningRate, step, position, names } = state;
  const parts: Partial<Parts> = weightsOnly
    ? { weights }
    : {
        weights,
        states,
        optimizer: optimizer.slots,
        totals: totals.map((values) => ({ name: 'total', shape: [values.length], values })),
      };
  const arrays: Record<string, NamedArray> = {};
  for (const [part, list] of Object.entries(parts)) {
    for (const [i, { name, shape, values }] of list.entries()) arrays[`${part}/${i}/${name}`] = { shape, data: values };
  }
  const counters = JSON.stringify({ learningRate, step, position, names, calls: optimizer.calls });
  return encodeSafetensors({ arrays, metadata: { samegrad: VERSION, ...(!weightsOnly && { training: counters }) } });
}

/** The parts of a file, each in its order. @throws FormatError */
function read(bytes: Uint8Array): { parts: Parts; training: string | undefined } {
  const { arrays, metadata } = decodeSafetensors(bytes);
  if (metadata.samegrad !== VERSION)
    throw new FormatError(`checkpoint: version ${VERSION} is needed, the file has ${metadata.samegrad ?? 'none'}`);
  const parts: Record<string, WeightLike[]> = { weights: [], states: [], optimizer: [], totals: [] };
  for (const [key, { shape, data }] of Object.entries(arrays)) {
    const [part = '', index = '', ...name] = key.split('/');
    const list = parts[part];
    if (list) list[Number(index)] = { name: name.join('/'), shape, values: data };
  }
  return { parts: parts as unknown as Parts, training: metadata.training };
}

/** A state for `model.restoreTraining`. @throws FormatError for other bytes; ArgumentError if it holds weights alone */
export function decodeTraining(bytes: Uint8Array): TrainingState {
  const { parts, training } = read(bytes);
  if (!training)
    throw new ArgumentError('decodeTraining: the checkpoint holds weights alone; load them with loadCheckpoint');
  const { learningRate, step, position, names, calls } = JSON.parse(training) as Pick<
    TrainingState,
    'learningRate' | 'step' | 'position' | 'names'
  > & { calls: number };
  return {
    weights: parts.weights as readonly WeightValues[],
    states: parts.states as readonly WeightValues[],
    optimizer: { calls, slots: parts.optimizer as OptimizerState['slots'] },
    learningRate,
    step,
    position,
    names,
    totals: parts.totals.map(({ values }) => values as TrainingState['totals'][number]),
  };
}

/** The weights of a checkpoint, in their order. @throws FormatError */
export const decodeWeightValues = (bytes: Uint8Array): readonly WeightValues[] =>
  read(bytes).parts.weights as readonly WeightValues[];
