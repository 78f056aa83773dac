/**
 * Whether threads make a program faster, by the times of its own runs: where other processes take the cores, a worker that
 * is held up in the middle of a chunk costs more than it brings. No bit depends on it.
 */
import { Sharing } from '../../assembly/isa';
import { engine } from './engine';

/** What a trial takes, in milliseconds and runs: with threads long enough to meet what holds them up, a slice of the system's. */
const SHARED = { time: 20, runs: 4 };
const ALONE = { time: 2, runs: 2 };
/** Milliseconds between two trials: few after a change, which may have been a mistake, then more and more. */
const SHORT = 100;
const LONG = 500;
/** How many times as long as a trial that changed nothing the next one is away. */
const TIMES = 64;
/** The other way must take at most so much of the time: a choice that hardly matters stays. */
const GAIN = 0.95;

/** The choice for one program: with threads first; from time to time the other way is tried. */
export class Pace {
  #isShared = true;
  #isTrial = false;
  #time = 0;
  #runs = 0;
  /** What the present way has to last for, and what a run took on average before the present trial. */
  #until = SHARED.time;
  #before = 0;
  #period = SHORT;

  /** @param work nanoseconds of the work in the program that threads may share */
  constructor(readonly work: number) {}

  /** Runs the program at an address; returns the fault, 0 if none. @param sharing what it is worth on an idle machine */
  run(program: number, sharing: Sharing): number {
    if (sharing === Sharing.none || engine.threads === 1) return engine.run(program, sharing);
    const start = performance.now();
    const fault = engine.run(program, this.#isShared ? sharing : Sharing.none);
    this.#time += performance.now() - start;
    this.#runs++;
    if (this.#time >= this.#until && this.#runs >= (this.#isShared ? SHARED : ALONE).runs) this.#turn();
    return fault;
  }

  /** From the way that is preferred to a trial of the other, or back, or to that of the two which was faster. */
  #turn(): void {
    const mean = this.#time / this.#runs;
    if (this.#isTrial && mean <= this.#before * GAIN) this.#until = this.#period = SHORT;
    else {
      this.#isShared = !this.#isShared;
      if (this.#isTrial) {
        this.#period = Math.min(2 * this.#period, LONG);
        this.#until = Math.max(this.#period, this.#time * TIMES);
      } else {
        this.#before = mean;
        this.#until = (this.#isShared ? SHARED : ALONE).time;
      }
    }
    this.#isTrial = !this.#isTrial;
    this.#time = this.#runs = 0;
  }
}
