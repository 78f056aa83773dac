// The table of the ops that are bound by memory; see rows.mjs.

import { compare } from '../measure.mjs';
import { digits, table } from '../table.mjs';
import { COPY, LARGEST, memoryRows, moved } from './rows.mjs';

const pace = { rounds: 7, warmMs: 80, sampleMs: 12, slowRounds: 3 };
const quickPace = { rounds: 3, warmMs: 30, sampleMs: 6, slowRounds: 1 };

const ratio = (value) => `${digits(value)} x`;
const percent = (value) => `${Math.round(100 * value)} %`;
const columns = (peers) => [
  { key: 'label', title: 'op' },
  { key: 'n', title: 'elements', align: 'right', format: (n) => n.toExponential(0) },
  { key: 'us', title: 'us', align: 'right', format: digits },
  { key: 'gbps', title: 'GB/s', align: 'right', format: digits },
  { key: 'share', title: 'of a copy', align: 'right', format: percent },
  { key: 'longShare', title: 'of as many bytes', align: 'right', format: percent },
  ...peers.map((name) => ({ key: name, title: name, align: 'right', format: ratio })),
  { key: 'note', title: '' },
];

/** One line of the table: the reference's figures, and how many times as long the others take. */
function line({ label, n, bytes }, results, reference, copies) {
  const base = results.find(({ name, error }) => name === reference && !error);
  const notes = results.flatMap(({ name, error, note }) => (error || note ? [`${name}: ${error ?? note}`] : []));
  if (!base) return undefined;
  const gbps = bytes / base.min / 1e6;
  const ratios = results.filter(({ minRatio }) => minRatio).map(({ name, minRatio }) => [name, minRatio]);
  return {
    label,
    n,
    us: base.min * 1e3,
    gbps,
    ...(copies && { share: gbps / copies.short, longShare: gbps / copies.long }),
    ...Object.fromEntries(ratios),
    note: notes.join('; '),
  };
}

/**
 * GB/s of copies right after the row that is compared with them, as the machine may be busy with other things: of as many
 * elements, and of as many bytes as the row moves, since a short copy still profits from the last cache. Undefined for
 * smaller rows, which stay in cache, where a copy is no yardstick.
 */
async function copyRates({ n, bytes }, reference, run, itsPace) {
  if (n !== LARGEST) return undefined;
  const rate = async (elements) => {
    const row = { id: 'memory', label: COPY, n, bytes: moved(elements), params: { op: COPY, shape: [elements] } };
    const result = (await run(row, itsPace)).find(({ name, error }) => name === reference && !error);
    return result && row.bytes / result.min / 1e6;
  };
  return { short: await rate(n), long: await rate(Math.floor(bytes / moved(1))) };
}

/**
 * Runs the rows whose label contains `match` and prints one table.
 * @param run measures one row on all peers: (row, pace, measure) => results
 * @returns rows for the report
 */
export async function memoryFigures(peers, run, { match = '', quick }) {
  const [reference] = peers;
  const lines = [];
  const missing = new Set();
  const report = [];
  for (const row of memoryRows.filter(({ label }) => label === COPY || label.includes(match))) {
    const itsPace = quick ? quickPace : pace;
    const results = compare(await run(row, itsPace), reference);
    const next = line(row, results, reference, await copyRates(row, reference, run, itsPace));
    if (next) lines.push(next);
    else missing.add(row.label);
    for (const { name, error, ...figures } of results)
      report.push({
        case: 'memory',
        label: row.label,
        elements: row.n,
        bytes: row.bytes,
        peer: name,
        error,
        ...figures,
      });
  }
  for (const label of missing) console.log(`without '${label}': ${reference} has no such function`);
  const others = peers.slice(1);
  console.log(`\nmemory-bound ops (us: ${reference}; then how many times as long the others take)`);
  console.log(
    table(
      columns(others).filter(({ key }) => lines.some((l) => l[key])),
      lines,
    ),
  );
  return report;
}
