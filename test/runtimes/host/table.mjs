import { createHash } from 'node:crypto';

const columns = (...cells) => {
  const widths = [15, 16, 8, 66, 10];
  return cells
    .map((cell, i) => String(cell).padEnd(widths[i] ?? 0))
    .join('')
    .trimEnd();
};

export const heading = columns('runtime', 'version', 'threads', 'SHA-256 of the weights', 'ops', 'ms');

// A few letters for the hashes of all ops.
const short = (ops) => createHash('sha256').update(JSON.stringify(ops)).digest('hex').slice(0, 8);

const mayMiss = ({ status, optional }, allowMissing) => status === 'missing' && (allowMissing || optional === true);

export function line(record, allowMissing) {
  const { name, version, threads, hash, ops, ms, status, reason } = record;
  if (status === 'ok') return columns(name, version, threads, hash, short(ops), ms);
  const word = mayMiss(record, allowMissing) ? 'missing' : 'FAILURE';
  return columns(name, '-', threads, `${word}: ${reason.split('\n')[0]}`);
}

const digest = (value) => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

const score = ({ passed, cases, outputs }) => `${passed} of ${cases}, ${outputs.slice(0, 16)}`;

// The cells of a record, those of the runtime first and its number of threads last.
function cellsOf({ name, version, threads, hash, ops, files, onnx, status, reason }) {
  const runtime = name.replace(/x\d$/, '');
  if (status !== 'ok')
    return [runtime, '', `${status}: ${reason.split('\n')[0].replaceAll('|', '/')}`, '', '', '', threads];
  return [runtime, version, hash.slice(0, 16), digest(ops), digest(files), score(onnx), threads];
}

// The hashes of all rows that ran, as a table in Markdown; `text` is the verdict. Numbers of threads that agree share a line.
export function certificate(records, text) {
  const lines = new Map();
  for (const cells of records.map(cellsOf)) {
    const threads = cells.pop();
    const line = cells.join(' | ');
    lines.set(line, [...(lines.get(line) ?? []), threads]);
  }
  const head = ['runtime', 'version', 'weights after training', 'ops', 'files', 'ONNX', 'threads'];
  const rows = [...lines].map(([line, threads]) => `${line} | ${threads.join(', ')}`);
  return `${text}\n\n${[head.join(' | '), head.map(() => '---').join(' | '), ...rows].map((row) => `| ${row} |`).join('\n')}\n`;
}

// What a failed row printed, for whoever has to find out why.
export function details(records) {
  return records
    .filter(({ status, detail }) => status === 'failed' && detail)
    .map(({ name, detail }) => `--- ${name}\n${detail.split('\n').slice(-20).join('\n')}`)
    .join('\n');
}

// Ops, or formats of files, whose results are not the same in all runs.
function differing(ran, what) {
  const names = new Set(ran.flatMap((record) => Object.keys(record[what])));
  return [...names].filter((name) => new Set(ran.map((record) => record[what][name])).size > 1);
}

// { same, text }: true only if at least one runtime ran, none failed, and all gave one hash of weights and of each op.
export function verdict(records, allowMissing) {
  const ran = records.filter(({ status }) => status === 'ok');
  const failed = records.filter((record) => record.status !== 'ok' && !mayMiss(record, allowMissing));
  const missing = records.length - ran.length - failed.length;
  const hashes = [...new Set(ran.map(({ hash }) => hash))];
  const ops = [
    ...differing(ran, 'ops'),
    ...differing(ran, 'files').map((name) => `files of ${name}`),
    ...differing(ran, 'onnx').map((name) => `ONNX: ${name}`),
  ];

  const parts = [];
  if (ran.length === 0) parts.push('NO RUNTIME RAN');
  else if (hashes.length > 1) parts.push(`DIFFERENT BITS: ${hashes.map((hash) => group(hash, ran)).join('; ')}`);
  else if (ops.length > 0) parts.push(`DIFFERENT BITS: ${ops.join(', ')}`);
  else
    parts.push(
      `same bits in ${ran.length} of ${records.length} rows, ${Object.keys(ran[0].ops).length} ops, ${Object.keys(ran[0].files).length} formats, ONNX: ${ran[0].onnx.passed} of ${ran[0].onnx.cases} cases, ${ran[0].onnx.outputs}`,
    );
  if (failed.length > 0) parts.push(`${failed.length} FAILED: ${failed.map(({ name }) => name).join(', ')}`);
  if (missing > 0) parts.push(`${missing} missing`);
  return { same: hashes.length === 1 && ops.length === 0 && failed.length === 0, text: parts.join('; ') };
}

function group(hash, ran) {
  const names = ran.filter((record) => record.hash === hash).map(({ name }) => name);
  return `${hash.slice(0, 8)} in ${names.join(', ')}`;
}
