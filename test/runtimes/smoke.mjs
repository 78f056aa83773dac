// The program that must leave the same bits in every runtime: a small CNN trained for 20 seeded steps.
// It runs unchanged everywhere, so it uses the library it is given, WebCrypto, and nothing else.

const STEPS = 20;
const BATCH = 16;
const SIDE = 28;
const CLASSES = 10;
// conv 3*3*1*8+8, batch normalization 4*8, dense 13*13*8*10+10: a check that no weight is left out of the hash.
const VALUES = 13642;

// An integer generator, exact in every engine; the high bits are the good ones.
function generator(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

// Noise with a bright band whose height is the class, in 256ths, which f32 holds exactly.
function batch(next) {
  const images = new Float32Array(BATCH * SIDE * SIDE);
  const labels = new Float32Array(BATCH * CLASSES);
  for (let i = 0; i < BATCH; i++) {
    const label = next(CLASSES);
    labels[i * CLASSES + label] = 1;
    for (let p = 0; p < SIDE * SIDE; p++) {
      const row = Math.floor(p / SIDE);
      const bright = row >= 4 + 2 * label && row < 6 + 2 * label ? 128 : 0;
      images[i * SIDE * SIDE + p] = (next(128) + bright) / 256;
    }
  }
  return { images, labels };
}

function cnn(sg) {
  const model = sg.sequential();
  model.add(sg.layers.conv2d({ inputShape: [SIDE, SIDE, 1], filters: 8, kernelSize: 3, activation: 'relu' }));
  model.add(sg.layers.maxPooling2d({ poolSize: 2 }));
  model.add(sg.layers.batchNormalization());
  model.add(sg.layers.dropout({ rate: 0.25 }));
  model.add(sg.layers.flatten());
  model.add(sg.layers.dense({ units: CLASSES, activation: 'softmax' }));
  model.compile({ optimizer: sg.train.adam(0.001), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

// A copy, because the weights may lie in shared memory, which WebCrypto refuses.
function weights(model) {
  const arrays = model.getWeights().map((weight) => weight.dataSync());
  const values = new Float32Array(arrays.reduce((total, array) => total + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    values.set(array, at);
    at += array.length;
  }
  return values;
}

async function sha256(values) {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', values);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// Equal hashes prove nothing when nothing was trained, or when NaN (of unspecified payload) got in.
function check(values, before, loss) {
  if (values.length !== VALUES) throw new Error(`getWeights() gave ${values.length} values, not ${VALUES}`);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new Error(`weight ${bad} is ${values[bad]} after training`);
  if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss} after training`);
  if (values.every((value, i) => value === before[i])) throw new Error('training left every weight as it was');
}

export async function smoke(sg, { threads }) {
  const granted = await sg.setThreads(threads);
  if (granted !== undefined && granted !== threads) throw new Error(`${granted} threads instead of ${threads}`);
  sg.setSeed(42);
  const next = generator(1);
  const model = cnn(sg);
  const before = weights(model);
  let loss = Number.NaN;
  for (let step = 0; step < STEPS; step++) {
    const { images, labels } = batch(next);
    const x = sg.tensor(images, [BATCH, SIDE, SIDE, 1]);
    const y = sg.tensor(labels, [BATCH, CLASSES]);
    [loss] = await model.trainOnBatch(x, y);
    x.dispose();
    y.dispose();
  }
  const after = weights(model);
  check(after, before, loss);
  return { hash: await sha256(after), steps: STEPS, loss };
}
