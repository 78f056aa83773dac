/** Compiles the kernels before any test runs, if their sources have changed. */
import { execFileSync } from 'node:child_process';
import { isAll } from './effort';

export default function setup(): void {
  if (!isAll) console.log('Of random programs a share is tested, in some runtimes; SAMEGRAD_TESTS=all tests all.');
  execFileSync(process.execPath, ['scripts/build.mjs', '--kernels'], { stdio: 'inherit' });
}
