/** Floats of 16 bits. */
const cell = new DataView(new ArrayBuffer(4));

/** The number that the bits stand for. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return (sign * fraction) / 0x1000000;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  cell.setUint32(0, ((exponent + 112) << 23) | (fraction << 13));
  return sign * cell.getFloat32(0);
}
