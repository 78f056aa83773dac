// Trains and uses the README's CNN, and measures how long the thread was held up meanwhile: on the main thread of a page,
// whether the page answered. The bits are compared with those of other runtimes.

const SIDE = 28;
const CLASSES = 10;
const COUNT = 1280;
const BATCH = 32;

function generator(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function data() {
  const next = generator(3);
  const images = Float32Array.from({ length: COUNT * SIDE * SIDE }, () => next(256) / 256);
  const labels = Int32Array.from({ length: COUNT }, () => next(CLASSES));
  return { images, labels };
}

function cnn(sg) {
  const { conv2d, dense, flatten, maxPooling2d } = sg.layers;
  const model = sg.sequential({
    layers: [
      conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [SIDE, SIDE, 1] }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 128, activation: 'relu' }),
      dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** Milliseconds between two turns of the event loop, at the most, and frames and turns, while something is done. */
async function watched(work) {
  let longest = 0;
  let turns = 0;
  let frames = 0;
  let isOver = false;
  const start = performance.now();
  let last = start;
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    turns++;
    if (!isOver) setTimeout(turn, 0);
  };
  const frame = () => {
    frames++;
    if (!isOver) requestAnimationFrame(frame);
  };
  turn();
  if (typeof requestAnimationFrame === 'function') requestAnimationFrame(frame);
  const result = await work();
  turn();
  isOver = true;
  const ms = performance.now() - start;
  return {
    result,
    figures: { ms: Math.round(ms), longest: Math.round(longest), turns, fps: Math.round((frames / ms) * 1000) },
  };
}

async function hashOf(tensors) {
  const bytes = new Uint8Array(tensors.reduce((all, t) => all + t.size * 4, 0));
  let at = 0;
  for (const t of tensors) {
    const values = t.dataSync();
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Trains, evaluates and predicts. @returns a hash of weights, losses and predictions, and what was measured of each */
export async function answering(sg) {
  sg.setSeed(5);
  const { images, labels } = data();
  const x = sg.tensor(images, [COUNT, SIDE, SIDE, 1]);
  const y = sg.tensor(labels, [COUNT]);
  const model = cnn(sg);
  const first = await watched(() => model.fit(x.slice(0, BATCH), y.slice(0, BATCH), { epochs: 1, batchSize: BATCH }));
  const fit = await watched(() => model.fit(x, y, { epochs: 3, batchSize: BATCH, verbose: 0 }));
  const evaluate = await watched(() => model.evaluateAsync(x, y, { batchSize: BATCH }));
  const predict = await watched(() => model.predictAsync(x, { batchSize: BATCH }));
  const sync = await watched(async () => model.predict(x, { batchSize: BATCH }));
  const same = sync.result.dataSync().every((v, i) => Object.is(v, predict.result.dataSync()[i]));
  if (!same) throw new Error('predictAsync has other bits than predict');
  const hash = await hashOf([...model.getWeights(), ...evaluate.result, predict.result]);
  const figures = {
    first: first.figures,
    fit: fit.figures,
    evaluate: evaluate.figures,
    predict: predict.figures,
    sync: sync.figures,
  };
  return { hash, threads: sg.getThreads(), ...figures };
}

/** The same in a worker of the page: how long was the page held up meanwhile? @throws if it has other bits */
export async function answeringByWorker({ connect }, hash) {
  const { remote, close } = connect(new Worker(new URL('./own-worker.mjs', import.meta.url), { type: 'module' }));
  const { result, figures } = await watched(() => remote.train());
  close();
  if (result.hash !== hash) throw new Error(`a worker of its own has other bits: ${result.hash}`);
  return { worker: figures };
}
