/** Steps of a body as one loop of a program, whose size does not depend on their number. */
import type { Call } from '../../graph/core/call';
import { HostArray, type Value } from '../../graph/core/value';
import { loop } from '../../plan/loop';
import { Tensor } from '../../tensor/tensor';

/** Fewer steps are unrolled: programs join what is in them. */
const LEAST = 8;

/** What a step returns: new states, and a slice of each result. */
export interface Stepped {
  readonly states: readonly Value[];
  readonly rows: readonly Value[];
}

/**
 * Runs a step for each slice of sequences along their first dimension.
 * @param step from states and slices
 * @returns the last states, and the results with time first; undefined unless the steps fit a loop: they are traced, their
 *   states are tensors whose shapes stay, and nothing depends on numbers that only the running program knows
 */
export function overTime(
  call: Call,
  initial: readonly Value[],
  sequences: readonly Tensor[],
  isReversed: boolean,
  step: (states: readonly Tensor[], slices: readonly Tensor[]) => Stepped,
): Stepped | undefined {
  const isFit = [...initial].every((v) => v instanceof Tensor || v instanceof HostArray);
  if (!isFit || (sequences[0]?.shape[0] ?? 0) < LEAST) return undefined;
  const tensors = (values: readonly Value[]): Tensor[] => values.map((v, i) => call.asTensor(v, i));
  return call.context.attempt(() => {
    call.context.unroll(call);
    const made = loop(
      (carry, slices) => {
        const { states, rows } = step(carry, slices);
        return { carry: tensors(states), ys: tensors(rows) };
      },
      tensors(initial),
      sequences,
      isReversed,
    );
    return { states: made.carry, rows: made.ys };
  });
}
