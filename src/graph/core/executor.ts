/** Evaluates a graph from any of its values to any others, as compiled programs that are kept. */
import { DisposedError } from '../../support/errors';
import { ownResults } from './frame';
import type { Ref } from './graph';
import type { Machine } from './machine';
import { planFor } from './order';
import { Runner } from './runner';
import type { Value } from './value';

/** Ways through a graph that are kept. */
const KEPT = 8;

/** Values from where a graph is fed to where it is read. */
export interface Route {
  readonly feeds: readonly Ref[];
  readonly results: readonly Ref[];
}

export class Executor {
  readonly #runners = new Map<string, Runner>();
  #isDisposed = false;

  /** @param what names the model in errors */
  constructor(
    readonly machine: Machine,
    readonly what: string,
  ) {}

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** Throws the programs away if one of the numbers that they hold has changed. */
  #refresh(): void {
    if (this.#isDisposed) throw new DisposedError(`${this.what}: the model was disposed of; load it again`);
    if (this.machine.constants.refresh()) this.#clear();
  }

  #clear(): void {
    for (const runner of this.#runners.values()) runner.dispose();
    this.machine.clear();
  }

  #runnerFor(key: string, route: () => Route): Runner {
    const known = this.#runners.get(key);
    this.#runners.delete(key);
    let runner = known;
    if (!runner) {
      const { feeds, results } = route();
      runner = new Runner(this.machine, planFor(this.machine.program.main, feeds, results), true);
    }
    this.#runners.set(key, runner);
    for (const [old, dropped] of this.#runners) {
      if (this.#runners.size <= KEPT) break;
      this.#runners.delete(old);
      dropped.dispose();
    }
    return runner;
  }

  /**
   * @param key of the route, by which its programs are kept
   * @param isTraining whether a step of training is being traced
   * @returns values whose tensors are the caller's own
   * @throws DisposedError; what an operator throws, with its node
   */
  run(key: string, route: () => Route, feeds: readonly Value[], isTraining = false): Value[] {
    this.#refresh();
    return ownResults(this.#runnerFor(key, route).run(feeds, undefined, isTraining), feeds);
  }

  /** Frees programs and stored values. Calling it again does nothing. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#clear();
    this.#runners.clear();
    this.machine.constants.dispose();
  }
}
