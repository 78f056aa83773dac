/**
 * Who makes the steps of `fit` and `evaluate` in chunks of their batches. That is an entry of its own (`src/distributed`),
 * which programs that do not ask for it need not load.
 */

/** Makes steps on chunks of their batches, alone or as one of several processes: a world of `samegrad/mpi`. */
export interface Distribution {
  /** The number of this process, from 0. */
  readonly rank: number;
  /** How many processes take part. */
  readonly size: number;
  /**
   * The `Steps` of a model's trainer.
   * @param where for errors
   * @param chunk examples of a chunk; default 32
   * @internal
   */
  stepsOf(where: string, trainer: object, chunk: number | undefined): object;
}
