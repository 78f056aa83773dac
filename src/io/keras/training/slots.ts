/** What optimizers keep for each variable, in the order of Keras' files, and back. */
import { FormatError } from '../../../support/errors';
import { sameShape, showShape } from '../../../tensor/shape';
import type { Variable } from '../../../tensor/variable';
import type { Optimizer, OptimizerState } from '../../../train/optimizers/optimizer';
import type { Dataset } from '../hdf5/tree';
import type { NewArray } from '../hdf5/writer';

/** An array that Keras keeps: the name that it has there and here; without a name here it is made up. */
interface Slot {
  readonly keras: string;
  readonly own?: string;
  readonly shape: readonly number[];
  /** Value of one that is not kept here. */
  readonly fill?: number;
}

/** Slots of Keras by class; those of a list are kept variable by variable, the lists one after another. */
const KEPT: Readonly<Record<string, readonly (readonly (readonly [keras: string, own: string])[])[]>> = {
  SGD: [[['momentum', 'momentum']]],
  Momentum: [[['momentum', 'momentum']]],
  Adam: [
    [
      ['momentum', 'm'],
      ['velocity', 'v'],
    ],
    [['velocity_hat', 'vHat']],
  ],
  AdamW: [
    [
      ['momentum', 'm'],
      ['velocity', 'v'],
    ],
    [['velocity_hat', 'vHat']],
  ],
  Nadam: [
    [
      ['momentum', 'm'],
      ['velocity', 'v'],
    ],
  ],
  Lamb: [
    [
      ['momentum', 'm'],
      ['velocity', 'v'],
    ],
  ],
  Adamax: [
    [
      ['momentum', 'm'],
      ['norm', 'v'],
    ],
  ],
  Lion: [[['momentum', 'm']]],
  Muon: [
    [
      ['momentum', 'm'],
      ['velocity', 'v'],
    ],
  ],
  Adagrad: [[['accumulator', 'accumulator']]],
  RMSProp: [[['velocity', 'rms']], [['momentum', 'momentum']], [['average_gradient', 'mg']]],
  Adadelta: [
    [
      ['accumulated_grad', 'accum_grad'],
      ['accumulated_delta_var', 'accum_var'],
    ],
  ],
  Ftrl: [
    [
      ['accumulator', 'accumulator'],
      ['linear', 'linear'],
    ],
  ],
};

/** Names that the optimizers of Keras 2 give slots, where they are not those here. */
const OLD_NAMES: Readonly<Record<string, string>> = { vhat: 'vHat' };

/** Slots here of a variable, by name. */
type SlotsOf = ReadonlyMap<Variable, ReadonlyMap<string, Float32Array>>;

/** One array of the file: of a variable, or of the optimizer itself. */
export type Kept = readonly [variable: Variable | undefined, slot: Slot];

/** The arrays of an optimizer behind count and rate, in Keras' order. */
function keptBy(optimizer: Optimizer, variables: readonly Variable[], slots: SlotsOf): Kept[] {
  const has = (v: Variable, own: string): boolean => slots.get(v)?.has(own) ?? false;
  const all = (keras: string, own: string): Kept[] =>
    variables.filter((v) => has(v, own)).map((v) => [v, { keras, own, shape: v.shape }]);
  const common = [...all('average', 'average'), ...all('gradient_accumulator', 'gathered')];
  if (optimizer.className === 'Adafactor') return [...common, ...variables.flatMap(factors)];
  const skipped = optimizer.className === 'RMSProp' && !optimizer.getConfig().momentum ? ['momentum'] : [];
  const lists = KEPT[optimizer.className] ?? [];
  const own = lists.flatMap((list) =>
    variables.flatMap((v) =>
      list
        .filter(([, name]) => has(v, name) && !skipped.includes(name))
        .map(([keras, name]): Kept => [v, { keras, own: name, shape: v.shape }]),
    ),
  );
  return [...common, ...own];
}

