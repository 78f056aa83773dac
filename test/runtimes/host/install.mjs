// The runtimes from npm: about 1 GB, so they are installed only when a selected row needs one.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { binary } from './missing.mjs';
import { complete } from './process.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));

function json(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}

// package.json pins exact versions: '1.2.3', or 'npm:other-name@1.2.3'.
export function isInstalled(name) {
  const { dependencies, optionalDependencies } = json(`${folder}package.json`);
  const wanted = { ...dependencies, ...optionalDependencies }[name];
  return json(`${folder}node_modules/${name}/package.json`).version === wanted.slice(wanted.lastIndexOf('@') + 1);
}

export function install(signal) {
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  return complete('npm', ['install', ...options, '--prefix', folder], { cwd: folder, signal });
}

// For instance packaged('node22', 'bin/node').
export function packaged(name, path) {
  return binary(`${folder}node_modules/${name}/${path}`, 'npm install --ignore-scripts --prefix test/runtimes');
}
