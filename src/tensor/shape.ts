/** Arithmetic of shapes. */
import { checkList, hintOf, isWhole, show } from '../support/arguments';
import { ArgumentError, OutOfMemoryError, ShapeError } from '../support/errors';

/** Sizes of the dimensions of a tensor; [] for a scalar. */
export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const d of shape) size *= d;
  return size;
}

export const showShape = (shape: readonly (number | null)[]): string => `[${shape.map((d) => d ?? 'null').join(', ')}]`;

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Steps, in elements, from one index to the next along each dimension of a row-major array. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let i = shape.length - 1, step = 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i] as number;
  }
  return strides;
}

/** `x[3][0]` for an element by its number in row-major order. */
export function placeIn(name: string, shape: Shape, index: number): string {
  const strides = stridesOf(shape);
  return name + shape.map((d, i) => `[${Math.floor(index / (strides[i] as number)) % d}]`).join('');
}

/** @throws ShapeError unless every dimension is an integer of at least `least`, 0 or 1 */
export function checkShape(shape: unknown, where: string, argument = 'shape', least = 0): asserts shape is Shape {
  let fits = Array.isArray(shape);
  // Not `every`, which passes over the holes of a list.
  for (let i = 0; fits && i < (shape as Shape).length; i++) fits = isWhole((shape as Shape)[i], least);
  if (!fits)
    throw new ShapeError(
      `${where}: ${argument} must be a list of ${least === 1 ? 'positive integers' : least === 0 ? 'non-negative integers' : 'non-negative integers, or -1 for one of them'}, got ${show(shape)}${hintOf(shape)}`,
    );
}

/** Elements that 4 GiB of memory never hold. */
const TOO_MANY = 1 << 30;

/** Their number. @throws OutOfMemoryError for more elements than memory can ever hold, before any is made */
export function checkElements(count: number, where: string): number {
  if (count < TOO_MANY) return count;
  throw new OutOfMemoryError(`${where}: out of memory: ${count} elements are more than 4 GiB hold`);
}

/** The shape to which both broadcast, as in numpy; undefined if they do not. */
export function broadcastShapes(a: Shape, b: Shape): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1;
    const y = b[b.length - i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    out[rank - i] = x === 1 ? y : x;
  }
  return out;
}

/** One axis as an index from the front. @throws ArgumentError outside [-rank, rank). */
export function normalizeAxis(axis: unknown, rank: number, where: string): number {
  if (!isWhole(axis, -rank, rank - 1)) {
    throw new ArgumentError(`${where}: axis ${show(axis)} is outside [${-rank}, ${rank}) of a tensor of rank ${rank}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes from the front, in the given order. @throws ArgumentError for anything but a list of axes */
export function checkAxes(axes: unknown, rank: number, where: string, argument = 'axis'): number[] {
  return Array.from(checkList(axes, where, argument, 'integers'), (a) => normalizeAxis(a, rank, where));
}

/** Axes from the front, ascending, each once; none given means all. */
export function normalizeAxes(axis: unknown, rank: number, where: string): number[] {
  if (typeof axis === 'number') return [normalizeAxis(axis, rank, where)];
  if (axis === undefined || axis === null) return Array.from({ length: rank }, (_, i) => i);
  const axes = checkAxes(axis, rank, where);
  if (new Set(axes).size !== axes.length)
    throw new ArgumentError(`${where}: axes ${show(axis)} contain one axis twice`);
  return axes.sort((a, b) => a - b);
}

/** A shape with at most one -1, which becomes the size that remains. */
export function inferShape(shape: unknown, size: number, where: string): number[] {
  checkShape(shape, where, 'shape', -1);
  const wild = shape.indexOf(-1);
  const known = sizeOf(shape.filter((d) => d !== -1));
  const out = [...shape];
  if (wild >= 0) out[wild] = known === 0 ? 0 : size / known;
  if (shape.indexOf(-1, wild + 1) > wild && wild >= 0) {
    throw new ShapeError(`${where}: at most one dimension may be -1, got ${showShape(shape)}`);
  }
  if ((wild >= 0 && !Number.isInteger(out[wild])) || sizeOf(out) !== size)
    throw new ShapeError(`${where}: ${size} elements do not fill the shape ${showShape(shape)}`);
  return out;
}

/** The shape without some dimensions. */
export const withoutAxes = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.filter((_, i) => !axes.includes(i));

/** The shape with another length of one dimension. */
export const withAxis = (shape: Shape, axis: number, size: number): number[] =>
  shape.map((d, i) => (i === axis ? size : d));
