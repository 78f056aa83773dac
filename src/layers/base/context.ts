/** What a call of a layer passes on to the layers that it calls in turn. */
import { type Tensor, withOnlyInput } from '../../tensor/tensor';
import type { WeightBudget } from './budget';
import type { CallArgs, Callable, Mask } from './call';
import type { Tensors } from './shapes';

/** Mean and variance over the axes of x, which the batch is one of; where there is a mask, of what it shows. */
export type BatchMoments = (
  x: Tensor,
  axes: readonly number[],
  mask: Mask,
) => { readonly mean: Tensor; readonly variance: Tensor };

interface Context {
  /** The layer that is being called. */
  readonly caller: object | undefined;
  /** Whether layers train, for calls without `training`. */
  readonly training: boolean | undefined;
  /** Which layers could be trained when the model that is being trained was compiled. */
  readonly trainable: ReadonlyMap<object, boolean> | undefined;
  /** What new weights may have, where all are set from a file: nothing is drawn for them, and no time is spent. */
  readonly budget: WeightBudget | undefined;
  /** Mean and variance of a batch of which only some examples are here; undefined: all of them are. */
  readonly moments: BatchMoments | undefined;
  /** Layers made from settings so far, for whoever disposes of them if not all can be made. */
  readonly made: { dispose(): { readonly refCountAfterDispose: number } }[] | undefined;
}

let current: Context = {
  caller: undefined,
  training: undefined,
  trainable: undefined,
  budget: undefined,
  moments: undefined,
  made: undefined,
};

/** Runs `fn` in another context. */
export function withContext<T>(change: Partial<Context>, fn: () => T): T {
  const outer = current;
  current = { ...outer, ...change };
  try {
    return fn();
  } finally {
    current = outer;
  }
}

/** The context of the present call. */
export const context = (): Context => current;

/** Whether a layer is trained now: as it was compiled, otherwise as its `trainable` says. */
export const isTrainable = (layer: { readonly trainable: boolean }): boolean =>
  current.trainable?.get(layer) ?? layer.trainable;

/** Calls a layer: layers inside know which layer called them, and whether it trains. */
export const makeCall = (layer: Callable, inputs: Tensors, args: CallArgs): Tensors =>
  withContext({ caller: layer, training: args.training }, () =>
    withOnlyInput(Array.isArray(inputs) ? undefined : (inputs as Tensor), () => layer.call(inputs, args)),
  );
