// For bundlers: each source a module of its own, so that they take what is used and leave the rest.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { shakable } from './shakable.mjs';
import { ENTRIES, host, WITH_DEFAULT } from './shared.mjs';

const OUT = 'dist/modules';
/** Hosts that only files for one runtime have. */
const ELSEWHERE = /hosts\/(asset|workerd)\b.*\.ts$/;

const sources = (dir) =>
  readdirSync(dir, { recursive: true })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !ELSEWHERE.test(name))
    .map((name) => join(dir, name));

const INLINE = host('inline', 'src/runtime/hosts', 'js');

/** Imports name files; the module of the kernels lies in dist/. */
const names = {
  name: 'file names',
  setup(b) {
    b.onResolve({ filter: /.*/ }, ({ path, kind, resolveDir }) => {
      if (kind === 'entry-point') return undefined;
      const here = relative(process.cwd(), resolveDir);
      if (path.endsWith('.wasm.js')) return external(relative(join(OUT, here), join('dist', path)));
      if (INLINE[path]) return external(relative(here, INLINE[path]));
      if (!path.startsWith('.')) return { path, external: true };
      return external(existsSync(`${resolve(resolveDir, path)}.ts`) ? `${path}.js` : `${path}/index.js`);
    });
  },
};
const external = (path) => ({ path: path.startsWith('.') ? path : `./${path}`, external: true });

/** Enums that are asked for the names of numbers too. */
const BOTH_WAYS = ['Op', 'Un', 'Bin', 'Tern'];

/** The constants that kernels and library share. */
async function constants() {
  const { outputFiles } = await build({ entryPoints: ['assembly/isa.ts'], bundle: true, format: 'esm', write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

/** They as plain objects: enums would hold each member twice. */
const asModule = (constants) =>
  Object.entries(constants)
    .map(([name, value]) => {
      const members = typeof value === 'number' || BOTH_WAYS.includes(name) ? value : forth(value);
      return `export const ${name} = ${JSON.stringify(members, undefined, 2)};\n`;
    })
    .join('');
const forth = (value) => Object.fromEntries(Object.entries(value).filter(([, member]) => typeof member === 'number'));

/** Modules that do something when they are loaded. */
const { sideEffects } = JSON.parse(readFileSync('package.json', 'utf8'));

export async function modules() {
  const values = await constants();
  const { outputFiles } = await build({
    entryPoints: sources('src'),
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
    write: false,
    plugins: [names],
  });
  for (const { path, text } of outputFiles) {
    const own = `./${relative(process.cwd(), path)}`;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, own.endsWith('.js') ? shakable(own, text, values, sideEffects.includes(own)) : text);
  }
  mkdirSync(join(OUT, 'assembly'));
  writeFileSync(join(OUT, 'assembly/isa.js'), asModule(values));
  for (const [name, source] of Object.entries(ENTRIES)) {
    const from = `from './${source.replace('.ts', '.js')}';\n`;
    // A module that imports itself would do too, but bundlers warn of that.
    writeFileSync(
      join(OUT, `${name}.js`),
      `export * ${from}${WITH_DEFAULT.includes(name) ? `export * as default ${from}` : ''}`,
    );
  }
}
