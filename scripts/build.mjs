// Builds dist/: the kernels, the library in its forms, its declarations.
// `--kernels` stops after the kernels: all that the tests need, as they import the sources.
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { command } from './build/command.mjs';
import { kernels } from './build/kernels.mjs';
import { modules } from './build/modules.mjs';
import { notices } from './build/notices.mjs';
import { required, runtimes } from './build/runtimes.mjs';
import { script } from './build/script.mjs';
import { wasmText } from './build/wasm-text.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

function wasm() {
  for (const file of ['samegrad.wasm', 'samegrad-predict.wasm', 'samegrad-threads.wasm']) {
    copyFileSync(`build/${file}`, `dist/${file}`);
    writeFileSync(`dist/${file}.js`, wasmText(`build/${file}`));
  }
}

function sizes() {
  const files = readdirSync('dist', { recursive: true }).filter(
    (f) => /\.(c?js|wasm|d\.ts)$/.test(f) && !f.startsWith('modules'),
  );
  for (const file of files) {
    const data = readFileSync(join('dist', file));
    const gzipped = gzipSync(data, { level: 9 }).length;
    console.log(
      `  dist/${file.padEnd(28)} ${String(data.length).padStart(8)} bytes ${String(gzipped).padStart(8)} gzipped`,
    );
  }
}

await kernels();
if (!process.argv.includes('--kernels')) {
  rmSync('dist', { recursive: true, force: true });
  const [, ...inputs] = await Promise.all([modules(), runtimes(), script()]);
  notices(inputs.flat());
  wasm();
  await required();
  await command();
  // With a library of its own, which the kernels do not need.
  const { types } = await import('./build/types.mjs');
  await types();
  sizes();
}
