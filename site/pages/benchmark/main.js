import { connect } from '../shared/client.js';
import { byId, head, make } from '../shared/head.js';
import { cases } from './cases.js';

head('benchmark/');
const call = connect(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }), () => {});
const state = byId('state');
const node = await (await fetch('../data/benchmark.json')).json();

const cores = self.crossOriginIsolated ? navigator.hardwareConcurrency : 1;
for (let n = 1; n <= Math.min(16, cores); n *= 2) byId('threads').append(make('option', {}, String(n)));
byId('machine').textContent =
  `${node.runtime} on the machine that built this page, one thread. ` +
  (cores > 1 ? '' : 'This page is not isolated (its server sends no COOP and COEP headers), so there is one thread. ') +
  navigator.userAgent;

const digits = (ms) => ms.toPrecision(3);
const rows = new Map(
  cases.map(({ key, label }) => {
    const cells = ['', digits(node.cases[key].ms), ''].map((text) => make('td', { class: 'number' }, text));
    const row = make('tr', {}, make('th', { scope: 'row' }, label), ...cells);
    byId('rows').append(row);
    return [key, { time: cells[0], bits: cells[2] }];
  }),
);

let results;
async function runAll() {
  const threads = await call('threads', Number(byId('threads').value));
  results = { userAgent: navigator.userAgent, threads, isolated: self.crossOriginIsolated, cases: {} };
  for (const [i, { key, label }] of cases.entries()) {
    state.textContent = `${label} …`;
    const { ms, sha256 } = await call('run', key);
    const isSame = sha256 === node.cases[key].sha256;
    results.cases[key] = { ms, sha256, isSame };
    const { time, bits } = rows.get(key);
    time.textContent = digits(ms);
    bits.textContent = isSame ? 'equal' : 'differ';
    bits.className = isSame ? 'good' : 'bad';
    byId('progress').value = (i + 1) / cases.length;
  }
  const same = Object.values(results.cases).filter(({ isSame }) => isSame).length;
  state.textContent = `Done: ${same} of ${cases.length} have the bits of Node.`;
}

byId('run').addEventListener('click', async () => {
  byId('run').disabled = true;
  byId('copy').disabled = true;
  try {
    await runAll();
    byId('copy').disabled = false;
  } catch (error) {
    state.textContent = `That failed: ${error.message}`;
  }
  byId('run').disabled = false;
});
byId('copy').addEventListener('click', async () => {
  await navigator.clipboard.writeText(JSON.stringify(results, null, 2));
  state.textContent = 'Copied.';
});
