/** Which bytes are taken when: where the placement of buffers looks for room. */
import { firstFrom } from './ascending';

/** Runs of bytes that do not touch each other, ascending. */
class Runs {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  add(start: number, end: number): void {
    const [starts, ends] = [this.#starts, this.#ends];
    const first = firstFrom(ends, start);
    let last = first;
    let [from, to] = [start, end];
    while (last < starts.length && (starts[last] as number) <= end) {
      from = Math.min(from, starts[last] as number);
      to = Math.max(to, ends[last] as number);
      last++;
    }
    starts.splice(first, last - first, from);
    ends.splice(first, last - first, to);
  }

  /** The lowest place, not below `at`, with so many bytes free. */
  firstFit(at: number, bytes: number): number {
    let found = at;
    for (let i = firstFrom(this.#ends, at + 1); i < this.#starts.length; i++) {
      if ((this.#starts[i] as number) >= found + bytes) break;
      found = this.#ends[i] as number;
    }
    return found;
  }
}

/** Bytes taken in a stretch of time. */
interface Stretch {
  /** At some time of it. */
  readonly ever: Runs;
  /** Occupied all the time, by values that may not share memory within the stretch around this one. */
  readonly always: Runs;
}

/** A tree over time: every stretch is halved by the two below it. */
export class Occupied {
  readonly #stretches: (Stretch | undefined)[] = [];
  readonly #span: number;

  /** @param moments times are 0 to moments - 1 */
  constructor(moments: number) {
    let span = 1;
    while (span < moments) span *= 2;
    this.#span = span;
  }

  /** The lowest place that has room from one moment to another, both included. */
  firstFit(first: number, last: number, bytes: number): number {
    const taken: Runs[] = [];
    this.#visit(first, last, (index, isWhole) => {
      const stretch = this.#stretches[index];
      if (stretch) taken.push(isWhole ? stretch.ever : stretch.always);
    });
    let at = 0;
    // Until no stretch takes any of it.
    for (let free = 0; free < taken.length; ) {
      free = 0;
      for (const runs of taken) {
        const next = runs.firstFit(at, bytes);
        if (next === at) free++;
        at = next;
      }
    }
    return at;
  }

  take(first: number, last: number, at: number, bytes: number): void {
    this.#visit(first, last, (index, isWhole) => {
      const stretch = this.#stretches[index] ?? { ever: new Runs(), always: new Runs() };
      this.#stretches[index] = stretch;
      stretch.ever.add(at, at + bytes);
      if (isWhole) stretch.always.add(at, at + bytes);
    });
  }

  /** Stretches that together are the time from one moment to another, and those around them. */
  #visit(first: number, last: number, see: (index: number, isWhole: boolean) => void): void {
    const walk = (index: number, from: number, to: number): void => {
      const isWhole = first <= from && to <= last;
      see(index, isWhole);
      if (isWhole) return;
      const middle = (from + to) >> 1;
      if (first <= middle) walk(2 * index, from, middle);
      if (last > middle) walk(2 * index + 1, middle + 1, to);
    };
    walk(1, 0, this.#span - 1);
  }
}
