/** What the table of operators is made of. */
import { at, type Nd } from '../support';

export interface Case {
  readonly op: string;
  readonly inputs: readonly Input[];
  readonly attr?: Readonly<Record<string, unknown>>;
  /** How many outputs are compared; default 1. */
  readonly outputs?: number;
  /** Largest difference, relative to the largest number or 1; default 2e-6. */
  readonly bound?: number;
  /** Right results, where TensorFlow.js has none or wrong ones, and in what. */
  readonly expected?: readonly Nd[];
  readonly fault?: string;
  /** Nodes between the inputs and the operator, named in0, in1, …; it takes `takes` instead of the inputs. */
  readonly before?: readonly { name: string; op: string; input?: readonly string[]; attr?: Record<string, unknown> }[];
  readonly takes?: readonly string[];
  /** Nodes after it; the results are these instead. */
  readonly after?: readonly { name: string; op: string; input?: readonly string[]; attr?: Record<string, unknown> }[];
  readonly results?: readonly string[];
}

export interface Input extends Nd {
  /** Whether it is stored in the graph; those are shapes, axes, weights. */
  readonly isStored?: boolean;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
let state = 1;
const random = (): number => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return state / 0x7fffffff;
};

/** Random numbers of [low, high). */
export const real = (shape: readonly number[], low = -2, high = 2): Input => ({
  shape,
  dtype: 'float32',
  values: Array.from({ length: sizeOf(shape) }, () => Math.fround(low + (high - low) * random())),
});
/** Random integers of [low, high]. */
export const whole = (shape: readonly number[], low = -5, high = 5): Input => ({
  shape,
  dtype: 'int32',
  values: Array.from({ length: sizeOf(shape) }, () => low + Math.floor(random() * (high - low + 1))),
});
export const flags = (shape: readonly number[]): Input => ({
  shape,
  dtype: 'bool',
  values: Array.from({ length: sizeOf(shape) }, () => Number(random() < 0.5)),
});
const shaped = (dtype: Nd['dtype'], values: readonly (number | string)[], shape?: readonly number[]): Input =>
  ({ dtype, values, shape: shape ?? [values.length] }) as Input;
export const reals = (values: readonly number[], shape?: readonly number[]): Input => shaped('float32', values, shape);
export const ints = (values: readonly number[], shape?: readonly number[]): Input => shaped('int32', values, shape);
export const bools = (values: readonly number[], shape?: readonly number[]): Input => shaped('bool', values, shape);
export const texts = (values: readonly string[], shape?: readonly number[]): Input => shaped('string', values, shape);
export const stored = (input: Input): Input => ({ ...input, isStored: true });
export const int = (value: number): Input => stored(ints([value], []));
export const number = (value: number): Input => stored(reals([value], []));
export const list = (...values: number[]): Input => stored(ints(values));

export const FLOAT = at.type('DT_FLOAT');
export const INT = at.type('DT_INT32');
