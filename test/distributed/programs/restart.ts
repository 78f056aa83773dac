/**
 * Trains six epochs with a checkpoint after each, and continues one that is there. With 'kill', the first rank kills the
 * second when epoch 3 begins. Prints a hash of the weights, the optimizer's state and the last logs.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { alone, init } from '../../../src/distributed/index';
import * as sg from '../../../src/index';

const [way, checkpoint = ''] = process.argv.slice(2);
const world = way === 'alone' ? alone : await init();
writeFileSync(`${checkpoint}.${world.rank}`, String(process.pid));
world.barrier();
const { layers } = sg;
sg.setSeed(3);
const model = sg.sequential({
  layers: [
    layers.dense({ units: 16, inputShape: [6] }),
    layers.batchNormalization({ momentum: 0.5 }),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ],
});
model.compile({ optimizer: sg.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
const x = sg.randomNormal([150, 6], 0, 1, 'float32', 5);
const y = sg.oneHot(sg.randomUniform([150], 0, 3, 'int32', 6), 3);
const killing = {
  onEpochBegin: (epoch: number) => {
    if (way !== 'kill' || epoch !== 3) return;
    writeSync(1, `killed at ${Date.now()}\n`);
    process.kill(Number(readFileSync(`${checkpoint}.1`, 'utf8')), 'SIGKILL');
  },
};
const { history } = await model.fit(x, y, {
  epochs: 6,
  batchSize: 64,
  verbose: 0,
  distribute: world,
  chunk: 8,
  callbacks: [sg.callbacks.backupAndRestore(checkpoint, { deleteCheckpoint: false }), killing],
});
const hash = createHash('sha256');
for (const w of model.getWeights()) hash.update(Float32Array.from(w.dataSync()));
for (const { values } of model.trainingState().optimizer.slots) hash.update(values);
hash.update(JSON.stringify(Object.values(history).map((values) => values.slice(-3))));
writeSync(1, `${hash.digest('hex')} after ${history.loss?.length} epochs\n`);
