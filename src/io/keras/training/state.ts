/** The state of a training as Keras keeps it, and back. */

import { FormatError, SamegradError } from '../../../support/errors';
import type { Variable } from '../../../tensor/variable';
import type { Optimizer, OptimizerState } from '../../../train/optimizers/optimizer';
import type { AnyModel, PresentTraining, StoredTraining } from '../../formats/format';
import { objectName } from '../config/spelling';
import type { Dataset, Group } from '../hdf5/tree';
import type { NewArray, NewGroup } from '../hdf5/writer';
import { setTexts, textsOf, variableNames } from '../weights/legacy';
import { partOf, variablesOf } from '../weights/parts';
import { floats, readSlots, type StoredSlots, writeSlots } from './slots';

interface Stored extends StoredSlots {
  readonly rate: number | undefined;
}

function numberIn(dataset: Dataset | undefined, what: string): number {
  if (dataset?.size !== 1) throw new FormatError(`Keras: ${what} of the optimizer is no number`);
  const target = new Float64Array(1);
  dataset.copyTo(target);
  return target[0] as number;
}

const hasRate = (optimizer: Optimizer): boolean => typeof optimizer.getConfig().learningRate === 'number';

/** What an optimizer's group of Keras 3 holds: count, rate unless it follows a schedule, slots. */
function inGroup(vars: Group, optimizer: Optimizer): Stored {
  const count = vars.names.length;
  const all = Array.from({ length: count }, (_, i) => {
    const found = vars.dataset(String(i));
    if (!found) throw new FormatError(`Keras: variable ${i} of the optimizer is missing in the file`);
    return found;
  });
  const first = hasRate(optimizer) ? 2 : 1;
  const arrays = all.slice(first).map((dataset) => ({ dataset }));
  return {
    calls: numberIn(all[0], 'the count of steps'),
    rate: first === 2 ? numberIn(all[1], 'the rate') : undefined,
    arrays: arrays.filter((a, i) => !isProduct(optimizer, a.dataset, i, arrays.length)),
  };
}

/** Nadam's product of momenta, which follows from the number of steps. */
const isProduct = ({ className }: Optimizer, { shape }: Dataset, i: number, count: number): boolean =>
  className === 'Nadam' && i === count - 1 && shape.length === 0;

const COUNT = /(^|\/)(iter|iterations|iteration)(_\d+)?(:0)?$/;
const RATE = /(^|\/)(current_)?learning_rate(:0)?$/;

/** What a list with names holds, as .h5 files have it. */
function inList(group: Group): Stored {
  const named = (textsOf(group, 'weight_names') ?? []).map((name) => {
    const dataset = group.dataset(name);
    if (!dataset) throw new FormatError(`Keras: '${name}' of the optimizer is missing in the file`);
    return { name, dataset };
  });
  const isFirst = (a: (typeof named)[number]): boolean => a.dataset.shape.length === 0 && a === named[0];
  const count = named.find((a) => COUNT.test(a.name)) ?? named.find(isFirst);
  const rate = named.find((a) => RATE.test(a.name));
  return {
    calls: count ? numberIn(count.dataset, 'the count of steps') : 0,
    rate: rate && numberIn(rate.dataset, 'the rate'),
    arrays: named.filter((a) => a !== count && a !== rate),
  };
}

/** Where a file keeps an optimizer: in a group by number, or in a list with names. */
export interface Places {
  readonly vars?: Group | undefined;
  readonly list?: Group | undefined;
  /** Names that the model's variables have in the file. */
  readonly names?: ReadonlyMap<Variable, string>;
}

/** What the first function returns, or the other where that finds no match. */
function either<T>(first: () => T, other: (() => T) | undefined): T {
  try {
    return first();
  } catch (error) {
    if (!other || !(error instanceof SamegradError)) throw error;
    try {
      return other();
    } catch (second) {
      throw second instanceof SamegradError ? error : second;
    }
  }
}

const byText = (a: string, b: string): number => Number(a > b) - Number(a < b);

/**
 * What the training of a compiled model has gathered, if the file tells.
 * @param present its training as it is
 * @throws FormatError for the state of another model or optimizer
 */
export function readTraining(
  model: AnyModel,
  { optimizer, trained, state: present }: PresentTraining,
  { vars, list, names }: Places,
): StoredTraining | undefined {
  if (!vars && !list) return undefined;
  const stored = vars ? inGroup(vars, optimizer) : inList(list as Group);
  const { calls, rate } = stored;
  if (!Number.isSafeInteger(calls) || calls < 0 || calls > 0xffffffff)
    throw new FormatError(`Keras: the optimizer counts ${calls} steps`);
  if (rate !== undefined && !(rate >= 0 && rate < Infinity))
    throw new FormatError(`Keras: the optimizer's rate is ${rate}`);
  const known = new Set(trained);
  const ordered = variablesOf(partOf(model)).filter((v) => known.has(v));
  const read = (order: readonly Variable[]): OptimizerState =>
    readSlots(optimizer, trained, order, stored, present.optimizer.slots, rate ?? optimizer.learningRate);
  const sorted = names && [...ordered].sort((a, b) => byText(names.get(a) ?? '', names.get(b) ?? ''));
  const state = either(() => read(ordered), sorted && (() => read(sorted)));
  return { optimizer: state, step: calls, ...(rate !== undefined && hasRate(optimizer) && { learningRate: rate }) };
}

/** What is written of an optimizer, in Keras' order, with the names that variables have in .h5 files. */
function written(
  model: AnyModel,
  { optimizer, trained }: PresentTraining,
): readonly (readonly [name: string, array: NewArray])[] {
  const part = partOf(model);
  const names = variableNames({ ...part, inside: [] });
  for (const [, parts] of part.inside)
    for (const inner of [parts].flat()) for (const [v, name] of variableNames(inner)) names.set(v, name);
  const known = new Set<Variable>(trained);
  const ordered = variablesOf(part).filter((v) => known.has(v));
  const { calls } = optimizer.state();
  const count: NewArray = {
    shape: [],
    type: 'i4',
    fill: (target) => new DataView(target.buffer, target.byteOffset).setInt32(0, calls, true),
  };
  const slots = writeSlots(optimizer, trained, ordered).map(([[v, { keras }], array]) => {
    const name = v ? `${(names.get(v) as string).replaceAll('/', '_')}_${keras}` : keras;
    return [name, array] as const;
  });
  const rate = hasRate(optimizer) ? [['learning_rate', floats([], [optimizer.learningRate])] as const] : [];
  return [['iteration', count], ...rate, ...slots];
}

const nameOf = ({ optimizer }: PresentTraining): string => objectName(optimizer.className);

/** Writes the optimizer as Keras 3 does. */
export function writeVars(root: NewGroup, model: AnyModel, training: PresentTraining): void {
  const vars = root.group('optimizer/vars');
  vars.attributes.set('name', nameOf(training));
  written(model, training).forEach(([, array], i) => vars.set(String(i), array));
}

/** Writes the optimizer as .h5 files have it. */
export function writeList(root: NewGroup, model: AnyModel, training: PresentTraining): void {
  const group = root.group('optimizer_weights');
  const all = written(model, training).map(([name, array]) => [`${nameOf(training)}/${name}`, array] as const);
  setTexts(
    group,
    'weight_names',
    all.map(([name]) => name),
  );
  for (const [name, array] of all) group.set(name, array);
}
