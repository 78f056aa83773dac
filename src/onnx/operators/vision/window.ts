/** Windows of convolutions and poolings as ONNX states them. */
import type { Call } from '../../../graph/core/call';
import { type RoundingMode, type Steps, steps } from '../../../ops/conv/window';
import type { Pair } from '../../../ops/descriptors/window';

/** Dimensions of an image between batch and channels: one, two or three. @throws FormatError for others */
export function dimsOf(call: Call): number {
  const dims = call.shape(0).length - 2;
  if (dims >= 1 && dims <= 3) return dims;
  throw call.fail(`runs for images of one to three dimensions, got [${String(call.shape(0))}]`);
}

/** A list with a number for each dimension. */
export function perDimension(call: Call, name: string, dims: number, initial = 1): readonly number[] {
  const given = call.numbers(name, []);
  if (given.length === 0) return new Array<number>(dims).fill(initial);
  if (given.length === dims) return given;
  throw call.fail(`attribute ${name} must have ${dims} numbers, got [${String(given)}]`);
}

/** Padding before and behind each dimension. */
export function padsOf(call: Call, dims: number): Pair[] {
  const given = perDimension(call, 'pads', 2 * dims, 0);
  if (given.some((p) => p < 0)) throw call.fail(`attribute pads must not be negative, got [${String(given)}]`);
  return Array.from({ length: dims }, (_, d) => [given[d] as number, given[dims + d] as number]);
}

const AUTO = ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'] as const;
export type AutoPad = (typeof AUTO)[number];

export function autoPadOf(call: Call): AutoPad {
  const given = call.text('auto_pad', 'NOTSET') || 'NOTSET';
  const found = AUTO.find((name) => name === given);
  if (found) return found;
  throw call.fail(`attribute auto_pad must be one of ${AUTO.join(', ')}, got '${given}'`);
}

/** How a window moves along each dimension of an image. */
export function stepsOf(
  call: Call,
  size: readonly number[],
  window: readonly number[],
  rounding: RoundingMode = 'floor',
): Steps[] {
  const dims = size.length;
  const [strides, dilations] = [perDimension(call, 'strides', dims), perDimension(call, 'dilations', dims)];
  const auto = autoPadOf(call);
  if (auto === 'NOTSET') return steps(call.where, size, window, strides, padsOf(call, dims), dilations, rounding);
  const at = steps(call.where, size, window, strides, auto === 'VALID' ? 'valid' : 'same', dilations);
  if (auto !== 'SAME_LOWER') return at;
  return at.map((s) => ({ ...s, pad: [s.pad[1], s.pad[0]] }));
}

/** A dimension in which a window of one stays where it is. */
export const still = (count: number): Steps => ({ stride: 1, dilation: 1, pad: [0, 0], count });
