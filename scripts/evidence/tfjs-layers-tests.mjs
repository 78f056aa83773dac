// Runs the unit tests of TensorFlow.js Layers on the built samegrad. They are fetched from npm: 0.6.4 is the last version
// that was published with them.
//   node scripts/evidence/tfjs-layers-tests.mjs [--only TEXT] [--failures] [--json FILE]
// Imports of its core and its index are resolved to samegrad; what other modules of it would give throws when it is
// used. Tests that need such internals, and tests of what samegrad leaves out, are counted by reason.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import * as sg from 'samegrad';
import { ownErrors, runAll, Suites } from './jasmine.mjs';

const VERSION = '0.6.4';
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const folder = join(root, `build/tfjs-layers-${VERSION}`);
const tests = join(folder, 'package/dist-es6');
const { values: options } = parseArgs({
  options: { only: { type: 'string' }, failures: { type: 'boolean' }, json: { type: 'string' } },
});

/** Tests of modules that are not public. */
const INTERNAL = /backend|variables_test|executor_test|version_test|types_test|_utils_test/;

/** What a test's source shows that samegrad leaves out; the first that fits counts. */
const OUTSIDE = [
  ['saving and loading', /\.save\(|loadModel|modelFromJSON|loadWeights|toJSON/],
  ['fields that are private in TensorFlow.js', /inboundNodes|outboundNodes|\.model\b|containerNodes|nodesByDepth/],
];

ownErrors.push(sg.SamegradError);
const SHIM = 'shim:';

function fetchTests() {
  if (existsSync(tests)) return;
  mkdirSync(folder, { recursive: true });
  const [file] = execFileSync('npm', ['pack', '-s', `@tensorflow/tfjs-layers@${VERSION}`], {
    cwd: folder,
    encoding: 'utf8',
  })
    .trim()
    .split('\n');
  execFileSync('tar', ['xzf', file], { cwd: folder });
}

/** Thrown by what stands for internals of TensorFlow.js. */
class Internal extends Error {}
const internal = (name) =>
  new Proxy(class {}, {
    get: (target, key) =>
      key === 'prototype' || typeof key === 'symbol' ? Reflect.get(target, key) : internal(`${name}.${key}`),
    apply: () => {
      throw new Internal(name);
    },
    construct: () => {
      throw new Internal(name);
    },
  });

/** Tensors are compared by shape and values. */
function close(actual, expected, epsilon) {
  const isBoth = actual instanceof sg.Tensor && expected instanceof sg.Tensor;
  if (isBoth && String(actual.shape) !== String(expected.shape))
    throw new Error(`shapes [${actual.shape}] and [${expected.shape}] differ`);
  const [a, b] = [actual, expected].map((x) => [...(x instanceof sg.Tensor ? x.dataSync() : [x].flat())]);
  sg.test_util.expectArraysClose(a, b, epsilon);
}

/** Classes that programs get from factories alone. */
const made = (make) =>
  class {
    constructor(...args) {
      // biome-ignore lint/correctness/noConstructorReturn: stands for the class of what the factory makes
      return make(...args);
    }
  };
const SymbolicTensor = made((dtype, shape) => sg.input({ batchShape: shape, dtype }));
const classes = Object.fromEntries(
  ['Dense', 'Reshape', 'RepeatVector', 'TimeDistributed'].map((name) => [
    name,
    made(sg.layers[name[0].toLowerCase() + name.slice(1)]),
  ]),
);
/** A class that classes compiled to functions of ES5 can extend: they call it. */
const callable = (cls) =>
  new Proxy(cls, { apply: (made, self, args) => Reflect.construct(made, args, self.constructor) });
const open = (module) =>
  Object.fromEntries(
    Object.entries(module).map(([name, value]) => [
      name,
      /^[A-Z]/.test(name) && typeof value === 'function' ? callable(value) : value,
    ]),
  );
const index = { ...open(sg), layers: open(sg.layers), Model: callable(sg.LayersModel), SymbolicTensor };

const lower = (name) => name[0].toLowerCase() + name.slice(1);
/** What a name, an object, or settings say of a namespace of factories. */
const finder = (namespace) => (given) => {
  if (typeof given === 'object' && !('className' in given && 'config' in given)) return given;
  const name = lower(given?.className ?? given).replace(/^l1L2$/, 'l1l2');
  const make =
    namespace[name] ?? Object.entries(namespace).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  if (!make) throw new sg.ArgumentError(`unknown ${name}`);
  return make(given?.config ?? {});
};
const serialize = (rule) => ({ className: rule.getClassName(), config: rule.getConfig() });
const activations = Object.fromEntries(
  ['Elu', 'HardSigmoid', 'Linear', 'Relu', 'Relu6', 'Selu', 'Sigmoid', 'Softmax', 'Softplus', 'Softsign', 'Tanh'].map(
    (name) => [
      name,
      class {
        apply = sg.activations[lower(name)];
      },
    ],
  ),
);

/** Functions of TensorFlow.js' own back end, of which tests make what they expect. */
const backend = {
  scalarTimesArray: (c, x) => sg.mul(c, x),
  scalarPlusArray: (c, x) => sg.add(c, x),
  epsilon: () => 1e-7,
  concatAlongFirstAxis: (a, b) => sg.concat([a, b], 0),
  tile: (x, n) => sg.tile(x, [n].flat()),
  sliceAlongFirstAxis: (x, start, size) => sg.slice(x, start, size),
  oneHot: (indices, depth) => sg.oneHot(indices.toInt(), depth).toFloat(),
  countParams: (x) => x.size,
};

/** Modules that tests import. */
const modules = (suites) => ({
  // Later versions have no such function.
  '@core': { ...open(sg), mulStrict: sg.mul },
  test_util: sg.test_util,
  index,
  core: classes,
  wrappers: classes,
  recurrent: { SimpleRNN: made(sg.layers.simpleRNN), RNNCell: callable(sg.layers.RNNCell) },
  activations,
  tfjs_backend: backend,
  initializers: { getInitializer: finder(sg.initializers), serializeInitializer: serialize },
  constraints: {
    getConstraint: finder(sg.constraints),
    deserializeConstraint: finder(sg.constraints),
    serializeConstraint: serialize,
  },
  regularizers: {
    getRegularizer: finder(sg.regularizers),
    deserializeRegularizer: finder(sg.regularizers),
    serializeRegularizer: serialize,
  },
  topology: { InputSpec: sg.InputSpec },
  metrics: { binaryAccuracy: sg.metrics.binaryAccuracy, categoricalAccuracy: sg.metrics.categoricalAccuracy },
  models: { Sequential: sg.Sequential },
  training: { Model: sg.LayersModel },
  test_utils: {
    describeMathCPU: suites.describe,
    describeMathCPUAndGPU: suites.describe,
    describeMathGPU: () => {},
    expectTensorsClose: close,
    expectTensorsValuesInRange: (t, low, high) => sg.test_util.expectValuesInRange(t.dataSync(), low, high),
    expectNoLeakedTensors: (run, count) => {
      run();
      const before = sg.memory().numTensors;
      run();
      const made = sg.memory().numTensors - before;
      if (made !== count) throw new Error(`made ${made} tensors, ${count} expected`);
    },
  },
  types: { SymbolicTensor },
  callbacks: { CustomCallback: sg.CustomCallback },
});

/** Plain helpers of TensorFlow.js, which tests use to make their data: bundled as they are. */
const HELPERS = /(serialization_utils|generic_utils|math_utils|conv_utils)$/;

/** Tells esbuild what stands in for each import; collects the names of internals. */
function stand(internals) {
  const resolve = ({ path, importer, kind }) => {
    if (kind === 'entry-point') return undefined;
    if (path.endsWith('core/dist/test_util')) return { path: 'test_util', namespace: SHIM };
    if (path.startsWith('@tensorflow/tfjs-core')) return { path: '@core', namespace: SHIM };
    if (HELPERS.test(path) || path.endsWith('.json') || !importer.endsWith('_test.js')) return undefined;
    const source = readFileSync(importer, 'utf8');
    const from = path.replaceAll('.', '\\.');
    const names = source.match(new RegExp(`^import \\{([^}]*)\\} from '${from}'`, 'm'))?.[1];
    const all = source.match(new RegExp(`^import \\* as (\\w+) from '${from}'`, 'm'))?.[1];
    const used = names?.split(',').map((name) => name.trim()) ?? uses(source, all);
    const base = basename(path);
    const known = modules(new Suites())[base] ?? {};
    if (base === 'index' || base === 'test_utils') return { path: base, namespace: SHIM };
    internals.push(...used.filter((name) => !(name in known)));
    return { path: `${base} ${[...new Set(used)].join(' ')}`, namespace: SHIM };
  };
  const load = ({ path }) => {
    const [base, ...names] = path.split(' ');
    const entries = names.map((name) => `${name}: (tests['${base}'] ?? {})['${name}'] ?? tests.internal('${name}')`);
    const contents = names.length ? `{ ${entries.join(', ')} }` : `tests['${base}']`;
    return { contents: `const tests = globalThis.tfjsTests; module.exports = ${contents};`, loader: 'js' };
  };
  return {
    name: 'samegrad for TensorFlow.js Layers',
    setup(b) {
      b.onResolve({ filter: /^(\.|@tensorflow)/ }, resolve);
      b.onLoad({ filter: /.*/, namespace: SHIM }, load);
    },
  };
}

/** What a source reads of a module that it imports as a whole. */
const uses = (source, alias) => [...source.matchAll(new RegExp(`\\b${alias}\\.(\\w+)`, 'g'))].map((match) => match[1]);

async function load(file, out) {
  const internals = [];
  await build({
    entryPoints: [join(tests, file)],
    outfile: out,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    plugins: [stand(internals)],
  });
  return internals;
}

/** Why a test is not one of the public API that both libraries have, or undefined. */
function reason(file, source, internals, error) {
  if (
    INTERNAL.test(file) ||
    error instanceof Internal ||
    internals.some((name) => new RegExp(`\\b(import_\\w+|K|losses|math_utils)\\d*\\.${name}\\b`).test(source))
  )
    return 'internals of TensorFlow.js';
  return OUTSIDE.find(([, pattern]) => pattern.test(source))?.[0];
}

// Tests that promise too much, too late: they have been counted already.
process.on('unhandledRejection', () => {});
fetchTests();
const files = readdirSync(tests, { recursive: true })
  .filter((name) => name.endsWith('_test.js') && name.includes(options.only ?? ''))
  .sort();
const out = join(folder, 'bundles');
rmSync(out, { recursive: true, force: true });
const results = [];
console.warn = () => {};
for (const file of files) {
  const target = join(out, `${file.replaceAll('/', '-')}.mjs`);
  const internals = await load(file, target);
  const suites = new Suites();
  Object.assign(globalThis, suites.globals(), { tfjsTests: { ...modules(suites), internal } });
  try {
    await import(pathToFileURL(target).href);
  } catch (error) {
    results.push({ file, name: '(loading)', error, outside: reason(file, '', internals, error) });
  }
  const around = async (run) => {
    sg.engine().startScope();
    try {
      await run();
    } finally {
      sg.engine().endScope();
    }
  };
  for (const { name, error, run } of await runAll(suites.tests, around)) {
    const source = String(run);
    results.push({ file, name, error, source, outside: reason(file, source, internals, error) });
  }
}

const wanted = results.filter((result) => result.outside === undefined);
const passed = wanted.filter((result) => result.error === undefined);
if (options.failures) {
  for (const { file, name, error } of wanted)
    if (error) console.log(`${file}\n  ${name}\n    ${String(error?.stack ?? error).slice(0, 400)}`);
}
const reasons = Map.groupBy
  ? Map.groupBy(results, (result) => result.outside)
  : new Map([...new Set(results.map((r) => r.outside))].map((why) => [why, results.filter((r) => r.outside === why)]));
for (const [why, list] of reasons)
  if (why) console.log(`outside, ${why}: ${list.length} tests, of which ${list.filter((r) => !r.error).length} pass`);
console.log(
  `public API: ${passed.length} of ${wanted.length} tests pass, ${((100 * passed.length) / wanted.length).toFixed(2)} %`,
);
if (options.json)
  writeFileSync(
    options.json,
    JSON.stringify(
      results.map((r) => ({ ...r, error: r.error && String(r.error?.stack ?? r.error) })),
      null,
      1,
    ),
  );
process.exit(0);
