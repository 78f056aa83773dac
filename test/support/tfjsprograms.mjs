// Runs the programs in test/tfjs-programs, which are written for TensorFlow.js, with either library: in a copy in which
// the line that imports it is changed, and nothing else, each in a process of its own.
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const source = join(root, 'test/tfjs-programs');
const START = join(here, 'tfjsstart.mjs');
/** What TensorFlow.js printed. */
export const goldens = join(root, 'test/goldens/tfjsprograms.json');
const TAG = /<script src="[^"]*@tensorflow\/tfjs[^"]*"><\/script>/;

/** Beside the programs: what some of them read. */
const COMPANIONS = [join(source, 'seeded.mjs'), join(root, 'test/fixtures/iris.csv')];

export const programs = readdirSync(source).filter((file) => !COMPANIONS.some((path) => basename(path) === file));

/** @typedef {{name: string, folder: string, script: string}} Library: where its programs go, and its classic script. */
export const samegrad = {
  name: 'samegrad',
  folder: join(root, 'build/tfjs-programs'),
  script: join(root, 'dist/samegrad.min.js'),
};

/** A program as the library has it: the import line is changed. */
export function rewritten(file, { name, script }) {
  const text = readFileSync(join(source, file), 'utf8');
  const isOwn = name === samegrad.name;
  if (extname(file) === '.html')
    return text.replace(TAG, `<script src="${script}"></script>${isOwn ? '<script>const tf = sg;</script>' : ''}`);
  return isOwn ? text.replace(`'@tensorflow/tfjs'`, `'${name}'`) : text;
}

/** Writes a program where its library is found. Returns the path of what runs. */
export function prepare(file, library) {
  const { folder } = library;
  mkdirSync(folder, { recursive: true });
  for (const path of COMPANIONS) copyFileSync(path, join(folder, basename(path)));
  const text = rewritten(file, library);
  const isTypeScript = extname(file) === '.mts';
  const path = join(folder, isTypeScript ? file.replace(/mts$/, 'mjs') : file);
  const code = isTypeScript ? transformSync(text, { loader: 'ts', target: 'es2022', format: 'esm' }).code : text;
  rmSync(path, { force: true });
  writeFileSync(path, code);
  return path;
}

/** Summaries, printed tensors, advice. */
const TABLES = /^(Hi, |Layer \(type|Total params|Trainable params|Non-trainable|Tensor|Model: )|_{40}|\(Dense\)/;
const NUMBER = /(?<![\w.:x-])-?\d+(\.\d+)?(e[-+]?\d+)?(?![\w.:x])/g;

/**
 * What a program printed, as it is kept: lines, seven digits of each number. Left out: what is said of the machine, and
 * tables, as of a model's summary.
 */
export function worthKeeping(output) {
  return output
    .split('\n')
    .filter((line) => /^[\w[{"]/.test(line) && !TABLES.test(line))
    .map((line) => line.replace(NUMBER, (text) => String(Number(Number(text).toPrecision(7)))));
}

/**
 * Compares what the two libraries printed, number for number; what is not a number has to be the same.
 * @returns how many numbers, the largest difference (absolute below 1, else relative), and the lines that differ elsewhere
 */
export function compared(expected, output) {
  const actual = worthKeeping(output);
  const others = [];
  let [count, largest] = [0, 0];
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const [want, got] = [expected[i] ?? '(nothing)', actual[i] ?? '(nothing)'];
    if (want.replace(NUMBER, '#') !== got.replace(NUMBER, '#')) others.push(`${want}  /  ${got}`);
    else {
      const [a, b] = [want, got].map((line) => (line.match(NUMBER) ?? []).map(Number));
      count += a.length;
      a.forEach((x, k) => {
        largest = Math.max(largest, Math.abs(x - b[k]) / Math.max(1, Math.abs(x)));
      });
    }
  }
  return { count, largest, others };
}

/**
 * Runs a program to its end.
 * @returns what it printed, and how long it took once the library was loaded.
 */
export async function runProgram(file, library) {
  const path = prepare(file, library);
  if (!existsSync(library.script)) throw new Error(`no ${library.script}: build first`);
  const printed = await new Promise((resolve, reject) => {
    const options = { cwd: library.folder, timeout: 300_000, maxBuffer: 1 << 26 };
    execFile(process.execPath, [START, path, library.name], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${file} with ${library.name}: ${error.message}\n${stdout}\n${stderr}`));
      else resolve(stdout);
    });
  });
  const [, output, milliseconds] = /^(.*)\nmilliseconds (\S+)\n$/s.exec(printed);
  return { output, milliseconds: Number(milliseconds) };
}
