// Runs one peer in a process of its own, so that neither its heap, its JIT profiles nor its threads touch another's.
// node host.mjs MODULE PEER: a JSON request per line on stdin, a JSON answer per line on descriptor 3.

import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { local } from './measure.mjs';

const [file, name] = process.argv.slice(2);
const { peers } = await import(file);
const peer = peers.find((one) => one.name === name);

let open;
let values;

const handlers = {
  async open({ id, params }) {
    if (!peer.cases[id]) return { missing: true };
    const bench = await peer.cases[id](params);
    if (!bench) return { missing: true };
    values = [];
    const run = () => {
      const value = bench.run();
      if (values.length < 2) values.push(value);
      return value;
    };
    open = { bench, ...local(name, run) };
    return {};
  },
  async time({ count }) {
    const ms = await open.time(count);
    const results = await Promise.all(values);
    // JSON has no NaN.
    return { ms, values: results.map((value) => (Number.isFinite(value) ? value : String(value))) };
  },
  async close() {
    await open?.bench.dispose();
    open = undefined;
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = await handlers[request.do](request);
  } catch (error) {
    answer = { error: String(error?.message ?? error) };
  }
  writeSync(3, `${JSON.stringify(answer)}\n`);
}
// A peer's worker threads would keep the process alive.
process.exit();
