import type { Emitter, Value } from '../../program/ir';
import type { TensorSpec } from '../../tensor/graph';

/** All that the library has to know to run an op: what comes out, and by which commands. */
export interface Descriptor<A> {
  /** Shape and type of the result. @throws typed errors that name op, argument and shapes */
  infer(inputs: readonly TensorSpec[], attrs: A): TensorSpec;
  /** For ops that only look differently at their operand: the place of the result, if it can be had without a copy. */
  view?(inputs: readonly Value[], attrs: A, spec: TensorSpec): Value | undefined;
  lower(e: Emitter, inputs: readonly Value[], out: Value, attrs: A): void;
}

/** Fixes the type of the attributes. */
export const op = <A>(descriptor: Descriptor<A>): Descriptor<A> => descriptor;

/** Attributes of an op that has none. */
export type None = Record<string, never>;
export const NONE: None = {};

export const first = (values: readonly Value[]): Value => values[0] as Value;
export const second = (values: readonly Value[]): Value => values[1] as Value;
