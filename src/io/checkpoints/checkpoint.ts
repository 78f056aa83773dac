/** Trainings as bytes: safetensors files with the weights, the optimizer's slots, and all counters. */
import { checkState } from '../../models/loop/state';
import { show, within } from '../../support/arguments';
import { ArgumentError, FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { checked, flag } from '../../support/settings';
import type { OptimizerState } from '../../train/optimizers/optimizer';
import type { CallbackState, TrainingState, WeightValues } from '../../train/totals/state';
import { decodeSafetensors, encodeSafetensors, type NamedArray } from '../safetensors/format';
import type { Numbers } from '../weights/elements';
import { BLANK, checkDigest, DIGEST, seal } from './digest';

/** Version of the layout of names and metadata. Those of version 1 have no digest. */
const VERSION = '2';
const WITHOUT_DIGEST = '1';

type Parts = Readonly<Record<'weights' | 'states' | 'optimizer' | 'totals' | 'callbacks', readonly WeightLike[]>>;

/** What the arrays of each part may be. */
const TYPES: Readonly<Record<keyof Parts, readonly (abstract new (length: number) => Numbers)[]>> = {
  weights: [Float32Array, Int32Array, Uint8Array],
  states: [Float32Array, Int32Array, Uint8Array],
  optimizer: [Float32Array],
  totals: [Float32Array, Float64Array],
  callbacks: [Float32Array, Int32Array, Uint8Array],
};

type Counters = Pick<TrainingState, 'learningRate' | 'step' | 'position' | 'names'> & {
  readonly calls: number;
  /** Of each callback that remembers something its kind, values (as texts: JSON has no Infinity) and number of arrays. */
  readonly callbacks: readonly (readonly [string, Readonly<Record<string, string>>, number] | null)[];
};

interface WeightLike {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Numbers;
}

const mapped = <A, B>(values: Readonly<Record<string, A>>, fn: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fn(value)]));

/** A training, and of the callbacks that may remember something what they do, in their order. */
export interface Backup {
  readonly state: TrainingState;
  readonly callbacks: readonly (CallbackState | undefined)[];
}

function encode(parts: Partial<Parts>, training?: string): Uint8Array {
  const arrays: Record<string, NamedArray> = {};
  for (const [part, list] of Object.entries(parts)) {
    for (const [i, { name, shape, values }] of list.entries()) arrays[`${part}/${i}/${name}`] = { shape, data: values };
  }
  const metadata = { samegrad: VERSION, [DIGEST]: BLANK, ...(training !== undefined && { training }) };
  return seal(encodeSafetensors({ arrays, metadata }));
}

export function encodeBackup({ state, callbacks }: Backup): Uint8Array {
  const { weights, states, optimizer, totals, learningRate, step, position, names } = state;
  const told = callbacks.map((c) => (c ? ([c.kind, mapped(c.values, String), c.weights.length] as const) : null));
  const counters: Counters = { learningRate, step, position, names, calls: optimizer.calls, callbacks: told };
  const parts: Parts = {
    weights,
    states,
    optimizer: optimizer.slots,
    totals: totals.map((values) => ({ name: 'total', shape: [values.length], values })),
    callbacks: callbacks.flatMap((c) => c?.weights ?? []),
  };
  return encode(parts, JSON.stringify(counters));
}

/**
 * Encodes a state of `model.trainingState()` as bytes.
 * @param settings `weightsOnly`: whether to omit what only continuing a training needs; default false
 * @throws ArgumentError if it is not a training state
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * const bytes = sg.io.encodeTraining(model.trainingState());
 * model.restoreTraining(sg.io.decodeTraining(bytes));
 */
export const encodeTraining = (state: TrainingState, settings?: { weightsOnly?: boolean } | null): Uint8Array => {
  const { weightsOnly } = checked('encodeTraining', { weightsOnly: flag(false) }, settings);
  checkState(state, 'encodeTraining');
  return within('encodeTraining', () =>
    weightsOnly ? encode({ weights: state.weights }) : encodeBackup({ state, callbacks: [] }),
  );
};

