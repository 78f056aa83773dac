/** What a training goes on from. */

import type { OptimizerState } from '../optimizers/optimizer';
import type { Total } from './accumulator';

/** How far a training is: what comes next, and the seed of the orders of its epochs. */
export interface Position {
  readonly epoch: number;
  readonly batch: number;
  readonly seed: readonly [number, number];
}

/** The elements of a weight. */
export interface WeightValues {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** What a callback remembers of a training. */
export interface CallbackState {
  /** What callback it is, and what it watches: a backup is not for another. */
  readonly kind: string;
  readonly values: Readonly<Record<string, number>>;
  /** Weights of the model that it keeps. */
  readonly weights: readonly WeightValues[];
}

/** A copy of all that a training changes. */
export interface TrainingState {
  readonly weights: readonly WeightValues[];
  /** What layers keep from batch to batch beside their weights. */
  readonly states: readonly WeightValues[];
  readonly optimizer: OptimizerState;
  /** The optimizer's rate, which callbacks may have changed; it counts for nothing if the rate follows a schedule. */
  readonly learningRate: number;
  /** Steps of training, which random layers follow. */
  readonly step: number;
  readonly position: Position;
  /** Names of the values that the totals are for. */
  readonly names: readonly string[];
  /** Running totals of the present epoch: losses, penalty, metrics. */
  readonly totals: readonly Total[];
}
