/** Floats of eight bits as numbers. */
import type { OnnxType } from '../proto/types';

interface Format {
  readonly mantissa: number;
  readonly bias: number;
  /** Whether there are infinities, and NaN of all fractions, at the largest exponent. */
  readonly hasInfinity?: boolean;
  /** The one code of NaN, if -0 is it. */
  readonly isUnsignedZero?: boolean;
}

const FORMATS: Partial<Record<OnnxType, Format>> = {
  float8e4m3fn: { mantissa: 3, bias: 7 },
  float8e4m3fnuz: { mantissa: 3, bias: 8, isUnsignedZero: true },
  float8e5m2: { mantissa: 2, bias: 15, hasInfinity: true },
  float8e5m2fnuz: { mantissa: 2, bias: 16, isUnsignedZero: true },
};

/** 2 to an integer, exactly. */
function powerOfTwo(exponent: number): number {
  let value = 1;
  for (let i = 0; i < Math.abs(exponent); i++) value *= exponent < 0 ? 0.5 : 2;
  return value;
}

/** The number that a byte stands for. */
export function narrowFloat(type: OnnxType, byte: number): number {
  // Powers of two alone.
  if (type === 'float8e8m0') return byte === 255 ? Number.NaN : powerOfTwo(byte - 127);
  const { mantissa, bias, hasInfinity, isUnsignedZero } = FORMATS[type] as Format;
  const sign = byte & 0x80 ? -1 : 1;
  const rest = byte & 0x7f;
  const fraction = rest & ((1 << mantissa) - 1);
  const exponent = rest >>> mantissa;
  if (isUnsignedZero && byte === 0x80) return Number.NaN;
  if (!isUnsignedZero && !hasInfinity && rest === 0x7f) return Number.NaN;
  if (hasInfinity && exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  const unit = powerOfTwo(Math.max(exponent, 1) - bias - mantissa);
  return sign * unit * (exponent ? fraction + (1 << mantissa) : fraction);
}
