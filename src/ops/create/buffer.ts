/** Arrays that are filled place by place before they become tensors. */
import { checkList, checkNumber, checkWhole, checkWholes, show } from '../../support/arguments';
import { ArgumentError, IndexError, ShapeError } from '../../support/errors';
import { checkDType, type DType, type TypedArrayOf, truthOf } from '../../tensor/dtype';
import { checkElements, checkShape, type Shape, showShape, sizeOf, stridesOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { tensor } from './creation';

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Elements in memory of their own, with a shape. Made by `sg.buffer`, `tensor.buffer()` and `tensor.bufferSync()`. */
export class TensorBuffer<D extends DType = DType> {
  /** Sizes of the dimensions. */
  readonly shape: Shape;
  /** Number of elements. */
  readonly size: number;
  /** Elements from one index to the next, for all dimensions but the last. */
  readonly strides: readonly number[];
  /** The elements, row by row. */
  readonly values: TypedArrayOf[D];

  /** Element type. */
  readonly dtype: D;

  /**
   * @param dtype default 'float32'.
   * @param values are taken over, not copied; zeros by default.
   * @throws ShapeError if they do not fill the shape; DTypeError
   */
  constructor(shape: Shape, dtype?: D | null, values?: TypedArrayOf[D] | null) {
    checkShape(shape, 'buffer');
    this.dtype = checkDType(dtype ?? 'float32', 'buffer') as D;
    this.shape = [...shape];
    this.size = checkElements(sizeOf(shape), 'buffer');
    this.strides = stridesOf(shape).slice(0, -1);
    if (values && values.length !== this.size)
      throw new ShapeError(`buffer: ${values.length} values do not fill the shape ${showShape(shape)}`);
    this.values = values ?? (new ARRAYS[this.dtype](this.size) as TypedArrayOf[D]);
  }

  /** Number of dimensions. */
  get rank(): number {
    return this.shape.length;
  }

  /**
   * Sets the element at the given coordinates.
   * @throws ArgumentError for a wrong number of coordinates; IndexError for one out of range
   */
  set(value: number | boolean, ...locs: number[]): void {
    if (typeof value !== 'boolean') checkNumber(value, 'buffer.set', 'value');
    this.values[this.#checked(locs)] = this.dtype === 'bool' ? truthOf(value) : Number(value);
  }

  /**
   * The element at the given coordinates.
   * @throws ArgumentError for a wrong number of coordinates; IndexError for one out of range
   */
  get(...locs: number[]): number {
    return this.values[this.#checked(locs)] as number;
  }

  /** Index of the element at the given coordinates, counted row by row. */
  locToIndex(locs: readonly number[]): number {
    checkWholes(checkList(locs, 'locToIndex', 'locs', 'integers'), 'locToIndex', 'locs');
    return locs.reduce((at, loc, d) => at + loc * (this.strides[d] ?? 1), 0);
  }

  /** Coordinates of the element with the given index. */
  indexToLoc(index: number): number[] {
    checkWhole(index, 'indexToLoc', 'index');
    let rest = index;
    return this.shape.map((_, d) => {
      const step = this.strides[d] ?? 1;
      const loc = Math.floor(rest / step);
      rest -= loc * step;
      return loc;
    });
  }

  /** A tensor with a copy of the elements. */
  toTensor(): Tensor {
    return tensor(this.values, this.shape, this.dtype);
  }

  /** No coordinates mean the first element of a scalar or vector, as in TensorFlow.js. */
  #checked(locs: readonly number[]): number {
    const given = locs.length === 0 && this.rank === 1 ? [0] : locs;
    if (this.rank === 0 && (given.length === 0 || (given.length === 1 && given[0] === 0))) {
      return 0;
    }
    if (given.length !== this.rank) {
      throw new ArgumentError(`buffer: needs ${this.rank} coordinates for ${showShape(this.shape)}, got ${show(locs)}`);
    }
    given.forEach((loc, d) => {
      if (!Number.isInteger(loc) || loc < 0 || loc >= (this.shape[d] as number))
        throw new IndexError(`buffer: coordinate ${show(locs)} is outside ${showShape(this.shape)}`);
    });
    return this.locToIndex(given);
  }
}

/**
 * An array to fill element by element and turn into a tensor with `toTensor()`.
 * @param dtype default 'float32'.
 * @param values used as they are, not copied; default: zeros.
 * @throws ShapeError, DTypeError if shape, dtype and values do not fit each other
 * @example
 * const b = sg.buffer([2, 2]);
 * b.set(3, 0, 1);
 * b.toTensor().arraySync(); // [[0, 3], [0, 0]]
 */
export function buffer<D extends DType = 'float32'>(
  shape: Shape,
  dtype?: D | null,
  values?: TypedArrayOf[D] | null,
): TensorBuffer<D> {
  return new TensorBuffer(shape, dtype, values);
}
