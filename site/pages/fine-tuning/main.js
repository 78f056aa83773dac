import { connect } from '../shared/client.js';
import { curves } from '../shared/curves.js';
import { byId, head } from '../shared/head.js';
import { compareHashes } from '../shared/verdict.js';

head('fine-tuning/');
const state = byId('state');
const plot = curves(byId('curves'), { x: 'epoch', lines: ['accuracy in training'], range: [0, 1] });
const STAGES = { head: 'Training a new head', last: 'Training the last convolutions too' };
const percent = (share) => `${(100 * share).toFixed(1)} %`;
let epochs = 0;
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const call = connect(worker, ({ stage, accuracy }) => {
  if (stage === 'before') {
    state.textContent = `It reads ${percent(accuracy)} of the digits as it is. Computing features …`;
    return;
  }
  plot.add(++epochs, [accuracy]);
  state.textContent = `${STAGES[stage]}: accuracy ${percent(accuracy)}`;
});

function show({ before, headAccuracy, accuracy, threads, seconds, sha256 }, expected) {
  const shares = { before, head: headAccuracy, after: accuracy };
  for (const [name, share] of Object.entries(shares)) byId(name).textContent = percent(share);
  byId('result').hidden = false;
  state.textContent = `Trained in ${seconds.toFixed(0)} s on ${threads === 1 ? 'one thread' : `${threads} threads`}.`;
  compareHashes(sha256, expected);
}

byId('train').addEventListener('click', async () => {
  byId('train').disabled = true;
  plot.clear();
  epochs = 0;
  state.textContent = 'Fetching the model (11 MB) and the digits …';
  try {
    const [result, node] = await Promise.all([
      call('train', new URL('../data/', location.href).href),
      fetch('../data/fine-tuning.json').then((response) => response.json()),
    ]);
    show(result, node.sha256);
  } catch (error) {
    state.textContent = `That failed: ${error.message}`;
  }
  byId('train').disabled = false;
});
