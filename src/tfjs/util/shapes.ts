/** Arithmetic of shapes, axes and places. */
import { ArgumentError, ShapeError } from '../../support/errors';
import { inferShape, normalizeAxis, showShape, sizeOf, stridesOf } from '../../tensor/shape';

/**
 * Number of elements of a shape; 1 for [].
 * @example
 * sg.util.sizeFromShape([2, 3]); // 6
 */
export const sizeFromShape = (shape: readonly number[]): number => sizeOf(shape);

/**
 * Two nearly equal sizes whose product is at least `size`.
 * @example
 * sg.util.sizeToSquarishShape(10); // [4, 3]
 */
export function sizeToSquarishShape(size: number): [number, number] {
  const width = Math.ceil(Math.sqrt(size));
  return [width, Math.ceil(size / width)];
}

/**
 * A shape in which a -1 is replaced so that it has `size` elements.
 * @throws ShapeError if `size` elements do not fill it
 * @example
 * sg.util.inferFromImplicitShape([2, -1], 6); // [2, 3]
 */
export const inferFromImplicitShape = (shape: readonly number[], size: number): number[] =>
  inferShape(shape, size, 'inferFromImplicitShape');

/**
 * Axes as non-negative indices; null or undefined means all.
 * @throws ArgumentError for an axis outside [-rank, rank)
 * @example
 * sg.util.parseAxisParam(-1, [2, 3]); // [1]
 */
export function parseAxisParam(
  axis: number | readonly number[] | null | undefined,
  shape: readonly number[],
): number[] {
  if (axis === null || axis === undefined) return shape.map((_, i) => i);
  return [axis].flat().map((a) => normalizeAxis(a as number, shape.length, 'parseAxisParam'));
}

/**
 * A shape without its dimensions of size 1.
 * @param axis which of them to remove; default (and for an empty list): all.
 * @returns `newShape`, and in `keptDims` the indices of the dimensions that remain
 * @throws ShapeError if one of them is not of size 1; ArgumentError
 * @example
 * sg.util.squeezeShape([1, 2, 1, 3]).newShape; // [2, 3]
 */
export function squeezeShape(
  shape: readonly number[],
  axis?: number | readonly number[] | null,
): { newShape: number[]; keptDims: number[] } {
  const given = axis === undefined || axis === null ? [] : [axis].flat();
  const axes = given.length ? parseAxisParam(given as number[], shape) : undefined;
  const wrong = axes?.find((a) => shape[a] !== 1);
  if (wrong !== undefined)
    throw new ShapeError(`squeezeShape: axis ${wrong} of ${showShape(shape)} has size ${shape[wrong]}, not 1`);
  const keptDims = shape.flatMap((d, i) => ((axes ? axes.includes(i) : d === 1) ? [] : [i]));
  return { newShape: keptDims.map((i) => shape[i] as number), keptDims };
}

/**
 * Elements from one index to the next, for all dimensions but the last; [] below rank 2.
 * @example
 * sg.util.computeStrides([2, 3, 4]); // [12, 4]
 */
export const computeStrides = (shape: readonly number[]): number[] => stridesOf(shape).slice(0, -1);

/**
 * Index of the element at the given coordinates, in row-major order.
 * @param strides as `computeStrides` returns them.
 * @example
 * sg.util.locToIndex([1, 2], 2, [3]); // 5
 */
export function locToIndex(locs: readonly number[], rank: number, strides: readonly number[]): number {
  let index = 0;
  for (let d = 0; d < rank; d++) index += (strides[d] ?? 1) * (locs[d] as number);
  return index;
}

/**
 * Coordinates of the element with the given index, in row-major order.
 * @param strides as `computeStrides` returns them.
 * @example
 * sg.util.indexToLoc(5, 2, [3]); // [1, 2]
 */
export function indexToLoc(index: number, rank: number, strides: readonly number[]): number[] {
  const locs: number[] = [];
  let rest = index;
  for (let d = 0; d < rank; d++) {
    const step = strides[d] ?? 1;
    locs.push(Math.floor(rest / step));
    rest -= (locs[d] as number) * step;
  }
  return locs;
}

/**
 * The smallest divisor of `size` that is at least `start`.
 * @throws ArgumentError unless start is in [1, size]
 * @example
 * sg.util.nearestDivisor(12, 5); // 6
 */
export function nearestDivisor(size: number, start: number): number {
  if (!(start >= 1 && start <= size))
    throw new ArgumentError(`nearestDivisor: start must be in [1, ${size}], got ${start}`);
  let divisor = Math.ceil(start);
  while (size % divisor !== 0) divisor++;
  return divisor;
}
