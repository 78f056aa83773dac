// Runs each loop of soak/loops.mjs in a process of its own and prints the most memory that it held.
// node scripts/soak.mjs [steps=10000] [part of a loop's name] [command of another runtime]
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** MB that no loop may hold. */
export const MOST = 600;
const script = fileURLToPath(new URL('soak/loops.mjs', import.meta.url));

/** Names of the loops. */
export const loops = () => JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' }));

/** The most memory that a loop's process held, in MB. @throws if it fails */
export const most = (name, steps, [command, ...args] = [process.execPath]) =>
  Number(execFileSync(command, [...args, script, name, String(steps)], { encoding: 'utf8', stdio: 'pipe' }).trim());

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [steps = '10000', part = '', ...runtime] = process.argv.slice(2);
  let isOver = false;
  for (const name of loops().filter((n) => n.includes(part))) {
    const start = performance.now();
    let result;
    try {
      const megabytes = most(name, Number(steps), runtime.length ? runtime : undefined);
      if (megabytes > MOST) isOver = true;
      result = `${megabytes} MB`;
    } catch (error) {
      isOver = true;
      result = String(error.stderr || error)
        .trim()
        .split('\n')
        .at(-1);
      result = `failed: ${String(error.stderr).match(/^\w*Error.*$/m)?.[0] ?? result}`;
    }
    console.log(
      `${name.padEnd(48)} ${result.padStart(8)} ${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s`,
    );
  }
  if (isOver) process.exitCode = 1;
}
