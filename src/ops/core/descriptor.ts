import type { Emitter, Value } from '../../program/ir';
import type { Node, TensorSpec } from '../../tensor/graph';

/** All that the library has to know to run an op: what comes out, and by which commands. */
export interface Descriptor<A> {
  readonly name: string;
  /** Shape and type of the result. @throws typed errors that name op, argument and shapes */
  infer(inputs: readonly TensorSpec[], attrs: A): TensorSpec;
  /** For ops that only look differently at their operand: the place of the result, if it can be had without a copy. */
  view?(inputs: readonly Value[], attrs: A, spec: TensorSpec): Value | undefined;
  lower(e: Emitter, inputs: readonly Value[], out: Value, attrs: A): void;
}

/** A descriptor; functions hand it to `apply`, so that a bundler keeps those alone that a program can reach. */
export const op = <A>(name: string, rest: Omit<Descriptor<A>, 'name'>): Descriptor<A> => ({ name, ...rest });

/** The descriptor that a node was made with. */
export const descriptorOf = ({ descriptor }: Node): Descriptor<unknown> => descriptor as Descriptor<unknown>;

/** Attributes of an op that has none. */
export type None = Record<string, never>;
export const NONE: None = {};

export const first = (values: readonly Value[]): Value => values[0] as Value;
export const second = (values: readonly Value[]): Value => values[1] as Value;
