/** Matrix products: assembly/gemm. */
import { array, broadcast, get, indices, make, type NdArray, offset, sizeOf } from './array';

const f = Math.fround;

/** c starts at +0 and folds k ascending; `aStep` and `bStep` lead from one k to the next. */
function fold(
  k: number,
  a: ArrayLike<number>,
  aAt: number,
  aStep: number,
  b: ArrayLike<number>,
  bAt: number,
  bStep: number,
): number {
  let c = 0;
  for (let l = 0; l < k; l++) c = f(c + f((a[aAt + l * aStep] as number) * (b[bAt + l * bStep] as number)));
  return c;
}

/** Products of the last two dimensions, each transposed if asked for; dimensions before them broadcast. */
export function matMul(a: NdArray, b: NdArray, transposeA: boolean, transposeB: boolean): NdArray {
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [m, k, aRow, aStep] = transposeA ? [columnsA, rowsA, 1, columnsA] : [rowsA, columnsA, columnsA, 1];
  const [n, bColumn, bStep] = transposeB ? [rowsB, columnsB, 1] : [columnsB, 1, columnsB];
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const c = new Float32Array(sizeOf(batch) * m * n);
  let at = 0;
  for (const index of indices(batch)) {
    const a0 = offset(a, [...index, 0, 0]);
    const b0 = offset(b, [...index, 0, 0]);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) c[at++] = fold(k, a.data, a0 + i * aRow, aStep, b.data, b0 + j * bColumn, bStep);
    }
  }
  return array([...batch, m, n], 'float32', c);
}

/** activation(product + bias): each element takes in the bias after the whole fold. */
export function finish(product: NdArray, bias: NdArray | undefined, activation: (x: number) => number): NdArray {
  const n = bias?.data.length ?? 1;
  return array(
    product.shape,
    'float32',
    product.data.map((x, i) => activation(bias ? f(x + (bias.data[i % n] as number)) : x)),
  );
}

/** (product - center) * factor, rows of a batch normalization. */
export const normalized = (product: NdArray, center: NdArray, factor: NdArray): NdArray => {
  const n = center.data.length;
  return array(
    product.shape,
    'float32',
    product.data.map((x, i) => f(f(x - (center.data[i % n] as number)) * (factor.data[i % n] as number))),
  );
};

/** Element by element, what a product becomes that a matrix joins: `join` of its element and the matrix's. */
export const joined = (product: NdArray, other: NdArray, join: (x: number, y: number) => number): NdArray =>
  array(
    product.shape,
    'float32',
    product.data.map((x, i) => join(x, other.data[i] as number)),
  );

/** The product of int32 matrices in the arithmetic of int32; dimensions before them broadcast. */
export function matMulInt(a: NdArray, b: NdArray): NdArray {
  const [k, n] = b.shape.slice(-2) as [number, number];
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return make([...batch, a.shape.at(-2) as number, n], 'int32', (index) => {
    const [i, j] = index.slice(-2) as [number, number];
    const outer = index.slice(0, -2);
    let c = 0;
    for (let l = 0; l < k; l++) c = (c + Math.imul(get(a, [...outer, i, l]), get(b, [...outer, l, j]))) | 0;
    return c;
  });
}
