// What Node, Deno and Bun share: inside/command.mjs run by a binary on dist/index.js.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resultLine } from './line.mjs';
import { complete } from './process.mjs';

const program = fileURLToPath(new URL('../inside/command.mjs', import.meta.url));

// Home and working directory are the row's temporary folder: caches go there, and no configuration is picked up.
export function environment(folder, extra = {}) {
  return { ...process.env, NO_COLOR: '1', HOME: folder, XDG_CACHE_HOME: folder, XDG_CONFIG_HOME: folder, ...extra };
}

export async function command(binary, options, { dist, ops, threads, folder, signal }, extra) {
  const urls = [`${dist}/index.js`, `${ops}/ops.js`].map((path) => pathToFileURL(path).href);
  const args = [...options, program, ...urls, String(threads)];
  const env = environment(folder, extra);
  const { stdout } = await complete(binary, args, { cwd: folder, env, signal });
  return resultLine(stdout);
}
