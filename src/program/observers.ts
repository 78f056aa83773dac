/** Observers of programs that run: profiles and the debug mode. Usually there are none. */
import type { Tensor } from '../tensor/tensor';

/** An op that ran immediately on real tensors. */
export interface OpRun {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly milliseconds: number;
}

/** Called after every op that runs immediately. */
export const opObservers = new Set<(run: OpRun) => void>();

/** Called with the milliseconds that each program took: single ops, compiled functions and training steps. */
export const programObservers = new Set<(milliseconds: number) => void>();

/** Runs an op and notifies the observers. */
export function observeOp(name: string, inputs: readonly Tensor[], output: Tensor, run: () => void): void {
  const start = performance.now();
  run();
  const milliseconds = performance.now() - start;
  for (const tell of opObservers) tell({ name, inputs, output, milliseconds });
}

/** Runs a program and notifies the observers. */
export function observeProgram<T>(run: () => T): T {
  const start = performance.now();
  try {
    return run();
  } finally {
    const milliseconds = performance.now() - start;
    for (const tell of programObservers) tell(milliseconds);
  }
}
