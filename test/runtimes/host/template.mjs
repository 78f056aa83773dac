// templates/worker as workerd runs it, with the built package in the place of what a bundler would put together.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment } from './command.mjs';
import { packaged } from './install.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const WASM = ['samegrad.wasm', 'samegrad-predict.wasm'];
const ENTRIES = ['predict', 'serve'];

const config = (modules, token, port) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .model)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);
const model :Workerd.Worker = (
  modules = [${modules.map(({ name, kind }) => `(name = "${name}", ${kind} = embed "${name}")`).join(',\n    ')}],
  bindings = [(name = "TOKEN", text = "${token}")],
  compatibilityDate = "2026-11-17");
`;

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Writes what workerd reads to a folder. @returns its modules */
function write(folder, bytes) {
  mkdirSync(join(folder, 'samegrad'));
  const library = readdirSync(join(root, 'dist/workerd')).filter((name) => name.endsWith('.js'));
  for (const name of library) copyFileSync(join(root, 'dist/workerd', name), join(folder, 'samegrad', name));
  for (const name of WASM) copyFileSync(join(root, 'dist', name), join(folder, name));
  for (const name of ENTRIES) writeFileSync(join(folder, 'samegrad', name), `export * from './${name}.js';\n`);
  copyFileSync(join(root, 'templates/worker/worker.js'), join(folder, 'worker.js'));
  writeFileSync(join(folder, 'model.safetensors'), bytes);
  const scripts = ['worker.js', ...[...library, ...ENTRIES].map((name) => `samegrad/${name}`)];
  return [
    ...scripts.map((name) => ({ name, kind: 'esModule' })),
    ...WASM.map((name) => ({ name, kind: 'wasm' })),
    { name: 'model.safetensors', kind: 'data' },
  ];
}

/** Starts it. @returns its address, and how to end it */
export async function startTemplate(folder, bytes, token) {
  const port = await freePort();
  writeFileSync(join(folder, 'config.capnp'), config(write(folder, bytes), token, port));
  const binary = packaged('@cloudflare/workerd-linux-64', 'bin/workerd');
  const child = spawn(binary, ['serve', 'config.capnp'], { cwd: folder, env: environment(folder) });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      output += data;
    });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries++) {
    const response = await fetch(`${url}/v2/health/ready`).catch(() => undefined);
    if (response?.status === 200) return { url, stop: () => child.kill('SIGKILL') };
    if (response || child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  throw new Error(`workerd does not serve: ${output}`);
}
