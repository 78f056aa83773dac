/** Floats of 16 bits: float16 (IEEE 754 binary16) and bfloat16 (the upper half of a float32). */
import { engine } from '../../runtime/engine';

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** A float16 as the bits of a float32. */
function widened(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent > 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  // Zero, and what float32 has as normal numbers: exact, as it is a product with a power of two.
  float[0] = fraction / 0x1000000;
  return (sign | (bits[0] as number)) >>> 0;
}

type Widen = (from: Uint16Array, to: Uint32Array) => void;

/** In linear memory by the kernel, which reads the halves from the end of the target; elsewhere by the host. */
const widen =
  (isBrain: boolean, byHost: Widen): Widen =>
  (from, to) => {
    let done = 0;
    if (to.buffer === engine.memory.u32.buffer) {
      done = to.length & ~3;
      const halves = to.byteOffset + 2 * done;
      new Uint16Array(to.buffer, halves, done).set(from.subarray(0, done));
      engine.kernels.widen(halves, to.byteOffset, to.byteOffset + 4 * done, isBrain);
    }
    byHost(from.subarray(done), to.subarray(done));
  };

/** float16 to the bits of as many float32. */
export const widenHalves: Widen = widen(false, (from, to) => {
  for (let i = 0; i < from.length; i++) to[i] = widened(from[i] as number);
});

/** bfloat16 to the bits of as many float32. */
export const widenBrains: Widen = widen(true, (from, to) => {
  for (let i = 0; i < from.length; i++) to[i] = (from[i] as number) << 16;
});

/** A float32 (as bits) without its lower bits, rounded to nearest, ties to even. */
const rounded = (x: number, drop: number): number => (x + ((1 << (drop - 1)) - 1) + ((x >>> drop) & 1)) >>> drop;

function narrowed(x: number): number {
  const sign = (x >>> 16) & 0x8000;
  const size = x & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  // From 65,520 on the nearest is infinity.
  if (size >= 0x477ff000) return sign | 0x7c00;
  if (size >= 0x38800000) return sign | rounded(size - 0x38000000, 13);
  // Below the normal numbers: a multiple of 1 / 0x1000000. Adding 0.5 rounds to it in float32 itself.
  bits[0] = size;
  float[0] = Math.fround((float[0] as number) + 0.5);
  return sign | ((bits[0] as number) - 0x3f000000);
}

/** float32 to float16, to the nearest, ties to even; what is too large becomes infinite. */
export function narrowToHalves(values: Float32Array): Uint16Array {
  const from = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(from, narrowed);
}

/** float32 to bfloat16, to the nearest, ties to even. */
export function narrowToBrains(values: Float32Array): Uint16Array {
  const from = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(from, (x) => ((x & 0x7fffffff) > 0x7f800000 ? (x >>> 16) | 0x40 : rounded(x, 16)));
}
