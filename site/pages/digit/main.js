import { connect } from '../shared/client.js';
import { curves } from '../shared/curves.js';
import { byId, head, make } from '../shared/head.js';
import { compareHashes } from '../shared/verdict.js';
import { drawingPad } from './pad.js';
import './style.css';
import { STROKES } from './strokes.js';

head('digit/');
const state = byId('state');
const plot = curves(byId('curves'), { x: 'share of the training, %', lines: ['accuracy', 'loss'], range: [0, 1] });
const call = connect(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }), (told) => {
  byId('progress').value = told.share;
  state.textContent = `Training: ${Math.round(told.share * 100)} %, accuracy ${(told.accuracy * 100).toFixed(1)} %`;
  plot.add(Math.round(told.share * 100), [told.accuracy, Math.min(1, told.loss)]);
});
let isTrained = false;

const bars = Array.from({ length: 10 }, (_, digit) => {
  const line = make('span', {}, make('b', {}, String(digit)), make('i'), make('small'));
  byId('bars').append(line);
  return line;
});

function showProbabilities(probabilities) {
  const most = probabilities.indexOf(Math.max(...probabilities));
  bars.forEach((line, digit) => {
    const percent = `${(100 * probabilities[digit]).toFixed(1)}%`;
    line.children[1].style.width = percent;
    line.children[2].textContent = percent;
    line.className = digit === most ? 'most' : '';
  });
  byId('bars').setAttribute('aria-label', `A ${most}, with ${(100 * probabilities[most]).toFixed(1)} %`);
}

/** One small canvas for each filter; made once, then drawn again. */
function showMaps(layers) {
  const parent = byId('maps');
  if (!parent.firstChild)
    layers.forEach(({ count, width, height }, layer) => {
      if (layer) parent.append(make('hr'));
      for (let i = 0; i < count; i++)
        parent.append(
          make('canvas', { class: 'pixels', width, height, 'aria-label': `filter ${i + 1} of layer ${layer + 1}` }),
        );
    });
  const canvases = [...parent.querySelectorAll('canvas')];
  for (const { count, width, height, pixels } of layers)
    for (let i = 0; i < count; i++) {
      const context = canvases.shift().getContext('2d');
      const image = context.createImageData(width, height);
      for (let p = 0; p < width * height; p++) image.data.fill(pixels[i * width * height + p], 4 * p, 4 * p + 3);
      for (let p = 0; p < width * height; p++) image.data[4 * p + 3] = 255;
      context.putImageData(image, 0, 0);
    }
}

let isLooking = false;
let isStale = false;
/** Looks at what is drawn; while the worker is busy, only the newest drawing waits. */
async function look() {
  const image = pad.image();
  if (!isTrained || !image) return;
  isStale = isLooking;
  if (isLooking) return;
  isLooking = true;
  const { probabilities, maps } = await call('look', image);
  isLooking = false;
  showProbabilities(probabilities);
  showMaps(maps);
  if (isStale) await look();
}

const pad = drawingPad(byId('pad'), look);
byId('clear').addEventListener('click', pad.clear);
const sample = byId('sample');
sample.append(make('option', { value: '' }, 'digit'), ...STROKES.map((_, digit) => make('option', {}, String(digit))));
sample.addEventListener('change', () => {
  if (sample.value === '') return;
  pad.write(STROKES[Number(sample.value)]);
  look();
});

function showResult({ threads, seconds, accuracy, sha256 }, expected) {
  const result = byId('result');
  result.hidden = false;
  result.textContent =
    `${(100 * accuracy).toFixed(2)} % of 2,000 digits that it has not seen are right. ` +
    `${seconds.toFixed(1)} s on ${threads === 1 ? 'one thread' : `${threads} threads`}.`;
  byId('same').hidden = false;
  compareHashes(sha256, expected);
}

byId('train').addEventListener('click', async () => {
  byId('train').disabled = true;
  plot.clear();
  state.textContent = 'Fetching the digits …';
  try {
    const [result, node] = await Promise.all([
      call('train', new URL('../data/digits.dat', location.href).href),
      fetch('../data/digits.json').then((response) => response.json()),
    ]);
    isTrained = true;
    state.textContent = 'Trained. Draw a digit.';
    showResult(result, node.sha256);
    await look();
  } catch (error) {
    state.textContent = `That failed: ${error.message}`;
  }
  byId('train').disabled = false;
});
