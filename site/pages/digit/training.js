/** The network of the page. It runs in Node too (`sg` is the library), which tells the page what the weights have to be. */

export const TRAIN = 20000;
export const TEST = 2000;
const EPOCHS = 3;
const PIXELS = 784;

function network(sg) {
  const { conv2d, maxPooling2d, flatten, dense, dropout } = sg.layers;
  const model = sg.sequential({ name: 'digits' });
  model.add(conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 5, padding: 'same', activation: 'relu' }));
  model.add(maxPooling2d({ poolSize: 2 }));
  model.add(conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }));
  model.add(maxPooling2d({ poolSize: 2 }));
  model.add(flatten());
  model.add(dropout({ rate: 0.3 }));
  model.add(dense({ units: 64, activation: 'relu' }));
  model.add(dense({ units: 10, activation: 'softmax' }));
  return model;
}

/** Images and labels of a part of the file: for each image 784 bytes, after all images a byte for each label. */
export function part(sg, bytes, from, count) {
  const pixels = bytes.subarray(from * PIXELS, (from + count) * PIXELS);
  const labels = bytes.subarray((TRAIN + TEST) * PIXELS + from).subarray(0, count);
  return {
    x: sg.tensor(
      Float32Array.from(pixels, (v) => v / 255),
      [count, 28, 28, 1],
    ),
    y: sg.tensor(Int32Array.from(labels), [count]),
  };
}

/**
 * @param {typeof import('samegrad')} sg
 * @param {Uint8Array} bytes the images for training, those for testing, then the labels of all
 * @param {(progress: { share: number, loss: number, accuracy: number }) => void} tell called a hundred times
 */
export async function train(sg, bytes, tell) {
  sg.setSeed(1998);
  const [learning, testing] = [part(sg, bytes, 0, TRAIN), part(sg, bytes, TRAIN, TEST)];
  const model = network(sg);
  const batchSize = 50;
  const steps = (TRAIN / batchSize) * EPOCHS;
  model.compile({
    optimizer: sg.train.adam({ learningRate: sg.schedules.cosineDecay(0.003, steps) }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  let step = 0;
  await model.fit(learning.x, learning.y, {
    epochs: EPOCHS,
    batchSize,
    verbose: 0,
    callbacks: {
      onBatchEnd: (_, logs) => {
        if (++step % (steps / 100) === 0) tell({ share: step / steps, loss: logs.loss, accuracy: logs.acc });
      },
    },
  });
  const [, accuracy] = model.evaluate(testing.x, testing.y).map((t) => t.dataSync()[0]);
  return { model, accuracy };
}
