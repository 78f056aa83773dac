/** How far results are off. */
import type { DType } from '../../src/tensor/dtype';

/** The first element that is further off than tolerance max(1, largest |expected|); integers have to be equal. */
export function farOff(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  dtype: DType = 'float32',
): string | undefined {
  let scale = 1;
  for (let i = 0; i < expected.length; i++)
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i] as number));
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i] as number, expected[i] as number];
    const isSame =
      dtype !== 'float32'
        ? a === b
        : tolerance === 0
          ? Object.is(a, Math.fround(b))
          : Object.is(a, b) || Math.abs(a - b) <= tolerance * scale;
    if (!isSame) return `element ${i} is ${a}, expected ${b}`;
  }
  return undefined;
}
