// Compilers and checkers of types: they give no bits, only a verdict.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { complete } from '../../runtimes/host/process.mjs';
import { own, root, signal } from '../host.mjs';

const MODULES = ['', '-predict', '-vis', '-serve', '-mpi', '-worker'].map((name) => `strict${name}.mts`);
const FILES = {
  node16: [...MODULES, 'strict-required.cts'],
  nodenext: [...MODULES, 'strict-required.cts'],
  bundler: MODULES,
};

/** Of the package, beside the main one. */
const ENTRIES = ['predict', 'layers', 'vis', 'onnx', 'serve', 'mpi', 'worker'];

async function compile(compiler, { project }) {
  // Each for itself, as the main entry adds to the types of the other.
  for (const [moduleResolution, files] of Object.entries(FILES))
    for (const file of files) {
      const compilerOptions = {
        noEmit: true,
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        target: 'es2022',
        lib: ['es2022'],
        types: [],
        module: moduleResolution === 'bundler' ? 'esnext' : moduleResolution,
        moduleResolution,
      };
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
      await complete(process.execPath, [compiler, '-p', 'tsconfig.json'], { cwd: project, signal: signal() });
    }
}

export const typescript = (context) => compile(join(root, 'node_modules/typescript/bin/tsc'), context);
export const typescript54 = (context) => compile(own('typescript54/bin/tsc'), context);
export const typescript59 = (context) => compile(own('typescript59/bin/tsc'), context);
export const typescript60 = (context) => compile(own('typescript60/bin/tsc'), context);

export async function attw({ packed, away }) {
  const check = (...args) =>
    complete(process.execPath, [own('@arethetypeswrong/cli/dist/index.js'), packed, ...args], {
      cwd: away,
      signal: signal(),
    });
  await check('--profile', 'node16', '--entrypoints', '.', ...ENTRIES);
  // Fetched while they are imported, which `require` cannot do.
  await check('--profile', 'esm-only', '--entrypoints', 'asset', ...ENTRIES.map((name) => `asset/${name}`));
}

export async function publint({ packed }) {
  const [{ publint }, { formatMessage }] = await Promise.all([import('publint'), import('publint/utils')]);
  const { readFileSync } = await import('node:fs');
  const { buffer } = readFileSync(packed);
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
  if (messages.length > 0) throw new Error(messages.map((m) => formatMessage(m, pkg)).join('\n'));
}
