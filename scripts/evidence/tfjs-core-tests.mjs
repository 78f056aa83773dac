// Runs TensorFlow.js core's own unit tests, as npm installed them, on the built samegrad.
//   node scripts/evidence/tfjs-core-tests.mjs [--only TEXT] [--failures] [--json FILE]
// Each file's imports of TensorFlow.js are resolved to samegrad. Files that reach into its internals, and tests of what
// samegrad leaves out (complex and string tensors, other backends, ...), are counted by reason.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import * as sg from 'samegrad';
import { ownErrors, runAll, Suites } from './jasmine.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const core = join(root, 'node_modules/@tensorflow/tfjs-core/dist');
const { values: options } = parseArgs({
  options: { only: { type: 'string' }, failures: { type: 'boolean' }, json: { type: 'string' } },
});

/** What a test's source shows that samegrad leaves out; the first that fits counts. */
const OUTSIDE = [
  ['complex numbers', /complex|\breal\(|\bimag\(|spectral|\b[ir]*fft\b|\bstft\b/],
  ['strings as tensors', /'string'|encodeString|tf\.string|\bstringTo|`string`|tensor(\dd)?\(\[*'|scalar\('/],
  ['ragged and sparse tensors', /tf\.(sparse\.|ragged)|[rR]agged/],
  [
    'backends and kernels of TensorFlow.js',
    /registerBackend|registerKernel|registerGradient|removeBackend|KernelBackend|getKernel|setBackend\('test|runKernel|findBackendFactory|tf\.backend\(\)\.[a-z]*(?<!epsilon)\(|engine\(\)\.(?!memory|startScope|endScope|tidy)|ENGINE|numDataIds|numDataBuffers|GPUData|dataToGPU|readToGPU|isDataSync/,
  ],
  ['flags of TensorFlow.js', /env\(\)|ENV\./],
  ['saving and loading', /tf\.io\.|tf\.(load|save)/],
  ['browser only', /document\.|ImageData|OffscreenCanvas|createImageBitmap|HTML|VideoElement/],
];

ownErrors.push(sg.SamegradError);
const SHIM = 'shim:';
const files = readdirSync(core, { recursive: true })
  .filter((name) => name.endsWith('_test.js') && name.includes(options.only ?? ''))
  .sort();

const named = (importer, path) => {
  const source = readFileSync(importer, 'utf8').replace(/^\/\/# sourceMappingURL.*$/m, '');
  const line = [...source.matchAll(/^import \{([^}]*)\} from '([^']+)'/gm)].filter((m) => m[2] === path);
  const all = new RegExp(`^import \\* as \\w+ from '${path}'`, 'm').test(source);
  return all ? undefined : line.flatMap((m) => m[1].split(',').map((name) => name.trim().split(' as ')[0]));
};

/** What stands for modules of TensorFlow.js that are not public: constants, and what samegrad has under another name. */
const COUNTERPARTS = {
  util: { ...sg.util, fetch: (...args) => fetch(...args) },
  test_util: { ...sg.test_util, TEST_EPSILON_FLOAT16: 1e-1, encodeStrings: (values) => values },
  reduce_util: { PARALLELIZE_THRESHOLD: 30 },
  selu_util: { SELU_SCALEALPHA: 1.7580993408473768, SELU_SCALE: 1.0507009873554805 },
  engine: { ENGINE: sg.engine() },
  environment: { env: sg.env },
};

/** Helpers of the tests themselves: bundled as they are. */
const HELPERS = /(image_test_util|identity_pool_test)$/;

/** Tells esbuild what stands in for each import; collects what has no counterpart. */
function stand(lacking) {
  const resolve = ({ path, importer, kind }) => {
    if (kind === 'entry-point' || path === 'samegrad')
      return path === 'samegrad' ? { path, external: true } : undefined;
    if (/(^|\/)index$|^\.\.$/.test(path)) return { path: 'index', namespace: SHIM };
    if (path.endsWith('jasmine_util')) return { path: 'jasmine', namespace: SHIM };
    if (HELPERS.test(path)) return undefined;
    const base = basename(path);
    if (base in COUNTERPARTS && named(importer, path)?.some((name) => !(name in COUNTERPARTS[base])) !== true)
      return { path: base, namespace: SHIM };
    const names = named(importer, path);
    if (path.endsWith('rand_util')) {
      if (basename(importer) !== 'rand_test.js') return undefined;
    } else if (names?.every((name) => name in sg)) return { path: 'index', namespace: SHIM };
    if (basename(importer) === 'rand_util.js') return undefined;
    lacking.push(names ? `${basename(path)}: ${names.join(', ')}` : basename(path));
    return { path: 'nothing', namespace: SHIM };
  };
  const load = ({ path }) => {
    const loader = 'js';
    if (path === 'index')
      return {
        contents: `export * from 'samegrad'; import * as sg from 'samegrad'; export const backend = sg.backend;`,
        loader,
      };
    if (path === 'nothing') return { contents: 'module.exports = {};', loader };
    return { contents: `module.exports = globalThis.tfjsTests['${path}'];`, loader };
  };
  return {
    name: 'samegrad for TensorFlow.js',
    setup(b) {
      b.onResolve({ filter: /^(\.|samegrad$)/ }, resolve);
      b.onLoad({ filter: /.*/, namespace: SHIM }, load);
    },
  };
}

const environments = (suites) => ({
  ALL_ENVS: {},
  NODE_ENVS: {},
  SYNC_BACKEND_ENVS: {},
  HAS_WORKER: { off: true },
  BROWSER_ENVS: { off: true },
  CHROME_ENVS: { off: true },
  TestKernelBackend: class {},
  describeWithFlags: (name, constraints, define) =>
    suites.describe(
      name,
      constraints.off ? () => {} : () => define({ name: 'wasm', backendName: 'wasm', isDataSync: true }),
    ),
});

async function load(file, out) {
  const lacking = [];
  await build({
    entryPoints: [join(core, file)],
    outfile: out,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
    plugins: [stand(lacking)],
  });
  return lacking;
}

/** Runs a test in a scope of its own, as TensorFlow.js' harness does: what it makes is gone afterwards. */
async function scoped(run) {
  sg.engine().startScope();
  try {
    await run();
  } finally {
    sg.engine().endScope();
    sg.disposeVariables();
    sg.env().reset();
  }
}

/** Why a test is not one of the public API that both libraries have, or undefined. */
function reason(test, file) {
  const source = `${file} ${test.name} ${test.run}`;
  return OUTSIDE.find(([, pattern]) => pattern.test(source))?.[0];
}

const folder = join(root, 'build/tfjs-tests');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const skipped = [];
const results = [];

for (const file of files) {
  const out = join(folder, `${file.replaceAll('/', '-')}.mjs`);
  const lacking = await load(file, out);
  if (lacking.length) {
    skipped.push({ file, why: lacking.join('; ') });
    continue;
  }
  const suites = new Suites();
  Object.assign(globalThis, suites.globals(), { tfjsTests: { ...COUNTERPARTS, jasmine: environments(suites) } });
  try {
    await import(pathToFileURL(out).href);
  } catch (error) {
    results.push({ file, name: '(loading)', error, outside: undefined });
    continue;
  }
  const around = scoped;
  for (const { name, error, run } of await runAll(suites.tests, around))
    results.push({ file, name, error, outside: reason({ name, run }, file), source: String(run) });
}

const wanted = results.filter((result) => result.outside === undefined);
const passed = wanted.filter((result) => result.error === undefined);
const outside = OUTSIDE.map(([why]) => [why, results.filter((result) => result.outside === why)]);
if (options.failures) {
  for (const { file, name, error } of wanted)
    if (error) console.log(`${file}\n  ${name}\n    ${String(error?.message ?? error).slice(0, 300)}`);
}
console.log(`${files.length} files; ${skipped.length} import internals of TensorFlow.js`);
for (const { file, why } of skipped) console.log(`  ${relative('.', file)}: ${why}`);
for (const [why, tests] of outside)
  console.log(`outside, ${why}: ${tests.length} tests, of which ${tests.filter((test) => !test.error).length} pass`);
console.log(
  `public API: ${passed.length} of ${wanted.length} tests pass, ${((100 * passed.length) / wanted.length).toFixed(2)} %`,
);
if (options.json) {
  const rows = results.map(({ file, name, error, outside: why, source }) => ({
    file,
    name,
    error: error && String(error?.stack ?? error),
    outside: why,
    source,
  }));
  writeFileSync(options.json, JSON.stringify(rows, null, 1));
}
process.exit(0);
