/**
 * A worker that runs programs in the place of a thread that must not be held up: the main thread of a page. It takes the
 * caller's part, so bits and the other workers are the same; the caller awaits its answer. Whatever of the memory the host
 * touches before that waits (`Memory.awaitReturn`).
 */
import { Control, Fault, type Sharing } from '../../assembly/isa';
import type { Memory } from './memory';
import { type Start, WorkerThread } from './workers';

/** What a run ended with, and what its fault says. */
export interface Outcome {
  readonly fault: Fault;
  readonly at: number;
  readonly value: number;
}

const LOST: Outcome = { fault: Fault.WorkerLost, at: 0, value: 0 };
/** Milliseconds that the host waits for memory before it takes the worker for dead: longer than a worker waits for others. */
const PATIENCE = 60_000;
/** Between two looks at the clock. */
const POLLS = 1000;

/** The cell that is 1 while a program runs changes before the answer is posted: a thread that waits gets no messages. */
const BODY = `({ module, memory, busy }, say, hear) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
  hear(({ program, sharing }) => {
    let fault = ${Fault.WorkerLost};
    try {
      fault = exports.run(program, sharing, true);
    } catch {}
    const words = new Int32Array(memory.buffer);
    const answer = { fault, at: words[${Control.faultAt / 4}] >>> 0, value: words[${Control.faultValue / 4}] };
    Atomics.store(busy, 0, 0);
    say({ answer });
  });
  say('ready');
}`;

export class Delegate {
  readonly #thread: WorkerThread;
  readonly #busy: Int32Array;
  #settle: ((outcome: Outcome) => void) | undefined;

  private constructor(thread: WorkerThread, busy: Int32Array) {
    this.#thread = thread;
    this.#busy = busy;
    void thread.ended.then(() => this.#lose());
  }

  /** @throws RuntimeSupportError */
  static async start(data: Pick<Start, 'module' | 'memory'>): Promise<Delegate> {
    const busy = new Int32Array(new SharedArrayBuffer(4));
    const start = { ...data, busy, slot: 0, worker: 0 };
    return new Delegate(await WorkerThread.start(start, BODY), busy);
  }

  get hasEnded(): boolean {
    return this.#thread.hasEnded;
  }

  /** Runs a program; the memory is the worker's until it has. One at a time. */
  run(program: number, sharing: Sharing, memory: Memory): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#settle = (outcome) => {
        this.#settle = undefined;
        memory.awaitReturn = undefined;
        resolve(outcome);
      };
      memory.awaitReturn = () => this.#await(memory);
      Atomics.store(this.#busy, 0, 1);
      this.#thread.post({ program, sharing }, (answer) => this.#settle?.(answer as Outcome));
    });
  }

  end(): void {
    this.#thread.terminate();
    this.#lose();
  }

  /** Polls until the program has run; a page may not sleep. */
  #await(memory: Memory): void {
    const start = performance.now();
    for (let polls = 1; Atomics.load(this.#busy, 0) === 1; polls++)
      if (polls % POLLS === 0 && performance.now() - start > PATIENCE) this.end();
    memory.awaitReturn = undefined;
  }

  #lose(): void {
    Atomics.store(this.#busy, 0, 0);
    this.#settle?.(LOST);
  }
}
