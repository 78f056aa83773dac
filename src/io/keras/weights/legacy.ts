/** Weights of .h5 files of Keras 2, which Keras 3 writes too: a group for each layer, by name, with lists of names. */
import { FormatError } from '../../../support/errors';
import { sameShape } from '../../../tensor/shape';
import type { Variable } from '../../../tensor/variable';
import type { Leniency } from '../../formats/format';
import type { AttributeValue } from '../hdf5/attributes';
import type { Dataset, Group } from '../hdf5/tree';
import type { NewGroup } from '../hdf5/writer';
import type { Found } from './groups';
import { type Part, variablesOf } from './parts';
import { newArray } from './stored';

/** Attributes of more bytes are cut into several, with a number behind the name. */
const MOST_TEXTS = 3000;

/** A list of texts, which may have been cut into parts. */
export function textsOf(group: Group, name: string): readonly string[] | undefined {
  const { attributes } = group;
  const whole = attributes.get(name);
  if (whole !== undefined) return texts(whole, name);
  const all: string[] = [];
  let count = 0;
  for (; attributes.has(`${name}${count}`); count++)
    all.push(...texts(attributes.get(`${name}${count}`) as AttributeValue, name));
  return count ? all : undefined;
}

function texts(value: AttributeValue, name: string): readonly string[] {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value) || (value.length > 0 && typeof value[0] !== 'string'))
    return isEmpty(value) ? [] : refuseTexts(name);
  return value as readonly string[];
}

/** An empty list has no type: h5py writes numbers. */
const isEmpty = (value: AttributeValue): boolean => Array.isArray(value) && value.length === 0;
function refuseTexts(name: string): never {
  throw new FormatError(`Keras: the attribute ${name} is no list of texts`);
}

/** Arrays of one layer in the file. */
interface Stored {
  readonly name: string;
  readonly datasets: readonly Dataset[];
}

function layersIn(root: Group): Stored[] {
  const names = textsOf(root, 'layer_names');
  if (!names) throw new FormatError('Keras: the file has no layer_names: it does not hold the weights of a model');
  return names.flatMap((name) => {
    const group = root.group(name);
    if (!group) throw new FormatError(`Keras: layer '${name}' is missing in the file`);
    const weights = textsOf(group, 'weight_names') ?? [];
    const datasets = weights.map((w) => {
      const found = group.dataset(w);
      if (!found) throw new FormatError(`Keras: '${w}' of layer '${name}' is missing in the file`);
      return found;
    });
    return datasets.length ? [{ name, datasets }] : [];
  });
}

/** Variables of a layer in the orders that a file may have them in: trained ones first, or layer by layer. */
function orders(part: Part): readonly (readonly Variable[])[] {
  const all = variablesOf(part);
  return [[...all.filter((v) => v.trainable), ...all.filter((v) => !v.trainable)], all];
}

const fits = (variables: readonly Variable[], { datasets }: Stored): boolean =>
  variables.length === datasets.length && variables.every((v, i) => sameShape(v.shape, (datasets[i] as Dataset).shape));

/**
 * @param byName whether layers that the file or the model lacks are left as they are
 * @throws FormatError
 */
export function findInLegacy(root: Group, layers: readonly Part[], options: Leniency = {}): Found {
  const stored = layersIn(root);
  const own = layers.filter((part) => variablesOf(part).length > 0);
  const byName = new Map(stored.map((s) => [s.name, s]));
  const areNamed = options.byName || own.every((part) => byName.has(part.name));
  if (own.length !== stored.length && !options.byName && !options.skipMismatch)
    throw new FormatError(
      `Keras: the file has weights of ${stored.length} layers (${stored
        .map((s) => s.name)
        .join(', ')
        .slice(0, 200)}), the model has ${own.length} with weights`,
    );
  const found: Found = new Map();
  own.forEach((part, i) => {
    const from = areNamed ? byName.get(part.name) : stored[i];
    if (!from) return;
    const variables = orders(part).find((order) => fits(order, from));
    if (variables) variables.forEach((v, k) => found.set(v, from.datasets[k] as Dataset));
    else if (!options.skipMismatch) refuseShapes(part, from);
  });
  return found;
}

function refuseShapes(part: Part, from: Stored): never {
  const show = (shapes: readonly (readonly number[])[]): string => shapes.map((s) => `[${s.join(', ')}]`).join(' ');
  throw new FormatError(
    `Keras: layer '${part.name}' has weights ${show(variablesOf(part).map((v) => v.shape))}, the file has ${show(from.datasets.map((d) => d.shape))} for '${from.name}'`,
  );
}

/** The names in the file of what was found: the first versions of Keras sort variables by them. */
export function namesIn(root: Group, found: Found): Map<Variable, string> {
  const names = new Map<Dataset, string>();
  for (const layer of textsOf(root, 'layer_names') ?? []) {
    const group = root.group(layer);
    for (const name of (group && textsOf(group, 'weight_names')) ?? []) {
      const dataset = group?.dataset(name);
      if (dataset) names.set(dataset, name);
    }
  }
  return new Map([...found].map(([v, dataset]) => [v, names.get(dataset) ?? '']));
}

/** Sets a list of texts, in parts if it is long. */
export function setTexts(group: NewGroup, name: string, all: readonly string[]): void {
  if (all.length <= MOST_TEXTS) {
    group.attributes.set(name, all);
    return;
  }
  for (let i = 0; i * MOST_TEXTS < all.length; i++)
    group.attributes.set(`${name}${i}`, all.slice(i * MOST_TEXTS, (i + 1) * MOST_TEXTS));
}

/** Names of a layer's variables, which are all different: by the parts that hold them. */
export function variableNames(part: Part, path = part.name): Map<Variable, string> {
  const names = new Map<Variable, string>();
  for (const v of part.variables) names.set(v, `${path}/${v.name.slice(v.name.lastIndexOf('/') + 1)}`);
  for (const [, parts] of part.inside)
    for (const inner of [parts].flat() as Part[])
      for (const [v, name] of variableNames(inner, `${path}/${inner.name}`)) if (!names.has(v)) names.set(v, name);
  return names;
}

/** Writes the weights of a model's layers. */
export function writeLegacy(root: NewGroup, layers: readonly Part[], precision: 'float32' | 'float16'): void {
  setTexts(
    root,
    'layer_names',
    layers.map((part) => part.name),
  );
  for (const part of layers) {
    const group = root.group(part.name);
    const names = variableNames(part);
    const [order] = orders(part) as [readonly Variable[]];
    setTexts(
      group,
      'weight_names',
      order.map((v) => names.get(v) as string),
    );
    for (const v of order) group.set(names.get(v) as string, newArray(v, precision));
  }
}
