/** Weights of Keras 3: a group for each layer, named by its class, with its variables by number. */
import { FormatError } from '../../../support/errors';
import { sameShape, showShape } from '../../../tensor/shape';
import type { Variable } from '../../../tensor/variable';
import type { Leniency } from '../../formats/format';
import type { Dataset, Group } from '../hdf5/tree';
import type { NewArray, NewGroup } from '../hdf5/writer';
import { groupNames, type Part } from './parts';
import { newArray } from './stored';

/** What is found for each variable. */
export type Found = Map<Variable, Dataset>;

/** Where older versions keep lists of layers. */
const OLDER: Readonly<Record<string, string>> = { layers: '_layer_checkpoint_dependencies' };

/** The arrays of all variables of a model. @throws FormatError for layers whose variables are not there */
export function findInGroups(root: Group, part: Part, leniency: Leniency = {}): Found {
  const found: Found = new Map();
  visit(root, part, found, new Set(), leniency);
  return found;
}

function visit(group: Group | undefined, part: Part, found: Found, seen: Set<unknown>, leniency: Leniency): void {
  if (part.layer && seen.has(part.layer)) return;
  seen.add(part.layer);
  const isMissing = leniency.byName && !group?.group('vars')?.names.length;
  try {
    if (!isMissing) ownVariables(group, part, found);
  } catch (error) {
    if (!leniency.skipMismatch || !(error instanceof FormatError)) throw error;
  }
  for (const [attribute, parts] of part.inside) {
    const inner =
      group?.group(attribute) ??
      group?.group(attribute.startsWith('_') ? attribute.slice(1) : `_${attribute}`) ??
      group?.group(OLDER[attribute] ?? attribute);
    if (Array.isArray(parts)) list(inner, parts, found, seen, leniency);
    else visit(inner, parts as Part, found, seen, leniency);
  }
}

function ownVariables(group: Group | undefined, part: Part, found: Found): void {
  const { variables, name, counts } = part;
  if (variables.length === 0) return;
  const vars = group?.group('vars');
  const arrays = vars?.names.length ?? 0;
  if (!vars || arrays < variables.length || (arrays > variables.length && !counts))
    throw new FormatError(
      `Keras: layer '${name}' has ${variables.length} variables, the file ${vars ? `has ${arrays}` : 'has none'} for it: it is of another model`,
    );
  const datasets = variables.map((v, i) => {
    const dataset = vars.dataset(String(i));
    if (!dataset) throw new FormatError(`Keras: variable ${i} of layer '${name}' is missing in the file`);
    if (!sameShape(v.shape, dataset.shape))
      throw new FormatError(
        `Keras: '${v.name}' of layer '${name}' has the shape ${showShape(v.shape)}, in the file ${showShape(dataset.shape)}`,
      );
    return dataset;
  });
  variables.forEach((v, i) => found.set(v, datasets[i] as Dataset));
}

/** Layers in a list: by name where the file has names, else by class and number. */
function list(
  group: Group | undefined,
  parts: readonly Part[],
  found: Found,
  seen: Set<unknown>,
  leniency: Leniency,
): void {
  const byName = new Map<string, Group>();
  for (const key of group?.names ?? []) {
    const child = group?.group(key);
    const name = child?.group('vars')?.attributes.get('name');
    if (child && typeof name === 'string') byName.set(name, child);
  }
  const areNamed = parts.every((part) => part.variables.length === 0 || byName.has(part.name));
  const used = new Set<Group | undefined>();
  groupNames(parts).forEach((key, i) => {
    const part = parts[i] as Part;
    const named = areNamed || leniency.byName ? byName.get(part.name) : undefined;
    const at = named ?? (leniency.byName ? undefined : group?.group(key));
    used.add(at);
    visit(at, part, found, seen, leniency);
  });
  if (leniency.byName || leniency.skipMismatch) return;
  const left = group?.names.find((key) => {
    const child = group.group(key);
    return !used.has(child) && child?.group('vars')?.names.length;
  });
  if (left !== undefined)
    throw new FormatError(
      `Keras: the file has variables of '${left}', for which the model has no layer; byName: true takes those that it has`,
    );
}

/** Writes all variables of a model. */
export function writeGroups(root: NewGroup, part: Part, precision: 'float32' | 'float16'): void {
  const seen = new Set<unknown>();
  const write = (at: NewGroup, { name, layer, variables, counts, inside }: Part): void => {
    if (layer && seen.has(layer)) return;
    seen.add(layer);
    const vars = at.group('vars');
    vars.attributes.set('name', name);
    variables.forEach((v, i) => {
      vars.set(String(i), newArray(v, precision));
    });
    if (counts) vars.set(String(variables.length), NO_EXAMPLES);
    for (const [attribute, parts] of inside) {
      if (!Array.isArray(parts)) write(at.group(attribute), parts as Part);
      else groupNames(parts).forEach((key, i) => write(at.group(`${attribute}/${key}`), parts[i] as Part));
    }
  };
  write(root, part);
}

const NO_EXAMPLES: NewArray = { shape: [], type: 'i4', fill: () => {} };
