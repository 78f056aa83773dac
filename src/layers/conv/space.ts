/** Shared by layers over signals, images and volumes: position of the channels, windows, sizes for each dimension. */

import { numbers, type Padding, type PerDimension, type Steps, steps } from '../../ops/conv/window';
import { transpose } from '../../ops/shape/shaping';
import { show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { lookUp } from '../../support/names';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { PartialShape } from '../base/shapes';

export type Size = number | null;

/** One of a few names, in either spelling. @throws ArgumentError that lists them */
export const oneOf = <T extends string>(names: readonly T[], name: string, what: string, where: string): T =>
  lookUp(Object.fromEntries(names.map((n) => [n, n])) as Record<string, T>, name, what, where);

/** Whether the channels are last or before the space. */
export type DataFormat = 'channelsLast' | 'channelsFirst';
/** `DataFormat` in either spelling. */
export type DataFormatName = DataFormat | 'channels_last' | 'channels_first';

/** The data format that a setting names, 'channelsLast' by default. @throws ArgumentError for another name */
export const dataFormatOf = (format: string | null | undefined, where: string): DataFormat =>
  oneOf(['channelsLast', 'channelsFirst'], format ?? 'channelsLast', 'dataFormat', where);

/** Position of the channels in tensors of [batch, ...space, channels]: last, or before the space. */
export class ChannelOrder {
  readonly format: DataFormat;

  constructor(
    /** Dimensions of the space: 1 to 3. */
    readonly dims: number,
    format: string | null | undefined,
    readonly where: string,
  ) {
    this.format = dataFormatOf(format, where);
  }

  /** The dimension of the channels, from the front. */
  get axis(): number {
    return this.format === 'channelsFirst' ? 1 : this.dims + 1;
  }

  /** The dimensions of the space. */
  get spatial(): number[] {
    return Array.from({ length: this.dims }, (_, d) => d + (this.format === 'channelsFirst' ? 2 : 1));
  }

  /** @throws ShapeError if the rank is another one */
  space(shape: PartialShape): Size[] {
    if (shape.length !== this.dims + 2) {
      const inner = ['width', 'height, width', 'depth, height, width'][this.dims - 1];
      const form = this.format === 'channelsFirst' ? `channels, ${inner}` : `${inner}, channels`;
      throw new ShapeError(`${this.where}: needs an input of [batch, ${form}], got ${showShape(shape)}`);
    }
    return this.spatial.map((d) => shape[d] as Size);
  }

  /** The number of channels, which weights depend on. @throws ShapeError if it is not known */
  channels(shape: PartialShape): number {
    this.space(shape);
    const channels = shape[this.axis];
    if (typeof channels !== 'number')
      throw new ShapeError(`${this.where}: the number of channels must be known, got ${showShape(shape)}`);
    return channels;
  }

  /** The shape with another space, and other channels. */
  replace(shape: PartialShape, space: readonly Size[], channels = shape[this.axis] as Size): PartialShape {
    const batch = shape[0] as Size;
    return this.format === 'channelsFirst' ? [batch, channels, ...space] : [batch, ...space, channels];
  }

  /** Runs `fn` on x with its channels last; the result gets the order of x again. */
  last(x: Tensor, fn: (t: Tensor) => Tensor): Tensor {
    this.space(x.shape);
    if (this.format === 'channelsLast') return fn(x);
    const space = this.spatial;
    return transpose(fn(transpose(x, [0, ...space, 1])), [0, this.dims + 1, ...space.map((d) => d - 1)]);
  }
}

/** How a window moves over a space. */
export interface Window {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: 'valid' | 'same' | 'causal';
}

/** Settings of how a window moves. */
export interface WindowArgs {
  /** Step of the window: one number for all dimensions, or one for each; default 1, for pooling the pool size. */
  strides?: PerDimension | null;
  /**
   * 'valid' (default): none; 'same': zeros, so that the output has size input / stride; 'causal' (one dimension): zeros
   * in front only.
   */
  padding?: 'valid' | 'same' | 'causal';
  /** Distance between the elements of a window: one number, or one for each dimension; default 1. */
  dilationRate?: PerDimension;
}

/** @throws ArgumentError for sizes that are no positive integers, or an unknown padding */
export function windowOf(dims: number, size: PerDimension, args: WindowArgs, where: string, name: string): Window {
  const all = (value: PerDimension, what: string): number[] => numbers(value, dims, `${where}: ${what}`);
  const paddings = ['valid', 'same', ...(dims === 1 && name === 'kernelSize' ? ['causal'] : [])];
  return {
    size: all(size, name),
    strides: all(args.strides ?? 1, 'strides'),
    dilations: all(args.dilationRate ?? 1, 'dilationRate'),
    padding: oneOf(paddings, args.padding ?? 'valid', 'padding', where) as Window['padding'],
  };
}

/** Elements from the first to the last that a window sees in dimension d. */
export const reach = ({ size, dilations }: Window, d: number): number =>
  ((size[d] as number) - 1) * (dilations[d] as number) + 1;

/** Padding for the ops: a causal window is padded at its start, so that it sees no later positions. */
export const paddingFor = (w: Window): Padding => (w.padding === 'causal' ? [[reach(w, 0) - 1, 0]] : w.padding);

/** Positions of a window in each dimension; null where the space is not known. @throws ShapeError if it does not fit */
export function positions(where: string, space: readonly Size[], w: Window): Size[] {
  const padding = paddingFor(w);
  return space.map((length, d) => {
    if (length === null) return null;
    const [size, stride, dilation] = [w.size, w.strides, w.dilations].map((list) => list[d] as number);
    return (steps(where, [length], [size as number], stride as number, padding, dilation as number)[0] as Steps).count;
  });
}

/**
 * A pair for each dimension, from one number for all, or for each dimension a number or a pair; of one dimension also
 * the pair itself. @throws ArgumentError unless all are non-negative integers
 */
export function pairsOf(value: unknown, dims: number, where: string): [number, number][] {
  const list = typeof value === 'number' ? Array.from({ length: dims }, () => value) : value;
  const perDim: unknown[] = Array.isArray(list) && dims === 1 && list.length === 2 ? [list] : (list as unknown[]);
  const pairs = Array.isArray(perDim) ? perDim.map((p): unknown => (typeof p === 'number' ? [p, p] : p)) : [];
  const isPair = (p: unknown): boolean =>
    Array.isArray(p) && p.length === 2 && p.every((v) => Number.isInteger(v) && v >= 0);
  if (pairs.length !== dims || !pairs.every(isPair))
    throw new ArgumentError(`${where} must be a non-negative integer, or ${dims} pairs of them, got ${show(value)}`);
  return pairs as [number, number][];
}
