// Runs TensorFlow.js core's own unit tests, as npm installed them, on the built samegrad.
//   node scripts/evidence/tfjs-core-tests.mjs [--only TEXT] [--json FILE] [--page FILE]
// Each file's imports of TensorFlow.js are resolved to samegrad. Files that reach into its internals, tests of what
// samegrad leaves out and tests that it fails on purpose are counted by reason; the exit code is 1 if any other fails.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import * as sg from 'samegrad';
import { ownErrors, runAll, Suites } from './jasmine.mjs';
import { DIFFERENCES, entryOf, OUTSIDE } from './tfjs-core-differences.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const core = join(root, 'node_modules/@tensorflow/tfjs-core/dist');
const { values: options } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'string' }, page: { type: 'string' } },
});

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
    results.push({ file, name: '(loading)', source: '', error: `${error.name}: ${error.message}` });
    continue;
  }
  for (const { name, error, run } of await runAll(suites.tests, scoped))
    results.push({ file, name, source: String(run), error: error && `${error.name}: ${error.message ?? error}` });
}

for (const result of results) {
  result.outside = entryOf(OUTSIDE, result);
  result.difference = result.error && !result.outside ? entryOf(DIFFERENCES, result) : undefined;
}

const inside = results.filter(({ outside }) => !outside);
const passed = inside.filter(({ error }) => !error);
const different = inside.filter(({ difference }) => difference);
const unexplained = inside.filter(({ error, difference }) => error && !difference);
const share = (part) => `${part.length} of ${inside.length} (${((100 * part.length) / inside.length).toFixed(2)} %)`;
/** Tests by the titles of their entries. */
const byTitle = (tests, key) => {
  const titles = [...new Set(tests.map((test) => test[key].title))];
  return titles.map((title) => [title, tests.filter((test) => test[key].title === title)]);
};

console.log(`${files.length} files; ${skipped.length} import internals of TensorFlow.js:`);
for (const { file, why } of skipped) console.log(`  ${file}: ${why}`);
for (const [title, tests] of byTitle(
  results.filter(({ outside }) => outside),
  'outside',
))
  console.log(`left out, ${title}: ${tests.length} tests`);
console.log(`pass: ${share(passed)}`);
console.log(`differ on purpose: ${share(different)}`);
for (const [title, tests] of byTitle(different, 'difference')) console.log(`  ${title}: ${tests.length}`);
const idle = [...OUTSIDE, ...DIFFERENCES].filter(
  (entry) => !results.some(({ outside, difference }) => outside === entry || difference === entry),
);
if (!options.only) for (const { title, why } of idle) console.log(`  no test shows: ${title}: ${why ?? ''}`);
console.log(`fail: ${share(unexplained)}`);
for (const { file, name, error } of unexplained) console.log(`  ${file}: ${name}\n    ${error.slice(0, 300)}`);
if (options.json) writeFileSync(options.json, JSON.stringify(results, null, 1));
if (options.page) writeFileSync(options.page, page());
process.exit(unexplained.length ? 1 : 0);

/** The differences as Markdown. */
function page() {
  const list = (entries) =>
    [...new Set(entries.map(({ title }) => title))].map((title) => {
      const reasons = entries.filter((entry) => entry.title === title && entry.why).map(({ why }) => why);
      return `- **${title}.** ${reasons.join(' ')}`;
    });
  return ['# Left out', '', ...list(OUTSIDE), '', '# Different', '', ...list(DIFFERENCES), ''].join('\n');
}
