/**
 * Switches of threads in the middle of work: awaited, overlapping, during `fit`, with workers ended from outside, with
 * starts that fail. Whatever happens, nothing hangs, and every result has the bits that one thread computes.
 * host/ops.mjs bundles it with the library's sources.
 */
import { Control } from '../../../assembly/isa';
import * as sg from '../../../src/index';
import { limits } from '../../../src/program/chunks';
import { fnv } from '../../support/fnv';

/** What happened, by kind. */
export interface Figures {
  /** Of all results; the same with every seed. */
  hash: string;
  /** Calls of `setThreads`. */
  switches: number;
  overlapping: number;
  duringFit: number;
  /** Workers ended from outside, and computations that failed for it. */
  killed: number;
  lost: number;
  /** Starts that failed. */
  refused: number;
  /** Results that were compared. */
  compared: number;
}

interface Worker {
  terminate(): unknown;
  postMessage(message: unknown): void;
}
type WorkerClass = new (script: string, options?: { workerData?: unknown }) => Worker;

const { process } = globalThis as {
  process?: { versions?: { node?: string }; getBuiltinModule?(name: string): unknown };
};
const isCommand = process?.versions?.node !== undefined;

/** Workers that are not known to have ended. */
const alive = new Set<Worker>();
let isFailing = false;

/** Tenths of a second that the caller waits for a worker that was ended. */
const PATIENCE = 10;

function beImpatient(data: unknown): void {
  const { memory } = data as { memory?: WebAssembly.Memory };
  if (memory) Atomics.store(new Int32Array(memory.buffer), Control.patience / 4, PATIENCE);
}

/** Puts a class in the place of the runtime's workers that knows which there are, and fails when it is told to. */
function watchWorkers(): void {
  const holder = (isCommand ? process?.getBuiltinModule?.('node:worker_threads') : globalThis) as {
    Worker: WorkerClass;
  };
  holder.Worker = class extends holder.Worker {
    constructor(script: string, options?: { workerData?: unknown }) {
      if (isFailing) throw new Error('no more threads');
      super(script, options);
      beImpatient(options?.workerData ?? {});
      alive.add(this);
    }

    override postMessage(data: unknown): void {
      beImpatient(data);
      super.postMessage(data);
    }

    override terminate(): unknown {
      alive.delete(this);
      return super.terminate();
    }
  };
}

/** An integer below the limit. */
type Random = (limit: number) => number;

function generator(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const filled = (shape: number[], seed: number): sg.Tensor => {
  const next = generator(seed);
  return sg.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next(2001) / 1000 - 1),
    shape,
  );
};

/** What is computed again and again. */
function jobs(): (() => sg.Tensor)[] {
  const a = filled([160, 170], 1);
  const b = filled([170, 150], 2);
  const image = filled([4, 20, 20, 8], 3) as sg.Tensor4D;
  const filter = filled([3, 3, 8, 24], 4) as sg.Tensor4D;
  const rows = filled([300, 200], 5);
  const layered = sg.jit((x: sg.Tensor, y: sg.Tensor) => x.matMul(y).tanh().sum(0).add(x.sum()).softmax());
  const slope = sg.grad((x: sg.Tensor) => x.matMul(b).relu().mean());
  return [
    () => a.matMul(b),
    () => image.conv2d(filter, 1, 'same'),
    () => rows.exp().add(rows).softmax(),
    () => rows.transpose().sum(1),
    () => layered(a, b) as sg.Tensor,
    () => slope(a),
  ];
}

