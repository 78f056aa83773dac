/** What a training continues from. */

import type { OptimizerState } from '../optimizers/optimizer';
import type { Total } from './accumulator';

/** The position of a training: what comes next, and the seed of the order of examples. */
export interface Position {
  /** The next epoch, counted from 0. */
  readonly epoch: number;
  /** The next batch of that epoch, counted from 0. */
  readonly batch: number;
  /** Seed of the order of examples. */
  readonly seed: readonly [number, number];
}

/** The values of a weight. */
export interface WeightValues {
  /** Name of the weight. */
  readonly name: string;
  /** Shape of the weight. */
  readonly shape: readonly number[];
  /** Elements in row-major order. */
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** What a callback remembers of a training. */
export interface CallbackState {
  /** The kind of callback and what it watches: it cannot be restored into another. */
  readonly kind: string;
  /** Numbers by name. */
  readonly values: Readonly<Record<string, number>>;
  /** Weights of the model that it keeps. */
  readonly weights: readonly WeightValues[];
}

/** A copy of everything that a training changes, from which it can be continued. */
export interface TrainingState {
  /** Weights of the model, layer by layer. */
  readonly weights: readonly WeightValues[];
  /** State that layers keep from batch to batch, apart from their weights. */
  readonly states: readonly WeightValues[];
  /** State of the optimizer. */
  readonly optimizer: OptimizerState;
  /** The optimizer's rate, which callbacks may have changed; ignored if the rate follows a schedule. */
  readonly learningRate: number;
  /** Training steps made, which random layers depend on. */
  readonly step: number;
  /** What comes next. */
  readonly position: Position;
  /** Names of the values that the totals are for. */
  readonly names: readonly string[];
  /** Running totals of the present epoch: losses, penalty, metrics. */
  readonly totals: readonly Total[];
}
