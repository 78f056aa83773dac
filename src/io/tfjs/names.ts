/** Names that TensorFlow.js gives weights, which follow from where they are in the model. */

import type { Holder } from '../../layers/base/holder';
import { CHILDREN, IS_CONTAINER } from '../../layers/base/keys';
import type { Variable } from '../../tensor/variable';
import type { AnyModel } from '../formats/format';

/** Layers whose insides have no name of their own there; by name, so that a program need not hold them. */
const PLAIN: ReadonlySet<unknown> = new Set([
  'RNN',
  'SimpleRNN',
  'LSTM',
  'GRU',
  'ConvLSTM1D',
  'ConvLSTM2D',
  'StackedRNNCells',
  'TimeDistributed',
]);

/** Whether a layer is of one of these classes, or of one of a user that extends one. */
function isPlain(layer: Holder): boolean {
  for (let cls: unknown = layer.constructor; typeof cls === 'function'; cls = Object.getPrototypeOf(cls))
    if (Object.hasOwn(cls, 'className') && PLAIN.has((cls as unknown as { className: unknown }).className)) return true;
  return false;
}

/** The name that a weight was made with in its layer. */
const ownName = (weight: Variable, layer: Holder): string =>
  weight.name.startsWith(`${layer.name}/`)
    ? weight.name.slice(layer.name.length + 1)
    : weight.name.slice(weight.name.lastIndexOf('/') + 1);

function nameAll(layer: Holder, scope: string, names: Map<Variable, string>): void {
  for (const child of layer[CHILDREN]) {
    // A model inside names its layers as if it were alone.
    const isFree = layer[IS_CONTAINER] || child[IS_CONTAINER];
    nameAll(child, isFree ? child.name : isPlain(layer) ? scope : `${scope}/${child.name}`, names);
  }
  // What is left is the layer's own.
  for (const weight of layer.weights) if (!names.has(weight)) names.set(weight, `${scope}/${ownName(weight, layer)}`);
}

/** The weights of a model with their names; layers that share a name share it with a number, as weights of stacked cells do. */
export function tfjsNames(model: AnyModel): Map<Variable, string> {
  const names = new Map<Variable, string>();
  nameAll(model, model.name, names);
  const taken = new Map<string, number>();
  for (const weight of model.weights) {
    const name = names.get(weight) as string;
    const count = taken.get(name) ?? 0;
    taken.set(name, count + 1);
    names.set(weight, count ? `${name}_${count}` : name);
  }
  return names;
}

/** The name of a layer that Python writes between those of its scope and its weight is left out: `a/cell/kernel` is `a/kernel`. */
export const withoutCell = (name: string): string => name.replace(/\/[^/]+(\/[^/]+)$/, '$1');
