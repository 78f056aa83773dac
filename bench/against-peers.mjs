// Every case on every peer that is there.

import os from 'node:os';
import { worstOf } from './busy.mjs';
import { cases } from './cases.mjs';
import { install, versions } from './install.mjs';
import { compare, local, measure, median } from './measure.mjs';
import { memoryFigures } from './memory/index.mjs';
import { peakOf } from './peaks.mjs';
import { Remote } from './remote.mjs';
import { digits, Report, table } from './table.mjs';

const files = ['samegrad', 'torch', 'ort', 'tfjs', 'jaxjs', 'bare'];
const bare = 'bare node';

const columns = [
  { key: 'peer', title: 'peer' },
  { key: 'min', title: 'min ms', align: 'right', format: digits },
  { key: 'median', title: 'median ms', align: 'right', format: digits },
  { key: 'gflops', title: 'GFLOP/s', align: 'right', format: digits },
  { key: 'minRatio', title: 'x min', align: 'right', format: digits },
  { key: 'medianRatio', title: 'x median', align: 'right', format: digits },
  { key: 'peakMegabytes', title: 'peak MB', align: 'right', format: digits },
  { key: 'note', title: '' },
];

async function findPeers(names) {
  const wanted = names?.split(',');
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

async function runRemote(item, remotes, pace) {
  const opened = await openAll(remotes, item);
  const results = await measure(opened, pace);
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
async function runProcesses({ id, params }, peers, pace) {
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

function about(peers, { quick, busy }) {
  const torch = peers.find(({ peer }) => peer.version)?.peer.version;
  return {
    date: new Date().toISOString(),
    node: process.version,
    cpu: `${os.cpus().length} x ${os.cpus()[0].model}`,
    versions: { ...versions(), ...(torch && { torch }) },
    quick,
    busy,
  };
}

/** Adds to the results of a case the most memory that each peer took for it. */
async function addPeaks(item, results, peers) {
  for (const result of results) {
    const found = peers.find(({ peer }) => peer.name === result.name);
    if (!result.error) result.peakMegabytes = await peakOf(found.peer, found.url, item);
  }
}

/** The rows of one case, which are printed. */
async function rowsOf(item, { peers, remotes, inProcesses, pace, quick }) {
  const results = item.process ? await runProcesses(item, peers, pace) : await runRemote(item, remotes, pace);
  if (!item.process && !quick) await addPeaks(item, results, inProcesses);
  const reference = chooseReference(results);
  const rows = compare(results, reference).map((result) => toRow(item, result));
  const used = columns.filter(({ key }) => rows.some((row) => row[key] !== undefined));
  const meaning = reference === undefined ? 'all peers fail' : `x: times as long as ${reference}`;
  console.log(`\n${item.label} (${meaning})\n${table(used, rows)}`);
  return rows;
}

/** Times of the library with one thread and with two, of the cases that have both. */
function pairsOf(rows) {
  const one = new Map(rows.filter(({ peer }) => peer === 'samegrad 1t').map((row) => [row.label, row.min]));
  return rows
    .filter(({ peer, label, min }) => peer === 'samegrad 2t' && min && one.get(label))
    .map(({ label, min }) => ({ label, one: one.get(label), two: min }));
}

async function ownRows(pace) {
  // Only now: the install has put the package in place.
  const { ownFigures } = await import('./own.mjs');
  const rows = await ownFigures(pace);
  const own = [
    { key: 'what', title: 'samegrad alone' },
    { key: 'value', title: '' },
  ];
  console.log(`\n${table(own, rows)}`);
  return rows.map(({ what, value }) => ({ case: 'own', label: what, peer: 'samegrad 1t', value }));
}

function chosenOf(only) {
  const chosen = cases.filter(({ id }) => !only || only.includes(id));
  if (chosen.length === 0 && !only.includes('own') && !only.includes('memory'))
    throw new Error(`--only knows memory, own, ${[...new Set(cases.map(({ id }) => id))].join(', ')}`);
  return chosen;
}

/** @param options as in index.mjs, and `pace` as in `measure`. @returns true */
export async function run(options) {
  const { only, pace, quick, busy, json } = options;
  install();
  const chosen = chosenOf(only);
  const peers = await findPeers(options.peers);
  const inProcesses = peers.filter(({ peer }) => peer.name !== bare);
  const remotes = inProcesses.map(({ peer, url }) => new Remote(peer, url));
  const report = new Report();
  const facts = about(peers, options);
  const named = Object.entries(facts.versions).map(([name, version]) => `${name} ${version}`);
  console.log([`Node ${facts.node}`, facts.cpu, ...named].join(', '));
  const context = { peers, remotes, inProcesses, pace, quick };
  for (const item of chosen) report.add(await rowsOf(item, context));
  if (!only || only.includes('memory')) {
    const able = remotes.filter((_, i) => inProcesses[i].peer.cases?.memory);
    const names = able.map(({ name }) => name);
    report.add(await memoryFigures(names, (row, itsPace) => runRemote(row, able, itsPace), options));
  }
  for (const remote of remotes) remote.end();
  if (!only || only.includes('own')) report.add(await ownRows(pace));
  if (busy) console.log(`\nwith one core busy ${worstOf(pairsOf(report.rows))}`);
  if (json) report.write(json, facts);
  return true;
}
