// Executes examples/notebook.ipynb in Deno's kernel for Jupyter and compares its outputs with those that stand in it.
//
//   node test/notebook/run.mjs [--update]
//
// Needs Python's jupyter_client. --update writes the outputs into the notebook. Exit status 3: something is not installed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packaged } from '../runtimes/host/install.mjs';
import { Missing } from '../runtimes/host/missing.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const path = join(here, '../../examples/notebook.ipynb');
const python = process.env.PYTHON ?? 'python3';

/** The outputs of all cells, without what says only when they were made. */
const outputsOf = (notebook) =>
  notebook.cells.map(({ source, outputs = [] }) => ({
    source,
    outputs: outputs.map(({ output_type, text, data }) => ({ output_type, text, data })),
  }));

/** Texts are lists of lines in files. */
const joined = (notebook) =>
  JSON.parse(JSON.stringify(notebook), (key, value) =>
    (key === 'text' || key === 'source') && Array.isArray(value) ? value.join('') : value,
  );

/** Deno, if all is there that the notebook needs. @throws Missing */
function requirements() {
  if (spawnSync(python, ['-c', 'import jupyter_client']).status !== 0)
    throw new Missing(
      `${python} has no jupyter_client (pip install jupyter_client, or apt-get install python3-jupyter-client)`,
    );
  return packaged('@deno/linux-x64-glibc', 'deno');
}

let deno;
try {
  deno = requirements();
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  console.log(error.message);
  process.exit(3);
}
const folder = mkdtempSync(join(tmpdir(), 'samegrad-notebook-'));
try {
  const kernel = join(folder, 'kernels/deno');
  mkdirSync(kernel, { recursive: true });
  const argv = [deno, 'jupyter', '--kernel', '--conn', '{connection_file}'];
  writeFileSync(join(kernel, 'kernel.json'), JSON.stringify({ argv, display_name: 'Deno', language: 'typescript' }));
  const text = execFileSync(python, [join(here, 'execute.py'), path], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, JUPYTER_PATH: folder, DENO_NO_UPDATE_CHECK: '1' },
  });
  const executed = joined(JSON.parse(text));
  const stored = joined(JSON.parse(readFileSync(path, 'utf8')));
  if (process.argv.includes('--update')) writeFileSync(path, `${JSON.stringify(executed, null, 1)}\n`);
  else
    outputsOf(executed).forEach((cell, i) => {
      const [found, known] = [cell, outputsOf(stored)[i]].map((one) => JSON.stringify(one));
      if (found !== known)
        throw new Error(`cell ${i} prints\n${found.slice(0, 2000)}\nand not\n${known.slice(0, 2000)}`);
    });
  console.log(`${executed.cells.length} cells, all outputs as they stand in the notebook`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
