/** Losses that layers add while a model is called: activity regularizers, and those passed to `addLoss`. */
import type { Tensor } from '../../tensor/tensor';

let current: Tensor[] | undefined;

/** Runs `fn` and collects what layers add meanwhile. */
export function collectLosses<T>(fn: () => T): { value: T; losses: readonly Tensor[] } {
  const outer = current;
  const losses: Tensor[] = [];
  current = losses;
  try {
    return { value: fn(), losses };
  } finally {
    current = outer;
  }
}

/** Adds a scalar to the loss of the step that is being traced; elsewhere it does nothing. */
export function contribute(loss: Tensor): void {
  current?.push(loss);
}

/** Whether anybody collects. */
export const isCollecting = (): boolean => current !== undefined;
