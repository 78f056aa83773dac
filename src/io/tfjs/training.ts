/** `training_config` of `model.json`, and the optimizer's weights beside those of the model. */
import { FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import type { Variable } from '../../tensor/variable';
import type { OptimizerState } from '../../train/optimizers/optimizer';
import type { TrainingConfig, WeightSpec } from '../artifacts';
import { fromPython, toOwnChoice, toSnakeCase } from '../formats/casing';
import type {
  AnyModel,
  Named,
  PerOutput,
  PresentTraining,
  RandomState,
  Serialized,
  StoredCompile,
  StoredTraining,
  StoredWeight,
  WrittenTraining,
} from '../formats/format';
import { isSerialized } from '../model/build';
import type { NamedValues } from '../weights/encode';
import { tfjsNames } from './names';

/** What TensorFlow.js has no place for: it leaves alone what stands under a name that it does not know. */
export interface OwnPart {
  readonly compile: StoredCompile;
  readonly calls: number;
  readonly learningRate: number;
  readonly step: number;
  /** What layers keep from batch to batch. */
  readonly states: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly values: readonly number[];
  }[];
  readonly undecayed: readonly number[];
  readonly random: RandomState;
}

const nameOf = (value: Named | null): string =>
  value === null ? '' : typeof value === 'string' ? value : value.className;

/** Losses by the names that TensorFlow.js has, where they are not ours. */
const LOSSES: Readonly<Record<string, string>> = { logCosh: 'logcosh', cosineSimilarity: 'cosineProximity' };

/** Metrics that TensorFlow.js can load, by our classes: with any other it would refuse the model. */
const METRICS: Readonly<Record<string, string>> = {
  acc: 'acc',
  accuracy: 'accuracy',
  BinaryAccuracy: 'binaryAccuracy',
  CategoricalAccuracy: 'categoricalAccuracy',
  CategoricalCrossentropy: 'categoricalCrossentropy',
  CosineProximity: 'cosine',
  MeanAbsoluteError: 'mae',
  MeanAbsolutePercentageError: 'mape',
  MeanSquaredError: 'mse',
  SparseCategoricalCrossentropy: 'sparseCategoricalCrossentropy',
};

/** The name of a loss as TensorFlow.js writes it. */
const spelled = (value: Named | null): string => {
  const name = nameOf(value);
  return toSnakeCase(LOSSES[name] ?? name);
};

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Metrics of all outputs, as far as TensorFlow.js has them. */
function metricsOf(metrics: StoredCompile['metrics']): readonly string[] {
  const list = isList(metrics) ? (metrics as readonly (Named | readonly Named[])[]).flat() : [];
  const names = (list as readonly Named[]).flatMap((metric) => METRICS[nameOf(metric)] ?? []);
  return [...new Set(names)].map(toSnakeCase);
}

/** What a model was compiled with, as TensorFlow.js has it; `samegrad` holds the whole, for this library. */
export function writeTraining({ compile, state }: WrittenTraining, random: RandomState): TrainingConfig {
  const { loss, metrics, optimizer } = compile;
  const { optimizer: moments, states, ...progress } = state;
  const part: OwnPart = {
    ...progress,
    compile,
    calls: moments.calls,
    states: states.map((s) => ({ ...s, values: [...s.values] })),
    random,
  };
  const losses = isList(loss) ? (loss as readonly (Named | null)[]).map(spelled) : spelled(loss as Named);
  return {
    loss: losses,
    metrics: metricsOf(metrics),
    optimizer_config: { class_name: optimizer.className, config: optimizer.config },
    samegrad: part,
  };
}

/** Names that Keras has besides, and settings that do nothing. */
const RENAMED: Readonly<Record<string, string>> = { lr: 'learningRate' };

function readOptimizer(value: unknown): Serialized {
  const given = fromPython(value);
  if (!isSerialized(given))
    throw new FormatError('the training_config of the model has no class_name and config of an optimizer');
  const { className, config } = given;
  const entries = Object.entries(config).map(([key, v]) => [RENAMED[key] ?? key, v] as const);
  const isRead = ([key, v]: readonly [string, unknown]): boolean =>
    v !== null && key !== 'name' && !(key === 'decay' && v === 0 && className !== 'RMSProp');
  return { className, config: Object.fromEntries(entries.filter(isRead)) };
}

const camel = (name: unknown): string => {
  if (typeof name !== 'string')
    throw new FormatError(`the training_config names a loss or metric ${JSON.stringify(name)}`);
  return toOwnChoice(name);
};

const perOutput = (value: unknown): PerOutput<string> =>
  isList(value)
    ? value.map(camel)
    : isPlainObject(value)
      ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, camel(v)]))
      : camel(value);

const isState = (value: unknown): boolean =>
  isPlainObject(value) &&
  typeof value.name === 'string' &&
  isList(value.shape) &&
  isList(value.values) &&
  value.values.every((v) => typeof v === 'number' || v === null);

/** The part that this library wrote, if it did. @throws FormatError if it is damaged */
export function ownPart(config: TrainingConfig | undefined): OwnPart | undefined {
  const part = config?.samegrad as Partial<OwnPart> | undefined | null;
  if (part === undefined || part === null) return undefined;
  const { compile, states, undecayed, random } = isPlainObject(part) ? part : ({} as Partial<OwnPart>);
  const isWhole = isPlainObject(compile) && isPlainObject(random) && isList(undecayed) && isList(states);
  if (!isWhole || !states.every(isState)) throw new FormatError('trainingConfig.samegrad is damaged');
  return part as OwnPart;
}

