/** Watching the outputs of layers while a model is called. */
import type { Tensors } from './shapes';

/** Called after each call of a layer, with the layer and its outputs. */
export type Observer = (layer: object, outputs: Tensors) => void;

let current: Observer | undefined;

/** Runs `fn`, and calls `observer` for all calls of layers. */
export function observeCalls<T>(observer: Observer, fn: () => T): T {
  const outer = current;
  current = observer;
  try {
    return fn();
  } finally {
    current = outer;
  }
}

/** Reports a call to the observers. */
export const observed: Observer = (layer, outputs) => current?.(layer, outputs);
