// Builds dist/: the kernels with asc, the library with esbuild, its types with tsc.
// `--kernels` stops after the kernels: all that the tests need, as they import the sources.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';
import { writeCodes } from './codes.mjs';
import { wasmText } from './wasm-text.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

const newest = (dir) =>
  readdirSync(dir, { withFileTypes: true }).reduce((time, entry) => {
    const path = join(dir, entry.name);
    return Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }, 0);

/** Compiles both modules, unless they are newer than their sources. */
function kernels() {
  mkdirSync('build', { recursive: true });
  writeCodes();
  const sources = Math.max(newest('assembly'), statSync('asconfig.json').mtimeMs);
  for (const [target, file] of [
    ['plain', 'build/samegrad.wasm'],
    ['threads', 'build/samegrad-threads.wasm'],
  ]) {
    if (existsSync(file) && statSync(file).mtimeMs > sources) continue;
    execFileSync(
      process.execPath,
      ['node_modules/assemblyscript/bin/asc.js', 'assembly/index.ts', '--target', target],
      { stdio: 'inherit' },
    );
  }
}

const shared = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minifySyntax: true,
  minifyIdentifiers: true,
  legalComments: 'none',
  external: ['cli-progress', 'crc-32/*', 'node:*', 'papaparse', 'pbf', '*.wasm.js'],
  logLevel: 'warning',
};

/** Puts one of src/runtime/hosts in the place of `#wasm`. */
const host = (name) => ({ alias: { '#wasm': `./src/runtime/hosts/${name}.ts` } });

async function bundles() {
  rmSync('dist', { recursive: true, force: true });
  await build({
    ...shared,
    ...host('inline'),
    entryPoints: { index: 'src/index.ts' },
    outdir: 'dist',
  });
  await build({ ...shared, ...host('asset'), entryPoints: { asset: 'src/index.ts' }, outdir: 'dist' });
  await build({
    ...shared,
    ...host('workerd'),
    entryPoints: { workerd: 'src/index.ts' },
    outdir: 'dist',
    // Stays an import of its own: workerd hands it over compiled.
    plugins: [
      {
        name: 'wasm',
        setup: (b) => b.onResolve({ filter: /^samegrad\.wasm$/ }, () => ({ path: './samegrad.wasm', external: true })),
      },
    ],
  });
  await script();
  // Shorter names for what is used most: 4 % less than esbuild leaves.
  for (const name of ['index', 'asset', 'workerd', 'samegrad.min']) {
    const file = `dist/${name}.js`;
    const isModule = name !== 'samegrad.min';
    const { code } = await minify(readFileSync(file, 'utf8'), {
      module: isModule,
      ecma: 2022,
      // Short lines, as Node prints the line of an uncaught error; and what tells bundlers to keep off an import.
      // A classic script is read in the encoding of its page.
      format: { semicolons: false, max_line_len: 200, ascii_only: !isModule, comments: /@vite-ignore|webpackIgnore/ },
    });
    // A module that exports its own namespace: `import sg from 'samegrad'`. Bundlers drop it where it is not used.
    writeFileSync(file, isModule ? `${code}\nexport*as default from"./${name}.js";\n` : code);
  }
  for (const file of ['samegrad.wasm', 'samegrad-threads.wasm']) {
    copyFileSync(`build/${file}`, `dist/${file}`);
    writeFileSync(`dist/${file}.js`, wasmText(`build/${file}`));
  }
}

/** For pages without modules: all in one classic script that makes the global `sg`. */
async function script() {
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
  await build({
    ...shared,
    ...host('inline'),
    format: 'iife',
    globalName: 'sg',
    platform: 'browser',
    external: ['cli-progress', 'node:*', '*.wasm.js'],
    entryPoints: { 'samegrad.min': 'src/index.ts' },
    outdir: 'dist',
    plugins: [wasm],
  });
}

function types() {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
    stdio: 'inherit',
  });
  // TypeScript's NodeNext wants the files' whole names.
  for (const file of readdirSync('dist/types', { recursive: true }).filter((name) => name.endsWith('.d.ts'))) {
    const path = join('dist/types', file);
    const text = readFileSync(path, 'utf8');
    const whole = (_, before, quote, name) => {
      const isFile = existsSync(`${join(dirname(path), name)}.d.ts`);
      return `${before}${quote}${name}${isFile ? '' : '/index'}.js${quote}`;
    };
    writeFileSync(path, text.replace(/(from |import\(|import |declare module )(['"])(\.[^'"]+)\2/g, whole));
  }
  const all = './types/src/index.js';
  writeFileSync('dist/index.d.ts', `export * from '${all}';\nexport * as default from '${all}';\n`);
}

function sizes() {
  const gz = (file) => gzipSync(readFileSync(file), { level: 9 }).length;
  for (const file of readdirSync('dist').filter((f) => /\.(js|wasm)$/.test(f))) {
    console.log(
      `  dist/${file.padEnd(24)} ${String(statSync(join('dist', file)).size).padStart(8)} bytes ${String(gz(join('dist', file))).padStart(8)} gzipped`,
    );
  }
}

kernels();
if (!process.argv.includes('--kernels')) {
  await bundles();
  types();
  sizes();
}
