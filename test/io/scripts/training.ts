/** Trains with a backup and prints the hash of the weights; kills itself after so many batches. */
import { createHash } from 'node:crypto';
import * as sg from '../../../src/index';

const [backup = '', killAfter = 'Infinity'] = process.argv.slice(2);

sg.setSeed(5);
const model = sg.sequential({
  layers: [
    sg.layers.dense({ units: 16, activation: 'relu', inputShape: [8] }),
    sg.layers.dropout({ rate: 0.25 }),
    sg.layers.dense({ units: 2 }),
  ],
});
model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae'] });
const [x, y] = [sg.randomNormal([200, 8]), sg.randomNormal([200, 2])];

let batches = 0;
const end = sg.callbacks.lambda({
  onBatchEnd: () => {
    if (++batches === Number(killAfter)) process.kill(process.pid, 'SIGKILL');
  },
});
await model.fit(x, y, {
  epochs: 6,
  batchSize: 16,
  verbose: 0,
  callbacks: [sg.callbacks.backupAndRestore(backup, { saveFreq: 10 }), end],
});
const hash = createHash('sha256');
for (const { values } of model.trainingState().weights) hash.update(values);
console.log(hash.digest('hex'));
