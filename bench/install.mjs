import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Fetches the peers on first use, and gives them samegrad by its name as a user has it. */
export function install() {
  if (!existsSync(at('./node_modules/.package-lock.json'))) {
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', at('.')];
    const { status } = spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' });
    if (status !== 0) throw new Error('bench: npm install failed');
  }
  const link = at('./node_modules/samegrad');
  // Not a file: dependency, for which npm would also touch the library's own node_modules.
  if (!existsSync(link)) symlinkSync(at('..'), link, 'junction');
}

/** The peers' versions, as package.json pins them. */
export function versions() {
  return JSON.parse(readFileSync(at('./package.json'), 'utf8')).dependencies;
}
