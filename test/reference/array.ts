/** Arrays of any rank, row-major: what the references take and give. */
export type DType = 'float32' | 'int32' | 'bool';
export type Shape = readonly number[];

export interface NdArray {
  readonly shape: Shape;
  readonly dtype: DType;
  /** A bool is an integer of 0 or 1. */
  readonly data: Float32Array | Int32Array;
}

export const sizeOf = (shape: Shape): number => shape.reduce((size, d) => size * d, 1);

/** An array around row-major elements. */
export function array(shape: Shape, dtype: DType, elements: ArrayLike<number>): NdArray {
  return { shape, dtype, data: dtype === 'float32' ? new Float32Array(elements) : new Int32Array(elements) };
}

/** All indices of a shape, the last dimension fastest. */
export function* indices(shape: Shape): Generator<number[]> {
  const size = sizeOf(shape);
  for (let i = 0; i < size; i++) {
    const index = new Array<number>(shape.length);
    let rest = i;
    for (let d = shape.length - 1; d >= 0; d--) {
      index[d] = rest % (shape[d] as number);
      rest = Math.floor(rest / (shape[d] as number));
    }
    yield index;
  }
}

/** An array with the given value at every index. */
export function make(shape: Shape, dtype: DType, value: (index: number[]) => number): NdArray {
  return array(shape, dtype, Array.from(indices(shape), value));
}

/**
 * Position of an index among the elements. Leading indices that x has no dimension for are left out, and those of
 * dimensions of size 1 count as 0: x is read as if broadcast.
 */
export function offset(x: NdArray, index: readonly number[]): number {
  const lead = index.length - x.shape.length;
  return x.shape.reduce((at, size, d) => at * size + (size === 1 ? 0 : (index[lead + d] as number)), 0);
}

export const get = (x: NdArray, index: readonly number[]): number => x.data[offset(x, index)] as number;

/** The shape that shapes broadcast to: from the right, dimensions are equal or 1. */
export function broadcast(...shapes: Shape[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, d) => {
    const sizes = shapes.map((s) => s[d - rank + s.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}
