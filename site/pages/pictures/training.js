/** A trained network as a source of features, and a small one that learns from them; `sg` is the library. */

export const SIZE = 224;
/** Of MobileNetV2: the mean of each of its last feature maps, 1280 numbers. */
const FEATURES = 'flatten_1';
const EPOCHS = 60;

/** @param {string} url of a model.json */
export async function features(sg, url) {
  const whole = await sg.loadLayersModel(url);
  const { output } = whole.getLayer(FEATURES);
  const model = sg.model({ inputs: whole.inputs, outputs: output });
  /** @param {Uint8ClampedArray} rgba SIZE x SIZE pixels. Returns the features as numbers. */
  return (rgba) =>
    sg.tidy(() => {
      const image = sg.tensor(Float32Array.from(rgba), [1, SIZE, SIZE, 4]).slice([0, 0, 0, 0], [1, SIZE, SIZE, 3]);
      return model.predict(image.div(255)).dataSync().slice();
    });
}

/**
 * Trains a classifier.
 * @param {readonly { features: Float32Array, label: number }[]} examples
 * @param {(progress: { epoch: number, loss: number, accuracy: number }) => void} tell
 * @returns a function from features to the probabilities of the classes
 */
export async function head(sg, examples, classes, tell) {
  sg.setSeed(1);
  const width = examples[0].features.length;
  const x = sg.tensor2d(Float32Array.from(examples.flatMap(({ features }) => [...features])), [examples.length, width]);
  const y = sg.tensor1d(
    examples.map(({ label }) => label),
    'int32',
  );
  const { dense, dropout } = sg.layers;
  const model = sg.sequential({
    layers: [
      dropout({ rate: 0.2, inputShape: [width] }),
      dense({ units: 32, activation: 'relu', kernelRegularizer: sg.regularizers.l2({ l2: 1e-4 }) }),
      dense({ units: classes, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: sg.train.adam(0.002), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  await model.fit(x, y, {
    epochs: EPOCHS,
    batchSize: Math.min(16, examples.length),
    verbose: 0,
    callbacks: { onEpochEnd: (epoch, logs) => tell({ epoch: epoch + 1, loss: logs.loss, accuracy: logs.acc }) },
  });
  x.dispose();
  y.dispose();
  return (list) => sg.tidy(() => [...model.predict(sg.tensor2d(list, [1, width])).dataSync()]);
}
