const columns = (...cells) => {
  const widths = [15, 16, 8, 66];
  return cells
    .map((cell, i) => String(cell).padEnd(widths[i] ?? 0))
    .join('')
    .trimEnd();
};

export const heading = columns('runtime', 'version', 'threads', 'SHA-256 of the weights', 'ms');

const mayMiss = ({ status, optional }, allowMissing) => status === 'missing' && (allowMissing || optional === true);

export function line(record, allowMissing) {
  const { name, version, threads, hash, ms, status, reason } = record;
  if (status === 'ok') return columns(name, version, threads, hash, ms);
  const word = mayMiss(record, allowMissing) ? 'missing' : 'FAILURE';
  return columns(name, '-', threads, `${word}: ${reason.split('\n')[0]}`);
}

// What a failed row printed, for whoever has to find out why.
export function details(records) {
  return records
    .filter(({ status, detail }) => status === 'failed' && detail)
    .map(({ name, detail }) => `--- ${name}\n${detail.split('\n').slice(-20).join('\n')}`)
    .join('\n');
}

// { same, text }: true only if at least one runtime ran, none failed, and all gave one hash.
export function verdict(records, allowMissing) {
  const ran = records.filter(({ status }) => status === 'ok');
  const failed = records.filter((record) => record.status !== 'ok' && !mayMiss(record, allowMissing));
  const missing = records.length - ran.length - failed.length;
  const hashes = [...new Set(ran.map(({ hash }) => hash))];

  const parts = [];
  if (ran.length === 0) parts.push('NO RUNTIME RAN');
  else if (hashes.length === 1) parts.push(`same bits in ${ran.length} of ${records.length} rows`);
  else parts.push(`DIFFERENT BITS: ${hashes.map((hash) => group(hash, ran)).join('; ')}`);
  if (failed.length > 0) parts.push(`${failed.length} FAILED: ${failed.map(({ name }) => name).join(', ')}`);
  if (missing > 0) parts.push(`${missing} missing`);
  return { same: hashes.length === 1 && failed.length === 0, text: parts.join('; ') };
}

function group(hash, ran) {
  const names = ran.filter((record) => record.hash === hash).map(({ name }) => name);
  return `${hash.slice(0, 8)} in ${names.join(', ')}`;
}
