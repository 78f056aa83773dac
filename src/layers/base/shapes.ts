/** Shapes as layers know them: with dimensions that are not known before a call. */
import type { Tensor } from '../../tensor/tensor';

/** A shape in which unknown dimensions (the batch, often time) are null. */
export type PartialShape = readonly (number | null)[];
/** The shape of one tensor, or those of several. */
export type Shapes = PartialShape | readonly PartialShape[];
/** One tensor, or several. */
export type Tensors = Tensor | readonly Tensor[];

/** Whether these are the shapes of several tensors. */
export const isShapeList = (shapes: Shapes): shapes is readonly PartialShape[] =>
  shapes.length > 0 && Array.isArray(shapes[0]);

export const shapeList = (shapes: Shapes): readonly PartialShape[] => (isShapeList(shapes) ? shapes : [shapes]);

/** A list of what may be one. */
export const listOf = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as readonly T[]) : [value as T];

/** Whether a shape fits where some dimensions are free. */
export const fits = (expected: PartialShape, shape: PartialShape): boolean =>
  shape.length === expected.length && expected.every((d, i) => d === null || shape[i] === null || d === shape[i]);

export const shapesOf = (tensors: Tensors): Shapes =>
  Array.isArray(tensors) ? tensors.map((t: Tensor) => t.shape) : (tensors as Tensor).shape;

/** Shapes of any number of examples. */
export const withoutBatch = (shapes: Shapes): Shapes =>
  isShapeList(shapes)
    ? shapes.map((s) => withoutBatch(s) as PartialShape)
    : shapes.length
      ? [null, ...shapes.slice(1)]
      : [];
