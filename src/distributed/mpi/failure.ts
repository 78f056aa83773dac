/** What one process fails at ends all of them: the others would wait for it forever. */
import { loadBuiltin } from '../../support/optional-modules';
import { thisProcess } from './foreign';
import type { MpiWorld } from './world';

interface Files {
  writeSync(file: number, text: string): number;
}

/** Milliseconds in which a launcher passes on what was printed. */
const FORWARDED = 200;

const told = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);

/** Ends all processes when this one has an error that nothing catches, or exits with a code; else finalizes at its exit. */
export async function endTogether(world: MpiWorld): Promise<void> {
  const process = thisProcess();
  const { writeSync } = await loadBuiltin<Files>('node:fs');
  // At once, and whole: nothing runs after the processes have ended.
  const fail = (what: string, code: number): never => {
    writeSync(2, `samegrad: rank ${world.rank} of ${world.size} ${what}; all ranks end\n`);
    // Launchers drop what they have not passed on when the processes end.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FORWARDED);
    return world.abort(code);
  };
  process?.on('uncaughtException', (error) => fail(`failed: ${told(error)}`, 1));
  process?.on('unhandledRejection', (error) => fail(`failed: ${told(error)}`, 1));
  process?.on('exit', (code) => {
    if (world.isFinal) return;
    if (code) fail(`exits with code ${code}`, Number(code));
    world.finalize();
  });
}
