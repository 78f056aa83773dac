/** Who wants to know what ran: profiles and the debug mode. Nobody, as a rule. */
import type { Tensor } from '../tensor/tensor';

/** An op that ran at once on real tensors. */
export interface OpRun {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly milliseconds: number;
}

/** Told of every op that runs at once. */
export const opObservers = new Set<(run: OpRun) => void>();

/** Told how many milliseconds each program took: those of single ops, of compiled functions and of training steps. */
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
