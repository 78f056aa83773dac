// Weak scaling: a step of 2 ranks, with twice the examples, beside a step of 1 rank; each rank has one thread.
// node scripts/evidence/mpi/scaling.mjs [NETWORK] [ROUNDS = 3], after a build, where Open MPI is installed. In each round both
// are measured one after the other; of each the least time of an epoch counts, and of the ratios of the rounds the median.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const STEPS = 6;
const BATCH = 128;

/** By name the shape of an example, layers, and seconds of a measurement. */
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
    5,
  ],
  // 10.2 million parameters.
  mlp: [[784], ({ layers }) => [2816, 2816].map((units) => layers.dense({ units, activation: 'relu' })), 10],
};

/** A rank of the world: the least seconds of a step. */
async function rank(name) {
  const sg = await import('samegrad');
  const mpi = await import('samegrad/mpi');
  const world = await mpi.init();
  await sg.setThreads(1);
  sg.setSeed(1);
  const [shape, body, seconds] = NETWORKS[name];
  const model = sg.sequential({ layers: [sg.layers.inputLayer({ inputShape: shape }), ...body(sg)] });
  model.add(sg.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const batchSize = BATCH * world.size;
  const count = batchSize * STEPS;
  const x = sg.randomNormal([count, ...shape], 0, 1, 'float32', 1);
  const y = sg.oneHot(sg.randomUniform([count], 0, 10, 'int32', 2), 10);
  let [best, began] = [Number.POSITIVE_INFINITY, 0];
  const start = performance.now();
  const timing = {
    onEpochBegin: () => {
      began = performance.now();
    },
    onEpochEnd: () => {
      const now = performance.now();
      best = Math.min(best, (now - began) / STEPS / 1000);
      model.stopTraining = now - start > 1000 * seconds;
    },
  };
  await model.fit(x, y, { epochs: 1e6, batchSize, verbose: 0, distribute: world, callbacks: timing });
  if (world.rank === 0) console.log(String(best));
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

function main(names, rounds) {
  const file = fileURLToPath(import.meta.url);
  const measured = (name, ranks) => {
    const options = ['--allow-run-as-root', '-n', String(ranks)];
    return Number(
      execFileSync('mpirun.openmpi', [...options, process.execPath, file, 'rank', name], { encoding: 'utf8' }),
    );
  };
  console.log('| network, 128 examples a rank | a step of 1 rank, ms | of 2 ranks, ms | efficiency |');
  console.log('|---|---|---|---|');
  for (const name of names) {
    const all = Array.from({ length: rounds }, () => [measured(name, 1), measured(name, 2)]);
    const best = (i) => (1000 * Math.min(...all.map((pair) => pair[i]))).toFixed(2);
    console.log(`| ${name} | ${best(0)} | ${best(1)} | ${median(all.map(([one, two]) => one / two)).toFixed(2)} |`);
  }
}

if (process.argv[2] === 'rank') await rank(process.argv[3]);
else main(process.argv[2] ? [process.argv[2]] : Object.keys(NETWORKS), Number(process.argv[3] ?? 3));