/** Arguments of `compile`. @throws FormatError */
export function readTraining(config: TrainingConfig): StoredCompile {
  const own = ownPart(config);
  if (own) return own.compile;
  const { optimizer_config, loss, metrics } = config;
  return {
    optimizer: readOptimizer(optimizer_config),
    loss: perOutput(loss),
    ...(metrics && { metrics: perOutput(metrics) as StoredCompile['metrics'] & object }),
  };
}

/** The kind of a slot: what stands after the name of its variable. */
const kindOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** Kinds of slots in the order in which they come. */
const kindsOf = (slots: OptimizerState['slots']): string[] => [...new Set(slots.map(({ name }) => kindOf(name)))];

/** Which trained variable each slot is of: a variable has one of each kind, and they come variable by variable. */
function ownersOf(slots: OptimizerState['slots'], trained: readonly Variable[]): number[] {
  const owners: number[] = [];
  for (const [i, { name }] of trained.entries()) {
    const kinds = new Set<string>();
    for (let slot = slots[owners.length]; slot; slot = slots[owners.length]) {
      const kind = kindOf(slot.name);
      if (slot.name !== `${name}/${kind}` || kinds.has(kind)) break;
      kinds.add(kind);
      owners.push(i);
    }
  }
  return owners;
}

/** The state of an optimizer as TensorFlow.js orders it: the count of steps, then all of one kind, all of the next. */
export function writeSlots(model: AnyModel, { optimizer, trained, state }: PresentTraining): NamedValues[] {
  const { slots } = state.optimizer;
  const names = tfjsNames(model);
  const owners = ownersOf(slots, trained);
  const rows = slots.map(({ name, shape, values }, i) => {
    const owner = trained[owners[i] as number] as Variable;
    const own = `${names.get(owner)}/${kindOf(name)}`;
    return { name: own, shape, values, dtype: 'float32' as const, group: 'optimizer' as const };
  });
  const values = Int32Array.of(optimizer.iterations);
  const count: NamedValues = { name: 'iter', shape: [], dtype: 'int32', values, group: 'optimizer' };
  return [count, ...kindsOf(slots).flatMap((kind) => rows.filter(({ name }) => kindOf(name) === kind))];
}

/** Numbers that TensorFlow.js adds to names that it has given before. */
const bare = (name: string): string => name.replace(/_\d+$/, '');

const valuesOf = (weight: StoredWeight): Float32Array => {
  const values = new Float32Array(weight.shape.reduce((a, b) => a * b, 1));
  weight.copyTo(values);
  return values;
};

/**
 * What an optimizer has gathered, of weights in TensorFlow.js' order.
 * @throws FormatError if they are not those that the optimizer keeps
 */
export function readSlots(
  model: AnyModel,
  { trained, state }: PresentTraining,
  weights: readonly (StoredWeight & { spec: WeightSpec })[],
  own: OwnPart | undefined,
): StoredTraining | undefined {
  const [count, ...rest] = weights;
  if (!count) return undefined;
  const iterations = new Int32Array(1);
  if (count.dtype !== 'int32' || count.shape.reduce((a, b) => a * b, 1) !== 1)
    throw new FormatError(`the optimizer's weights begin with '${count.name}', not with the count of its steps`);
  count.copyTo(iterations);
  const { slots } = state.optimizer;
  const names = tfjsNames(model);
  const owners = ownersOf(slots, trained);
  const wanted = slots.map(({ name }, i) => `${names.get(trained[owners[i] as number] as Variable)}/${kindOf(name)}`);
  const used = new Set<StoredWeight>();
  const take = (fits: (w: StoredWeight) => boolean): StoredWeight | undefined => {
    const weight = rest.find((w) => !used.has(w) && fits(w));
    if (weight) used.add(weight);
    return weight;
  };
  // By their places, where names are other ones: all of a kind in the order of the variables.
  const inOrder = kindsOf(slots).flatMap((kind) =>
    slots.map((_, i) => i).filter((i) => kindOf(slots[i]?.name ?? '') === kind),
  );
  const found = wanted.map((name) => take((w) => w.name === name || scoped(w.name) === scoped(name)));
  const byPlace = found.includes(undefined) && rest.length === slots.length;
  const rows = slots.map((slot, i) => {
    const weight = byPlace ? rest[inOrder.indexOf(i)] : found[i];
    if (!weight)
      throw new FormatError(
        `the optimizer keeps '${wanted[i]}', which the file lacks among ${rest.length} weights of it`,
      );
    if (weight.dtype !== 'float32' || weight.shape.join() !== slot.shape.join())
      throw new FormatError(
        `the optimizer's '${weight.name}' is ${weight.dtype} [${weight.shape}], not float32 [${slot.shape}]`,
      );
    return { name: slot.name, shape: slot.shape, values: valuesOf(weight) };
  });
  const steps = iterations[0] as number;
  if (steps < 0) throw new FormatError(`the optimizer's count of steps is ${steps}`);
  const calls = own?.calls ?? steps;
  return {
    optimizer: { calls, slots: rows },
    ...(own && {
      learningRate: own.learningRate,
      step: own.step,
      undecayed: own.undecayed,
      states: own.states.map((s) => ({ ...s, values: Float32Array.from(s.values) })),
    }),
  };
}

/** A slot's name without numbers at the end of its variable's. */
const scoped = (name: string): string => {
  const at = name.lastIndexOf('/');
  return bare(name.slice(0, at)) + name.slice(at);
};
