/** Threads: a module with shared memory, and workers that walk each program beside the caller. */
import { instantiate } from '@assemblyscript/loader';
import { threaded } from '#wasm';
import { engine, imports, type Kernels } from './engine';
import { ArgumentError, RuntimeSupportError } from './errors';
import { MAX_PAGES } from './memory';
import { type Pool, startPool } from './pool';

let pool: Pool | undefined;

/** Threads that walk each program, the calling one included. */
export const getThreads = (): number => engine.threads;

/**
 * Sets how many threads compute. The bits of every result stay the same. Await it before the next call into the
 * library; tensors and models stay valid.
 *
 * @param count 1 or more; more than there are cores is slower.
 * @returns the number in force.
 * @throws RuntimeSupportError where the runtime has no threads (Cloudflare Workers; pages that are not cross-origin
 *   isolated); ArgumentError
 */
export async function setThreads(count: number): Promise<number> {
  if (!Number.isInteger(count) || count < 1)
    throw new ArgumentError(`setThreads: the number of threads must be a whole number >= 1, got ${count}`);
  if (count === engine.threads) return count;
  if (count > 1 && !threaded)
    throw new RuntimeSupportError('setThreads: this runtime has no threads; use setThreads(1)');
  await pool?.stop();
  pool = undefined;
  if (count === 1) {
    engine.useThreads(1);
    return 1;
  }
  const bytes = await (threaded as () => Promise<Uint8Array<ArrayBuffer>>)();
  const memory = engine.sharedMemory ?? sharedMemory();
  const module = await WebAssembly.compile(bytes);
  const { exports } = await instantiate<Kernels>(module, imports(memory));
  const next = await startPool(module, memory, count - 1);
  if (engine.sharedMemory === undefined) engine.adopt(exports, memory);
  pool = next;
  engine.useThreads(count);
  return count;
}

function sharedMemory(): WebAssembly.Memory {
  const pages = engine.memory.usage.capacity / 65536;
  // Some hosts reserve the maximum at once and refuse 4 GiB.
  for (let maximum = MAX_PAGES; maximum >= 2 * pages && maximum >= 1024; maximum >>= 1) {
    try {
      return new WebAssembly.Memory({ initial: 16, maximum, shared: true });
    } catch {
      // The next smaller maximum may do.
    }
  }
  throw new RuntimeSupportError(
    'setThreads: this runtime grants no shared memory; a page must be cross-origin isolated (COOP and COEP headers)',
  );
}
