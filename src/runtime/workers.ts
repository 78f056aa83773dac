/** Worker threads. Their code is a string, so that no bundler and no path is involved; each instantiates the module. */
import { Control } from '../../assembly/isa';
import { RuntimeSupportError } from '../support/errors';
import { loadBuiltin } from '../support/optional-modules';
import type { Seat } from './control';

/** Seconds that a worker has to start, and to answer a request to end. */
const START = 60;
const ANSWER = 2;

export interface Start extends Seat {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** Messages of a worker, and errors that its runtime reports. */
type Report = 'ready' | 'ended' | Error | Answer;

/** What a worker posts beside; see `delegate.ts`. */
interface Answer {
  readonly answer: unknown;
}

/** A worker as its runtime has it. */
interface Host {
  terminate(): unknown;
  post(message: unknown): void;
  /** Whether it keeps the process alive. */
  hold(isHeld: boolean): void;
}

/** Instantiates the module and works until it is asked to end. What fails in the middle of a chunk is never finished. */
const COMPUTE = `({ module, memory, slot, worker }, say) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
  say('ready');
  try {
    exports.work(slot, worker);
  } catch (error) {
    Atomics.store(new Int32Array(memory.buffer), ${Control.lost / 4}, 1);
    throw error;
  }
  say('ended');
}`;

interface NodeWorker {
  on(event: string, listener: (value: never) => void): void;
  terminate(): unknown;
  postMessage(message: unknown): void;
  ref(): void;
  unref(): void;
}

interface WorkerThreads {
  readonly Worker: new (code: string, options: { eval: true; workerData: Start; execArgv: string[] }) => NodeWorker;
}

/** node:worker_threads, where the runtime has it (Node, Deno, Bun). */
async function nodeThreads(): Promise<WorkerThreads | undefined> {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node ? loadBuiltin<WorkerThreads>('node:worker_threads') : undefined;
}

function startNodeWorker({ Worker }: WorkerThreads, body: string, data: Start, heed: (event: Report) => void): Host {
  const code = `const { parentPort, workerData } = require('node:worker_threads');
(${body})(workerData, (m) => parentPort.postMessage(m), (listener) => parentPort.on('message', listener))`;
  // Flags such as --input-type=module would make the script another kind.
  const worker = new Worker(code, { eval: true, workerData: data, execArgv: [] });
  worker.on('message', heed);
  worker.on('error', heed);
  worker.on('exit', (code) => heed(new Error(`it ended with code ${code}`)));
  return {
    terminate: () => worker.terminate(),
    post: (message) => worker.postMessage(message),
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
  };
}

function startWebWorker(body: string, data: Start, heed: (event: Report) => void): Host {
  const hear = '(listener) => { onmessage = ({ data }) => listener(data); }';
  const url = URL.createObjectURL(
    new Blob([`onmessage = ({ data }) => (${body})(data, postMessage, ${hear})`], { type: 'text/javascript' }),
  );
  const worker = new Worker(url);
  worker.onmessage = ({ data }) => {
    URL.revokeObjectURL(url);
    heed(data as Report);
  };
  worker.onerror = ({ message }) =>
    heed(
      new Error(
        message ||
          "its script was refused; where the page has a Content-Security-Policy, that needs 'worker-src blob:'",
      ),
    );
  worker.postMessage(data);
  return {
    terminate: () => worker.terminate(),
    post: (message) => worker.postMessage(message),
    hold: () => undefined,
  };
}

/** Resolves after the given seconds, or before, when the promise does. */
async function atMost(seconds: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}

/** A worker from its start to its end. */
export class WorkerThread {
  #host: Host | undefined;
  #state: 'starting' | 'working' | 'ended' = 'starting';
  #reason: Error | undefined;
  #changed: () => void = () => undefined;
  #answered: ((answer: unknown) => void) | undefined;
  /** Resolves when the worker has ended, for any reason. */
  readonly ended: Promise<void>;
  #resolveEnded: () => void = () => undefined;

  private constructor() {
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  /**
   * Starts a worker; it works once the promise resolves.
   * @param body a function of `data`, of what posts messages, and of what sets a listener for messages
   * @throws RuntimeSupportError
   */
  static async start(data: Start, body = COMPUTE): Promise<WorkerThread> {
    const node = await nodeThreads();
    if (!node && typeof Worker === 'undefined')
      throw new RuntimeSupportError('setThreads: this runtime has no workers; use setThreads(1)');
    const thread = new WorkerThread();
    const heed = (event: Report): void => thread.#heed(event);
    try {
      thread.#host = node ? startNodeWorker(node, body, data, heed) : startWebWorker(body, data, heed);
    } catch (cause) {
      throw failure(cause);
    }
    await atMost(
      START,
      new Promise<void>((resolve) => {
        thread.#changed = resolve;
      }),
    );
    if (thread.#state !== 'working') {
      void thread.#host.terminate();
      throw failure(thread.#reason ?? new Error(`it did not answer for ${START} seconds`));
    }
    thread.#host.hold(false);
    return thread;
  }

  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Waits for a worker that was asked to end; one that does not answer is terminated. */
  async end(): Promise<void> {
    this.#host?.hold(true);
    await atMost(ANSWER, this.ended);
    await atMost(ANSWER, Promise.resolve(this.#host?.terminate()));
  }

  /** Posts a message to a worker whose body listens; `answered` is called with what it answers. */
  post(message: unknown, answered: (answer: unknown) => void): void {
    this.#answered = answered;
    this.#host?.hold(true);
    this.#host?.post(message);
  }

  /** Ends a worker that cannot be asked to. */
  terminate(): void {
    void this.#host?.terminate();
  }

  #heed(event: Report): void {
    if (typeof event === 'object' && 'answer' in event) {
      this.#host?.hold(false);
      this.#answered?.(event.answer);
    } else if (event === 'ready') this.#state = 'working';
    else {
      if (event !== 'ended') this.#reason ??= event;
      this.#state = 'ended';
      this.#resolveEnded();
    }
    this.#changed();
  }
}

const failure = (cause: unknown): RuntimeSupportError =>
  new RuntimeSupportError(
    `setThreads: a worker failed to start: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );
