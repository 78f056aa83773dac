// What Node, Deno and Bun share: inside/command.mjs run by a binary on dist/index.js, or inside/task.mjs.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resultLine } from './line.mjs';
import { complete } from './process.mjs';

const program = (name) => fileURLToPath(new URL(`../inside/${name}.mjs`, import.meta.url));
const url = (path) => pathToFileURL(path).href;

// Home and working directory are the row's temporary folder: caches go there, and no configuration is picked up.
export function environment(folder, extra = {}) {
  return { ...process.env, NO_COLOR: '1', HOME: folder, XDG_CACHE_HOME: folder, XDG_CONFIG_HOME: folder, ...extra };
}

export async function command(binary, options, { dist, ops, threads, task, folder, signal }, extra) {
  const what = task
    ? [program('task'), `${url(dist)}/`, `${url(ops)}/`, JSON.stringify(task)]
    : [program('command'), url(`${dist}/index.js`), url(`${ops}/ops.js`), String(threads)];
  const env = environment(folder, extra);
  const { stdout } = await complete(binary, [...options, ...what], { cwd: folder, env, signal });
  return resultLine(stdout);
}
