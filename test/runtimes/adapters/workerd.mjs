// workerd sees no file system: the modules are embedded by a configuration beside copies of them.
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environment } from '../host/command.mjs';
import { packaged } from '../host/install.mjs';
import { resultLine } from '../host/line.mjs';
import { complete } from '../host/process.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));

const config = (library) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .smoke)]);
const smoke :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "inside/worker.mjs"),
    (name = "inside/report.mjs", esModule = embed "inside/report.mjs"),
    (name = "inside/formats.mjs", esModule = embed "inside/formats.mjs"),
    (name = "inside/models.mjs", esModule = embed "inside/models.mjs"),
    (name = "inside/serve.mjs", esModule = embed "inside/serve.mjs"),
    (name = "smoke.mjs", esModule = embed "smoke.mjs"),
${library.map((name) => `    (name = "library/${name}", esModule = embed "library/${name}"),\n`).join('')}    (name = "ops-workerd.js", esModule = embed "ops-workerd.js"),
    (name = "samegrad.wasm", wasm = embed "samegrad.wasm")],
  compatibilityDate = "2026-11-17");
`;

export async function run({ dist, ops, folder, install, signal }) {
  const workerd = packaged(install, 'bin/workerd');
  for (const name of ['inside', 'library']) mkdirSync(`${folder}/${name}`);
  const library = readdirSync(`${dist}/workerd`).filter((name) => name.endsWith('.js'));
  for (const file of [
    'inside/worker.mjs',
    'inside/report.mjs',
    'inside/formats.mjs',
    'inside/models.mjs',
    'inside/serve.mjs',
    'smoke.mjs',
  ]) {
    copyFileSync(`${here}${file}`, `${folder}/${file}`);
  }
  for (const file of library) copyFileSync(`${dist}/workerd/${file}`, `${folder}/library/${file}`);
  copyFileSync(`${dist}/samegrad.wasm`, `${folder}/samegrad.wasm`);
  copyFileSync(`${ops}/ops-workerd.js`, `${folder}/ops-workerd.js`);
  writeFileSync(`${folder}/config.capnp`, config(library));

  const options = { cwd: folder, env: environment(folder), signal };
  const version = await complete(workerd, ['--version'], options);
  const { stdout, stderr } = await complete(workerd, ['test', 'config.capnp'], options);
  return { ...resultLine(`${stdout}\n${stderr}`), version: version.stdout.trim().split(' ').pop() };
}
