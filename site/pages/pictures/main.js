import { connect } from '../shared/client.js';
import { curves } from '../shared/curves.js';
import { byId, head, make } from '../shared/head.js';
import { camera, fromFile, hasCamera } from './images.js';
import './style.css';

const MOST_CLASSES = 6;

head('pictures/');
const state = byId('state');
const plot = curves(byId('curves'), { x: 'epoch', lines: ['accuracy', 'loss'], range: [0, 1.2] });
const call = connect(
  new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
  ({ epoch, accuracy, loss }) => {
    plot.add(epoch, [accuracy, loss]);
    state.textContent = `epoch ${epoch}, accuracy ${(100 * accuracy).toFixed(0)} %`;
  },
);
/** For each class its name and the features of its pictures. */
const classes = [];
let isTrained = false;

/** Shows what fails. */
const safely = (action) => async (event) => {
  try {
    await action(event);
  } catch (error) {
    state.textContent = `That failed: ${error.message}`;
  }
};

function countExamples() {
  const ready = classes.filter(({ features }) => features.length > 0).length;
  byId('train').disabled = ready < 2;
  const counts = classes.map(({ name, features }) => `${name.value} ${features.length}`).join(', ');
  state.textContent =
    ready < 2 ? `Give at least two classes a few pictures each (${counts}).` : `Ready to train: ${counts}.`;
}

function addClass() {
  const number = classes.length + 1;
  const name = make('input', { type: 'text', value: `class ${number}`, 'aria-label': `name of class ${number}` });
  const files = make('input', {
    type: 'file',
    accept: 'image/*',
    multiple: '',
    'aria-label': `pictures of class ${number}`,
  });
  const thumbnails = make('div', { class: 'thumbnails' });
  const one = { name, features: [] };
  const take = async (pixelsOf) => {
    const canvas = make('canvas', { 'aria-label': `picture ${one.features.length + 1} of class ${number}` });
    const pixels = await pixelsOf(canvas);
    thumbnails.append(canvas);
    one.features.push(await call('features', pixels));
    countExamples();
  };
  files.addEventListener(
    'change',
    safely(async () => {
      for (const file of files.files) {
        state.textContent = `Looking at ${file.name} …`;
        await take((canvas) => fromFile(canvas, file));
      }
      files.value = '';
    }),
  );
  const buttons = make('div', { class: 'row' }, files);
  if (hasCamera()) {
    const button = make('button', { type: 'button' }, 'Take a picture');
    button.addEventListener(
      'click',
      safely(async () => take(await camera(byId('video')))),
    );
    buttons.append(button);
  }
  classes.push(one);
  byId('classes').append(make('section', { class: 'card' }, make('div', { class: 'row' }, name), buttons, thumbnails));
  byId('add').disabled = classes.length === MOST_CLASSES;
}

async function look(pixels) {
  const probabilities = await call('look', pixels);
  const rows = classes.filter(({ features }) => features.length > 0);
  byId('answer').replaceChildren(
    ...rows.flatMap(({ name }, i) => {
      const percent = `${(100 * probabilities[i]).toFixed(0)}%`;
      const bar = make('i');
      bar.style.width = percent;
      return [make('span', {}, name.value), bar, make('span', {}, percent)];
    }),
  );
}

byId('add').addEventListener('click', addClass);
byId('train').addEventListener(
  'click',
  safely(async () => {
    byId('train').disabled = true;
    plot.clear();
    const used = classes.filter(({ features }) => features.length > 0);
    const examples = used.flatMap((one, label) => one.features.map((features) => ({ features, label })));
    await call('train', examples, used.length);
    isTrained = true;
    byId('train').disabled = false;
    byId('live').hidden = !hasCamera();
    state.textContent = 'Trained. Try it with a picture that it has not seen.';
  }),
);
byId('try').addEventListener(
  'change',
  safely(async () => {
    const [file] = byId('try').files;
    if (!file) return;
    if (!isTrained) throw new Error('train it first');
    await look(await fromFile(byId('seen'), file));
  }),
);
let isLive = false;
byId('live').addEventListener(
  'click',
  safely(async () => {
    isLive = !isLive;
    byId('live').textContent = isLive ? 'Stop the camera' : 'Use the camera';
    const take = await camera(byId('video'));
    while (isLive) {
      await look(take(byId('seen')));
      await new Promise(requestAnimationFrame);
    }
  }),
);

addClass();
addClass();
await safely(async () => {
  await call('load', new URL('../data/mobilenet/model.json', location.href).href);
  countExamples();
})();
