/** Weights of models, from files and from tensors. */
import { checkSettings, show, within } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { sameShape, showShape, sizeOf } from '../../tensor/shape';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { AnyModel, Elements, StoredModel, StoredWeight } from '../formats/format';
import { tfjsNames } from '../tfjs/names';
import { elementsOf } from '../weights/decode';
import { pourWeights } from '../weights/pour';

/** @throws ShapeError, ArgumentError unless a weight of a file is for this variable */
function checkWeight(where: string, variable: Variable, { name, shape, dtype }: StoredWeight): void {
  if (variable.coded)
    throw new ArgumentError(
      `${where}: '${variable.name}' is kept as ${variable.coded.name} and does not change; load the quantized model itself, or load into the float32 model and quantize it`,
    );
  const place = variable.name === name ? `'${name}'` : `'${name}' for '${variable.name}'`;
  if (!sameShape(shape, variable.shape))
    throw new ShapeError(
      `${where}: weight ${place} has shape ${showShape(shape)}, the model needs ${showShape(variable.shape)}`,
    );
  if ((dtype === 'float32') !== (variable.dtype === 'float32'))
    throw new ArgumentError(`${where}: weight ${place} is ${dtype}, the model needs ${variable.dtype}`);
}

type Weights = readonly (StoredWeight | undefined)[];

/** @throws ShapeError, ArgumentError for weights that do not fit */
function checkWeights(where: string, variables: readonly Variable[], weights: Weights): void {
  if (weights.length !== variables.length)
    throw new ArgumentError(`${where}: the model has ${variables.length} weights, the file ${weights.length}`);
  for (const [i, variable] of variables.entries()) {
    const weight = weights[i];
    if (weight) checkWeight(where, variable, weight);
  }
}

/**
 * Sets all weights, or none; those that are undefined stay as they are.
 * @param weights in the order of `model.weights`
 * @throws ShapeError, ArgumentError for weights that do not fit; nothing has changed then
 */
export function setStoredWeights(where: string, model: Pick<AnyModel, 'weights'>, weights: Weights): void {
  const { weights: variables } = model;
  checkWeights(where, variables, weights);
  for (const [i, variable] of variables.entries()) weights[i]?.copyTo(elementsOf(variable));
}

/**
 * Sets the weights of a model that nobody has yet, while they are read.
 * @throws as `setStoredWeights`, FormatError for damage; some weights may be set then
 */
export async function pourStoredWeights(
  where: string,
  { weights: variables }: Pick<AnyModel, 'weights'>,
  stored: StoredModel,
  weights: Weights,
): Promise<void> {
  checkWeights(where, variables, weights);
  const targetOf = (i: number): Elements => elementsOf(variables[i] as Variable);
  return pourWeights(stored.source, weights, targetOf, stored.trainingArrays);
}

/** Elements of some weights of a file. */
export const elementsIn = (weights: readonly StoredWeight[]): number =>
  weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/**
 * Which of the weights of a file belongs to each of a model's, by names.
 * @param names of the model's weights, in their order: for each those that it may have in files, the likeliest first
 * @throws ArgumentError if `strict`, and the names of the file are not those of the model
 */
export function byNames<W extends { readonly name: string }>(
  names: readonly (readonly string[])[],
  weights: readonly W[],
  strict: boolean,
): (W | undefined)[] {
  const left = new Map<string, W[]>();
  for (const weight of weights) left.set(weight.name, [...(left.get(weight.name) ?? []), weight]);
  const found = names.map((candidates) => {
    for (const name of candidates) {
      const weight = left.get(name)?.shift();
      if (weight) return weight;
    }
    return undefined;
  });
  if (!strict) return found;
  const missing = names.filter((_, i) => !found[i]).map(([first]) => first);
  const extra = [...left.values()].flat().map(({ name }) => name);
  if (missing.length || extra.length)
    throw new ArgumentError(
      `the weights are not those of the model${missing.length ? `; the file lacks ${show(missing)}` : ''}${
        extra.length ? `; the model has no ${show(extra)}` : ''
      }; strict: false takes those that have the same names`,
    );
  return found;
}

/** Sets weights from tensors by their names. @throws ArgumentError, ShapeError; nothing has changed then */
export function setNamedTensors(
  where: string,
  model: AnyModel,
  tensors: Readonly<Record<string, Tensor>>,
  strict: boolean,
): void {
  const weights = Object.entries(checkSettings(tensors, where, 'weights')).map(([name, tensor]): StoredWeight => {
    const { shape, dtype } = checkTensor(tensor, where, `weights['${name}']`);
    return { name, shape, dtype, copyTo: (target) => target.set(tensor.dataSync()) };
  });
  const names = tfjsNames(model);
  const own = model.weights.map((w) => [w.name, names.get(w) as string]);
  const found = within(where, () => byNames(own, weights, strict));
  setStoredWeights(where, model, found);
}