/** The parts of a file, each in its order. @throws FormatError */
function read(bytes: Uint8Array): { parts: Parts; training: string | undefined } {
  // First: what is damaged says nothing that may be believed.
  const isSealed = checkDigest('checkpoint', bytes);
  const { arrays, metadata } = decodeSafetensors(bytes);
  if (metadata.samegrad !== VERSION && metadata.samegrad !== WITHOUT_DIGEST)
    throw new FormatError(`checkpoint: version ${VERSION} is needed, the file has ${metadata.samegrad ?? 'none'}`);
  if (metadata.samegrad === VERSION && !isSealed) throw new FormatError('checkpoint: the file has lost its digest');
  const found = new Map<string, Map<string, WeightLike>>();
  for (const [key, { shape, data: values }] of Object.entries(arrays)) {
    const [part = '', index = '', ...name] = key.split('/');
    if (!Object.hasOwn(TYPES, part)) continue;
    const list = found.get(part) ?? new Map<string, WeightLike>();
    found.set(part, list);
    if (list.has(index)) throw new FormatError(`checkpoint: there are two arrays '${part}/${index}'`);
    if (!TYPES[part as keyof Parts].some((type) => values instanceof type))
      throw new FormatError(`checkpoint: '${key}' is of a type that ${part} cannot have`);
    list.set(index, { name: name.join('/'), shape, values });
  }
  const listOf = (part: string): WeightLike[] =>
    [...(found.get(part)?.keys() ?? [])].map((_, i, { length }) => {
      const value = found.get(part)?.get(String(i));
      if (!value) throw new FormatError(`checkpoint: there are ${length} arrays '${part}/…', but none '${part}/${i}'`);
      return value;
    });
  const parts = Object.fromEntries(Object.keys(TYPES).map((part) => [part, listOf(part)])) as unknown as Parts;
  return { parts, training: metadata.training };
}

const isCount = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;
const isText = (v: unknown): boolean => typeof v === 'string' && String(Number(v)) === v;

/** @throws FormatError */
function readCounters(text: string): Counters {
  let counters: unknown;
  try {
    counters = JSON.parse(text);
  } catch (cause) {
    throw new FormatError('checkpoint: the counters of the training are no JSON', { cause });
  }
  const { learningRate, step, position, names, calls, callbacks } = (counters ?? {}) as Partial<Counters>;
  const { epoch, batch, seed } = (position ?? {}) as Partial<Counters['position']>;
  const isRate = Number.isFinite(learningRate) && (learningRate as number) >= 0;
  const isSeed = Array.isArray(seed) && seed.length === 2;
  const isNamed = Array.isArray(names) && names.every((n) => typeof n === 'string');
  const told: readonly unknown[] | undefined = Array.isArray(callbacks) ? callbacks : undefined;
  const areTold = told?.every(
    (c) =>
      c === null ||
      (Array.isArray(c) &&
        typeof c[0] === 'string' &&
        isPlainObject(c[1]) &&
        Object.values(c[1]).every(isText) &&
        isCount(c[2])),
  );
  if (!isRate || !isSeed || !isNamed || !areTold || ![step, calls, epoch, batch, ...seed].every(isCount))
    throw new FormatError('checkpoint: counters of the training are missing, or no numbers');
  return counters as Counters;
}

/** @throws FormatError for other bytes; ArgumentError if they hold weights alone */
export function decodeBackup(bytes: Uint8Array): Backup {
  const { parts, training } = read(bytes);
  if (training === undefined)
    throw new ArgumentError('decodeTraining: the checkpoint holds weights alone; load them with loadCheckpoint');
  const { learningRate, step, position, names, calls, callbacks } = readCounters(training);
  const kept = [...(parts.callbacks as readonly WeightValues[])];
  if (callbacks.reduce((sum, c) => sum + (c?.[2] ?? 0), 0) !== kept.length)
    throw new FormatError(`checkpoint: there are ${kept.length} arrays of callbacks, which is not what they count`);
  return {
    state: {
      weights: parts.weights as readonly WeightValues[],
      states: parts.states as readonly WeightValues[],
      optimizer: { calls, slots: parts.optimizer as OptimizerState['slots'] },
      learningRate,
      step,
      position,
      names,
      totals: parts.totals.map(({ values }) => values as TrainingState['totals'][number]),
    },
    callbacks: callbacks.map((c) => {
      if (!c) return undefined;
      const [kind, values, count] = c;
      return { kind, values: mapped(values, Number), weights: kept.splice(0, count) };
    }),
  };
}

/** What `decode` makes of a file. @throws FormatError that names it */
export function ofFile<T>(path: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw error instanceof FormatError ? new FormatError(`'${path}': ${error.message}`, { cause: error }) : error;
  }
}

/**
 * Decodes a state for `model.restoreTraining`.
 * @throws FormatError for other bytes; ArgumentError if they hold weights alone
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const state = sg.io.decodeTraining(sg.io.encodeTraining(model.trainingState()));
 * state.step; // 0
 */
export function decodeTraining(bytes: Uint8Array): TrainingState {
  if (!(bytes instanceof Uint8Array)) throw new ArgumentError(`decodeTraining: needs a Uint8Array, got ${show(bytes)}`);
  return within('decodeTraining', () => decodeBackup(bytes).state);
}

/** The weights of a checkpoint, in their order. @throws FormatError */
export const decodeWeightValues = (bytes: Uint8Array): readonly WeightValues[] =>
  read(bytes).parts.weights as readonly WeightValues[];