/** Adafactor has rows and columns for matrices, else all; Keras makes room for both. */
function factors(v: Variable): Kept[] {
  const isMatrix = v.rank > 1;
  const rows = isMatrix ? v.shape.slice(0, -1) : [];
  const columns = isMatrix ? [...v.shape.slice(0, -2), v.shape.at(-1) as number] : [];
  return [
    [v, { keras: 'r', shape: rows, ...(isMatrix && { own: 'r' }) }],
    [v, { keras: 'c', shape: columns, ...(isMatrix && { own: 'c' }) }],
    [v, { keras: 'velocity', shape: v.shape, ...(!isMatrix && { own: 'v' }) }],
  ];
}

/** The slots of a state, which are in the order of the optimizer's variables. */
function slotsOf(trained: readonly Variable[], state: OptimizerState): Map<Variable, Map<string, Float32Array>> {
  const found = new Map<Variable, Map<string, Float32Array>>();
  let at = 0;
  for (const v of trained) {
    const own = new Map<string, Float32Array>();
    for (; at < state.slots.length; at++) {
      const { name, values } = state.slots[at] as OptimizerState['slots'][number];
      const slot = name.slice(name.lastIndexOf('/') + 1);
      if (name !== `${v.name}/${slot}` || own.has(slot)) break;
      own.set(slot, values);
    }
    found.set(v, own);
  }
  return found;
}

/** Keras' velocity holds the rate, with the other sign. */
const scaleOf = ({ className }: Optimizer, slot: string, rate: number): number =>
  slot === 'momentum' && (className === 'SGD' || className === 'Momentum') && rate > 0 ? -rate : 1;

/** What is written of an optimizer: arrays with the names that Keras gives them. */
export function writeSlots(
  optimizer: Optimizer,
  trained: readonly Variable[],
  ordered: readonly Variable[],
): readonly (readonly [kept: Kept, array: NewArray])[] {
  const slots = slotsOf(trained, optimizer.state());
  const arrays = keptBy(optimizer, ordered, slots).map((kept) => {
    const [v, { own, shape }] = kept;
    const values = own && v ? slots.get(v)?.get(own) : undefined;
    const scale = own ? scaleOf(optimizer, own, optimizer.learningRate) : 1;
    return [kept, floats(shape, values && (scale === 1 ? values : values.map((x) => x * scale)))] as const;
  });
  if (optimizer.className !== 'Nadam') return arrays;
  return [...arrays, [[undefined, { keras: 'variable', shape: [] }], floats([], [nadamProduct(optimizer)])]];
}

/** The product of Nadam's momenta so far, which follows from the number of steps. */
function nadamProduct(optimizer: Optimizer): number {
  const beta1 = optimizer.getConfig().beta1 as number;
  let [product, power] = [1, 1];
  for (let t = 1; t <= optimizer.iterations && product > 0; t++) {
    power *= 0.96;
    product *= beta1 * (1 - 0.5 * power);
  }
  return product;
}

/** @param values zeros if there are none */
export function floats(shape: readonly number[], values: ArrayLike<number> | undefined): NewArray {
  const fill = (target: Uint8Array): void => {
    if (!values) return;
    const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i] as number, true);
  };
  return { shape, type: 'f4', fill };
}

/** Arrays of a file, by the names that there are. */
export interface StoredSlots {
  readonly calls: number;
  /** Those behind count and rate, each with its name if it has one. */
  readonly arrays: readonly { readonly name?: string; readonly dataset: Dataset }[];
}

