// For pages without modules: all in one classic script that makes the global `sg`.
import { readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { minify } from 'terser';
import { bundled, host, loader, minified } from './shared.mjs';

const FILE = 'dist/samegrad.min.js';

// Classic scripts are read in the encoding of their page: the module may only consist of ASCII.
const wasm = {
  name: 'wasm as base64',
  setup(b) {
    b.onResolve({ filter: /\/samegrad\.wasm\.js$/ }, () => ({ path: 'build/samegrad.wasm', namespace: 'base64' }));
    b.onLoad({ filter: /.*/, namespace: 'base64' }, ({ path }) => ({
      contents: `export default atob('${readFileSync(path, 'base64')}')`,
    }));
  },
};

/** Returns the paths of all sources in the file. */
export async function script() {
  const { metafile } = await build({
    ...bundled,
    alias: host('inline'),
    format: 'iife',
    globalName: 'sg',
    platform: 'browser',
    external: ['cli-progress', 'node:*', '*.wasm.js'],
    entryPoints: { 'samegrad.min': 'src/index.ts' },
    outdir: 'dist',
    plugins: [wasm, loader],
    metafile: true,
  });
  const { code, map } = await minify(readFileSync(FILE, 'utf8'), {
    ...minified(false, false),
    sourceMap: { content: readFileSync(`${FILE}.map`, 'utf8'), url: 'samegrad.min.js.map' },
  });
  writeFileSync(FILE, code);
  writeFileSync(`${FILE}.map`, map);
  return Object.keys(metafile.inputs);
}
