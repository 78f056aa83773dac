// Changes single operators, one at a time, and asks whether a test notices. What survives is printed: each survivor
// needs a test, or a reason (a change of speed alone, for instance).
//
//   node scripts/mutants.mjs [--count 200] [--seed 1] [--under src/plan] [--resume results.jsonl]
//                                   [--calls calls.jsonl]
//
// Works on a copy of the sources in build/mutants. One run of all tests first notes which functions each test file calls;
// a mutant then runs only against the files that call its function. Results are appended as they come. With --resume and
// --calls (build/mutants/calls.jsonl of an earlier run) an interrupted run continues.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseSync } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const copy = join(root, 'build/mutants');

/** What each operator may become. */
const BINARY = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '==': '!=',
  '!=': '==',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '<<': '>>>',
  '>>>': '<<',
  '>>': '<<',
  '&': '|',
  '|': '&',
  '^': '|',
};
const ASSIGNMENT = { '+=': '-=', '-=': '+=', '*=': '/=', '/=': '*=', '<<=': '>>>=', '>>>=': '<<=' };

/** @typedef {{ file: string, start: number, end: number, text: string, within: string[] }} Mutant */

const walk = (dir) =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return walk(path);
    return path.endsWith('.ts') && !path.endsWith('.d.ts') ? [path] : [];
  });

/** AssemblyScript's decorators of functions are no TypeScript: blanks of the same length take their place. */
const parseable = (code) => code.replace(/^@\w+(\([^)\n]*\))?/gm, (m) => ' '.repeat(m.length));

/** The operator between two operands: the last text of it before the right one, outside of brackets and comments. */
function operatorAt(code, from, to, operator) {
  const at = code.slice(from, to).lastIndexOf(operator);
  return at < 0 ? undefined : from + at;
}

/** The name that the engine's coverage has for the function which this node defines, if it defines one. */
function nameOf(node) {
  if (node.type === 'FunctionDeclaration') return node.id?.name;
  const value = node.value ?? node.init;
  if (!/Function/.test(value?.type ?? '')) return undefined;
  const key = node.key ?? node.id;
  return key?.type === 'PrivateIdentifier' ? `#${key.name}` : key?.name;
}

/** Every place of a file where one operator, number or condition may be changed. */
export function mutantsOf(file, code) {
  const found = [];
  const within = [];
  const add = (start, end, text) => found.push({ file, start, end, text, within: [...within] });
  const visit = (node) => {
    if (!node || typeof node.type !== 'string') return;
    const name = nameOf(node);
    if (name) within.push(name);
    change(node);
    if (name) within.pop();
  };
  const change = (node) => {
    // Types have no effect when the program runs.
    if (node.type.startsWith('TS') && !('expression' in node)) return;
    if (node.type === 'ImportDeclaration') return;
    const operators = node.type === 'AssignmentExpression' ? ASSIGNMENT : BINARY;
    if ('operator' in node && 'left' in node && operators[node.operator]) {
      const at = operatorAt(code, node.left.end, node.right.start, node.operator);
      if (at !== undefined) add(at, at + node.operator.length, operators[node.operator]);
    }
    if (node.type === 'UnaryExpression' && (node.operator === '!' || node.operator === '-'))
      add(node.start, node.start + 1, ' ');
    if (node.type === 'UpdateExpression') {
      const at = node.prefix ? node.start : node.end - 2;
      add(at, at + 2, node.operator === '++' ? '--' : '++');
    }
    if (node.type === 'Literal' && typeof node.value === 'number') add(node.start, node.end, `(${node.raw} + 1)`);
    if (node.type === 'Literal' && typeof node.value === 'boolean') add(node.start, node.end, String(!node.value));
    if (node.type === 'IfStatement')
      add(node.test.start, node.test.end, `!(${code.slice(node.test.start, node.test.end)})`);
    if (
      node.type === 'ExpressionStatement' &&
      node.expression.type === 'CallExpression' &&
      node.expression.callee.type !== 'Super'
    )
      add(node.start, node.end, ';');
    for (const [key, value] of Object.entries(node)) {
      if (key === 'typeAnnotation' || key === 'typeArguments' || key === 'returnType') continue;
      if (Array.isArray(value)) value.forEach(visit);
      else if (value && typeof value === 'object') visit(value);
    }
  };
  const { program, errors } = parseSync(file, parseable(code));
  if (errors.length) throw new Error(`${file}: ${errors[0].message}`);
  visit(program);
  return found;
}

