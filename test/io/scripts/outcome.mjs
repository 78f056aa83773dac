// What a model predicts, and what ten steps of its training make of it, as one hash: for the process that saved the model
// and for others that load it.

const STEPS = 10;
const BATCH = 2;

/** Numbers of [-1, 1), or integers below a limit: exact in every engine. */
function values(count, seed, below) {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return below ? (state >>> 8) % below : (state >>> 8) / 0x800000 - 1;
  });
}

class Hash {
  #state = 0x811c9dc5;

  add(numbers) {
    const floats = Float32Array.from(numbers, (n) => (Number.isNaN(n) ? Number.NaN : n));
    for (const word of new Uint32Array(floats.buffer)) this.#state = Math.imul(this.#state ^ word, 0x01000193) >>> 0;
  }

  toString() {
    return this.#state.toString(16).padStart(8, '0');
  }
}

const size = (shape) => shape.reduce((a, b) => a * b, 1);

/** @param shapes of the inputs without the batch; @param target that of the output, and how many classes it tells apart */
export async function outcome(sg, model, { shapes, below, target, classes }) {
  const inputs = shapes.map((shape, i) => sg.tensor(values(BATCH * size(shape), i + 1, below), [BATCH, ...shape]));
  const x = inputs.length === 1 ? inputs[0] : inputs;
  const y = sg.tensor(values(BATCH * size(target), 99, classes), [BATCH, ...target]);
  const hash = new Hash();
  const predict = () => hash.add([model.predict(x)].flat()[0].dataSync());
  predict();
  for (let step = 0; step < STEPS; step++) hash.add([await model.trainOnBatch(x, y)].flat());
  for (const weight of model.getWeights()) {
    hash.add(weight.dataSync());
    weight.dispose();
  }
  predict();
  sg.dispose([...inputs, y]);
  return hash.toString();
}
