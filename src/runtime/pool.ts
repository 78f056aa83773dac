/** Worker threads. Their code is a string, so that no bundler and no path is involved; each instantiates the module. */
import { Control } from '../../assembly/isa';
import { RuntimeSupportError } from './errors';
import { loadBuiltin } from './hidden';

export interface Pool {
  stop(): Promise<void>;
}

interface Started {
  /** Resolves when the worker is about to wait for work. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/** Instantiates the module and enters its loop, from which only termination leads out. */
const BODY = `({ module, memory, thread, seen }, ready) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
  ready();
  exports.work(thread, seen);
}`;

interface NodeWorker {
  once(event: string, listener: (value: never) => void): void;
  postMessage(message: unknown): void;
  terminate(): Promise<number>;
  unref(): void;
}

type WorkerThreads = {
  Worker: new (code: string, options: { eval: true; workerData: unknown; execArgv: string[] }) => NodeWorker;
};

/** node:worker_threads, where the runtime has it (Node, Deno, Bun). */
async function nodeThreads(): Promise<WorkerThreads | undefined> {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node ? loadBuiltin<WorkerThreads>('node:worker_threads') : undefined;
}

function startNodeWorker({ Worker }: WorkerThreads, data: unknown): Started {
  const code = `const { parentPort, workerData } = require('node:worker_threads');(${BODY})(workerData, () => parentPort.postMessage(0))`;
  // Flags such as --input-type=module would make the script another kind.
  const worker = new Worker(code, { eval: true, workerData: data, execArgv: [] });
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
  return {
    // A waiting worker must not keep the process alive, once it has said that it is ready.
    ready: ready.then(() => worker.unref()),
    stop: async () => {
      await worker.terminate();
    },
  };
}

function startWebWorker(data: unknown): Started {
  const url = URL.createObjectURL(
    new Blob([`onmessage = ({ data }) => (${BODY})(data, () => postMessage(0))`], { type: 'text/javascript' }),
  );
  const worker = new Worker(url);
  const ready = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) =>
      reject(new RuntimeSupportError(`setThreads: a worker failed to start: ${event.message}`));
  });
  worker.postMessage(data);
  return {
    ready: ready.finally(() => URL.revokeObjectURL(url)),
    stop: async () => worker.terminate(),
  };
}

/** Starts workers for threads 1 to count. @throws RuntimeSupportError */
export async function startPool(module: WebAssembly.Module, memory: WebAssembly.Memory, count: number): Promise<Pool> {
  const node = await nodeThreads();
  if (!node && typeof Worker === 'undefined') throw new RuntimeSupportError('setThreads: this runtime has no workers');
  const seen = Atomics.load(new Int32Array(memory.buffer), Control.epoch / 4);
  const workers = Array.from({ length: count }, (_, i): Started => {
    const data = { module, memory, thread: i + 1, seen };
    return node ? startNodeWorker(node, data) : startWebWorker(data);
  });
  try {
    await Promise.all(workers.map((w) => w.ready));
  } catch (error) {
    await Promise.all(workers.map((w) => w.stop()));
    throw error;
  }
  return {
    stop: async () => {
      await Promise.all(workers.map((w) => w.stop()));
      // They were asleep when they ended.
      Atomics.store(new Int32Array(memory.buffer), Control.sleepers / 4, 0);
    },
  };
}
