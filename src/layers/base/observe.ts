/** Watching what layers give while a model is called. */
import type { Tensors } from './shapes';

/** Is told of each call of a layer: the layer, and its result. */
export type Observer = (layer: object, outputs: Tensors) => void;

let current: Observer | undefined;

/** Runs `fn` while `observer` is told of all calls of layers. */
export function observeCalls<T>(observer: Observer, fn: () => T): T {
  const outer = current;
  current = observer;
  try {
    return fn();
  } finally {
    current = outer;
  }
}

/** Tells of a call. */
export const observed: Observer = (layer, outputs) => current?.(layer, outputs);
