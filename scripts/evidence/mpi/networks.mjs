// Four networks and three optimizers, trained by all ranks of a world: under a launcher of MPI, or alone.
// node scripts/evidence/mpi/networks.mjs alone, or: mpirun -n 2 node scripts/evidence/mpi/networks.mjs all [THREADS = 1]
// Each rank prints one line of JSON: the SHA-256 of weights and logs by network and optimizer.
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import * as sg from 'samegrad';
import * as mpi from 'samegrad/mpi';

const { layers } = sg;
const classes = () => layers.dense({ units: 3, activation: 'softmax' });

/** By name the shape of an example, and the layers on it. */
const NETWORKS = {
  MLP: [[12], (x) => layers.dense({ units: 32, activation: 'relu' }).apply(x)],
  'CNN with batch normalization and dropout': [
    [8, 8, 3],
    (x) => {
      const a = layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same' }).apply(x);
      const b = layers.activation({ activation: 'relu' }).apply(layers.batchNormalization().apply(a));
      const c = layers.maxPooling2d({ poolSize: 2 }).apply(b);
      return layers.dropout({ rate: 0.3 }).apply(layers.flatten().apply(c));
    },
  ],
  LSTM: [[7, 5], (x) => layers.lstm({ units: 16, dropout: 0.2 }).apply(x)],
  'Transformer block': [
    [6, 16],
    (x) => {
      const attended = layers.multiHeadAttention({ numHeads: 2, keyDim: 8, dropout: 0.1 }).apply([x, x]);
      const a = layers.layerNormalization().apply(layers.add().apply([x, attended]));
      const wide = layers.dense({ units: 32, activation: 'gelu' }).apply(a);
      const narrow = layers.dropout({ rate: 0.1 }).apply(layers.dense({ units: 16 }).apply(wide));
      const b = layers.layerNormalization().apply(layers.add().apply([a, narrow]));
      return layers.globalAveragePooling1d().apply(b);
    },
  ],
};

const OPTIMIZERS = {
  SGD: () => sg.train.sgd(0.05),
  Adam: () => sg.train.adam(0.01),
  'Adam, clipped by the global norm': () => sg.train.adam({ learningRate: 0.01, globalClipNorm: 0.05 }),
};

/** Batches of 40 and a shorter last one, in chunks of 8; a fifth of the examples is held back to validate. */
async function hashOf(shape, body, optimizer, world) {
  // Only the first process has the right seed.
  sg.setSeed(7 + world.rank);
  const input = sg.input({ shape });
  const model = sg.model({ inputs: input, outputs: classes().apply(body(input)) });
  model.compile({ optimizer: optimizer(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const x = sg.randomNormal([130, ...shape], 0, 1, 'float32', 1);
  const y = sg.oneHot(sg.randomUniform([130], 0, 3, 'int32', 2), 3);
  const args = { epochs: 3, batchSize: 40, validationSplit: 0.2, verbose: 0, distribute: world, chunk: 8 };
  const { history } = await model.fit(x, y, args);
  const hash = createHash('sha256');
  for (const w of model.getWeights()) hash.update(Float32Array.from(w.dataSync()));
  hash.update(JSON.stringify(history));
  model.dispose();
  return hash.digest('hex');
}

const [which, threads = '1'] = process.argv.slice(2);
const world = which === 'alone' ? mpi.alone : await mpi.init();
await sg.setThreads(Number(threads));
const hashes = {};
for (const [network, [shape, body]] of Object.entries(NETWORKS))
  for (const [name, optimizer] of Object.entries(OPTIMIZERS))
    hashes[`${network}, ${name}`] = await hashOf(shape, body, optimizer, world);
writeSync(1, `${JSON.stringify(hashes)}\n`);
await sg.setThreads(1);
