import { connect } from '../shared/client.js';
import { curves } from '../shared/curves.js';
import { byId, head, make } from '../shared/head.js';
import { networkView } from './network.js';
import { ACTIVATIONS, DATA, decode, encode, FEATURES, OPTIMIZERS, REGULARIZERS, SCHEDULES } from './state.js';
import './style.css';

head('playground/');
const call = connect(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }), () => {});
const plot = curves(byId('loss'), { x: 'epoch', lines: ['training', 'test'] });
const status = byId('state');

let state = decode(location.hash);
let show;
let points;
let isPlaying = false;

function showGradients(sizes) {
  // From 1e-8 to 1.
  const share = (size) => Math.max(0, Math.min(100, (Math.log10(Math.max(size, 1e-12)) + 8) * 12.5));
  byId('gradients').replaceChildren(
    ...sizes.flatMap((size, i) => {
      const bar = make('i');
      bar.style.width = `${share(size)}%`;
      return [
        make('span', {}, i === sizes.length - 1 ? 'output' : `layer ${i + 1}`),
        bar,
        make('span', {}, size.toExponential(1)),
      ];
    }),
  );
}

function render(snapshot) {
  show(snapshot, points);
  showGradients(snapshot.gradients);
  plot.add(snapshot.epochs, [snapshot.trainLoss, snapshot.testLoss]);
  status.textContent = `epoch ${snapshot.epochs}, loss ${snapshot.trainLoss.toFixed(4)}, on unseen points ${snapshot.testLoss.toFixed(4)}`;
}

/** Begins anew with the settings. */
async function restart() {
  history.replaceState(null, '', `#${encode(state)}`);
  const made = await call('configure', state);
  points = made.points;
  show = networkView(byId('network'), state, (change) => update(change));
  plot.clear();
  render(made.first);
}

async function update(change) {
  state = { ...state, ...change };
  pause();
  await restart();
}

function pause() {
  isPlaying = false;
  byId('play').textContent = 'Train';
}

/** Trains in pieces of a few epochs; the next begins when the last has been drawn. */
async function play() {
  isPlaying = true;
  byId('play').textContent = 'Pause';
  while (isPlaying) {
    const snapshot = await call('advance', 2);
    if (!isPlaying) break;
    render(snapshot);
    await new Promise(requestAnimationFrame);
  }
}

function select(name, label, choices) {
  const element = make('select', {}, ...choices.map((choice) => make('option', {}, choice)));
  element.value = state[name];
  element.addEventListener('change', () => update({ [name]: element.value }));
  return make('label', {}, label, element);
}

function number(name, label, min, max, step) {
  const element = make('input', { type: 'number', min, max, step, value: state[name] });
  element.addEventListener('change', () => {
    if (element.value !== '' && element.checkValidity()) update({ [name]: Number(element.value) });
    else element.reportValidity();
  });
  return make('label', {}, label, element);
}

function featureBoxes() {
  const boxes = FEATURES.map((name) => {
    const box = make('input', { type: 'checkbox', value: name });
    box.checked = state.features.includes(name);
    box.addEventListener('change', () => {
      const chosen = FEATURES.filter((_, i) => boxes[i].querySelector('input').checked);
      if (chosen.length) update({ features: chosen });
      else box.checked = true;
    });
    return make('label', {}, box, name);
  });
  return make('fieldset', {}, make('legend', {}, 'features'), ...boxes);
}

byId('settings').append(
  select('data', 'data', DATA),
  number('noise', 'noise', 0, 0.5, 'any'),
  number('share', 'share for training', 0.1, 0.9, 'any'),
  number('batch', 'batch size', 1, 200, 1),
  select('activation', 'activation', ACTIVATIONS),
  select('optimizer', 'optimizer', OPTIMIZERS),
  number('rate', 'learning rate', 0.00001, 10, 'any'),
  select('schedule', 'schedule', SCHEDULES),
  select('regularizer', 'regularization', REGULARIZERS),
  number('strength', 'its strength', 0, 0.9, 'any'),
  number('seed', 'seed', 0, 1e9, 1),
  featureBoxes(),
);
byId('settings').addEventListener('submit', (event) => event.preventDefault());
byId('play').addEventListener('click', () => (isPlaying ? pause() : play()));
byId('step').addEventListener('click', async () => {
  pause();
  render(await call('advance', 1));
});
byId('reset').addEventListener('click', () => update({}));
byId('link').addEventListener('click', async () => {
  await navigator.clipboard.writeText(location.href);
  byId('copied').textContent = 'Copied.';
});
window.addEventListener('hashchange', () => location.reload());
await restart();
