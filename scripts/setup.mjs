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

// Versions are pinned in package.json; a lock file would name the registry it was made with.
const mark = 'node_modules/.package-lock.json';
if (!existsSync(mark) || newest(mark) < newest('package.json')) {
  // npm, whichever way this script was started.
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []];
  execFileSync(command, [...args, 'install'], { stdio: 'inherit' });
}
const built = 'dist/index.d.ts';
const sources = ['src', 'assembly', 'scripts', 'asconfig.json', 'tsconfig.build.json'];
if (!existsSync(built) || newest(built) < Math.max(...sources.map(newest))) {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
