// What all kinds of consumers share: the packed package in a project of its own, and programs that end.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { binary } from '../runtimes/host/missing.mjs';
import { complete } from '../runtimes/host/process.mjs';

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, '../..');
const SECONDS = 180;

export const resolved = (path) => pathToFileURL(join(here, path)).href;
export const signal = () => AbortSignal.timeout(SECONDS * 1000);

/** A file of this suite's own packages. */
export const own = (path) => binary(join(here, 'node_modules', path), 'npm install --prefix test/consumers');
/** A file of the runtimes' packages. */
export const runtime = (path) =>
  binary(join(here, '../runtimes/node_modules', path), 'npm install --ignore-scripts --prefix test/runtimes');

/** Runs a program; what it prints. */
export async function run(command, args, cwd) {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1' };
  // Of the runner's own Vitest.
  for (const name of Object.keys(env)) if (/^(VITEST|NODE_ENV|NODE_OPTIONS|VITE_)/.test(name)) delete env[name];
  const { stdout, stderr } = await complete(command, args, { cwd, env, signal: signal() });
  return `${stdout}\n${stderr}`;
}

/** Packs the package as it is published, without building it again. */
async function pack(folder) {
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  await complete('npm', args, { cwd: root, signal: signal() });
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  );
}

/** A project that has the package, with its dependencies, installed. */
export async function prepare(folder) {
  const packed = await pack(folder);
  const [project, away] = ['project', 'away'].map((name) => join(folder, name));
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'samegrad'), { recursive: true });
  mkdirSync(away);
  await complete('tar', ['-xzf', packed, '--strip-components=1', '-C', join(modules, 'samegrad')], {
    signal: signal(),
  });
  const { name, version, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const one of [...Object.keys(dependencies), 'resolve-protobuf-schema', 'protocol-buffers-schema'])
    if (existsSync(join(root, 'node_modules', one)))
      cpSync(join(root, 'node_modules', one), join(modules, one), { recursive: true });
  cpSync(join(here, 'project'), project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, dependencies: { [name]: version } }));
  const { transform } = await import('esbuild');
  const { code } = await transform(readFileSync(join(project, 'check.mjs'), 'utf8'), { format: 'cjs' });
  writeFileSync(join(project, 'check.cjs'), code);
  return { packed, project, away };
}
