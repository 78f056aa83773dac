// node bench/first.mjs [--rounds N] [--json FILE]: from import to the first prediction, in CPU time over Node alone.
// Each run is a process of its own; the rounds take turns, so that what else the machine does meets all alike.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { install } from './install.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' }, json: { type: 'string' } } });

const PROGRAMS = [
  ['bare node', 'nothing.mjs'],
  ['samegrad/predict', 'samegrad-predict.mjs'],
  ['samegrad', 'samegrad.mjs'],
  ['jax-js wasm', 'jaxjs.mjs'],
  ['TF.js cpu', 'tfjs.mjs', 'cpu'],
  ['TF.js wasm', 'tfjs.mjs', 'wasm'],
];

/** CPU time of a process up to its end, its threads included. */
function cpuOf([, script, ...args]) {
  const path = fileURLToPath(new URL(`./peers/first/${script}`, import.meta.url));
  const report = fileURLToPath(new URL('./peers/first/cpu.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', report, path, ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${script}: ${stderr.slice(-500)}`);
  return Number(/cpu ([\d.]+)/.exec(stdout)[1]);
}

install();
const times = new Map(PROGRAMS.map(([name]) => [name, []]));
for (let round = 0; round < Number(values.rounds); round++)
  for (const program of PROGRAMS) times.get(program[0]).push(cpuOf(program));

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const least = (list) => Math.min(...list);
const bare = times.get('bare node');
const rows = [...times].map(([name, list]) => ({
  name,
  min: least(list),
  median: median(list),
  overBare: least(list) - least(bare),
  medianOverBare: median(list) - median(bare),
}));
console.log('CPU ms                 min   median   over bare node: min   median');
for (const row of rows)
  console.log(
    `${row.name.padEnd(18)} ${row.min.toFixed(1).padStart(7)} ${row.median.toFixed(1).padStart(8)} ${row.overBare.toFixed(1).padStart(21)} ${row.medianOverBare.toFixed(1).padStart(8)}`,
  );
if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
