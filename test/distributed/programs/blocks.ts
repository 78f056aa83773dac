/** The blocks that every rank, and the test, makes for itself. */
import { generate } from '../../support/generate';

export interface SumCase {
  readonly chunks: number;
  readonly elements: number;
  readonly dtype: 'float32' | 'float64';
}

export const CASES: readonly SumCase[] = [1, 2, 3, 5, 8, 13].flatMap((chunks) =>
  [1, 33, 1000, 30_001].flatMap((elements) =>
    (['float32', 'float64'] as const).map((dtype) => ({ chunks, elements, dtype })),
  ),
);

export function blockOf({ chunks, elements, dtype }: SumCase, chunk: number): Float32Array | Float64Array {
  const { data } = generate({ kind: 'float', shape: [elements] }, 1000 * chunks + chunk);
  return dtype === 'float64' ? Float64Array.from(data, (x) => x / 3) : (data as Float32Array);
}