/** Numbers of [0, 1) from a seed (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** `count` mutants, drawn evenly over all places. */
export function draw(count, seed, under) {
  const all = ['src', 'assembly']
    .flatMap((dir) => walk(join(root, dir)))
    .map((path) => relative(root, path))
    .filter((file) => file.startsWith(under))
    .sort()
    .flatMap((file) => mutantsOf(file, readFileSync(join(root, file), 'utf8')));
  const next = generator(seed);
  const chosen = [];
  while (chosen.length < count && all.length) {
    const at = Math.floor(next() * all.length);
    chosen.push(all[at]);
    all[at] = all.at(-1);
    all.pop();
  }
  return chosen;
}

function prepare() {
  rmSync(copy, { recursive: true, force: true });
  const isSource = (path) => !/^(node_modules|build|dist|\.git)(\/|$)/.test(relative(root, path));
  for (const entry of readdirSync(root).filter((name) => isSource(join(root, name))))
    cpSync(join(root, entry), join(copy, entry), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: copy, stdio: 'ignore' });
}

/** Notes, beside the tests of one file, which functions of the sources they call. */
const RECORDER = `
import { appendFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { afterAll, expect } from 'vitest';

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: false });
const start = performance.now();
afterAll(async () => {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const called = {};
  for (const { url, functions } of result) {
    const file = /build\\/mutants\\/(src\\/.*\\.ts)/.exec(url)?.[1];
    if (!file) continue;
    const names = (called[file] ??= {});
    for (const { functionName, ranges } of functions) {
      const name = functionName.replace(/^([gs]et|static) /, '');
      names[name] = names[name] || ranges[0].count > 0;
    }
  }
  const test = expect.getState().testPath;
  appendFileSync(new URL('./calls.jsonl', import.meta.url), JSON.stringify({ test, called, ms: performance.now() - start }) + '\\n');
});
`;

/** Which tests call which functions: one run of all. */
async function record() {
  writeFileSync(join(copy, 'recorder.ts'), RECORDER);
  writeFileSync(
    join(copy, 'recorder.config.ts'),
    `import base from './vitest.config.ts';
export default { ...base, test: { ...base.test, setupFiles: ['./recorder.ts'], testTimeout: 600_000 } };
`,
  );
  // Counting calls is slow: what fails here for lack of time has been seen to pass.
  await failure(['run', '--config=recorder.config.ts'], 60, 0);
  return callsOf(join(copy, 'calls.jsonl'));
}

function callsOf(path) {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line)).sort((a, b) => a.ms - b.ms);
}

/** The test files that call the function which a mutant changes, the quickest first; all, if the file is not known. */
function testsOf({ file, within }, calls) {
  const isKnown = (name) => calls.some(({ called }) => called[file]?.[name] !== undefined);
  const name = within.filter(isKnown).at(-1);
  const isLoaded = calls.some(({ called }) => called[file]);
  return calls
    .filter(({ called }) => !isLoaded || (name === undefined ? called[file] : called[file]?.[name]))
    .map(({ test, ms }) => ({ name: relative(copy, test), ms }))
    .filter(({ name }) => existsSync(join(copy, name)));
}

/** The case table, which notices most changes in kernels, and quickly. */
const KERNELS = ['eager', 'strides', 'update', 'random', 'scalars'].map((name) => `test/kernels/${name}.test.ts`);
/** Tests that notice others; what only the rest would notice counts as unnoticed. */
const NEAR_KERNELS = ['test/kernels', 'test/autodiff', 'test/ops', 'test/plan', 'test/runtime/threads.test.ts'];

