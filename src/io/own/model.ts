/**
 * Models in one file: safetensors, whose metadata hold the layers, the arguments of `compile` and what a training
 * continues from. Other tools read its weights by name, and weights of other tools are read here.
 */
import { int8Of, scaleShape } from '../../ops/int8/weights';
import { ArgumentError, FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { version } from '../../support/version';
import type { Variable } from '../../tensor/variable';
import type { SlotValues } from '../../train/optimizers/slots';
import type {
  AnyModel,
  Format,
  SaveRequest,
  Source,
  StoredForm,
  StoredModel,
  StoredTraining,
  StoredWeight,
} from '../formats/format';
import { isSerialized } from '../model/build';
import { parseJSON, plainConfig } from '../model/json';
import { randomOf } from '../model/random';
import { byNames, elementsIn } from '../model/weights';
import { encodeSafetensors, type NamedArray } from '../safetensors/format';
import { type Header, LENGTH_BYTES, parseHeader, startOfData } from '../safetensors/header';
import { tfjsNames } from '../tfjs/names';
import { narrowToBrains, narrowToHalves } from '../weights/halves';
import { checkSource } from '../weights/pour';
import { SCALE, storedArrays, toChannels } from './arrays';
import { DIGEST, seal, sealed, UNSEALED } from './seal';

/** Entry of the metadata with the version of what is in them. */
const MARK = 'samegrad-model';
const LAYOUT = '1';

/** Arrays that are not weights of the model. */
const SLOT = '::optimizer/';
const STATE = '::state/';

/** Fewest elements of a weight that is stored as int8: small ones are little of a file, and much of a model. */
const LEAST = 256;

/** What the metadata hold of a training. */
interface Progress {
  readonly calls: number;
  readonly learningRate: number;
  readonly step: number;
  readonly undecayed: readonly number[];
}

function arraysOf(
  name: string,
  shape: readonly number[],
  values: Float32Array | Int32Array | Uint8Array,
  precision: SaveRequest['weights'],
): [string, NamedArray][] {
  if (!(values instanceof Float32Array))
    return [[name, { shape, data: values, ...(values instanceof Uint8Array && { type: 'BOOL' as const }) }]];
  const channels = shape[shape.length - 1] ?? 0;
  if (precision === 'float16') return [[name, { shape, data: narrowToHalves(values), type: 'F16' }]];
  if (precision === 'bfloat16') return [[name, { shape, data: narrowToBrains(values), type: 'BF16' }]];
  if (precision !== 'int8' || shape.length < 2 || values.length < LEAST) return [[name, { shape, data: values }]];
  const { data, scales } = toChannels(name, values, channels);
  return [
    [name, { shape, data }],
    [name + SCALE, { shape: [channels], data: scales }],
  ];
}

/** A weight that is int8 in the model. */
function integerArrays(name: string, w: Variable): [string, NamedArray][] | undefined {
  const kept = int8Of(w);
  return (
    kept && [
      [name, { shape: w.shape, data: kept.integers.data }],
      [name + SCALE, { shape: scaleShape(kept.form, w.shape), data: kept.integers.scales }],
    ]
  );
}

/** Which weights are int8 in the model, and what there is to know of them. */
const formsOf = (weights: readonly Variable[]): StoredForm[] =>
  weights.flatMap((w, weight) => {
    const kept = int8Of(w);
    return kept ? [{ weight, ...kept.form }] : [];
  });

/** The weights, and with a training its moments and states. */
function allArrays({ model, trainableOnly, weights: precision, training }: SaveRequest): Record<string, NamedArray> {
  const names = tfjsNames(model);
  const weights = trainableOnly ? model.trainableWeights : model.weights;
  const rows = weights.flatMap((w) => {
    const name = names.get(w) as string;
    return integerArrays(name, w) ?? arraysOf(name, w.shape, w.dataSync(), precision);
  });
  const more = (prefix: string, list: readonly SlotValues[]): [string, NamedArray][] =>
    list.map(({ name, shape, values }, i) => [`${prefix}${i}/${name}`, { shape, data: values }]);
  const { optimizer, states } = training?.state ?? {};
  return Object.fromEntries([
    ...rows,
    ...more(SLOT, optimizer?.slots ?? []),
    ...more(STATE, (states ?? []) as readonly SlotValues[]),
  ]);
}

/** @throws ArgumentError for functions that were not registered */
async function write(request: SaveRequest): Promise<Uint8Array> {
  const { model, training, weights, metadata } = request;
  if (weights === 'uint8' || weights === 'uint16')
    throw new ArgumentError(
      `save: files of this library store weights as float32, float16, bfloat16 or int8, not as ${weights}`,
    );
  const state = training?.state;
  const forms = formsOf(model.weights);
  const counters: Progress | undefined = state && {
    calls: state.optimizer.calls,
    learningRate: state.learningRate,
    step: state.step,
    undecayed: state.undecayed,
  };
  const texts = {
    [DIGEST]: UNSEALED,
    [MARK]: LAYOUT,
    generator: `samegrad v${version}`,
    topology: JSON.stringify(plainConfig(model)),
    ...(training && {
      compile: JSON.stringify(training.compile),
      training: JSON.stringify(counters),
      random: JSON.stringify(randomOf(model)),
    }),
    ...(forms.length && { int8: JSON.stringify(forms) }),
    ...(metadata && { user: JSON.stringify(metadata) }),
  };
  return seal(encodeSafetensors({ arrays: allArrays(request), metadata: texts }));
}

/** Names of checkpoints begin with the part of the file, and a number. */
const withoutPart = (name: string): string => name.replace(/^weights\/\d+\//, '');

const find = (
  model: AnyModel,
  weights: readonly StoredWeight[],
  strict: boolean,
  nameOf = (name: string) => name,
): (StoredWeight | undefined)[] => {
  const names = tfjsNames(model);
  const found = byNames(
    model.weights.map((w) => [names.get(w) as string, w.name]),
    weights.map((weight) => ({ name: nameOf(weight.name), weight })),
    strict,
  );
  return found.map((f) => f?.weight);
};

/** The values that belong in some places, in their order. @throws FormatError for others */
function fill<V extends { readonly name: string; readonly shape: readonly number[] }>(
  prefix: string,
  places: readonly V[],
  weights: readonly StoredWeight[],
): SlotValues[] {
  if (places.length !== weights.length)
    throw new FormatError(`the model keeps ${places.length} arrays ${prefix}…, the file has ${weights.length}`);
  // By their numbers: names of layers inside of others depend on what else the process has made.
  const byNumber = new Map(weights.map((w) => [w.name.slice(0, w.name.indexOf('/', prefix.length)), w]));
  return places.map(({ name, shape }, i) => {
    const weight = byNumber.get(`${prefix}${i}`);
    if (weight?.dtype !== 'float32' || weight.shape.join() !== shape.join())
      throw new FormatError(`the file lacks the array '${prefix}${i}/${name}' of float32 [${shape}]`);
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    weight.copyTo(values);
    return { name, shape, values };
  });
}

function readProgress(value: unknown): Progress {
  const { calls, learningRate, step, undecayed } = (isPlainObject(value) ? value : {}) as Partial<Progress>;
  const areCounts = [calls, step].every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
  if (!areCounts || !Number.isFinite(learningRate) || !Array.isArray(undecayed))
    throw new FormatError('counters of the training are missing, or no numbers');
  return value as Progress;
}

const isSize = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;

/** @throws FormatError unless these are forms of weights */
function checkForms(value: unknown): readonly StoredForm[] {
  const isForm = (form: unknown): boolean => {
    const { weight, kind, inner, channels, inputScale } = (isPlainObject(form) ? form : {}) as Partial<StoredForm>;
    const isScale = inputScale === undefined || (Number.isFinite(inputScale) && inputScale > 0);
    return (
      ['product', 'depthwise', 'rows'].includes(kind as string) && [weight, inner, channels].every(isSize) && isScale
    );
  };
  if (!Array.isArray(value) || !value.every(isForm)) throw new FormatError('the forms of weights of int8 are damaged');
  return value;
}

function describe({ metadata, entries }: Header, source: Source): StoredModel {
  const all = storedArrays(source, entries);
  const json = (key: string): unknown =>
    metadata[key] === undefined ? undefined : parseJSON(metadata[key], `'${key}'`);
  const [topology, compile, training, random, user, forms] = [
    'topology',
    'compile',
    'training',
    'random',
    'user',
    'int8',
  ].map(json);
  if (!isSerialized(topology)) throw new FormatError('the topology of the model is missing');
  const isPart = (prefix: string) => (w: StoredWeight) => w.name.startsWith(prefix);
  const [slots, states] = [SLOT, STATE].map((prefix) => all.filter(isPart(prefix))) as [StoredWeight[], StoredWeight[]];
  const weights = all.filter((w) => !isPart(SLOT)(w) && !isPart(STATE)(w));
  const progress = training === undefined ? undefined : readProgress(training);
  return {
    topology,
    elements: () => elementsIn(weights),
    weightsFor: (model, strict) => find(model, weights, strict),
    source,
    ...(compile !== undefined && { compile: compile as NonNullable<StoredModel['compile']> }),
    ...(progress && {
      trainingArrays: [...slots, ...states],
      trainingFor: (_model, { state }): StoredTraining => ({
        ...progress,
        optimizer: { calls: progress.calls, slots: fill(SLOT, state.optimizer.slots, slots) },
        states: fill(STATE, state.states, states),
      }),
    }),
    ...(random !== undefined && { random: random as NonNullable<StoredModel['random']> }),
    ...(forms !== undefined && { forms: checkForms(forms) }),
    ...(isPlainObject(user) && { metadata: user }),
  };
}

/** @throws FormatError for damaged files, and for layouts of later versions */
async function read(source: Source): Promise<StoredModel> {
  const length = await source.read(0, Math.min(LENGTH_BYTES, source.size));
  const start = startOfData(length, source.size);
  const head = await source.read(0, start);
  const header = parseHeader(head.subarray(LENGTH_BYTES), start, source.size);
  const layout = header.metadata[MARK];
  if (layout !== undefined && layout !== LAYOUT)
    throw new FormatError(`${source.name} has the layout ${layout} of a later version; this one reads ${LAYOUT}`);
  if (layout !== undefined) return readOwn(source, head, header);
  // Weights of another tool, or of a checkpoint.
  const isOwn = ({ name }: StoredWeight): boolean =>
    header.metadata.samegrad === undefined || name.startsWith('weights/');
  const weights = storedArrays(source, header.entries).filter(isOwn);
  return { source, weightsFor: (model, strict) => find(model, weights, strict, withoutPart) };
}

/** @throws FormatError for damaged files: before anything else that is wrong in them */
async function readOwn(given: Source, head: Uint8Array, header: Header): Promise<StoredModel> {
  const source = sealed(given, head);
  try {
    return describe(header, source);
  } catch (error) {
    await checkSource(source);
    throw error;
  }
}

export const ownFormat: Format = { read, write };
