// All set-up of a fresh clone: packages, then what is built from the sources. Does nothing where nothing is missing.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

const newest = (path) =>
  statSync(path).isDirectory()
    ? Math.max(0, ...readdirSync(path).map((f) => newest(join(path, f))))
    : statSync(path).mtimeMs;

const mark = 'node_modules/.package-lock.json';
const lock = existsSync('package-lock.json') ? 'package-lock.json' : 'package.json';
if (!existsSync(mark) || newest(mark) < newest(lock)) {
  // npm, whichever way this script was started.
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []];
  execFileSync(command, [...args, existsSync('package-lock.json') ? 'ci' : 'install', '--no-audit', '--no-fund'], {
    stdio: 'inherit',
  });
}
const built = 'dist/index.d.ts';
const sources = ['src', 'assembly', 'scripts', 'asconfig.json', 'tsconfig.build.json'];
if (!existsSync(built) || newest(built) < Math.max(...sources.map(newest))) {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
