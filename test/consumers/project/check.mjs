// What every consumer computes: a small training and predictions, by all that a program may import.

// Integers that are exact in every engine, as 256ths.
function values(count, seed) {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 24) / 256;
  });
}

// FNV-1a of the bits.
function hashOf(arrays) {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of arrays)
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

const shaped = (sg, layers) =>
  sg.sequential({
    layers: [
      layers.dense({ units: 16, activation: 'relu', inputShape: [8] }),
      layers.batchNormalization(),
      layers.dense({ units: 4, activation: 'softmax' }),
    ],
  });

// The hash of the weights after training, and of predictions by either entry.
export async function check(sg, predict, layers) {
  if (predict.Tensor !== sg.Tensor) throw new Error('there are two classes of tensors');
  sg.setSeed(7);
  const model = shaped(sg, layers);
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae'] });
  const x = sg.tensor(values(32 * 8, 1), [32, 8]);
  const y = sg.tensor(values(32 * 4, 2), [32, 4]);
  const { history } = await model.fit(x, y, { epochs: 3, batchSize: 8, verbose: 0 });
  if (!(history.loss[2] < history.loss[0]))
    throw new Error(`the loss went from ${history.loss[0]} to ${history.loss[2]}`);
  const other = shaped(predict, layers);
  other.setWeights(model.getWeights());
  const results = [model.predict(x), other.predict(x), x.square().sum()];
  const weights = model.getWeights().map((w) => w.dataSync());
  return hashOf([...weights, ...results.map((t) => t.dataSync())]);
}
