import { limits } from '../../../src/program/chunks';
import { setThreads } from '../../../src/runtime/threads';

/** Works with so many threads, which share even small operands. */
export async function sharing<T>(threads: number, work: () => T | Promise<T>): Promise<T> {
  if (threads > 1) Object.assign(limits, { command: 0, chunk: 1, program: 0 });
  await setThreads(threads);
  try {
    return await work();
  } finally {
    await setThreads(1);
  }
}
