/** The inputs of a graph as those of a model of layers. */
import { input } from '../layers/base/input';
import type { SymbolicTensor } from '../layers/base/symbolic';
import { isWhole, show } from '../support/arguments';
import { ArgumentError } from '../support/errors';
import { isPlainObject } from '../support/plain-object';
import * as is from '../support/settings';
import { type InputShapes, withShapes } from './input-shapes';
import { dtypeOf } from './read/elements';
import type { OnnxPort } from './read/graph';
import type { OnnxInput } from './typed';

/** Settings of `asModel`. */
export interface OnnxAsModelArgs {
  /**
   * Sizes for dimensions that the graph leaves open, a shape for each input or an object by name, with null for what stays
   * open; by default all do.
   */
  inputShapes?: InputShapes<number | null> | null;
  /**
   * Values of inputs that are the same for all examples, by name: the model then has no such inputs. A function is called
   * with the number of examples of a batch. None by default.
   */
  fixed?: Readonly<Record<string, OnnxFixed>> | null;
}

/** What an input is for all examples; a function makes it for a number of them. */
export type OnnxFixed = OnnxInput | ((batch: number) => OnnxInput);

const AS_MODEL = { inputShapes: is.anything(), fixed: is.given('an object of values by name', isPlainObject) };

/** Names that models of layers take. */
const asName = (name: string): string => name.replace(/[^\w.-]/g, '_');

const isSize = (d: unknown): boolean => d === null || isWhole(d);

/**
 * The inputs that examples have, and the values of the others.
 * @throws ArgumentError for inputs without a batch, and for settings that do not fit
 */
export function layeredInputs(
  all: readonly OnnxPort[],
  args: OnnxAsModelArgs | null | undefined,
): { inputs: SymbolicTensor[]; fixed: Readonly<Record<string, OnnxFixed>> } {
  const { inputShapes, fixed: given } = is.checked('asModel', AS_MODEL, args) as OnnxAsModelArgs;
  const fixed = given ?? {};
  for (const name of Object.keys(fixed))
    if (!all.some((port) => port.name === name))
      throw new ArgumentError(`fixed: there is no input '${name}', there are ${show(all.map((port) => port.name))}`);
  const open = all.filter(({ name }) => !Object.hasOwn(fixed, name));
  const inputs = withShapes(open, inputShapes, isSize, 'numbers').map(({ name, shape, type }) => {
    if (shape === null || shape.length === 0)
      throw new ArgumentError(
        `input '${name}' has no batch: give the value that it has for all examples, as option { fixed: { ${name}: value } }`,
      );
    return input({ name: asName(name), batchShape: shape, dtype: type ? dtypeOf(type) : 'float32' });
  });
  return { inputs, fixed };
}
