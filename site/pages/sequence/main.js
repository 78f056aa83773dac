import { connect } from '../shared/client.js';
import { curves } from '../shared/curves.js';
import { byId, head, make } from '../shared/head.js';
import './style.css';

const PIECE = 10;
const WRITE_EVERY = 100;

head('sequence/');
const call = connect(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }), () => {});
const plot = curves(byId('curves'), { x: 'step', lines: ['loss, nats a character'] });
const state = byId('state');
let isPlaying = false;
/** The text that the model has read; undefined until it has. */
let read;
let attention;

function showAttention() {
  if (!attention) return;
  const { characters, maps } = attention;
  const map = maps[Number(byId('head').value)];
  const from = Number(byId('place').value);
  const most = Math.max(...map[from]) || 1;
  byId('looks').replaceChildren(
    ...characters.map((character, i) => {
      const span = make('span', i === from ? { class: 'from' } : {}, character);
      span.style.background = `rgb(0 114 178 / ${((0.75 * map[from][i]) / most).toFixed(3)})`;
      return span;
    }),
  );
  const canvas = byId('map');
  canvas.width = characters.length;
  canvas.height = characters.length;
  const image = canvas.getContext('2d').createImageData(characters.length, characters.length);
  map.flat().forEach((value, i) => {
    image.data.set([0, 114, 178, Math.round(255 * Math.min(1, value * 2))], 4 * i);
  });
  canvas.getContext('2d').putImageData(image, 0, 0);
}

async function write() {
  const text = await call('write', byId('start').value, 160, Number(byId('temperature').value));
  byId('written').textContent = text;
  attention = await call('attention', text);
  if (byId('head').options.length !== attention.maps.length)
    byId('head').replaceChildren(
      ...attention.maps.map((_, i) =>
        make('option', { value: i }, `layer ${Math.floor(i / attention.heads) + 1}, head ${(i % attention.heads) + 1}`),
      ),
    );
  byId('place').max = attention.characters.length - 1;
  byId('place').value = attention.characters.length - 1;
  showAttention();
}

function pause() {
  isPlaying = false;
  byId('train').textContent = 'Train';
}

async function play() {
  isPlaying = true;
  byId('train').textContent = 'Pause';
  const text = byId('text').value;
  if (read !== text) {
    const characters = await call('read', text);
    read = text;
    plot.clear();
    state.textContent = `${characters} different characters`;
  }
  byId('write').disabled = false;
  while (isPlaying) {
    const { steps, loss } = await call('train', PIECE);
    plot.add(steps, [loss]);
    state.textContent = `step ${steps}, loss ${loss.toFixed(3)}`;
    if (steps % WRITE_EVERY === 0) await write();
  }
}

/** Shows what fails, and stops. */
const safely = (action) => async () => {
  try {
    await action();
  } catch (error) {
    pause();
    state.textContent = `That failed: ${error.message}`;
  }
};

byId('train').addEventListener(
  'click',
  safely(async () => (isPlaying ? pause() : play())),
);
byId('reset').addEventListener('click', () => {
  pause();
  read = undefined;
  state.textContent = 'Forgotten.';
});
byId('write').addEventListener('click', safely(write));
byId('head').addEventListener('change', showAttention);
byId('place').addEventListener('input', showAttention);
await safely(async () => {
  byId('text').value = await (await fetch('../data/text.txt')).text();
  byId('train').disabled = false;
  state.textContent = 'Not trained yet.';
})();
