/**
 * An isolated page, as far as the library can tell: its main thread may not sleep, and a worker runs the programs of `fit`,
 * `evaluateAsync` and `predictAsync`. `calm`: nothing else happens meanwhile. `touched`: the program computes, reads, writes
 * and frees tensors, and changes the number of threads, while they run. Both print one hash of all results. `killed`: the
 * worker is ended in the middle of a step, and of nothing.
 */
import { createRequire } from 'node:module';
import * as sg from '../../../src/index';
import { engine } from '../../../src/runtime/engine';
import { fnv } from '../../support/fnv';
import { generator } from '../../support/random';

const way = process.argv[2] as 'calm' | 'touched' | 'killed';
const threads = createRequire(import.meta.url)('node:worker_threads');
const delegates: { terminate(): unknown }[] = [];
let isDoomed = false;
threads.Worker = class extends threads.Worker {
  constructor(code: string, options: object) {
    super(code, options);
    if (code.includes('exports.run(')) delegates.push(this as unknown as { terminate(): unknown });
  }

  postMessage(message: unknown): void {
    if (isDoomed) void this.terminate();
    else super.postMessage(message);
  }
};

const random = generator(3);
const filled = (shape: number[]): sg.Tensor =>
  sg.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() - 0.5),
    shape,
  );
const x = filled([256, 16, 16, 4]);
const y = filled([256, 3]);
sg.setSeed(8);
const model = sg.sequential({
  layers: [
    sg.layers.conv2d({ filters: 24, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [16, 16, 4] }),
    sg.layers.conv2d({ filters: 24, kernelSize: 3, activation: 'relu' }),
    sg.layers.dropout({ rate: 0.2 }),
    sg.layers.flatten(),
    sg.layers.dense({ units: 3 }),
  ],
});
model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae'] });

let isOver = false;
/** Programs that ran in the worker while this thread did something else. */
let meanwhile = 0;

/** What a page may do at any time. */
async function disturb(): Promise<void> {
  const a = filled([64, 64]);
  const expected = sg.tidy(() => a.matMul(a).sum().dataSync()[0]);
  for (let i = 0; !isOver; i++) {
    if (engine.isAside) meanwhile++;
    const found = sg.tidy(() => a.matMul(a).sum().dataSync()[0]);
    if (found !== expected) throw new Error(`wrong bits beside a training: ${found}, not ${expected}`);
    // Memory that a step may just have used, and that is written.
    filled([100 + i * 7]).dispose();
    if (i % 50 === 5) await sg.setThreads(1 + (i % 3));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Evaluations at the same time find what each finds by itself. */
async function compareEvaluations(): Promise<void> {
  const evaluated = async (batchSize: number, labels: sg.Tensor): Promise<number[]> => {
    const scores = (await model.evaluateAsync(x, labels, { batchSize })) as sg.Tensor[];
    return scores.map((score) => score.dataSync()[0] as number);
  };
  const other = filled([256, 3]);
  const apart = [await evaluated(32, y), await evaluated(100, other)];
  const together = await Promise.all([evaluated(32, y), evaluated(100, other)]);
  if (together.join() !== apart.join()) throw new Error(`evaluations at the same time: ${together}, not ${apart}`);
}

async function work(): Promise<number> {
  await model.fit(x, y, { epochs: 3, batchSize: 32, verbose: 0 });
  const scores = (await model.evaluateAsync(x, y)) as sg.Tensor[];
  await compareEvaluations();
  // At once: the worker takes one after the other.
  const [p, q] = await Promise.all([model.predictAsync(x), model.predictAsync(x, { batchSize: 50 })]);
  const found = fnv([...model.getWeights(), ...scores, p as sg.Tensor]);
  if (fnv([p as sg.Tensor]) !== fnv([q as sg.Tensor])) throw new Error('the batch size has changed bits');
  if (fnv([p as sg.Tensor]) !== fnv([model.predict(x) as sg.Tensor])) throw new Error('predict has other bits');
  return found;
}

if (way === 'killed') {
  await work();
  const taken: number = delegates.length;
  if (taken !== 1) throw new Error(`${taken} workers took programs over, not one`);
  isDoomed = true;
  const error = await model.fit(x, y, { epochs: 1, batchSize: 64, verbose: 0 }).catch((e) => e);
  isDoomed = false;
  if (!(error instanceof sg.StateError && /worker thread was ended/.test(error.message)))
    throw new Error(`a worker that was ended in a step: ${error}`);
  // It continues, with another worker.
  const trained = (): Promise<unknown> => model.fit(x, y, { epochs: 4, batchSize: 32, verbose: 0 });
  await trained();
  await delegates.at(-1)?.terminate();
  await trained();
  if (!model.getWeights().every((w) => w.dataSync().every(Number.isFinite))) throw new Error('weights were lost');
  if (delegates.length !== 3) throw new Error(`${delegates.length} workers, not one after each end`);
  console.log(JSON.stringify({ delegates: delegates.length }));
} else {
  const disturbing = way === 'touched' ? disturb() : undefined;
  const hash = await work();
  isOver = true;
  await disturbing;
  await sg.setThreads(1);
  console.log(JSON.stringify({ hash, delegates: delegates.length, wasBeside: meanwhile > 0 }));
}
