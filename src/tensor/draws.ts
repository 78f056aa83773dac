/** What the random numbers of a program come from. */
import type { Shape } from './shape';

/** The low and the high 32 bits of a seed. */
export type Seed = readonly [number, number];

/**
 * The draws of one trace. Their streams follow from the seed of the program's owner (a model, a function of `jit`) and
 * from their order in the trace alone: however often and whenever it is traced, the same numbers are drawn.
 */
export class ProgramDraws {
  /** The shape of each draw, in order. */
  readonly shapes: Shape[] = [];
  #streams = 0;

  constructor(readonly seed: Seed) {}

  /** The stream of the next draw without a seed. */
  nextStream(): number {
    return ++this.#streams;
  }

  /** Notes a draw. @returns its number */
  note(shape: Shape): number {
    return this.shapes.push(shape) - 1;
  }
}
