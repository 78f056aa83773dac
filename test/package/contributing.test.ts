/** CONTRIBUTING.md, followed literally: its code, put into a copy of the sources, is an op, an optimizer, a loss and an activation that work. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

/** The copy is compiled, checked and tested: on a busy machine that takes a while. */
const PATIENCE = 300_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const copy = join(root, 'build/contributing');

/** A block of code, and where its first line says that it goes. */
interface Step {
  readonly file: string;
  /** The line that it goes above; undefined: at the end. */
  readonly above: string | undefined;
  readonly code: string;
}

function stepsOf(text: string): Step[] {
  return [...text.matchAll(/^( *)```ts\n(.*?)^ *```/gms)].flatMap(([, indent = '', block = '']) => {
    const lines = block.split('\n').map((line) => line.slice(indent.length));
    const place = /^\/\/ (\S+), (?:at the end|above "(.*)")$/.exec(lines[0] ?? '');
    return place ? [{ file: place[1] as string, above: place[2], code: lines.slice(1).join('\n') }] : [];
  });
}

function apply({ file, above, code }: Step): void {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (above === undefined) return writeFileSync(path, text + code);
  const line = `\n${above}\n`;
  expect(text.split(line), `${file} has one line ${above}`).toHaveLength(2);
  writeFileSync(
    path,
    text.replace(line, () => `\n${code}${above}\n`),
  );
}

const steps = stepsOf(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'));
/** The first step of either list; what follows is what may be forgotten. */
const isFirst = ({ file }: Step): boolean => /^(assembly|src\/train)\//.test(file);

/** Complaints of the type checker about the copy. */
function complaints(): string {
  const { stdout } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], {
    cwd: copy,
    encoding: 'utf8',
  });
  return stdout;
}

beforeAll(() => {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(join(copy, 'build'), { recursive: true });
  const sources = [
    'src',
    'assembly',
    'test',
    'scripts',
    'package.json',
    'asconfig.json',
    'tsconfig.json',
    'vitest.config.ts',
  ];
  for (const name of sources)
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !/node_modules|goldens.*py/.test(path),
    });
  // The sources and the tables: what the lists touch.
  const types = { extends: './tsconfig.json', include: ['src', 'test/tables'] };
  writeFileSync(join(copy, 'tsconfig.types.json'), JSON.stringify(types));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  cpSync(join(root, 'build/samegrad.wasm'), join(copy, 'build/samegrad.wasm'));
  // What these tests run needs no threads and trains: those kernels count as up to date.
  for (const name of ['samegrad-threads.wasm', 'samegrad-predict.wasm']) {
    const other = join(copy, 'build', name);
    cpSync(join(root, 'build', name), other);
    utimesSync(other, Date.now() / 1000 + 86_400, Date.now() / 1000 + 86_400);
  }
}, PATIENCE);

describe.sequential('the lists of CONTRIBUTING.md', { timeout: PATIENCE }, () => {
  it('an elementwise op has 4 places, all else 2', () => {
    const places = (pattern: RegExp): number =>
      new Set(steps.filter((s) => pattern.test(s.code)).map((s) => s.file)).size;
    expect(places(/cube/i)).toBe(4);
    for (const name of [/signum/i, /quartic/i, /squaredRelu/]) expect(places(name)).toBe(2);
  });

  it('what is forgotten is named', () => {
    for (const step of steps.filter(isFirst)) apply(step);
    execFileSync(process.execPath, ['-e', "import('./scripts/codes.mjs').then((m) => m.writeCodes())"], { cwd: copy });
    const found = complaints();
    expect(found).toMatch(/rules\/elementwise\.ts.*'cube' is missing/);
    expect(found).toMatch(/tables\/elementwise\.ts.*'cube' is missing/);
    expect(found).toMatch(/tables\/optimizers\.ts.*'signum' is missing/);
  });

  it('with every step done the types fit', () => {
    for (const step of steps.filter((s) => !isFirst(s))) apply(step);
    expect(complaints()).toBe('');
  });

  it('bits, gradients, accuracy, compiled programs, optimizers in every setting', () => {
    const files = [
      'test/kernels/eager.test.ts',
      'test/kernels/compiled.test.ts',
      'test/autodiff/gradients.test.ts',
      'test/ops/functions.test.ts',
      'test/ops/coverage.test.ts',
      'test/accuracy/functions.test.ts',
      'test/accuracy/losses.test.ts',
      'test/train/optimizers.test.ts',
    ];
    const { stdout, status } = spawnSync(
      process.execPath,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        ...files,
        '-t',
        'cube|signum|meanQuarticError|squaredRelu|public function|every',
        '--maxWorkers=1',
        // Few tests of each file: most of the time would go to imports.
        '--no-isolate',
        '--reporter=json',
      ],
      { cwd: copy, encoding: 'utf8', maxBuffer: 1 << 28 },
    );
    const report = JSON.parse(stdout.slice(stdout.indexOf('{"numTotal'))) as {
      testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[];
    };
    const run = report.testResults.flatMap((r) => r.assertionResults).filter((t) => /passed|failed/.test(t.status));
    expect(run.filter((t) => t.status === 'failed').map((t) => [t.fullName, ...t.failureMessages])).toEqual([]);
    // Bits, compiled; two checks of each of five shapes; four of the function; values and slopes; three problems.
    for (const [name, least] of [
      ['cube', 18],
      ['signum', 3],
      ['meanQuarticError', 2],
      ['squaredRelu', 2],
    ] as const)
      expect(run.filter((t) => t.fullName.includes(name)).length).toBeGreaterThanOrEqual(least);
    expect(status).toBe(0);
  });
});
