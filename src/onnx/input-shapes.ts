/** Shapes that users give for the inputs of a model, in the place of what is not known of them. */
import { show } from '../support/arguments';
import { ArgumentError } from '../support/errors';
import { isPlainObject } from '../support/plain-object';

/** What is known of an input: sizes, names of sizes, null for what is not known. */
export interface InputShape {
  readonly name: string;
  /** Null: not even the number of dimensions is known. */
  readonly shape: readonly (number | string | null)[] | null;
}

/** Shapes for the inputs: one if there is one input, a list in their order, or an object by name. */
export type InputShapes<D> = readonly D[] | readonly (readonly D[])[] | Readonly<Record<string, readonly D[]>>;

/**
 * Inputs with the shapes that are given; those that are not given stay as they are.
 * @param isDim whether a value may stand for a dimension
 * @param dims what may, for errors
 * @throws ArgumentError for shapes that do not fit the inputs
 */
export function withShapes<I extends InputShape>(
  inputs: readonly I[],
  given: unknown,
  isDim: (d: unknown) => boolean,
  dims: string,
): I[] {
  if (given === undefined || given === null) return [...inputs];
  const byName = isPlainObject(given) ? (given as Record<string, unknown>) : undefined;
  const list = byName
    ? inputs.map(({ name }) => byName[name])
    : inputs.length === 1 && Array.isArray(given) && Array.from(given).every(isDim)
      ? [given]
      : given;
  const unknown = byName && Object.keys(byName).find((name) => inputs.every((input) => input.name !== name));
  if (unknown !== undefined || !Array.isArray(list) || list.length !== inputs.length)
    throw new ArgumentError(
      `inputShapes must be a shape for each of the inputs ${show(inputs.map(({ name }) => name))}, got ${show(given)}`,
    );
  return inputs.map((input, i) => {
    const shape: unknown = list[i];
    if (shape === undefined) return input;
    const own = input.shape;
    const fits =
      Array.isArray(shape) &&
      (own === null || shape.length === own.length) &&
      Array.from(shape).every((d, k) => isDim(d) && (typeof own?.[k] !== 'number' || own[k] === d));
    if (fits) return { ...input, shape };
    const like = own === null ? 'a list of sizes' : `like ${show(own)}, with ${dims} in the place of null`;
    throw new ArgumentError(`the shape of input '${input.name}' must be ${like}, got ${show(shape)}`);
  });
}
