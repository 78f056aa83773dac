// What the example and the page of the site both do; `sg` is the library, `ocr` the recognizer that `onnx.load` returns.

/** The value at which the graph is cut: what the convolutions found, 480 numbers for each of six strips of the image. */
const FEATURES = 'p2o.AveragePool.1';
/** The weights of the last convolutions before it. */
const LAST = /^(conv2d_18[0-4]|mobile_one_block_2[3-7]|whswish_b_2[4-8])\./;
const BATCH = 50;

/** Images [n, 28, 28, 1] in [0, 1] as the recognizer reads them: [n, 3, 48, 48] in [-1, 1], dark on bright. */
const asLines = (sg, x) =>
  sg.tidy(() => sg.image.resizeBilinear(x, [48, 48]).transpose([0, 3, 1, 2]).tile([1, 3, 1, 1]).mul(-2).add(1));

/** What a function computes of all rows, batch by batch. */
const inBatches = (sg, x, compute) =>
  sg.tidy(() => {
    const parts = [];
    for (let at = 0; at < x.shape[0]; at += BATCH) parts.push(compute(x.slice(at, Math.min(BATCH, x.shape[0] - at))));
    return sg.concat(parts);
  });

/** The share of images that the recognizer, as it is, reads as the digit they show; `characters` are its own, in order. */
export function readsAlready(sg, ocr, { x, y }, characters) {
  const best = sg.tidy(() => inBatches(sg, asLines(sg, x), (part) => ocr.predict(part).argMax(-1)).arraySync());
  // One character for each run of a class; class 0 is the gap between characters.
  const texts = best.map((row) => row.filter((c, i) => c > 0 && c !== row[i - 1]).map((c) => characters[c - 1]));
  const labels = y.dataSync();
  return texts.filter((text, i) => text.join('') === String(labels[i])).length / labels.length;
}

function headFor(sg, shape) {
  const { flatten, layerNormalization, dropout, dense } = sg.layers;
  return [
    flatten({ inputShape: shape }),
    layerNormalization(),
    dropout({ rate: 0.3 }),
    dense({ units: 10, activation: 'softmax' }),
  ];
}

const compile = (sg, model, learningRate) =>
  model.compile({
    optimizer: sg.train.adam({ learningRate }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });

const accuracyOf = (sg, model, x, y) => sg.tidy(() => model.evaluate(x, y, { batchSize: BATCH })[1].dataSync()[0]);

/**
 * Trains a new head on the features of the frozen recognizer, then the head and the last convolutions together.
 * @param {{ train: { x, y }, test: { x, y } }} data images and labels
 * @param {{ head: number, last: number, tell?: (told: { stage: string, epoch: number, epochs: number, accuracy: number }) => void }} settings
 *   epochs of both stages, and who is told after each
 */
export async function fineTune(sg, ocr, { train, test }, { head: headEpochs, last: lastEpochs, tell = () => {} }) {
  const telling = (stage, epochs) => ({
    onEpochEnd: (epoch, logs) => tell({ stage, epoch: epoch + 1, epochs, accuracy: logs.acc }),
  });
  const [lines, testLines] = [train, test].map(({ x }) => asLines(sg, x));
  ocr.freeze();
  const [x, testX] = [lines, testLines].map((all) => inBatches(sg, all, (part) => ocr.execute(part, FEATURES)));
  const layers = headFor(sg, x.shape.slice(1));
  const head = sg.sequential({ layers });
  compile(sg, head, 0.003);
  await head.fit(x, train.y, { epochs: headEpochs, batchSize: 32, verbose: 0, callbacks: telling('head', headEpochs) });
  const headAccuracy = accuracyOf(sg, head, testX, test.y);

  ocr.unfreeze(LAST);
  const cut = ocr.asModel(FEATURES);
  const model = sg.model({ inputs: cut.inputs, outputs: head.apply(cut.outputs[0]) });
  compile(sg, model, sg.schedules.cosineDecay(0.00003, lastEpochs * Math.ceil(train.y.size / 32)));
  const callbacks = telling('last', lastEpochs);
  await model.fit(lines, train.y, { epochs: lastEpochs, batchSize: 32, verbose: 0, callbacks });
  const accuracy = accuracyOf(sg, model, testLines, test.y);
  return { model, headAccuracy, accuracy, probabilities: model.predict(testLines, { batchSize: BATCH }) };
}
