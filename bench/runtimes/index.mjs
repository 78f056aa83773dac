// Every case in every runtime of test/runtimes, with one thread and with two in turn; the same first results in all.

import { mkdtempSync, rmSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deadline } from '../../test/runtimes/host/attempt.mjs';
import { prepare } from '../../test/runtimes/host/install.mjs';
import { bundleOps } from '../../test/runtimes/host/ops.mjs';
import { select as selectRuntimes } from '../../test/runtimes/runtimes.mjs';
import { worstOf } from '../busy.mjs';
import { install } from '../install.mjs';
import { peakOf } from '../peaks.mjs';
import { digits, Report, table } from '../table.mjs';
import { select } from './inside.mjs';

const CURRENT = `node${process.versions.node.split('.')[0]}x1`;
const DEFAULT = [CURRENT, 'node22', 'node24', 'node26', 'deno', 'bun', 'workerd', 'chromium', 'firefox', 'webkit'];
const BROWSERS = ['chromium', 'firefox', 'webkit'];

/** The rows of the suite; browsers compute in a worker of their page, and again on its main thread. */
function hostsOf(names) {
  return selectRuntimes(names ?? DEFAULT.join()).flatMap((row) => {
    const threads = row.adapter === 'workerd' ? [1] : [1, 2];
    const host = { ...row, name: row.name === CURRENT ? CURRENT.slice(0, -2) : row.name, threads: 1, counts: threads };
    return BROWSERS.includes(row.adapter)
      ? [
          { ...host, inWorker: true },
          { ...host, name: `${host.name} page` },
        ]
      : [host];
  });
}

/** What one runtime found: { name, version, rows }, or { name, reason }. */
async function runIn({ inWorker, counts, ...row }, { dist, ops, folder, seconds, settings }) {
  const limit = deadline(new AbortController().signal, seconds * 1000, `timed out after ${seconds} s`);
  const task = { name: 'bench', settings: { ...settings, threads: counts }, inWorker };
  try {
    const { run: start } = await import(`../../test/runtimes/adapters/${row.adapter}.mjs`);
    const { rows, version } = await start({ ...row, task, dist, ops, folder, signal: limit.signal });
    return { name: row.name, version, rows };
  } catch (error) {
    return { name: row.name, reason: error.message.split('\n')[0], detail: error.detail };
  } finally {
    limit.clear();
  }
}

