// workerd sees no file system: the modules are embedded by a configuration beside copies of them.
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environment } from '../host/command.mjs';
import { packaged } from '../host/install.mjs';
import { resultLine } from '../host/line.mjs';
import { complete } from '../host/process.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));

/** What a run consists of: its module with `test`, and the modules beside it that are copied from this suite. */
const REPORT = {
  main: 'inside/worker.mjs',
  modules: ['inside/report.mjs', 'inside/formats.mjs', 'inside/models.mjs', 'inside/serve.mjs', 'smoke.mjs'],
  bundle: 'ops-workerd.js',
};
const TASK = { main: 'inside/worker-task.mjs', modules: ['inside/tasks.mjs'], bundle: 'bench.js' };

const esModule = (name, file = name) => `    (name = "${name}", esModule = embed "${file}"),\n`;

const config = ({ main, modules, bundle }, library, task) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .smoke)]);
const smoke :Workerd.Worker = (
  modules = [
${esModule('worker.mjs', main)}${[...modules, ...library.map((name) => `library/${name}`), bundle].map((name) => esModule(name)).join('')}${task ? '    (name = "task.json", json = embed "task.json"),\n' : ''}    (name = "samegrad.wasm", wasm = embed "samegrad.wasm")],
  compatibilityDate = "2026-11-17");
`;

export async function run({ dist, ops, folder, install, task, signal }) {
  const workerd = packaged(install, 'bin/workerd');
  const parts = task ? TASK : REPORT;
  for (const name of ['inside', 'library']) mkdirSync(`${folder}/${name}`);
  const library = readdirSync(`${dist}/workerd`).filter((name) => name.endsWith('.js'));
  for (const file of [parts.main, ...parts.modules]) copyFileSync(`${here}${file}`, `${folder}/${file}`);
  for (const file of library) copyFileSync(`${dist}/workerd/${file}`, `${folder}/library/${file}`);
  copyFileSync(`${dist}/samegrad.wasm`, `${folder}/samegrad.wasm`);
  copyFileSync(`${ops}/${parts.bundle}`, `${folder}/${parts.bundle}`);
  if (task) writeFileSync(`${folder}/task.json`, JSON.stringify(task));
  writeFileSync(`${folder}/config.capnp`, config(parts, library, task));

  const options = { cwd: folder, env: environment(folder), signal };
  const version = await complete(workerd, ['--version'], options);
  const { stdout, stderr } = await complete(workerd, ['test', 'config.capnp'], options);
  return { ...resultLine(`${stdout}\n${stderr}`), version: version.stdout.trim().split(' ').pop() };
}
