/**
 * What programs take of the package, gzipped with the kernels: what they load when they start, as Rollup bundles them,
 * and all in one file, as esbuild does by default. The module for threads, which is fetched when it is asked for, is not
 * counted. Budgets in thousands of bytes.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build, transform } from 'esbuild';
import { type RollupCache, rollup } from 'rollup';
import { describe, expect, test } from 'vitest';
import { shakable } from '../../scripts/build/shakable.mjs';
import { host } from '../../scripts/build/shared.mjs';
import { run } from '../support/child';
import { isAll } from '../support/effort';

const OPTIONAL = ['papaparse', 'pbf', 'crc-32/', 'cli-progress', 'node:'];
const NOT_COUNTED = ['*.wasm.js', ...OPTIONAL.map((name) => `${name}*`)];
const gzipped = (data: string | Uint8Array): number => gzipSync(data, { level: 9 }).length;
const kernels = gzipped(readFileSync('dist/samegrad.wasm'));
const kernelsPredict = gzipped(readFileSync('dist/samegrad-predict.wasm'));

/** In one file, as it bundles programs by default: with all that may be used later. */
async function byEsbuild(contents: string, external: string[]): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    write: false,
    external,
  });
  return outputFiles[0]?.contents as Uint8Array;
}

const ENTRY = join(process.cwd(), 'budget.js');
let cache: RollupCache | undefined;
/** The entry, and what it imports before it runs. */
async function byRollup(contents: string): Promise<number> {
  const bundle = await rollup({
    input: ENTRY,
    cache,
    external: (id) => id.endsWith('.wasm.js') || OPTIONAL.some((name) => id.startsWith(name)),
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === ENTRY ? id : null),
        load: (id) => (id === ENTRY ? contents : null),
      },
      nodeResolve({ browser: true }),
    ],
  });
  cache = bundle.cache;
  const { output } = await bundle.generate({ format: 'es' });
  const chunks = output.filter((file) => file.type === 'chunk');
  const chunkOf = (name: string) => chunks.find(({ fileName }) => fileName === name);
  const files = [output[0]];
  for (const { imports } of files)
    files.push(...imports.flatMap((name) => chunkOf(name) ?? []).filter((c) => !files.includes(c)));
  const codes = files.map(({ code }) => transform(code, { minify: true, format: 'esm', charset: 'utf8' }));
  return gzipped((await Promise.all(codes)).map(({ code }) => code).join('\n'));
}

const mlp = `
  const model = sg.sequential();
  model.add(layers.dense({ units: 8, activation: 'relu', inputShape: [4] }));
  model.add(layers.dense({ units: 3, activation: 'softmax' }));`;
const layers = "import * as layers from 'samegrad/layers';";

