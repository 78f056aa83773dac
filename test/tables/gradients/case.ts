/** What a gradient is checked on, and operands for it. */
import type { Tensor } from '../../../src/index';
import { distinct, uniform } from '../../support/random';
import { type Nd, nd, type Shape, sizeOf } from './float64';

export interface Case {
  /** Shapes and settings. */
  readonly name: string;
  /** Operands; their values are float32 numbers, so that both sides see the same. */
  readonly inputs: readonly Nd[];
  readonly run: (...xs: Tensor[]) => Tensor;
  readonly reference: (...xs: Nd[]) => Nd;
}

export const show = (shape: Shape): string => `[${shape.join(', ')}]`;

/** Uniform numbers. */
export const given = (seed: number, shape: Shape, low = -1, high = 1): Nd =>
  nd(shape, uniform(seed, sizeOf(shape), low, high));

/** Numbers that lie apart, so that the largest stays the largest when one of them moves a little. */
export const apart = (seed: number, shape: Shape, gap = 0.1): Nd => nd(shape, distinct(seed, sizeOf(shape), gap));

/** Numbers of [-2, 2] that keep away from some points: kinks and steps, which have no derivative. */
export function avoiding(seed: number, shape: Shape, points: readonly number[], margin = 0.06): Nd {
  const values = uniform(seed, sizeOf(shape), -2, 2).map((v) => {
    const near = points.find((p) => Math.abs(v - p) < margin);
    return near === undefined ? v : near + (v < near ? -margin : margin);
  });
  return nd(shape, values);
}

/** Shapes of one operand. */
export const SHAPES: readonly Shape[] = [[], [7], [2, 3], [2, 1, 5], [33]];

/** Pairs of shapes that broadcast. */
export const PAIRS: readonly (readonly [Shape, Shape])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[], [2, 3]],
  [[5], []],
  [[1], [3]],
  [
    [2, 1],
    [1, 3],
  ],
  [
    [1, 2, 1, 2],
    [3, 1, 3, 1],
  ],
];
