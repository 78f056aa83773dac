// For runtimes that load files as they are: one file for each entry, and what they share beside them, so that there is
// one engine and one class of tensors whichever are imported. Classes and functions keep their names.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { minify } from 'terser';
import { bundled, ENTRIES, host, loader, minified, OPTIONAL, WITH_DEFAULT } from './shared.mjs';

/** Stays an import of its own: workerd hands it over compiled. */
const compiled = {
  name: 'compiled wasm',
  setup: (b) => b.onResolve({ filter: /^samegrad.*\.wasm$/ }, ({ path }) => ({ path: `../${path}`, external: true })),
};

const FORMS = [
  { name: 'inline', outdir: 'dist', plugins: [loader] },
  { name: 'asset', outdir: 'dist/asset', plugins: [loader] },
  { name: 'workerd', outdir: 'dist/workerd', plugins: [loader, compiled] },
];

const scripts = (dir) => readdirSync(dir).filter((name) => name.endsWith('.js') && !name.endsWith('.wasm.js'));

/** esbuild calls a class that refers to itself `_Name` inside, which would be its name. */
const ownNames = (text) =>
  [...text.matchAll(/= class (_(\w+)) /g)].reduce(
    (all, [, inner, name]) => all.replace(new RegExp(`\\b${inner}\\b`, 'g'), name),
    text,
  );

/** In the place of # while names are shortened, as those of private members stay. A letter that no name has. */
const PRIVATE = 'ǂ';

async function shorten(file) {
  const { code, map } = await minify(ownNames(readFileSync(file, 'utf8')).replace(/#(?=\w)/g, PRIVATE), {
    ...minified(true, true),
    sourceMap: { content: readFileSync(`${file}.map`, 'utf8'), url: `${basename(file)}.map`, includeSources: true },
  });
  writeFileSync(file, code.replace(/ǂ|\\u01c2|\\u\{1c2\}/gi, '#'));
  writeFileSync(`${file}.map`, map);
}

/** Returns the paths of all sources in the files. */
export async function runtimes() {
  const inputs = [];
  for (const { name, outdir, plugins } of FORMS) {
    const { metafile } = await build({
      ...bundled,
      entryPoints: ENTRIES,
      alias: host(name),
      external: [...OPTIONAL, '*.wasm.js'],
      splitting: true,
      chunkNames: 'shared-[hash]',
      outdir,
      plugins,
      metafile: true,
    });
    inputs.push(...Object.keys(metafile.inputs));
    for (const file of Object.keys(metafile.outputs)) if (file.endsWith('.js')) await shorten(file);
    for (const entry of WITH_DEFAULT) selfDefault(join(outdir, `${entry}.js`), entry);
  }
  return inputs;
}

const SELF = /^export\*as default from.*\n/m;
const withoutDefault = {
  name: 'without default',
  setup: (b) =>
    b.onLoad({ filter: /\.js$/ }, ({ path }) => ({ contents: readFileSync(path, 'utf8').replace(SELF, '\n') })),
};
const selfRequired = (code) => code.replace(/(\n\/\/# sourceMappingURL)/, '\nmodule.exports.default=module.exports;$1');

/** `import sg from 'samegrad'`: the module exports its own namespace. Bundlers drop it where it is not used. */
function selfDefault(file, name) {
  const text = readFileSync(file, 'utf8');
  const line = `export*as default from"./${name}.js";`;
  writeFileSync(file, text.replace(/\n?(\/\/# sourceMappingURL=.*)\s*$/, `\n${line}\n$1\n`));
}

/** The same files for `require`, where that cannot load ES modules: Node before 20.19, Jest. */
export async function required() {
  const files = scripts('dist').filter((name) => name !== 'samegrad.min.js');
  const { outputFiles } = await build({
    entryPoints: files.map((name) => `dist/${name}`),
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    minifyWhitespace: true,
    write: false,
    plugins: [withoutDefault],
    logLevel: 'warning',
  });
  for (const { path, text } of outputFiles) {
    const name = basename(path, '.cjs');
    const code = text
      .replace(/require\("(\.\/[^"]+)\.js"\)/g, 'require("$1.cjs")')
      // What is loaded when it is used shares its modules with the rest: `import` would load them twice.
      .replace(/\bimport\("(\.\/[^"]+)\.js"\)/g, 'Promise.resolve().then(()=>require("$1.cjs"))');
    writeFileSync(path, path.endsWith('.map') || !WITH_DEFAULT.includes(name) ? code : selfRequired(code));
  }
  for (const wasm of ['dist/samegrad.wasm', 'dist/samegrad-predict.wasm'])
    writeFileSync(`${wasm}.cjs`, readFileSync(`${wasm}.js`, 'utf8').replace('export default', 'module.exports='));
}
