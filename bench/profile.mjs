// Where the time of a training step goes: each command of its program is timed in its place, one thread.
// node bench/profile.mjs trainEncoder [--rounds 30] [--lines 25] [--order]
// --lines: of the dearest commands that are no products; --order: all commands, in their order.
// The sum of all least times, by command and by opcode, and how it compares with the products alone.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { cases } from './cases.mjs';
import { trainEncoder } from './encoder.mjs';
import { layersCases } from './models.mjs';
import { digits } from './table.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a profile needs beside the public names. */
const ENTRY = `
export * as sg from './src/index';
export { Program } from './src/plan/program';
export { engine } from './src/runtime/engine';
export { Storage } from './src/tensor/storage';
export { showProgram } from './src/plan/print';
export { Loop, LoopRecord, Op } from './assembly/isa';
`;

/** The library from its sources, with its internals. */
async function load() {
  const outfile = `${root}build/profiled.mjs`;
  const kernels = (file) => ({
    contents: `export const kernels = Uint8Array.from(atob('${readFileSync(`${root}build/${file}`, 'base64')}'), (c) => c.charCodeAt(0));
      export const threaded = undefined;`,
  });
  await build({
    stdin: { contents: ENTRY, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    outfile,
    packages: 'external',
    plugins: [
      {
        name: 'kernels',
        setup(b) {
          b.onResolve({ filter: /^#kernels/ }, ({ path }) => ({ path, namespace: 'kernels' }));
          b.onLoad({ filter: /.*/, namespace: 'kernels' }, () => kernels('samegrad.wasm'));
        },
      },
    ],
  });
  return import(outfile);
}

const { values: options, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    lines: { type: 'string', default: '25' },
    order: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const { sg, Program, engine, Storage, showProgram, Loop, LoopRecord, Op } = await load();
const SCRATCH = 1 << 24;

/** Commands of a program, each as a program of its own; those of loops are run as often as the loop runs. */
class Walk {
  /** Least nanoseconds of each command, loops in all. */
  times = [];
  ops = [];
  #storages = [];
  #end;

  constructor(address) {
    this.#end = this.#steps(address);
  }

  #steps(address) {
    const { u32 } = engine.memory;
    const steps = [];
    for (let at = address; (u32[at >> 2] & 0xffff) !== Op.End; at += u32[(at >> 2) + 1]) {
      const op = u32[at >> 2] & 0xffff;
      if (op === Op.Loop) {
        const word = (offset) => u32[(at + offset) >> 2];
        const body = this.#steps(at + word(Loop.start));
        steps.push({ body, count: word(Loop.count), at, records: word(Loop.records) });
      } else steps.push(this.#single(at, op));
    }
    return steps;
  }

  #single(at, op) {
    const { u32 } = engine.memory;
    const bytes = u32[(at >> 2) + 1];
    const storage = new Storage(bytes + 8, 'programs');
    this.#storages.push(storage);
    engine.memory.u32.set([Op.End, 8], (storage.address + bytes) >> 2);
    this.ops.push(op);
    this.times.push(Number.POSITIVE_INFINITY);
    return { id: this.times.length - 1, at, bytes, address: storage.address };
  }

  /** Runs all commands in order. */
  run() {
    engine.holdScratch(SCRATCH);
    const sums = new Float64Array(this.times.length);
    this.#walk(this.#end, sums);
    sums.forEach((sum, i) => {
      this.times[i] = Math.min(this.times[i], sum);
    });
  }

  #walk(steps, sums) {
    const { u32 } = engine.memory;
    for (const step of steps) {
      if (step.body) {
        for (let i = 0; i < step.count; i++) {
          for (let r = 0; r < step.records; r++) {
            const record = (step.at + Loop.size + r * LoopRecord.size) >> 2;
            u32[(step.at + u32[record]) >> 2] = u32[record + 1] + i * u32[record + 2];
          }
          this.#walk(step.body, sums);
        }
      } else {
        u32.copyWithin(step.address >> 2, step.at >> 2, (step.at + step.bytes) >> 2);
        const start = performance.now();
        engine.kernels.run(step.address, 0, true);
        sums[step.id] += (performance.now() - start) * 1e6;
      }
    }
  }
}

/** Lines of the printed program that belong to single commands. */
const linesOf = (program) =>
  showProgram(program)
    .split('\n')
    .slice(0, -1)
    .filter((line) => !/^\s*\d+ {2}Loop /.test(line));

async function profile(id) {
  const found = cases.find((c) => c.id === id);
  if (!found) throw new Error(`profile: no case '${id}'`);
  const all = { ...layersCases(async () => sg), trainEncoder: async (params) => trainEncoder(sg, params) };
  const ran = new Set();
  const { run } = Program.prototype;
  Program.prototype.run = function () {
    ran.add(this);
    return run.call(this);
  };
  const it = await all[id](found.params);
  await it.run();
  const program = [...ran].reduce((a, b) => (b.commands.length > a.commands.length ? b : a));
  const walk = new Walk(program.commands[0].address);
  let [step, loss] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < Number(options.rounds); i++) {
    for (let k = 0; k < 3; k++) {
      const start = performance.now();
      loss = await it.run();
      step = Math.min(step, performance.now() - start);
    }
    walk.run();
  }
  report(id, program, walk, step, loss);
  it.dispose();
}

const µs = (ns) => digits(ns / 1000);

function report(id, program, walk, step, loss) {
  const total = walk.times.reduce((a, b) => a + b, 0);
  const lines = linesOf(program);
  const byOp = new Map();
  walk.times.forEach((ns, i) => {
    const name = Op[walk.ops[i]];
    const { sum = 0, count = 0 } = byOp.get(name) ?? {};
    byOp.set(name, { sum: sum + ns, count: count + 1 });
  });
  const of = (...names) => names.reduce((all, name) => all + (byOp.get(name)?.sum ?? 0), 0);
  const products = of('Gemm', 'PackPanels');
  const withAdam = products + of('Adam');
  console.log(`${id}: step ${µs(step * 1e6)} µs, its ${walk.times.length} commands ${µs(total)} (loss ${loss})`);
  console.log(
    `  products ${µs(products)}; all / products ${digits(total / products)}; all / (products + Adam) ${digits(total / withAdam)}; step / products ${digits((step * 1e6) / products)}`,
  );
  for (const [name, { sum, count }] of [...byOp].sort(([, a], [, b]) => b.sum - a.sum))
    console.log(
      `  ${name.padEnd(24)} ${String(count).padStart(4)} ${µs(sum).padStart(9)} µs ${((100 * sum) / total).toFixed(1).padStart(5)} %`,
    );
  if (options.order) return lines.forEach((line, i) => console.log(`${µs(walk.times[i]).padStart(9)} µs ${line}`));
  const order = walk.times.map((_, i) => i).sort((a, b) => walk.times[b] - walk.times[a]);
  for (const i of order.filter((i) => walk.ops[i] !== Op.Gemm).slice(0, Number(options.lines)))
    console.log(`${µs(walk.times[i]).padStart(9)} µs ${lines[i]}`);
}

for (const id of positionals.length ? positionals : ['trainEncoder', 'trainLstm', 'trainMlp']) await profile(id);
