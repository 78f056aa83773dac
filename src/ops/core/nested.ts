/** Numbers in nested arrays: their shape, their type, and each one at its place. */
import { show } from '../../support/arguments';
import { ArgumentError, DTypeError, ShapeError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import { type Shape, showShape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';

/** Typed arrays that tensors are made from. */
export type TypedArray = Float32Array | Int32Array | Uint8Array | Float64Array | Uint8ClampedArray;

/** Levels of nesting that are read; more of them are a list that contains itself. */
const DEEPEST = 64;

/** What an error calls the values: the function, and its argument. */
export interface Origin {
  readonly where: string;
  readonly argument: string;
}

export const isTyped = (v: unknown): v is TypedArray => ArrayBuffer.isView(v) && !(v instanceof DataView);

/** Lengths along the first element of each level. @throws ArgumentError for a list without end */
export function nestedShape(values: unknown, { where, argument }: Origin): number[] {
  const shape: number[] = [];
  let at = values;
  while (Array.isArray(at) || isTyped(at)) {
    if (shape.push(at.length) > DEEPEST)
      throw new ArgumentError(`${where}: ${argument} is nested more than ${DEEPEST} deep, or contains itself`);
    at = at[0];
  }
  return shape;
}

/** The type of the first element: integer typed arrays are int32, booleans bool, all else float32. */
export function nestedDType(values: unknown): DType {
  let leaf = values;
  while (Array.isArray(leaf)) leaf = leaf[0];
  if (leaf instanceof Int32Array || leaf instanceof Uint8Array || leaf instanceof Uint8ClampedArray) return 'int32';
  return typeof leaf === 'boolean' ? 'bool' : 'float32';
}

/** `argument[1][0]`: the place of the element with a row-major index, as deep as `depth`. */
function placeOf({ argument }: Origin, shape: Shape, depth: number, index: number): string {
  const inner = shape.slice(depth).reduce((size, d) => size * Math.max(1, d), 1);
  let rest = Math.floor(index / inner);
  let place = '';
  for (let d = depth - 1; d >= 0; d--) {
    const size = shape[d] as number;
    place = `[${rest % size}]${place}`;
    rest = Math.floor(rest / size);
  }
  return `${argument}${place}`;
}

/**
 * Writes the elements row-major.
 * @throws ShapeError where a level is longer or shorter than its neighbours, DTypeError, ArgumentError for a value that
 * is not a number, with its position
 */
export function writeNested(values: unknown, shape: Shape, out: { [i: number]: number }, origin: Origin): void {
  writePart(values, shape, 0, out, 0, origin);
}

function writePart(
  values: unknown,
  shape: Shape,
  depth: number,
  out: { [i: number]: number },
  at: number,
  origin: Origin,
): number {
  if (depth === shape.length) {
    if (typeof values !== 'number' && typeof values !== 'boolean') throw noNumber(values, shape, at, origin);
    out[at] = Number(values);
    return at + 1;
  }
  const isList = Array.isArray(values) || isTyped(values);
  if (!isList || values.length !== shape[depth]) {
    const place = placeOf(origin, shape, depth, at);
    throw new ShapeError(
      `${origin.where}: the nested arrays are ragged: ${place} must have ${shape[depth]} elements, got ${isList ? values.length : show(values)}`,
    );
  }
  for (let i = 0; i < values.length; i++) at = writePart(values[i], shape, depth + 1, out, at, origin);
  return at;
}

function noNumber(value: unknown, shape: Shape, at: number, origin: Origin): Error {
  const { where } = origin;
  const place = placeOf(origin, shape, shape.length, at);
  if (typeof value === 'string')
    return new DTypeError(
      `${where}: ${place} is the string ${show(value)}; strings are not numbers; sg.preprocessing has encoders and a vectorizer for them`,
    );
  if (typeof value === 'bigint')
    return new DTypeError(`${where}: ${place} is the BigInt ${show(value)}; Number(x) makes it a number`);
  if (value instanceof Tensor)
    return new ArgumentError(`${where}: ${place} is a tensor; sg.stack or sg.concat put tensors together`);
  if (Array.isArray(value) || isTyped(value))
    return new ShapeError(
      `${where}: the nested arrays are ragged: ${place} must be a number, as the shape is ${showShape(shape)}, got ${show(value)}`,
    );
  return new ArgumentError(`${where}: ${place} must be a number or boolean, got ${show(value)}`);
}
