// workerd sees no file system: the modules are embedded by a configuration beside copies of them.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environment } from '../host/command.mjs';
import { packaged } from '../host/install.mjs';
import { resultLine } from '../host/line.mjs';
import { complete } from '../host/process.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .smoke)]);
const smoke :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "inside/worker.mjs"),
    (name = "inside/report.mjs", esModule = embed "inside/report.mjs"),
    (name = "smoke.mjs", esModule = embed "smoke.mjs"),
    (name = "workerd.js", esModule = embed "workerd.js"),
    (name = "ops-workerd.js", esModule = embed "ops-workerd.js"),
    (name = "samegrad.wasm", wasm = embed "samegrad.wasm")],
  compatibilityDate = "2026-11-17");
`;

export async function run({ dist, ops, folder, install, signal }) {
  const workerd = packaged(install, 'bin/workerd');
  mkdirSync(`${folder}/inside`);
  for (const file of ['inside/worker.mjs', 'inside/report.mjs', 'smoke.mjs']) {
    copyFileSync(`${here}${file}`, `${folder}/${file}`);
  }
  for (const file of ['workerd.js', 'samegrad.wasm']) copyFileSync(`${dist}/${file}`, `${folder}/${file}`);
  copyFileSync(`${ops}/ops-workerd.js`, `${folder}/ops-workerd.js`);
  writeFileSync(`${folder}/config.capnp`, CONFIG);

  const options = { cwd: folder, env: environment(folder), signal };
  const version = await complete(workerd, ['--version'], options);
  const { stdout, stderr } = await complete(workerd, ['test', 'config.capnp'], options);
  return { ...resultLine(`${stdout}\n${stderr}`), version: version.stdout.trim().split(' ').pop() };
}
