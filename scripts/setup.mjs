// All set-up of a fresh clone: packages, then what is built from the sources. Does nothing where nothing is missing.
//
//   node scripts/setup.mjs [--examples] [--site] [--runtimes]
//
// --examples: with the data of all examples; --site: with what makes the site; --runtimes: with the runtimes of
// test/runtimes (1 GB).
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

const newest = (path) =>
  statSync(path).isDirectory()
    ? Math.max(0, ...readdirSync(path).map((f) => newest(join(path, f))))
    : statSync(path).mtimeMs;

// Versions are pinned in package.json; a lock file would name the registry it was made with.
function installIn(folder) {
  const mark = join(folder, 'node_modules/.package-lock.json');
  if (existsSync(mark) && newest(mark) >= newest(join(folder, 'package.json'))) return;
  // npm, whichever way this script was started.
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []];
  // Of what data and tools would run or bring along, nothing is needed.
  const few = folder === '.' ? [] : ['--ignore-scripts', '--legacy-peer-deps'];
  const options = ['--no-package-lock', '--no-audit', '--no-fund', ...few];
  execFileSync(command, [...args, 'install', ...options], { cwd: folder, stdio: 'inherit' });
}

installIn('.');
if (process.argv.includes('--examples')) installIn('examples/data');
if (process.argv.includes('--site')) installIn('site');
if (process.argv.includes('--runtimes')) installIn('test/runtimes');
const built = 'dist/index.d.ts';
const sources = ['src', 'assembly', 'scripts', 'asconfig.json', 'tsconfig.build.json'];
if (!existsSync(built) || newest(built) < Math.max(...sources.map(newest))) {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
