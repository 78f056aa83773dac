/** Threads that nobody has asked for. */
import { loadBuiltin } from '../support/optional-modules';
import { engine } from './engine';
import { startThreads } from './threads';

/** More seldom help what is trained in JavaScript. */
const MOST = 8;
/** 64 KiB each. Memory is copied once when threads start, which shall surprise nobody who uses more. */
const MOST_PAGES = 8192;

/** Starts threads, if more than one are wanted. @throws as `setThreads` */
export async function startByDefault(): Promise<void> {
  if (engine.memory.pagesNeeded > MOST_PAGES) return;
  const count = await wanted();
  if (count > 1) await startThreads(count);
}

interface Runtime {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly Deno?: {
    readonly permissions: { querySync(asked: { name: 'env'; variable: string }): { readonly state: string } };
  };
}

/** How many threads there shall be: SAMEGRAD_THREADS of the environment, or as many as there are cores, up to 8. */
async function wanted(): Promise<number> {
  const { process, navigator, Deno } = globalThis as Runtime;
  const variable = 'SAMEGRAD_THREADS';
  // Deno would ask the user.
  const isReadable = Deno === undefined || Deno.permissions.querySync({ name: 'env', variable }).state === 'granted';
  const asked = isReadable ? process?.env?.[variable] : undefined;
  if (asked) {
    if (/^[1-9]\d*$/.test(asked)) return Number(asked);
    console.warn(`samegrad: ${variable} must be the number of threads, got '${asked}'; one thread computes`);
    return 1;
  }
  const cores =
    navigator?.hardwareConcurrency ??
    (await loadBuiltin<{ availableParallelism(): number }>('node:os')).availableParallelism();
  return Math.min(cores, MOST);
}
