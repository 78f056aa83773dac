import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A case of which one run is a whole Node process: spawn, work, exit. Without a script it is Node alone. */
export function startup(script, ...args) {
  const program = script ? [fileURLToPath(new URL(`./peers/first/${script}`, import.meta.url)), ...args] : ['-e', '0'];
  const run = () =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, program, { stdio: ['ignore', 'ignore', 'pipe'] });
      let errors = '';
      child.stderr.on('data', (text) => {
        errors += text;
      });
      child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(errors.slice(-500)))));
    });
  return async () => ({ run, dispose() {} });
}