describe.each([
  [
    'tensor ops and gradients',
    97.8,
    103.3,
    `import * as sg from 'samegrad';
    const f = sg.grad((x) => sg.sum(sg.square(x)));
    const y = sg.matMul(sg.tensor2d([[1, 2], [3, 4]]), sg.tensor2d([[1], [2]]));
    console.log(f(sg.tensor1d([1, 2, 3])).dataSync(), y.add(1).dataSync(), sg.softmax(y).arraySync());`,
  ],
  [
    'an MLP with training',
    166.6,
    230.3,
    `import * as sg from 'samegrad'; ${layers} ${mlp}
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    await model.fit(sg.ones([8, 4]), sg.ones([8, 3]), { epochs: 2 });
    console.log(model.predict(sg.ones([2, 4])).dataSync());`,
  ],
  [
    'an MLP that predicts',
    86.5,
    93,
    `import * as sg from 'samegrad/predict'; ${layers} ${mlp}
    console.log(model.predict(sg.ones([2, 4])).dataSync());`,
  ],
  ['everything', 257.9, 347.1, "import * as sg from 'samegrad'; console.log(sg);"],
])('%s', (_, atStart, whole, program) => {
  const taken = /samegrad\/predict/.test(program) ? kernelsPredict : kernels;

  // Rollup takes its time over all there is.
  if (isAll || taken === kernelsPredict)
    test(`at most ${atStart} KB at the start`, async () => {
      expect(((await byRollup(program)) + taken) / 1000).toBeLessThanOrEqual(atStart);
    });

  test(`at most ${whole} KB in one file`, async () => {
    expect((gzipped(await byEsbuild(program, NOT_COUNTED)) + taken) / 1000).toBeLessThanOrEqual(whole);
  });

  // What is imported late is in the same file then, and initialized when a module that others import asks for it.
  test('runs in one file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'samegrad-bundle-'));
    try {
      const file = join(folder, 'program.mjs');
      writeFileSync(file, await byEsbuild(program, ['node:*', 'cli-progress']));
      expect(await run(process.execPath, [file], { timeout: 60_000 })).not.toBe('');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test.runIf(isAll)('models in ONNX take at most 45 KB more than everything else', async () => {
  const everything = "import * as sg from 'samegrad'; console.log(sg);";
  const more = "import * as onnx from 'samegrad/onnx'; console.log(onnx);";
  const [without, all] = [await byRollup(everything), await byRollup(everything + more)];
  expect((all - without) / 1000).toBeLessThanOrEqual(45);
});

/**
 * What `samegrad/predict` reaches, all of its exports, without what bundlers drop: at the start, or when a module is
 * imported that is loaded late.
 */
async function reached() {
  const { sideEffects } = JSON.parse(readFileSync('package.json', 'utf8')) as { sideEffects: string[] };
  const { outputFiles, metafile } = await build({
    entryPoints: ['src/predict.ts'],
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
    splitting: true,
    outdir: 'reached',
    alias: host('inline'),
    external: ['*.wasm.js'],
    plugins: [
      {
        name: 'shakable',
        setup(b) {
          // What lets a loaded model train is not loaded where models cannot.
          b.onResolve({ filter: /^\.\/training$/ }, ({ path }) => ({ path, external: true }));
          b.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
            const own = `./${relative(process.cwd(), path)}`;
            const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'ts', target: 'es2022' });
            return { contents: shakable(own, code, {}, sideEffects.includes(own)) };
          });
        },
      },
    ],
  });
  const { outputs } = metafile;
  return (module: string) => {
    const names = Object.keys(outputs).filter((name) => outputs[name]?.entryPoint === module);
    for (const name of names)
      for (const { path, kind } of outputs[name]?.imports ?? [])
        if (kind === 'import-statement' && outputs[path] && !names.includes(path)) names.push(path);
    const inputs = names.flatMap((name) => Object.entries(outputs[name]?.inputs ?? {}));
    return {
      text: names.map((name) => outputFiles.find(({ path }) => path.endsWith(name))?.text).join('\n'),
      files: inputs.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    };
  };
}

test('predictions need no training, gradients or data, and no command that their kernels lack', async () => {
  const reachedBy = await reached();
  const { files, text } = reachedBy('src/predict.ts');
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => /^src\/(autodiff|train|data|preprocessing|io)\//.test(file))).toEqual([
    'src/io/model/entries.ts',
  ]);
  for (const late of ['model/load', 'own/model', 'keras/index', 'storage/places']) {
    const { files } = reachedBy(`src/io/${late}.ts`);
    expect(files.length, late).toBeGreaterThan(10);
    expect(files.filter((file) => /^src\/(autodiff|train|data|preprocessing)\/|models\/trainer/.test(file))).toEqual(
      [],
    );
  }
  // In brackets, and in the tables of times, commands are keys only.
  const parts = text.split(/^\/\/ (?=src\/)/m).filter((part) => !part.startsWith('src/program/'));
  const emitted = new Set(
    parts.flatMap((part) => [...part.matchAll(/(?<!\[)\b(\d+) \/\* (\w+) \*\//g)]).map(([, , name]) => name),
  );
  const kernels = readFileSync('assembly/program.ts', 'utf8');
  const [, further] = kernels.split('function furtherCommand');
  const lacking = [...(further as string).matchAll(/case Op\.(\w+):/g)].map(([, name]) => name as string);
  expect(lacking.length).toBeGreaterThan(20);
  expect(emitted).toContain('Gemm');
  expect(lacking.filter((name) => emitted.has(name))).toEqual([]);
});