/**
 * Runs tests in the copy. A mutant may loop for ever, so the whole group of processes ends after `minutes`.
 * @returns what the tests noticed, or undefined if all passed
 */
function failure(args, minutes, bail = 1) {
  const child = spawn(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', args[0], `--bail=${bail}`, '--reporter=default', '--no-color', ...args.slice(1)],
    { cwd: copy, detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, CI: 'true' } },
  );
  let output = '';
  child.stderr.on('data', (text) => {
    output += text;
  });
  const end = () => process.kill(-child.pid, 'SIGKILL');
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, minutes * 60_000);
  return new Promise((resolve) => {
    child.on('close', (status) => {
      clearTimeout(timer);
      if (isLate) resolve(`still running after ${minutes} minutes`);
      else if (status === 0) resolve(undefined);
      else resolve(/FAIL\s+(.*)/.exec(output)?.[1] ?? 'tests did not run');
    });
  });
}

/** Milliseconds of tests that run before the others: most mutants are noticed by one of the quick ones. */
const FIRST = 8000;

/** The first of the tests, as many as take so long. */
function quickest(tests, within) {
  let left = within;
  return tests.filter(({ ms }) => {
    left -= ms;
    return left >= 0;
  });
}

async function judge(mutant, calls) {
  const { file, start, end, text } = mutant;
  const path = join(copy, file);
  const code = readFileSync(path, 'utf8');
  writeFileSync(path, code.slice(0, start) + text + code.slice(end));
  try {
    const isKernel = file.startsWith('assembly');
    if (isKernel) {
      rmSync(join(copy, 'build'), { recursive: true, force: true });
      const built = spawnSync(process.execPath, ['scripts/build.mjs', '--kernels'], { cwd: copy, stdio: 'ignore' });
      if (built.status !== 0) return 'does not compile';
      return (await failure(['run', ...KERNELS], 4)) ?? (await failure(['run', ...NEAR_KERNELS], 8));
    }
    const tests = testsOf(mutant, calls);
    const near = tests.filter(({ name }) => name.startsWith(`test/${file.split('/')[1]}/`));
    const first = new Set([...quickest(near, FIRST), ...quickest(tests, FIRST)].map(({ name }) => name));
    const rest = tests.map(({ name }) => name).filter((name) => !first.has(name));
    const noticed = first.size ? await failure(['run', ...first], 4) : undefined;
    return noticed ?? (rest.length ? await failure(['run', ...rest], 15) : undefined);
  } finally {
    writeFileSync(path, code);
  }
}

const lineOf = (code, at) => code.slice(0, at).split('\n').length;

async function main() {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      under: { type: 'string', default: '' },
      calls: { type: 'string' },
      resume: { type: 'string', default: join(root, 'build/mutants.jsonl') },
    },
  });
  const done = new Map(
    existsSync(values.resume)
      ? readFileSync(values.resume, 'utf8')
          .trim()
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line))
          .map((r) => [r.id, r])
      : [],
  );
  const recorded = values.calls && callsOf(values.calls);
  const chosen = draw(Number(values.count), Number(values.seed), values.under);
  prepare();
  const fault = await failure(['run'], 15);
  if (fault) throw new Error(`the tests fail without any change: ${fault}`);
  const calls = recorded ?? (await record());
  let survivors = 0;
  for (const [i, mutant] of chosen.entries()) {
    const code = readFileSync(join(root, mutant.file), 'utf8');
    const line = lineOf(code, mutant.start);
    const id = `${mutant.file}:${line}: ${code.split('\n')[line - 1].trim()} | ${code.slice(mutant.start, mutant.end)} → ${mutant.text}`;
    const known = done.get(id);
    const by = known ? known.by : await judge(mutant, calls);
    if (!known) appendFileSync(values.resume, `${JSON.stringify({ id, by })}\n`);
    if (by === undefined) survivors++;
    console.log(
      `${i + 1}/${chosen.length} ${by === undefined ? 'SURVIVED' : 'noticed '} ${id}${by ? `  (${by})` : ''}`,
    );
  }
  console.log(`${chosen.length - survivors} of ${chosen.length} noticed, ${survivors} survived`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
