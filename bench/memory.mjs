// Ops that are bound by memory rather than arithmetic, at sizes from cache to main memory. The rows go to the peers as
// cases with the id `memory`; their params name an op of memory-ops.mjs and the shapes of its operands.

import { compare } from './measure.mjs';
import { digits, table } from './table.mjs';

const sizes = [1e3, 1e4, 1e5, 1e6, 1e7];
const FLOAT = 4;
const pace = { rounds: 7, warmMs: 80, sampleMs: 12, slowRounds: 3 };
const quickPace = { rounds: 3, warmMs: 30, sampleMs: 6, slowRounds: 1 };

const count = (shape) => shape.reduce((a, b) => a * b, 1);
const side = (n) => Math.floor(Math.sqrt(n));
const square = (n) => [side(n), side(n)];
const rowsOf = (width) => (n) => [Math.max(1, Math.round(n / width)), width];
/** [batch, positions, heads, features] of attention. */
const heads = (n) => [Math.max(1, n / 1e5), Math.max(1, Math.round(Math.min(n, 1e5) / 512)), 8, 64];

/** What every op reads and writes, in bytes; x: elements of its operand, y: of its result. */
const chain = (ops, x) => ops.reduce((sum, operands) => sum + operands + 1, 0) * FLOAT * x;
const reduced = (x, y) => FLOAT * (x + y);
const moved = (x) => 2 * FLOAT * x;

const reduction = (name, shape, axis, outputs) => ({
  params: (n) => ({ op: name, shape: shape(n), axis }),
  bytes: (n) => reduced(count(shape(n)), outputs(shape(n))),
});
const all = () => 1;
const outer = (shape) => shape[0];
const inner = (shape) => shape[1];

const transposition = (shape, perm) => ({
  params: (n) => ({ op: 'transpose', shape: shape(n), perm }),
  bytes: (n) => moved(count(shape(n))),
});
const softmax = (shape) => ({
  params: (n) => ({ op: 'softmax', shape: shape(n) }),
  bytes: (n) => moved(count(shape(n))),
});
const gather = (width) => ({
  params: (n) => ({ op: 'gather', shape: rowsOf(width)(n) }),
  bytes: (n) => moved(count(rowsOf(width)(n))) + FLOAT * rowsOf(width)(n)[0],
});
const elementwise = (op, bytes) => ({ params: (n) => ({ op, shape: [n] }), bytes });

/** The yardstick: TypedArray.set, inside linear memory. */
const copy = 'copy';
/** Label to { params(n), bytes(n) }. */
const groups = {
  [copy]: elementwise('copy', moved),
  'a + b': elementwise('add', (n) => chain([2], n)),
  'relu(a b + c) d, op by op': elementwise('chain', (n) => chain([2, 2, 1, 2], n)),
  'relu(a b + c) d, compiled': elementwise('chainCompiled', (n) => chain([4], n)),
  'sigmoid(a b + c) exp(d), op by op': elementwise('curve', (n) => chain([2, 2, 1, 1, 2], n)),
  'sigmoid(a b + c) exp(d), compiled': elementwise('curveCompiled', (n) => chain([4], n)),
  sum: reduction('sum', square, undefined, all),
  mean: reduction('mean', square, undefined, all),
  max: reduction('max', square, undefined, all),
  'sum, last axis': reduction('sum', square, 1, outer),
  'sum, last axis of 10': reduction('sum', rowsOf(10), 1, outer),
  'sum, first axis': reduction('sum', square, 0, inner),
  'sum, first axis, 10 columns': reduction('sum', rowsOf(10), 0, inner),
  softmax: softmax(square),
  'softmax of 10': softmax(rowsOf(10)),
  'transpose, square': transposition(square, [1, 0]),
  'transpose, 10 columns': transposition(rowsOf(10), [1, 0]),
  'transpose [0, 2, 1, 3]': transposition(heads, [0, 2, 1, 3]),
  'gather, rows of 1': gather(1),
  'gather, rows of 16': gather(16),
  'gather, rows of 256': gather(256),
};

const rows = Object.entries(groups).flatMap(([label, { params, bytes }]) =>
  sizes.map((n) => ({ id: 'memory', label, n, params: params(n), bytes: bytes(n) })),
);

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
  if (n !== sizes.at(-1)) return undefined;
  const rate = async (elements) => {
    const row = { id: 'memory', label: copy, n, bytes: moved(elements), params: { op: copy, shape: [elements] } };
    const result = (await run(row, itsPace)).find(({ name, error }) => name === reference && !error);
    return result && row.bytes / result.min / 1e6;
  };
  return { short: await rate(n), long: await rate(Math.floor(bytes / 2 / FLOAT)) };
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
  for (const row of rows.filter(({ label }) => label === copy || label.includes(match))) {
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
