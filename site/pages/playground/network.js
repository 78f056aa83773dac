/** The picture of the network: a square for each neuron, a line for each weight. */
import { make } from '../shared/head.js';
import { cssOf, paint } from './colors.js';
import { AMOUNTS, FEATURES, MOST_LAYERS, MOST_NEURONS } from './state.js';
import { GRID } from './training.js';

const SVG = 'http://www.w3.org/2000/svg';
/** Around zero and one half; amounts and tanh around zero already. */
const fromProbability = (v) => 2 * v - 1;
const limited = (v) => Math.max(-1, Math.min(1, v));

function button(text, label, action) {
  const element = make('button', { type: 'button', 'aria-label': label }, text);
  element.addEventListener('click', action);
  return element;
}

const neuron = (name) => make('div', { class: 'neuron' }, make('canvas', { class: 'pixels' }), name);

/**
 * Builds the squares for a state.
 * @param {(change: object) => void} change called with what the user has changed
 * @returns `show(snapshot, points)` fills them
 */
export function networkView(parent, state, change) {
  const { layers, features } = state;
  parent.replaceChildren(document.createElementNS(SVG, 'svg'));
  const column = (title, names, extra = []) => {
    const element = make('div', { class: 'layer' }, make('header', {}, title, ...extra), ...names.map(neuron));
    parent.append(element);
    return [...element.querySelectorAll('canvas')];
  };
  const withLayers = (next) => change({ layers: next });
  const columns = [column('features', features)];
  layers.forEach((units, i) => {
    const set = (count) => withLayers(layers.map((n, at) => (at === i ? count : n)));
    const controls = make('div', { class: 'row' });
    controls.append(
      button('−', `fewer neurons in layer ${i + 1}`, () => (units > 1 ? set(units - 1) : undefined)),
      button('+', `more neurons in layer ${i + 1}`, () => (units < MOST_NEURONS ? set(units + 1) : undefined)),
      button('✕', `remove layer ${i + 1}`, () => withLayers(layers.filter((_, at) => at !== i))),
    );
    columns.push(column(`layer ${i + 1}`, Array(units).fill(''), [controls]));
  });
  const add = make('div', { class: 'row' });
  if (layers.length < MOST_LAYERS)
    add.append(button('+ layer', 'add a layer', () => withLayers([...layers, layers.at(-1) ?? 4])));
  const [output] = column('output', [''], [add]);
  output.closest('.layer').classList.add('output');
  columns.push([output]);

  const lines = weightLines(parent, columns);
  const isAmount = AMOUNTS.includes(state.data);
  const size = GRID * GRID;
  return (snapshot, points) => {
    features.forEach((name, i) => {
      paint(columns[0][i], snapshot.features, FEATURES.indexOf(name) * size, GRID, limited);
    });
    snapshot.pictures.slice(0, -1).forEach((values, layer) => {
      const scale = state.activation === 'sigmoid' ? fromProbability : limited;
      columns[layer + 1].forEach((canvas, i) => paint(canvas, values, i * size, GRID, scale));
    });
    region(output, snapshot.pictures.at(-1), points, isAmount);
    lines(snapshot.weights);
  };
}

/** What the network predicts everywhere, with the points: those for testing have a dark edge. */
function region(canvas, values, { x, y, wanted, count, isAmount }) {
  const scale = isAmount ? limited : fromProbability;
  const small = new OffscreenCanvas(GRID, GRID);
  paint(small, values, 0, GRID, (v) => scale(v) * 0.6);
  const side = 520;
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext('2d');
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, side, side);
  context.lineWidth = 2;
  for (let i = 0; i < x.length; i++) {
    context.beginPath();
    context.arc(((x[i] + 1) / 2) * side, ((1 - y[i]) / 2) * side, 6, 0, 2 * Math.PI);
    context.fillStyle = cssOf(scale(wanted[i]));
    context.strokeStyle = i < count ? '#ffffff' : '#000000';
    context.fill();
    context.stroke();
  }
}

/** A line for each weight; its thickness and colour follow the weight. */
function weightLines(parent, columns) {
  const svg = parent.querySelector('svg');
  const pairs = columns.slice(1).map((to, i) => columns[i].map((a) => to.map((b) => [a, b])));
  const paths = pairs.map((rows) =>
    rows.map((row) =>
      row.map(([a, b]) => {
        const path = document.createElementNS(SVG, 'path');
        path.setAttribute('fill', 'none');
        svg.append(path);
        return { path, a, b };
      }),
    ),
  );
  const place = () => {
    const box = parent.getBoundingClientRect();
    for (const { path, a, b } of paths.flat(2)) {
      const [from, to] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
      const [x1, y1] = [from.right - box.left, (from.top + from.bottom) / 2 - box.top];
      // The output's square is large: all lines end at the height of the first neurons.
      const [x2, y2] = [to.left - box.left, Math.min((to.top + to.bottom) / 2, to.top + 120) - box.top];
      const middle = (x1 + x2) / 2;
      path.setAttribute('d', `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`);
    }
  };
  place();
  return (weights) => {
    weights.forEach(({ shape: [, units], values }, layer) => {
      paths[layer].forEach((row, i) => {
        row.forEach(({ path }, j) => {
          const weight = values[i * units + j];
          path.setAttribute('stroke', weight < 0 ? 'rgb(213 94 0)' : 'rgb(0 114 178)');
          path.setAttribute('stroke-opacity', String(Math.min(1, 0.25 + Math.abs(weight) / 2)));
          path.setAttribute('stroke-width', String(Math.min(8, 0.5 + 2 * Math.abs(weight))));
        });
      });
    });
  };
}
