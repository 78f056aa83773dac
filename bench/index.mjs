// npm run bench: every case on every peer that is there.
// node bench/index.mjs [--json FILE] [--only gemm,trainMlp] [--peers samegrad,ort] [--quick] [--match TEXT]
// --match: of the memory-bound ops (--only memory) only those whose label contains TEXT.

import os from 'node:os';
import { parseArgs } from 'node:util';
import { cases } from './cases.mjs';
import { install, versions } from './install.mjs';
import { compare, local, measure, median } from './measure.mjs';
import { memoryFigures } from './memory.mjs';
import { Remote } from './remote.mjs';
import { digits, Report, table } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string' },
    match: { type: 'string' },
    peers: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});

const files = ['samegrad', 'torch', 'ort', 'tfjs', 'jaxjs', 'bare'];
const pace = options.quick ? { rounds: 4, warmMs: 120, slowRounds: 1 } : { rounds: 9, warmMs: 400, slowRounds: 2 };
const bare = 'bare node';

const columns = [
  { key: 'peer', title: 'peer' },
  { key: 'min', title: 'min ms', align: 'right', format: digits },
  { key: 'median', title: 'median ms', align: 'right', format: digits },
  { key: 'gflops', title: 'GFLOP/s', align: 'right', format: digits },
  { key: 'minRatio', title: 'x min', align: 'right', format: digits },
  { key: 'medianRatio', title: 'x median', align: 'right', format: digits },
  { key: 'note', title: '' },
];

async function findPeers() {
  const wanted = options.peers?.split(',');
  const found = [];
  for (const file of files) {
    const url = new URL(`./peers/${file}.mjs`, import.meta.url).href;
    for (const peer of (await import(url)).peers) {
      if (wanted && peer.name !== bare && !wanted.some((prefix) => peer.name.startsWith(prefix))) continue;
      const reason = await peer.available();
      if (reason === true) found.push({ peer, url });
      else console.log(`without ${peer.name}: ${reason}`);
    }
  }
  return found;
}

/** Whom the others are compared with: the library on one thread, or else the first that has a result. */
const chooseReference = (results) => results.find(({ error }) => !error)?.name;

/** Sets the case up on every remote that has it; a failure to do so is a result too. */
async function openAll(remotes, { id, params }) {
  const opened = [];
  for (const remote of remotes) {
    try {
      if (await remote.open(id, params)) opened.push(remote);
    } catch (error) {
      opened.push({ name: remote.name, time: () => Promise.reject(error), close() {} });
    }
  }
  return opened;
}

/** Marks peers whose first results are not what the others computed. */
function checkValues(results, remotes) {
  for (const i of [0, 1]) {
    const values = remotes.map((remote) => remote.values?.[i]);
    const numbers = values.filter((value) => typeof value === 'number');
    if (numbers.length === 0) continue;
    const expected = median(numbers);
    for (const [k, value] of values.entries()) {
      // A string is a result that is not a finite number.
      const wrong = typeof value === 'string' || Math.abs(value - expected) > 1e-5 + 2e-3 * Math.abs(expected);
      if (wrong) results[k].note = `computed ${value}, others ${expected}`;
    }
  }
}

async function runRemote(item, remotes, itsPace = pace) {
  const opened = await openAll(remotes, item);
  const results = await measure(opened, itsPace);
  checkValues(results, opened);
  for (const [i, remote] of opened.entries()) {
    try {
      await remote.close();
    } catch (error) {
      results[i].error ??= error.message;
    }
  }
  return results;
}

/** Processes are started from here, since a fork of a large peer would itself take longer. */
async function runProcesses({ id, params }, peers) {
  const benches = [];
  const competitors = [];
  for (const { peer } of peers) {
    if (!peer.cases?.[id]) continue;
    const bench = await peer.cases[id](params);
    benches.push(bench);
    competitors.push(local(peer.name, bench.run));
  }
  const results = await measure(competitors, pace);
  for (const bench of benches) bench.dispose();
  const base = results.find(({ name }) => name === bare);
  return results.map((result) => {
    if (result.error) return result;
    if (result === base) return { ...base, note: 'taken off the others' };
    return { ...result, min: result.min - base.min, median: result.median - base.median };
  });
}

function toRow(item, { name, samples, count, error, ...figures }) {
  const row = { case: item.id, label: item.label, peer: name, ...figures, samples, count };
  if (error) row.note = `fails: ${error.split('\n')[0]}`;
  else if (item.flops) row.gflops = item.flops / figures.min / 1e6;
  return row;
}

function about(peers) {
  const torch = peers.find(({ peer }) => peer.version)?.peer.version;
  return {
    date: new Date().toISOString(),
    node: process.version,
    cpu: `${os.cpus().length} x ${os.cpus()[0].model}`,
    versions: { ...versions(), ...(torch && { torch }) },
    quick: options.quick,
  };
}

install();
const only = options.only?.split(',');
const chosen = cases.filter(({ id }) => !only || only.includes(id));
if (chosen.length === 0 && !only.includes('own') && !only.includes('memory')) {
  throw new Error(`--only knows memory, own, ${[...new Set(cases.map(({ id }) => id))].join(', ')}`);
}
const peers = await findPeers();
const inProcesses = peers.filter(({ peer }) => peer.name !== bare);
const remotes = inProcesses.map(({ peer, url }) => new Remote(peer, url));
const report = new Report();
const { node, cpu, versions: known } = about(peers);
const named = Object.entries(known).map(([name, version]) => `${name} ${version}`);
console.log([`Node ${node}`, cpu, ...named].join(', '));
for (const item of chosen) {
  const results = item.process ? await runProcesses(item, peers) : await runRemote(item, remotes);
  const reference = chooseReference(results);
  const rows = compare(results, reference).map((result) => toRow(item, result));
  report.add(rows);
  const used = columns.filter(({ key }) => rows.some((row) => row[key] !== undefined));
  console.log(`\n${item.label} (x: times as long as ${reference})\n${table(used, rows)}`);
}
if (!only || only.includes('memory')) {
  const able = remotes.filter((_, i) => inProcesses[i].peer.cases?.memory);
  const run = (row, itsPace) => runRemote(row, able, itsPace);
  report.add(
    await memoryFigures(
      able.map(({ name }) => name),
      run,
      options,
    ),
  );
}
for (const remote of remotes) remote.end();
// Only now: the install has put the package in place.
const { ownFigures } = await import('./own.mjs');
if (!only || only.includes('own')) {
  const rows = await ownFigures(pace);
  report.add(rows.map(({ what, value }) => ({ case: 'own', label: what, peer: 'samegrad 1t', value })));
  const own = [
    { key: 'what', title: 'samegrad alone' },
    { key: 'value', title: '' },
  ];
  console.log(`\n${table(own, rows)}`);
}
if (options.json) report.write(options.json, about(peers));
