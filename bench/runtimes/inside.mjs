/**
 * The cases in one runtime, with each number of threads in turn. The suite of test/runtimes bundles it and brings it to
 * each runtime, as index.mjs asks it to.
 */
import { cases } from '../cases.mjs';
import { libraryCases } from '../library.mjs';
import { local, measure } from '../measure.mjs';
import { COPY, memoryRows } from '../memory/rows.mjs';

/** Results that are compared bit for bit. */
const KEPT = 4;

/** All that runs in every runtime: a start of Node does not, and a copy has no result. */
export const portableCases = [
  ...cases.filter((one) => !one.process),
  ...memoryRows
    .filter(({ label }) => label !== COPY)
    .map((row) => ({ ...row, label: `${row.label}, ${row.n.toExponential(0)} elements` })),
];

/** The cases of these ids (all without), and of memory-bound ops those whose label contains `match`. */
export const select = (only, match = '') =>
  portableCases.filter(
    ({ id, label }) => (!only || only.includes(id)) && (id !== 'memory' || match === '' || label.includes(match)),
  );

/** JSON has no NaN, and no -0. */
const exact = (value) => (Number.isFinite(value) && !Object.is(value, -0) ? value : String(value));

/** A case as a competitor of itself with other numbers of threads. */
async function competitor(sg, { id, params }, threads) {
  await sg.setThreads(threads);
  const one = await libraryCases(async () => sg, false)[id](params);
  const values = [];
  const { time } = local(threads, () => {
    const value = one.run();
    if (values.length < KEPT) values.push(value);
    return value;
  });
  return {
    name: threads,
    results: async () => (await Promise.all(values)).filter((value) => value !== undefined).map(exact),
    dispose: () => one.dispose(),
    async time(count) {
      await sg.setThreads(threads);
      return time(count);
    },
  };
}

/** One case with all numbers of threads: for each its times and first results, or an error. */
async function timesOf(sg, one, threads, pace) {
  const competitors = [];
  for (const count of threads) competitors.push(await competitor(sg, one, count));
  const measured = await measure(competitors, pace);
  const rows = [];
  for (const [i, { name, error, min, median }] of measured.entries()) {
    const times = error ? { error } : { min, median, values: await competitors[i].results() };
    rows.push({ label: one.label, threads: name, ...times });
    await competitors[i].dispose();
  }
  return rows;
}

/**
 * @param sg the library
 * @param settings `only`, `match` as in `select`; `threads`: numbers of threads; `pace` as in `measure`
 */
export async function bench(sg, { only, match, threads, pace }) {
  const rows = [];
  for (const one of select(only, match)) {
    try {
      rows.push(...(await timesOf(sg, one, threads, pace)));
    } catch (error) {
      rows.push(...threads.map((count) => ({ label: one.label, threads: count, error: String(error) })));
    }
  }
  await sg.setThreads(1);
  return { rows };
}