class Drill {
  readonly figures: Figures = {
    hash: '',
    switches: 0,
    overlapping: 0,
    duringFit: 0,
    killed: 0,
    lost: 0,
    refused: 0,
    compared: 0,
  };
  readonly #jobs = jobs();
  readonly #expected: number[];
  readonly #model = sg.sequential({
    layers: [
      sg.layers.dense({ units: 96, activation: 'tanh', inputShape: [64] }),
      sg.layers.dense({ units: 8, activation: 'softmax' }),
    ],
  });
  readonly #initial: sg.Tensor[];
  readonly #x = filled([96, 64], 6);
  readonly #y = filled([96, 8], 7).abs();
  #trained = 0;

  constructor(readonly random: Random) {
    this.#expected = this.#jobs.map((job) => sg.tidy(() => fnv([job()])));
    this.#model.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
    this.#initial = this.#model.getWeights().map((w, i) => filled(w.shape as number[], 10 + i));
  }

  async prepare(): Promise<void> {
    this.#trained = await this.#fit(() => undefined);
    this.figures.hash = [...this.#expected, this.#trained].map((h) => h.toString(16).padStart(8, '0')).join('');
  }

  async #fit(onBatchEnd: () => unknown): Promise<number> {
    this.#model.setWeights(this.#initial);
    await this.#model.fit(this.#x, this.#y, {
      epochs: 2,
      batchSize: 16,
      shuffle: false,
      verbose: 0,
      callbacks: { onBatchEnd: async () => void (await onBatchEnd()) },
    });
    return fnv(this.#model.getWeights());
  }

  /** Computes one of the jobs and compares its bits; a worker that was ended may make it fail, once. */
  compute(mayFail = false): void {
    const index = this.random(this.#jobs.length);
    try {
      this.#compare(
        sg.tidy(() => fnv([(this.#jobs[index] as () => sg.Tensor)()])),
        this.#expected[index],
        `job ${index}`,
      );
    } catch (error) {
      if (!mayFail || !(error instanceof sg.StateError)) throw error;
      this.figures.lost++;
      if (sg.getThreads() !== 1) throw new Error(`${sg.getThreads()} threads after a worker was lost`);
    }
  }

  #compare(hash: number, expected: number | undefined, what: string): void {
    this.figures.compared++;
    if (hash !== expected)
      throw new Error(`wrong bits: ${what} with ${sg.getThreads()} threads, ${JSON.stringify(this.figures)}`);
  }

  #set(count: number): Promise<number> {
    this.figures.switches++;
    return sg.setThreads(count);
  }

  #count(): number {
    return 1 + this.random(3);
  }

  #expectThreads(count: number): void {
    if (sg.getThreads() !== count) throw new Error(`${sg.getThreads()} threads instead of ${count}`);
  }

  async awaited(): Promise<void> {
    const count = this.#count();
    await this.#set(count);
    this.#expectThreads(count);
    this.compute();
  }

  async overlapping(): Promise<void> {
    const counts = Array.from({ length: 2 + this.random(3) }, () => this.#count());
    const changes = counts.map((count) => this.#set(count));
    this.figures.overlapping += counts.length;
    this.compute();
    await changes[0];
    this.compute();
    await Promise.all(changes);
    this.#expectThreads(counts.at(-1) as number);
    this.compute();
  }

  async duringFit(): Promise<void> {
    const changes: Promise<number>[] = [];
    const trained = await this.#fit(() => {
      if (this.random(4) > 0) return undefined;
      const change = this.#set(this.#count());
      this.figures.duringFit++;
      changes.push(change);
      // In the middle of a callback, or besides the training.
      return this.random(2) ? change : undefined;
    });
    this.#compare(trained, this.#trained, 'fit');
    await Promise.all(changes);
  }

  /** Ends a worker, and computes at once: the worker may be in the middle of a chunk. */
  async killed(): Promise<void> {
    await this.#set(2 + this.random(2));
    const victim = [...alive][this.random(alive.size)];
    if (this.random(2)) this.compute();
    void victim?.terminate();
    this.figures.killed++;
    for (let i = 0; i < 3; i++) this.compute(true);
    if (this.random(2)) await sg.nextFrame();
    this.compute(true);
    await this.#set(1);
    this.#expectThreads(1);
    this.compute();
  }

  async refused(): Promise<void> {
    const before = sg.getThreads();
    isFailing = true;
    try {
      await this.#set(before + 1 + this.random(2));
      throw new Error('a start that failed went unnoticed');
    } catch (error) {
      if (!(error instanceof sg.RuntimeSupportError)) throw error;
      this.figures.refused++;
    } finally {
      isFailing = false;
    }
    this.#expectThreads(before);
    this.compute();
  }
}

/**
 * @param count of calls of `setThreads`
 * @throws if a result is wrong, or the number of threads
 */
export async function switches(count: number, seed: number): Promise<Figures> {
  watchWorkers();
  // Small commands, in many chunks.
  Object.assign(limits, { command: 1000, chunk: 2000, program: 0, wake: 50_000 });
  const drill = new Drill(generator(seed));
  await drill.prepare();
  // Only where runtimes tell that a worker has ended is its end noticed at once.
  const kills = isCommand ? 6 : 1;
  let told = 0;
  while (drill.figures.switches < count) {
    const kind = drill.random(100);
    if (kind < kills) await drill.killed();
    else if (kind < 12) await drill.refused();
    else if (kind < 30) await drill.overlapping();
    else if (kind < 45) await drill.duringFit();
    else await drill.awaited();
    if (drill.figures.switches >= told + 500) {
      told = drill.figures.switches;
      console.log(JSON.stringify(drill.figures).replace('hash', 'soFar'));
    }
  }
  await sg.setThreads(1);
  return drill.figures;
}
