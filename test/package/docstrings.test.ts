/**
 * Every `@example` in the sources runs on the built package, and each value that it states is right. An example is a
 * module of its own that finds `sg`, and `vis`, `onnx` or `mpi` if it uses them, imported; it defines all else itself. A line
 * `expression; // value` is checked if the value is written in JavaScript; numbers agree to the digits that are written.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Example {
  /** File and name of what it belongs to. */
  readonly of: string;
  readonly code: string;
}

const COMMENT = /\/\*\*([\s\S]*?)\*\/\s*(.*)/g;
const NAME = /(?:function|const|class|interface|type|get|static|async) \*?\s*(?:(?:get|async) )?(\w+)|^(\w+)/;

function examplesOf(file: string): Example[] {
  return [...readFileSync(file, 'utf8').matchAll(COMMENT)].flatMap(([, comment = '', next = '']) => {
    const text = comment.replace(/^[ \t]*\* ?/gm, '');
    const name = NAME.exec(next.replace(/^(export|declare|abstract|readonly|protected|override) /g, ''));
    return [...text.matchAll(/@example\s*\n([\s\S]*?)(?=\n@\w|$)/g)].map(([, code = '']) => ({
      of: `${file} ${name?.[1] ?? name?.[2] ?? next}`,
      code: code.replace(/^```.*$/gm, '').trim(),
    }));
  });
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'));
const examples = files.sort().flatMap((file) => examplesOf(join('src', file)));

/** A line `expression; // value`, also with `console.log` around the expression. */
const STATED = /^(?!const |let |import |\/\/)(\S.*); \/\/ ([-\d.['tfnIN].*)$/gm;

/** Lines that state a value become checks of it. What starts with `// In a page` is only parsed. */
function toModule(code: string): string {
  const checked = code.replace(STATED, (line, statement: string, value: string) => {
    const expression = /^console\.log\((.*)\)$/.exec(statement)?.[1] ?? statement;
    return isOneValue(value) ? `__check(${expression}, ${value}, ${JSON.stringify(value)});` : line;
  });
  const body = code.startsWith('// In a page') ? `export async function inPage() {\n${code}\n}` : checked;
  const entries = ['vis', 'onnx', 'mpi'].filter((name) => new RegExp(`\\b${name}\\.`).test(code));
  const imports = entries.filter((name) => !body.includes(`as ${name} from`));
  const more = imports.map((name) => `import * as ${name} from 'samegrad/${name}';\n`).join('');
  return `import * as sg from 'samegrad';\n${more}${body}\n`;
}

function isOneValue(text: string): boolean {
  try {
    return new Function(`return ((...values) => values.length)(${text})`)() === 1;
  } catch {
    return false;
  }
}

const RUNNER = `
import { inspect, isDeepStrictEqual } from 'node:util';
import * as sg from 'samegrad';

const plain = (v) =>
  v instanceof sg.Tensor ? v.arraySync() : ArrayBuffer.isView(v) ? [...v] : Array.isArray(v) ? v.map(plain) : v;
const digitsOf = (text) => Math.max(0, ...[...text.matchAll(/\\.(\\d+)/g)].map((m) => m[1].length));
const near = (a, b, digits) =>
  Array.isArray(a) && Array.isArray(b)
    ? a.length === b.length && a.every((v, i) => near(v, b[i], digits))
    : typeof a === 'number' && typeof b === 'number'
      ? Object.is(a, b) || Math.abs(a - b) <= Math.max(1e-6 * Math.abs(b), digits && 0.5000001 * 10 ** -digits)
      : isDeepStrictEqual(a, b);
globalThis.__check = (got, stated, text) => {
  const value = plain(got);
  if (!near(value, stated, digitsOf(text))) throw new Error('got ' + inspect(value) + ', the example says ' + text);
};
const errors = [];
const log = console.log;
console.log = () => {};
for (let i = 0; i < Number(process.argv[2]); i++) {
  try {
    await import('./example-' + i + '.mjs');
  } catch (error) {
    errors.push([i, String(error.stack ?? error)]);
  }
}
console.log = log;
console.log('\\n' + JSON.stringify(errors));
process.exit(0);
`;

/** What was thrown, by the number of the example. */
function runAll(): Map<number, string> {
  mkdirSync('build', { recursive: true });
  const dir = mkdtempSync(join(process.cwd(), 'build', 'docstrings-'));
  try {
    writeFileSync(join(dir, 'run.mjs'), RUNNER);
    examples.forEach(({ code }, i) => {
      writeFileSync(join(dir, `example-${i}.mjs`), toModule(code));
    });
    const child = spawnSync(process.execPath, ['run.mjs', String(examples.length)], { cwd: dir, encoding: 'utf8' });
    const last = child.stdout.trim().split('\n').at(-1) as string;
    if (!last.startsWith('[')) throw new Error(`${child.stdout}\n${child.stderr}`);
    return new Map(JSON.parse(last) as [number, string][]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('examples in docstrings', () => {
  const errors = runAll();

  test('are many', () => expect(examples.length).toBeGreaterThan(150));

  test.each(examples.map(({ of, code }, i) => [of, code, i] as const))('%s', (_, code, i) => {
    expect(errors.get(i), code).toBeUndefined();
  });
});
