/** What layers require of their inputs. */
import { show } from '../../support/arguments';
import { ArgumentError, DTypeError, ShapeError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { fits, listOf, type PartialShape, type Shapes, shapeList, type Tensors } from './shapes';

/** Settings of an `InputSpec`; those that are left out are not checked. */
export interface InputSpecArgs {
  /** Element type that the input must have. */
  dtype?: DType;
  /** Shape that the input must have, with the batch; null fits every size. */
  shape?: PartialShape;
  /** Rank that the input must have, batch included. */
  ndim?: number;
  /** Smallest rank, batch included. */
  minNDim?: number;
  /** Largest rank, batch included. */
  maxNDim?: number;
  /** Sizes of some axes, null for any; negative axes count from the end. */
  axes?: Readonly<Record<number, number | null>>;
}

/**
 * What one input of a layer must be. A layer of your own may set `this.inputSpec`, in its constructor or in `build`;
 * every call is checked then. As `tf.InputSpec`.
 * @example
 * const spec = new sg.InputSpec({ minNDim: 2, axes: { [-1]: 8 } }); // at least a batch of vectors of 8
 */
export class InputSpec {
  /** Element type, if it matters. */
  readonly dtype: DType | undefined;
  /** Shape with the batch, if it matters. */
  readonly shape: PartialShape | undefined;
  /** Rank, if it matters. */
  readonly ndim: number | undefined;
  /** Smallest rank, if it matters. */
  readonly minNDim: number | undefined;
  /** Largest rank, if it matters. */
  readonly maxNDim: number | undefined;
  /** Sizes of some axes, null for any. */
  readonly axes: Readonly<Record<number, number | null>>;

  constructor({ dtype, shape, ndim, minNDim, maxNDim, axes = {} }: InputSpecArgs) {
    this.dtype = dtype;
    this.shape = shape && [...shape];
    this.ndim = shape ? shape.length : ndim;
    this.minNDim = minNDim;
    this.maxNDim = maxNDim;
    this.axes = { ...axes };
  }

  /** The first difference between a shape and the specification; undefined if it fits. @internal */
  complaint(shape: PartialShape): string | undefined {
    const { ndim = shape.length, minNDim = 0, maxNDim = Number.POSITIVE_INFINITY } = this;
    if (shape.length !== ndim) return `must have ${ndim} dimensions`;
    if (shape.length < minNDim) return `must have at least ${minNDim} dimensions`;
    if (shape.length > maxNDim) return `must have at most ${maxNDim} dimensions`;
    if (this.shape && !fits(this.shape, shape))
      return `must have shape ${showShape(this.shape)} (null fits every size)`;
    for (const [axis, size] of Object.entries(this.axes)) {
      const found = shape.at(Number(axis));
      if (found !== null && size !== null && found !== size) return `must have ${size} elements along axis ${axis}`;
    }
    return undefined;
  }
}

/** One for each input. */
export type InputSpecs = InputSpec | readonly InputSpec[];

/** @throws ArgumentError for another number of inputs, ShapeError */
export function checkShapes(where: string, specs: InputSpecs, inputs: Shapes): void {
  const [wanted, given] = [listOf(specs), shapeList(inputs)];
  if (wanted.length !== given.length)
    throw new ArgumentError(`${where}: takes ${wanted.length} inputs, got ${given.length}`);
  wanted.forEach((spec, i) => {
    const complaint = spec.complaint(given[i] as PartialShape);
    if (complaint)
      throw new ShapeError(`${where}: input ${i} ${complaint}, got ${showShape(given[i] as PartialShape)}`);
  });
}

/** @throws DTypeError */
export function checkTypes(where: string, specs: InputSpecs, inputs: Tensors): void {
  listOf(specs).forEach(({ dtype }, i) => {
    const given = (listOf(inputs)[i] as Tensor).dtype;
    if (dtype && dtype !== given) throw new DTypeError(`${where}: input ${i} must be ${dtype}, got ${show(given)}`);
  });
}
