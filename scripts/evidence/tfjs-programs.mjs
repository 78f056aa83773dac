// Runs the programs in test/tfjs-programs with TensorFlow.js on its cpu backend and with the built samegrad: the largest
// difference of what they print, and the time that each takes. TensorFlow.js is fetched from npm.
//   node scripts/evidence/tfjs-programs.mjs [--only TEXT] [--goldens] [--types] [--chromium]
// --goldens writes what TensorFlow.js printed, for the test; --types compiles the TypeScript ones with either's types;
// --chromium opens the pages as files in Chromium too, with the driver that the runtime suite has installed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import {
  compared,
  goldens as goldensFile,
  prepare,
  programs,
  rewritten,
  runProgram,
  samegrad,
  worthKeeping,
} from '../../test/support/tfjsprograms.mjs';

const VERSION = '4.22.0';
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const folder = join(root, `build/tfjs-${VERSION}`);
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    goldens: { type: 'boolean' },
    types: { type: 'boolean' },
    chromium: { type: 'boolean' },
  },
});

const tfjs = {
  name: '@tensorflow/tfjs',
  folder: join(folder, 'programs'),
  script: join(folder, 'node_modules/@tensorflow/tfjs/dist/tf.min.js'),
};

function fetchTfjs() {
  if (existsSync(tfjs.script)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const packages = [`@tensorflow/tfjs@${VERSION}`];
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], { cwd: folder });
}

/** Errors that the compiler has with a program and a library's types. */
function typeErrors(file, library) {
  const path = join(library.folder, `types-${file}`);
  writeFileSync(path, rewritten(file, library));
  const compilerOptions = ['--noEmit', '--ignoreConfig', '--strict', '--skipLibCheck', '--target', 'es2022'];
  compilerOptions.push('--module', 'esnext', '--moduleResolution', 'bundler', '--types', 'node');
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...compilerOptions, path], {
      encoding: 'utf8',
    });
    return [];
  } catch ({ stdout }) {
    return stdout.split('\n').filter((line) => line.includes('error TS'));
  }
}

/** What a page prints in Chromium until it says that it is done. */
async function inChromium(file) {
  const { chromium } = createRequire(join(root, 'test/runtimes/run.mjs'))('playwright-core');
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const lines = [];
    const done = new Promise((resolve, reject) => {
      page.on('pageerror', reject);
      page.on('console', (message) => {
        if (message.type() === 'log') lines.push(message.text());
        if (message.text() === 'done') resolve();
      });
    });
    await Promise.all([done, page.goto(pathToFileURL(prepare(file, samegrad)).href)]);
    return lines.join('\n');
  } finally {
    await browser.close();
  }
}

fetchTfjs();
const kept = {};
for (const file of programs.filter((name) => name.includes(options.only ?? ''))) {
  const theirs = await runProgram(file, tfjs).catch((error) => ({ error }));
  if (theirs.error) {
    console.log(`${file.padEnd(28)} ${theirs.error.message}`);
    continue;
  }
  kept[file] = worthKeeping(theirs.output);
  const ours = await runProgram(file, samegrad).catch((error) => ({ error }));
  if (ours.error) {
    console.log(`${file.padEnd(28)} ${ours.error.message}`);
    continue;
  }
  const { count, largest, others } = compared(worthKeeping(theirs.output), ours.output);
  const ratio = theirs.milliseconds / ours.milliseconds;
  const times = `${theirs.milliseconds.toFixed(0).padStart(6)} ms ${ours.milliseconds.toFixed(0).padStart(6)} ms`;
  console.log(
    `${file.padEnd(28)} ${String(count).padStart(4)} numbers, apart ${largest.toExponential(1)} ${times} ${ratio.toFixed(1).padStart(6)} times as fast`,
  );
  for (const line of others) console.log(`    ${line}`);
  if (options.chromium && extname(file) === '.html') {
    const there = compared(worthKeeping(theirs.output), await inChromium(file));
    console.log(`    in Chromium: ${there.count} numbers, apart ${there.largest.toExponential(1)}`);
    for (const line of there.others) console.log(`    ${line}`);
  }
  if (options.types && extname(file) === '.mts')
    for (const library of [tfjs, samegrad]) {
      const errors = typeErrors(file, library);
      console.log(`    ${library.name}: ${errors.length} errors of types`);
      for (const line of errors) console.log(`      ${line}`);
    }
}
if (options.goldens) writeFileSync(goldensFile, `${JSON.stringify(kept, null, 1)}\n`);