async function runAll(hosts, { dist, seconds, settings }) {
  const temporary = mkdtempSync(join(tmpdir(), 'samegrad-bench-'));
  const found = [];
  try {
    await bundleOps(dist, temporary, ['bench']);
    for (const host of hosts) {
      const folder = mkdtempSync(join(temporary, `${host.adapter}-`));
      const start = performance.now();
      const result = await runIn(host, { dist, ops: temporary, folder, seconds, settings });
      const took = `${((performance.now() - start) / 1000).toFixed(0)} s`;
      console.log(
        `${result.name.padEnd(14)} ${result.rows ? `${result.version}, ${took}` : `FAILURE: ${result.reason}`}`,
      );
      if (result.detail) console.error(result.detail);
      found.push(result);
    }
    return found;
  } finally {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** A row of the report for each case, runtime and number of threads; `isSame`: its first results are those of the first. */
function flatten(found) {
  const expected = new Map();
  return found.flatMap(({ name, version, rows = [] }) =>
    rows.map((row) => {
      const text = JSON.stringify(row.values);
      if (row.values && !expected.has(row.label)) expected.set(row.label, text);
      return { runtime: name, version, ...row, ...(row.values && { isSame: text === expected.get(row.label) }) };
    }),
  );
}

/** A table of a value of each case (rows) in each runtime (columns). */
function matrix(title, names, labels, valueOf, extra = []) {
  const columns = [
    { key: 'label', title },
    ...extra.map(({ key }) => ({ key, title: key, align: 'right', format: digits })),
    ...names.map((name) => ({ key: name, title: name, align: 'right' })),
  ];
  const lines = labels.map((label) => ({
    label,
    ...Object.fromEntries(extra.map(({ key, of }) => [key, of(label)])),
    ...Object.fromEntries(names.map((name) => [name, valueOf(label, name)])),
  }));
  console.log(`\n${table(columns, lines)}`);
}

/** MB that a process of Node holds at most for each case. */
async function peaksOf(labels, cases) {
  const url = new URL('../peers/samegrad.mjs', import.meta.url).href;
  const [peer] = (await import(url)).peers;
  const peaks = new Map();
  for (const label of labels)
    peaks.set(
      label,
      await peakOf(
        peer,
        url,
        cases.find((one) => one.label === label),
      ),
    );
  return peaks;
}

function print(report, found, peaks) {
  const at = new Map(report.map((row) => [`${row.runtime}/${row.threads}/${row.label}`, row]));
  const names = found.filter(({ rows }) => rows).map(({ name }) => name);
  const labels = [...new Set(report.map(({ label }) => label))];
  const time = (label, name) => {
    const row = at.get(`${name}/1/${label}`);
    if (!row) return undefined;
    return row.error ? 'fails' : `${digits(row.min)}${row.isSame ? '' : ' !'}`;
  };
  const gain = (label, name) => {
    const [one, two] = [1, 2].map((count) => at.get(`${name}/${count}/${label}`));
    if (!two) return undefined;
    return two.error ? 'fails' : `${digits(one.min / two.min)}${two.isSame ? '' : ' !'}`;
  };
  const megabytes = peaks ? [{ key: 'MB in Node', of: (label) => peaks.get(label) }] : [];
  matrix('ms, one thread', names, labels, time, megabytes);
  const threaded = names.filter((name) => report.some((row) => row.runtime === name && row.threads === 2));
  if (threaded.length) matrix('times as fast with two threads', threaded, labels, gain);
  for (const name of threaded) {
    const pairs = labels
      .map((label) => ({ label, one: at.get(`${name}/1/${label}`)?.min, two: at.get(`${name}/2/${label}`)?.min }))
      .filter(({ one, two }) => one && two);
    console.log(`${name}: ${worstOf(pairs)}`);
  }
}

/** @returns whether all runtimes ran all cases, with the same bits */
export async function run({ only, match, quick, busy, json, pace, dist: folder, timeout, in: names }) {
  const cases = select(only, match);
  if (cases.length === 0)
    throw new Error(`--only: no such case; there are ${[...new Set(select().map(({ id }) => id))].join(', ')}`);
  const hosts = hostsOf(names);
  const dist = resolve(folder ?? fileURLToPath(new URL('../../dist', import.meta.url)));
  await prepare(hosts, new AbortController().signal);
  const about = { date: new Date().toISOString(), cpu: `${os.cpus().length} x ${os.cpus()[0].model}`, quick, busy };
  console.log(`${about.cpu}, ${cases.length} cases${busy ? ', one core busy' : ''}`);
  const found = await runAll(hosts, { dist, seconds: Number(timeout), settings: { only, match, pace } });
  const rows = flatten(found);
  install();
  const peaks = quick ? undefined : await peaksOf(new Set(rows.map(({ label }) => label)), cases);
  print(rows, found, peaks);
  const failed = found.filter((one) => !one.rows).map(({ name }) => name);
  const wrong = rows.filter(({ error, isSame }) => error || !isSame);
  for (const { runtime, threads, label, error } of wrong)
    console.log(`${runtime}, ${threads} threads, ${label}: ${error ?? 'OTHER BITS'}`);
  const count = new Set(rows.filter(({ isSame }) => isSame).map(({ label }) => label)).size;
  console.log(
    `same bits in ${found.length - failed.length} of ${found.length} rows, ${count} cases${failed.length ? `; FAILED: ${failed.join(', ')}` : ''}`,
  );
  const report = new Report();
  report.add(rows.map((row) => ({ ...row, peakMegabytes: peaks?.get(row.label) })));
  if (json) report.write(json, about);
  return failed.length === 0 && wrong.length === 0;
}
