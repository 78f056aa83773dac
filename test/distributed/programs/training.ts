/** Trains a convolutional network with batch normalization and dropout; prints a hash of its weights and logs. */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { alone, init } from '../../../src/distributed/index';
import * as sg from '../../../src/index';

const isAlone = process.argv[2] === 'alone';
const threads = Number(process.argv[3] ?? 1);
const world = isAlone ? alone : await init();
if (threads > 1) await sg.setThreads(threads);
const { layers } = sg;
// Only the first process has the right seed.
sg.setSeed(3 + world.rank);
const model = sg.sequential({
  layers: [
    layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', inputShape: [8, 8, 2] }),
    layers.batchNormalization({ momentum: 0.5 }),
    layers.activation({ activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ],
});
const optimizer = sg.train.adam({ learningRate: 0.01, globalClipNorm: 0.5 });
model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
const x = sg.randomNormal([150, 8, 8, 2], 0, 1, 'float32', 5);
const y = sg.oneHot(sg.randomUniform([150], 0, 3, 'int32', 6), 3);
const args = { epochs: 2, batchSize: 64, validationSplit: 0.2, verbose: 0, distribute: world, chunk: 8 };
const { history } = await model.fit(x, y, args);
const hash = createHash('sha256');
for (const w of model.getWeights()) hash.update(Float32Array.from(w.dataSync()));
hash.update(JSON.stringify(history));
writeSync(1, `${hash.digest('hex')}\n`);
