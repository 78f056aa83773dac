// For bundlers: each source a module of its own, so that they take what is used and leave the rest.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { ENTRIES, WITH_DEFAULT } from './shared.mjs';

const OUT = 'dist/modules';
/** Hosts that only files for one runtime have. */
const ELSEWHERE = /hosts\/(asset|workerd)\.ts$/;

const sources = (dir) =>
  readdirSync(dir, { recursive: true })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !ELSEWHERE.test(name))
    .map((name) => join(dir, name));

/** Imports name files; the module of the kernels lies in dist/. */
const names = {
  name: 'file names',
  setup(b) {
    b.onResolve({ filter: /.*/ }, ({ path, kind, resolveDir }) => {
      if (kind === 'entry-point') return undefined;
      const here = relative(process.cwd(), resolveDir);
      if (path.endsWith('.wasm.js')) return external(relative(join(OUT, here), join('dist', path)));
      if (path === '#wasm') return external(relative(here, 'src/runtime/hosts/inline.js'));
      if (!path.startsWith('.')) return { path, external: true };
      return external(existsSync(`${resolve(resolveDir, path)}.ts`) ? `${path}.js` : `${path}/index.js`);
    });
  },
};
const external = (path) => ({ path: path.startsWith('.') ? path : `./${path}`, external: true });

export async function modules() {
  await build({
    entryPoints: [...sources('src'), 'assembly/isa.ts', 'assembly/codes.ts', ...sources('assembly/layouts')],
    outdir: OUT,
    outbase: '.',
    // Only to have the imports rewritten: nothing is put together.
    bundle: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: true,
    logLevel: 'warning',
    plugins: [names],
  });
  for (const [name, source] of Object.entries(ENTRIES)) {
    const from = `from './${source.replace('.ts', '.js')}';\n`;
    // A module that imports itself would do too, but bundlers warn of that.
    writeFileSync(
      join(OUT, `${name}.js`),
      `export * ${from}${WITH_DEFAULT.includes(name) ? `export * as default ${from}` : ''}`,
    );
  }
}
