// Weak scaling: a step of 2 ranks, with twice the examples, beside a step of 1 rank; each rank has one thread.
// node scripts/evidence/mpi/scaling.mjs [NETWORK] [ROUNDS = 3], after a build, where Open MPI is installed. In each round both
// are measured one after the other; of each the least time of a step, on average over an epoch, counts, and of the ratios of the
// rounds the median. The last column is what the machine leaves: two processes at once that know nothing of each other.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const STEPS = 6;
const BATCH = 128;

/** Seconds of a measurement. */
const SECONDS = 6;

/** By name the shape of an example, and layers. */
const NETWORKS = {
  cnn: [
    [28, 28, 1],
    ({ layers }) => [
      layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 128, activation: 'relu' }),
    ],
  ],
  // 10.2 million parameters.
  mlp: [[784], ({ layers }) => [2816, 2816].map((units) => layers.dense({ units, activation: 'relu' }))],
  transformer: [[32, 128], (sg) => [block(sg), block(sg), sg.layers.globalAveragePooling1d()]],
};

/** A block of a Transformer of width 128, as a model inside of the model. */
function block(sg) {
  const { layers } = sg;
  const x = sg.input({ shape: [32, 128] });
  const a = layers
    .layerNormalization()
    .apply(layers.add().apply([x, layers.multiHeadAttention({ numHeads: 4, keyDim: 32 }).apply([x, x])]));
  const wide = layers.dense({ units: 512, activation: 'gelu' }).apply(a);
  const narrow = layers.dense({ units: 128 }).apply(wide);
  return sg.model({ inputs: x, outputs: layers.layerNormalization().apply(layers.add().apply([a, narrow])) });
}

/** A rank of the world: the least seconds of a step. */
async function rank(name, isApart) {
  const sg = await import('samegrad');
  const mpi = await import('samegrad/mpi');
  const all = await mpi.init();
  const world = isApart ? mpi.alone : all;
  await sg.setThreads(1);
  sg.setSeed(1);
  const [shape, body] = NETWORKS[name];
  const model = sg.sequential({ layers: [sg.layers.inputLayer({ inputShape: shape }), ...body(sg)] });
  model.add(sg.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const batchSize = BATCH * world.size;
  const count = batchSize * STEPS;
  const x = sg.randomNormal([count, ...shape], 0, 1, 'float32', 1);
  const y = sg.oneHot(sg.randomUniform([count], 0, 10, 'int32', 2), 10);
  all.barrier();
  let [best, began] = [Number.POSITIVE_INFINITY, 0];
  const start = performance.now();
  // From the second step on: before the first one the processes take over what callbacks may have changed.
  const timing = {
    onBatchBegin: (batch) => {
      if (batch === 1) began = performance.now();
    },
    onBatchEnd: (batch) => {
      const now = performance.now();
      if (batch === STEPS - 1) best = Math.min(best, (now - began) / (STEPS - 1) / 1000);
      model.stopTraining = now - start > 1000 * SECONDS;
    },
  };
  await model.fit(x, y, { epochs: 1e6, batchSize, verbose: 0, distribute: world, callbacks: timing });
  if (world.rank === 0) console.log(JSON.stringify({ seconds: best, parameters: model.countParams() }));
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

function main(names, rounds) {
  const file = fileURLToPath(import.meta.url);
  const measured = (name, ranks, ...how) => {
    const options = ['--allow-run-as-root', '-n', String(ranks), process.execPath, file, 'rank', name, ...how];
    const lines = execFileSync('mpirun.openmpi', options, { encoding: 'utf8' }).trim().split('\n');
    return lines.reduce((sum, line) => sum + JSON.parse(line).seconds, 0) / lines.length;
  };
  console.log('| network, 128 examples a rank | a step of 1 rank, ms | of 2 ranks, ms | efficiency | of two apart |');
  console.log('|---|---|---|---|---|');
  for (const name of names) {
    const all = Array.from({ length: rounds }, () => [
      measured(name, 1),
      measured(name, 2),
      measured(name, 2, 'apart'),
    ]);
    const best = (i) => (1000 * Math.min(...all.map((times) => times[i]))).toFixed(2);
    const ratio = (i) => median(all.map((times) => times[0] / times[i])).toFixed(2);
    console.log(`| ${name} | ${best(0)} | ${best(1)} | ${ratio(1)} | ${ratio(2)} |`);
  }
}

if (process.argv[2] === 'rank') await rank(process.argv[3], process.argv[4] === 'apart');
else main(process.argv[2] ? [process.argv[2]] : ['cnn', 'mlp'], Number(process.argv[3] ?? 3));
