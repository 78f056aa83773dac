// Mutated graphs, many: none may end in an error that is not the library's, take long, or leave memory behind.
// node scripts/soak/graphs.mjs [count=200000] [seed=1]
import { importSources } from '../sources.mjs';

const [count = '200000', seed = '1'] = process.argv.slice(2);
/** Milliseconds of processor time that one graph may take, loaded and run twice: loops end after 50,000 steps. */
const LONGEST = 5000;
const { mutations, sg } = await importSources(
  'graphs',
  "export { mutations } from './test/graph/mutations'; export * as sg from './src/index';",
);

const { log } = console;
const before = sg.memory().numTensors;
const kinds = { ran: 0, refused: 0, wrong: 0 };
const wrong = new Map();
let slowest = 0;
let done = 0;
const start = performance.now();
console.log = () => undefined;
mutations(Number(seed), Number(count), ({ kind, error }, took, name, topology) => {
  kinds[kind]++;
  slowest = Math.max(slowest, took);
  const place = String(error?.stack).split('\n').slice(0, 7).join(' | ');
  if (kind === 'wrong' && !wrong.has(place)) wrong.set(place, `${name}: ${JSON.stringify(topology)}`);
  if (took > LONGEST) wrong.set(`${name} took ${took.toFixed(0)} ms`, JSON.stringify(topology));
  if (++done % 10000 === 0) log(`${done} ${JSON.stringify(kinds)} slowest ${slowest.toFixed(0)} ms`);
});
console.log = log;
for (const [place, graph] of wrong) console.log(`${place}\n    ${graph.slice(0, 3000)}`);
const left = sg.memory().numTensors - before;
console.log(
  `${done} graphs in ${((performance.now() - start) / 1000).toFixed(0)} s: ${JSON.stringify(kinds)}, slowest ${slowest.toFixed(0)} ms, tensors left ${left}, ${process.memoryUsage.rss() >> 20} MB`,
);
if (wrong.size || left) process.exitCode = 1;