/** The state of a compiled model's optimizer. @throws FormatError for arrays of another model or optimizer */
export function readSlots(
  optimizer: Optimizer,
  trained: readonly Variable[],
  ordered: readonly Variable[],
  stored: StoredSlots,
  kept: OptimizerState['slots'],
  rate: number,
): OptimizerState {
  const before = { calls: 0, slots: kept };
  const slots = slotsOf(trained, before);
  const expected = keptBy(optimizer, ordered, slots);
  // Nothing is kept before the first step.
  const isFresh = stored.arrays.length === 0 && stored.calls === 0;
  const found = isFresh ? new Map<Slot, Dataset>() : matched(expected, ordered, stored);
  const values = new Map<Float32Array, Float32Array>();
  for (const [v, slot] of expected) {
    const dataset = found.get(slot);
    const target = slot.own && v ? slots.get(v)?.get(slot.own) : undefined;
    if (!dataset || !target) continue;
    const read = new Float32Array(target.length);
    dataset.copyTo(read);
    const scale = scaleOf(optimizer, slot.own as string, rate);
    values.set(target, scale === 1 ? read : read.map((x) => x / scale));
  }
  return {
    calls: stored.calls,
    slots: before.slots.map((s) => ({ ...s, values: values.get(s.values) ?? s.values })),
  };
}

/** Which array is which slot. */
function matched(expected: readonly Kept[], ordered: readonly Variable[], { arrays }: StoredSlots): Map<Slot, Dataset> {
  const byName = named(expected, ordered, arrays);
  if (byName) return byName;
  const datasets = arrays.map((a) => a.dataset);
  // By slot, as Keras 2 has them; or variable by variable.
  const names = [...new Set(expected.map(([, slot]) => slot.keras))];
  const bySlot = names.flatMap((name) => expected.filter(([, slot]) => slot.keras === name));
  const byVariable = ordered.flatMap((v) => expected.filter(([of]) => of === v));
  const order = [expected, bySlot, byVariable].find((list) =>
    list.every(([, slot], i) => sameShape(slot.shape, datasets[i]?.shape ?? [-1])),
  );
  if (!order) {
    const shapes = datasets
      .map((d) => showShape(d.shape))
      .join(' ')
      .slice(0, 200);
    throw new FormatError(
      `Keras: the optimizer's state has arrays ${shapes}, which are not those of this model and optimizer; load the model with compile: false`,
    );
  }
  return new Map(order.map(([, slot], i) => [slot, datasets[i] as Dataset]));
}

/** `…/m`, `m/…` or `…_momentum`, with `:0` behind it in Keras 2. */
function slotNamed(name: string, slots: readonly Slot[]): string | undefined {
  const plain = name.replace(/:0$/, '');
  const parts = plain.split('/');
  const candidates = [parts.at(-1), parts[0], parts[1]].map((p) => OLD_NAMES[p ?? ''] ?? p);
  const own = slots.find((s) => s.own && candidates.includes(s.own));
  if (own) return own.keras;
  const bySuffix = slots.filter((s) => plain.endsWith(`_${s.keras}`));
  return bySuffix.sort((a, b) => b.keras.length - a.keras.length)[0]?.keras;
}

/** Arrays by the names of their slots, if all have such names: in each slot they are in the order of the variables. */
function named(
  expected: readonly Kept[],
  ordered: readonly Variable[],
  arrays: StoredSlots['arrays'],
): Map<Slot, Dataset> | undefined {
  const slots = expected.map(([, slot]) => slot);
  const of = new Map<string, Dataset[]>();
  for (const { name, dataset } of arrays) {
    const slot = name === undefined ? undefined : slotNamed(name, slots);
    if (slot === undefined) return undefined;
    of.set(slot, [...(of.get(slot) ?? []), dataset]);
  }
  const found = new Map<Slot, Dataset>();
  for (const [slot, datasets] of of) {
    const places = ordered.flatMap((v) => expected.find(([w, s]) => w === v && s.keras === slot)?.[1] ?? []);
    if (places.length !== datasets.length) return undefined;
    const isRight = places.every((place, i) => sameShape(place.shape, (datasets[i] as Dataset).shape));
    if (!isRight) return undefined;
    places.forEach((place, i) => found.set(place, datasets[i] as Dataset));
  }
  return found;
}
