/**
 * What programs take of the package, gzipped with the kernels, bundled by esbuild and by Rollup; the module for threads,
 * which is fetched when it is asked for, is not counted. Budgets in thousands of bytes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build, transform } from 'esbuild';
import { type RollupCache, rollup } from 'rollup';
import { describe, expect, test } from 'vitest';

const OPTIONAL = ['papaparse', 'pbf', 'crc-32', 'cli-progress', 'node:'];
const gzipped = (data: string | Uint8Array): number => gzipSync(data, { level: 9 }).length;
const kernels = gzipped(readFileSync('dist/samegrad.wasm'));

async function byEsbuild(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    write: false,
    external: ['*.wasm.js', ...OPTIONAL.map((name) => `${name}*`)],
  });
  return gzipped(outputFiles[0]?.contents as Uint8Array);
}

const ENTRY = join(process.cwd(), 'budget.js');
let cache: RollupCache | undefined;
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
  const { output } = await bundle.generate({ format: 'es', inlineDynamicImports: true });
  const { code } = await transform(output[0].code, { minify: true, format: 'esm', charset: 'utf8' });
  return gzipped(code);
}

const mlp = `
  const model = sg.sequential();
  model.add(layers.dense({ units: 8, activation: 'relu', inputShape: [4] }));
  model.add(layers.dense({ units: 3, activation: 'softmax' }));`;
const layers = "import * as layers from 'samegrad/layers';";

describe.each([
  [
    'tensor ops and gradients',
    105,
    `import * as sg from 'samegrad';
    const f = sg.grad((x) => sg.sum(sg.square(x)));
    const y = sg.matMul(sg.tensor2d([[1, 2], [3, 4]]), sg.tensor2d([[1], [2]]));
    console.log(f(sg.tensor1d([1, 2, 3])).dataSync(), y.add(1).dataSync(), sg.softmax(y).arraySync());`,
  ],
  [
    'an MLP with training',
    150,
    `import * as sg from 'samegrad'; ${layers} ${mlp}
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    await model.fit(sg.ones([8, 4]), sg.ones([8, 3]), { epochs: 2 });
    console.log(model.predict(sg.ones([2, 4])).dataSync());`,
  ],
  [
    'an MLP that predicts',
    93,
    `import * as sg from 'samegrad/predict'; ${layers} ${mlp}
    console.log(model.predict(sg.ones([2, 4])).dataSync());`,
  ],
  ['everything', 225, "import * as sg from 'samegrad'; console.log(sg);"],
])('%s', (_, budget, program) => {
  test.each([
    ['esbuild', byEsbuild],
    ['Rollup', byRollup],
  ])(`%s: at most ${budget} KB`, async (_, size) => {
    expect(((await size(program)) + kernels) / 1000).toBeLessThanOrEqual(budget);
  });
});

test('predictions need no training, gradients or data', async () => {
  const { metafile } = await build({
    entryPoints: ['src/predict.ts'],
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
    alias: { '#wasm': './src/runtime/hosts/inline.ts' },
    external: ['*.wasm.js'],
  });
  const taken = Object.keys(Object.values(metafile.outputs)[0]?.inputs ?? {});
  expect(taken.length).toBeGreaterThan(100);
  expect(taken.filter((file) => /^src\/(autodiff|train|data|preprocessing|io)\//.test(file))).toEqual([]);
});
