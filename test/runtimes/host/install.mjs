// The runtimes from npm: about 1 GB, so they are installed only when a selected row needs one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deadline } from './attempt.mjs';
import { binary } from './missing.mjs';
import { complete } from './process.mjs';

// The suite's folder, or one below it with a package.json of its own.
const folderOf = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

function json(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}

// package.json pins exact versions: '1.2.3', or 'npm:other-name@1.2.3'.
export function isInstalled(name, below = '') {
  const folder = folderOf(below);
  const { dependencies, optionalDependencies } = json(join(folder, 'package.json'));
  const wanted = { ...dependencies, ...optionalDependencies }[name];
  return json(join(folder, 'node_modules', name, 'package.json')).version === wanted.slice(wanted.lastIndexOf('@') + 1);
}

export function install(signal, below = '', more = []) {
  const folder = folderOf(below);
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', ...more];
  return complete('npm', ['install', ...options, '--prefix', folder], { cwd: folder, signal });
}

const INSTALL_SECONDS = 600;

// What rows of the suite need. A failed installation is not the end: the rows that lack their binary say so.
export async function prepare(rows, interrupted) {
  const wanted = rows.map((row) => row.install).filter((name) => name !== undefined && !isInstalled(name));
  if (wanted.length === 0) return;
  console.error(`installing ${[...new Set(wanted)].join(', ')} ...`);
  const limit = deadline(interrupted, INSTALL_SECONDS * 1000, `npm install timed out after ${INSTALL_SECONDS} s`);
  try {
    await install(limit.signal);
  } catch (error) {
    console.error(`${error.message}\n${error.detail ?? ''}`);
  } finally {
    limit.clear();
  }
}

// For instance packaged('node22', 'bin/node').
export function packaged(name, path, below = '') {
  const file = join(folderOf(below), 'node_modules', name, path);
  return binary(file, `npm install --ignore-scripts --prefix test/runtimes/${below}`);
}
