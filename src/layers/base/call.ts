/** How layers are called. */
import type { Tensor } from '../../tensor/tensor';
import type { Tensors } from './shapes';

/** Whether each position of a tensor counts: bool, [batch, time]. */
export type Mask = Tensor | undefined;

/** Arguments of a call of a layer, apart from its inputs. */
export interface CallArgs {
  /** Whether dropout drops and batch normalization uses the batch, as in `fit`; default false. */
  readonly training?: boolean;
  /** Masks of the inputs: one for one tensor, a list for a list; none by default. */
  readonly mask?: Mask | readonly Mask[];
  /** What else the layer understands. */
  readonly [name: string]: unknown;
}

/** The part of a layer that the connections of a model need. */
export interface Callable {
  /** Name of the layer. */
  readonly name: string;
  /** Its calls on symbolic tensors. @internal */
  readonly connections: readonly unknown[];
  /** Computes the outputs. */
  call(inputs: Tensors, args: CallArgs): Tensors;
  /** Computes the outputs and their masks. @internal */
  invoke(inputs: Tensors, args: CallArgs): { outputs: Tensors; mask: Mask | readonly Mask[] };
}

/** Arguments that every layer takes. */
const CALL_ARGS: readonly string[] = ['training', 'mask'];
const ofLibrary = new WeakSet<object>();

/** Records a class of the library: its layers refuse arguments of calls that they do not know. */
export const closeCalls = (cls: object): void => {
  ofLibrary.add(cls);
};

/** Names of the arguments of calls; undefined for users' classes, which may take any. */
export const callArgsOf = (cls: object, ...more: readonly string[]): readonly string[] | undefined =>
  ofLibrary.has(cls) ? [...CALL_ARGS, ...more] : undefined;
