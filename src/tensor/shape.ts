/** Arithmetic of shapes. */
import { ArgumentError, ShapeError } from '../runtime/errors';

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

/** @throws ShapeError unless every dimension is a whole number that is not negative. */
export function checkShape(shape: Shape, where: string): void {
  if (!Array.isArray(shape) || !shape.every((d) => Number.isSafeInteger(d) && d >= 0)) {
    throw new ShapeError(`${where}: a shape is an array of whole numbers >= 0, got ${JSON.stringify(shape)}`);
  }
}

/** The shape to which both broadcast, as numpy has it; undefined if there is none. */
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
export function normalizeAxis(axis: number, rank: number, where: string): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ArgumentError(`${where}: axis ${axis} is outside [${-rank}, ${rank}) of a tensor of rank ${rank}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes from the front, ascending, each once; none given means all. */
export function normalizeAxes(
  axis: number | readonly number[] | undefined | null,
  rank: number,
  where: string,
): number[] {
  if (typeof axis === 'number') return [normalizeAxis(axis, rank, where)];
  if (axis === undefined || axis === null) return Array.from({ length: rank }, (_, i) => i);
  const axes = axis.map((a) => normalizeAxis(a, rank, where));
  if (new Set(axes).size !== axes.length)
    throw new ArgumentError(`${where}: axes [${String(axis)}] name one axis twice`);
  return axes.sort((a, b) => a - b);
}

/** A shape with at most one -1, which is replaced by what is left of `size`. */
export function inferShape(shape: Shape, size: number, where: string): number[] {
  const wild = shape.indexOf(-1);
  const known = sizeOf(shape.filter((d) => d !== -1));
  const out = [...shape];
  if (wild >= 0) out[wild] = known === 0 ? 0 : size / known;
  if (shape.indexOf(-1, wild + 1) > wild && wild >= 0) {
    throw new ShapeError(`${where}: at most one dimension may be -1, got ${showShape(shape)}`);
  }
  const isWhole = wild < 0 || Number.isInteger(out[wild]);
  checkShape(isWhole ? out : shape.filter((d) => d !== -1), where);
  if (!isWhole || sizeOf(out) !== size)
    throw new ShapeError(`${where}: ${size} elements do not fill the shape ${showShape(shape)}`);
  return out;
}
