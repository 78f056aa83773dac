/** All that the playground is set to. A link holds it. */

export const DATA = ['circle', 'exclusive or', 'two clouds', 'spiral', 'plane', 'hills'];
/** What is predicted is an amount rather than one of two classes. */
export const AMOUNTS = ['plane', 'hills'];
export const FEATURES = ['x', 'y', 'x²', 'y²', 'x y', 'sin x', 'sin y'];
export const ACTIVATIONS = [
  'tanh',
  'relu',
  'sigmoid',
  'linear',
  'elu',
  'selu',
  'gelu',
  'swish',
  'leakyRelu',
  'softsign',
];
export const OPTIMIZERS = ['sgd', 'momentum', 'nesterov', 'adagrad', 'rmsprop', 'adadelta', 'adam', 'adamW', 'nadam'];
export const SCHEDULES = ['constant', 'cosine', 'exponential', 'steps', 'warm-up'];
export const REGULARIZERS = ['none', 'L1', 'L2', 'dropout', 'batch normalization'];
export const MOST_LAYERS = 5;
export const MOST_NEURONS = 8;

const oneOf = (list) => (text) => (list.includes(text) ? text : undefined);
const number = (low, high) => (text) => {
  const value = Number(text);
  return text !== '' && value >= low && value <= high ? value : undefined;
};
const whole = (low, high) => (text) => (Number.isInteger(Number(text)) ? number(low, high)(text) : undefined);

/** How each setting is read from a text; undefined if it cannot be. */
const READ = {
  data: oneOf(DATA),
  noise: number(0, 0.5),
  share: number(0.1, 0.9),
  features: (text) => {
    const list = text.split('.').filter((name) => FEATURES.includes(name));
    return list.length ? list : undefined;
  },
  layers: (text) => {
    const list = text === '' ? [] : text.split('.').map(whole(1, MOST_NEURONS));
    return list.length <= MOST_LAYERS && list.every((n) => n !== undefined) ? list : undefined;
  },
  activation: oneOf(ACTIVATIONS),
  optimizer: oneOf(OPTIMIZERS),
  rate: number(1e-5, 10),
  schedule: oneOf(SCHEDULES),
  regularizer: oneOf(REGULARIZERS),
  strength: number(0, 0.9),
  batch: whole(1, 200),
  seed: whole(0, 1e9),
};

export const DEFAULTS = {
  data: 'circle',
  noise: 0.05,
  share: 0.5,
  features: ['x', 'y'],
  layers: [4, 2],
  activation: 'tanh',
  optimizer: 'adam',
  rate: 0.03,
  schedule: 'constant',
  regularizer: 'none',
  strength: 0.01,
  batch: 10,
  seed: 1,
};

/** The state as the part of an address after #. */
export const encode = (state) =>
  new URLSearchParams(
    Object.entries(state).map(([name, value]) => [name, Array.isArray(value) ? value.join('.') : String(value)]),
  ).toString();

/** What an address says; what it does not say, or says wrongly, is as by default. */
export function decode(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const state = { ...DEFAULTS };
  for (const [name, read] of Object.entries(READ)) {
    const text = given.get(name);
    const value = text === null ? undefined : read(text);
    if (value !== undefined) state[name] = value;
  }
  return state;
}
