// npm run runtimes: one seeded training, the whole case table and the selection of ONNX' backend cases in every runtime,
// and whether all gave the same bits.
//   run.mjs [--only node,deno,...] [--json FILE] [--certificate FILE] [--allow-missing] [--dist DIR] [--timeout SECONDS]
// The environment variable SAMEGRAD_ONNX_CASES names a file of backend cases that is taken in the place of the selection.
// --certificate: with one to four threads wherever there are threads, and the hashes as a table in Markdown.
// Exit code: 0 the same bits everywhere, 1 not, 2 wrongly called.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { attempt } from './host/attempt.mjs';
import { prepare } from './host/install.mjs';
import { bundleOps } from './host/ops.mjs';
import { certificate, details, heading, line, verdict } from './host/table.mjs';
import { certified, select } from './runtimes.mjs';

function readArguments() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      json: { type: 'string' },
      certificate: { type: 'string' },
      dist: { type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url)) },
      timeout: { type: 'string', default: '120' },
      'allow-missing': { type: 'boolean', default: false },
    },
  });
  const dist = resolve(values.dist);
  const seconds = Number(values.timeout);
  if (!(seconds > 0)) throw new Error(`--timeout: '${values.timeout}' is no number of seconds`);
  if (!existsSync(join(dist, 'index.js'))) throw new Error(`no ${join(dist, 'index.js')}: build first`);
  const wanted = values.only?.split(',');
  const rows = values.certificate
    ? certified.filter(({ name }) => !wanted || wanted.some((part) => part !== '' && name.startsWith(part)))
    : select(values.only);
  if (rows.length === 0) throw new Error(`--only: there are ${certified.map(({ name }) => name).join(' ')}`);
  const { json, certificate: table, 'allow-missing': allowMissing } = values;
  return { rows, json, table, allowMissing, dist, seconds };
}

// One after another: the machine may have two cores, and two of the rows use both.
async function runAll({ rows, dist, seconds, allowMissing }, temporary, interrupted) {
  const records = [];
  const ops = join(temporary, 'ops');
  mkdirSync(ops);
  await bundleOps(dist, ops);
  console.log(heading);
  for (const row of rows) {
    const record = await attempt(row, { dist, ops, temporary, seconds, interrupted });
    records.push(record);
    console.log(line(record, allowMissing));
    if (interrupted.aborted) break;
  }
  return records;
}

async function main(options, interrupted) {
  const temporary = mkdtempSync(join(tmpdir(), 'samegrad-runtimes-'));
  process.env.TMPDIR = temporary; // what runtimes and drivers leave behind goes with it
  try {
    await prepare(options.rows, interrupted);
    const records = await runAll(options, temporary, interrupted);
    const { same, text } = verdict(records, options.allowMissing);
    if (options.json !== undefined) {
      writeFileSync(options.json, `${JSON.stringify({ same, verdict: text, runs: records }, null, 2)}\n`);
    }
    if (options.table !== undefined) writeFileSync(options.table, certificate(records, text));
    const failures = details(records);
    if (failures !== '') console.error(failures);
    console.log(text);
    return same && !interrupted.aborted ? 0 : 1;
  } finally {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

let options;
try {
  options = readArguments();
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(name, () => interruption.abort(new Error(`interrupted by ${name}`)));
}
// Explicit, as a driver that could not be ended may still hold the process.
process.exit(await main(options, interruption.signal));
