// 100 MB of weights from files: the time beside that of reading the file, and the most memory that was taken beside what
// the weights have. Each format in a process of its own. node scripts/evidence/large-files.mjs [MB=100], after a build
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as sg from 'samegrad';

const TIMES = 5;
const FORMATS = {
  'own file': 'model.safetensors',
  'own file, float16': 'half.safetensors',
  'model.json and shards': 'tfjs',
  '.keras': 'model.keras',
  '.h5': 'model.h5',
  'weights of another tool': 'weights.safetensors',
};
const [megabytes = '100', folder, name] = process.argv.slice(2);
const run = (...args) =>
  execFileSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), megabytes, ...args], {
    encoding: 'utf8',
  });
const width = Math.round(Math.sqrt((Number(megabytes) * 1e6) / 16));

const make = () =>
  sg.sequential({
    layers: Array.from({ length: 4 }, (_, i) =>
      sg.layers.dense({
        units: width,
        name: `dense_${i}`,
        kernelInitializer: 'zeros',
        ...(i === 0 && { inputShape: [width] }),
      }),
    ),
  });

async function write(to) {
  const model = make();
  const weights = model.weights.map((w, k) =>
    sg.tensor(
      Float32Array.from({ length: w.size }, (_, i) => ((i * 7 + k) % 1000) / 1000),
      w.shape,
    ),
  );
  model.setWeights(weights);
  for (const path of ['model.safetensors', 'tfjs', 'model.keras', 'model.h5']) await model.save(join(to, path));
  await model.save(join(to, 'half.safetensors'), { weights: 'float16' });
  const named = Object.fromEntries(model.weights.map((w, i) => [w.name, weights[i]]));
  await sg.io.saveSafetensors(join(to, 'weights.safetensors'), named);
}

const filesOf = (path) => (statSync(path).isDirectory() ? readdirSync(path).map((file) => join(path, file)) : [path]);

async function least(run) {
  let fastest = Infinity;
  for (let i = 0; i < TIMES; i++) {
    const start = performance.now();
    const after = await run();
    fastest = Math.min(fastest, performance.now() - start);
    await after?.();
    // What was read is collected now, not in the next measurement.
    globalThis.gc?.();
  }
  return fastest;
}

async function measure(path) {
  const files = filesOf(path);
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const isWeights = path.endsWith('weights.safetensors');
  const existing = isWeights ? make() : undefined;
  const load = () => (existing ? existing.loadWeights(path) : sg.loadModel(path));
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const model = await load();
  // As the system counts it: also what came and went.
  const most = process.resourceUsage().maxRSS * 1024;
  model?.dispose();
  const needed = existing ? 0 : 16 * width * width;
  const reading = await least(() => Promise.all(files.map((file) => readFile(file))).then(() => undefined));
  const loading = await least(async () => {
    const loaded = await load();
    return () => loaded?.dispose();
  });
  return { bytes, reading, loading, beyond: (most - before - needed) / bytes };
}

if (name === 'write') {
  await write(folder);
} else if (name) {
  console.log(JSON.stringify(await measure(join(folder, FORMATS[name]))));
} else {
  const to = mkdtempSync(join(tmpdir(), 'samegrad-large-'));
  try {
    // In a process of its own: the system counts the memory of a parent as its children's.
    run(to, 'write');
    console.log('| file | MB | read, ms | load, ms | ratio | memory beyond the weights, in sizes of the file |');
    console.log('|---|---|---|---|---|---|');
    for (const each of Object.keys(FORMATS)) {
      for (const file of filesOf(join(to, FORMATS[each]))) readFileSync(file);
      const { bytes, reading, loading, beyond } = JSON.parse(run(to, each));
      const cells = [each, (bytes / 1e6).toFixed(0), reading.toFixed(0), loading.toFixed(0)];
      console.log(`| ${[...cells, (loading / reading).toFixed(2), beyond.toFixed(2)].join(' | ')} |`);
    }
  } finally {
    rmSync(to, { recursive: true });
  }
}
