// Runtimes and test runners that load the package from node_modules.
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { own, root, run, runtime } from '../host.mjs';

const node =
  (file, binary = process.execPath) =>
  ({ project }) =>
    run(binary, [join(project, file)], project);

export const esm = node('print.mjs');
export const required = node('required.cjs');
export const oldEsm = (context) => node('print.mjs', own('node2017/bin/node'))(context);
export const oldRequired = (context) => node('required.cjs', own('node2017/bin/node'))(context);

export const deno = ({ project }) =>
  run(
    runtime('@deno/linux-x64-glibc/deno'),
    ['run', '--allow-read', '--allow-env', '--no-prompt', '--no-lock', '--node-modules-dir=manual', 'print.mjs'],
    project,
  );
export const bun = ({ project }) =>
  run(runtime('@oven/bun-linux-x64/bin/bun'), ['run', '--no-install', 'print.mjs'], project);
export const bunRequired = ({ project }) =>
  run(runtime('@oven/bun-linux-x64/bin/bun'), ['run', '--no-install', 'required.cjs'], project);

export async function workerd({ project, away }) {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(project, 'workerd.mjs')],
    bundle: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    loader: { '.wasm': 'copy' },
    external: ['node:*', 'cli-progress'],
    assetNames: '[name]',
    outdir: away,
    write: false,
    logLevel: 'silent',
  });
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
  const kernels = outputFiles.map(({ path }) => basename(path)).filter((name) => name.endsWith('.wasm'));
  const modules = kernels.map((name) => `(name = "${name}", wasm = embed "${name}")`);
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .program)]);
const program :Workerd.Worker = (
  modules = [
    (name = "workerd.js", esModule = embed "workerd.js"),
    ${modules.join(',\n    ')}],
  compatibilityDate = "2026-11-17");
`;
  writeFileSync(join(away, 'config.capnp'), config);
  return run(runtime('@cloudflare/workerd-linux-64/bin/workerd'), ['test', 'config.capnp'], away);
}

export async function jest({ project }) {
  writeFileSync(
    join(project, 'jest.config.json'),
    JSON.stringify({
      testEnvironment: own('jest-environment-jsdom/build/index.js'),
      testMatch: ['**/jest.test.cjs'],
      haste: { enableSymlinks: false },
      transform: {},
    }),
  );
  return run(process.execPath, [own('jest/bin/jest.js'), '--watchman=false', '--ci'], project);
}

export async function vitest({ project }) {
  const config = join(project, 'vitest.config.mjs');
  if (!existsSync(config)) writeFileSync(config, "export default { test: { include: ['vitest.test.mjs'] } };\n");
  return run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', project], project);
}

/** As a classic script, whose global has all. */
export async function script({ project, away }) {
  const file = join(away, 'script.cjs');
  copyFileSync(join(project, 'node_modules/samegrad/dist/samegrad.min.js'), join(away, 'samegrad.min.cjs'));
  copyFileSync(join(project, 'check.cjs'), join(away, 'check.cjs'));
  writeFileSync(
    file,
    `const vm = require('node:vm'); const fs = require('node:fs');
vm.runInThisContext(fs.readFileSync(__dirname + '/samegrad.min.cjs', 'utf8'));
require('./check.cjs').check(sg, sg, sg.layers).then((hash) => console.log('hash ' + hash));`,
  );
  return run(process.execPath, [file], away);
}
