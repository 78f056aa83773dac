/** Every function that returns a promise gives finalizers a turn of the event loop when much memory was forgotten. */
import { afterEach, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { grew, isPressed, relieve, shrank } from '../../src/runtime/pressure';

const image = (): sg.Tensor => sg.ones([2, 2, 3]);
const boxes = [[0, 0, 1, 1]];
const x = sg.ones([4, 2]);
const y = sg.ones([4, 1]);
const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
const batches = (): sg.data.Dataset => sg.data.array([{ xs: x, ys: y }]);
const pixels = { data: new Uint8Array(4), width: 1, height: 1 };

const calls: Record<string, () => Promise<unknown>> = {
  'tensor.data': () => x.data(),
  'tensor.array': () => x.array(),
  'tensor.buffer': () => x.buffer(),
  whereAsync: () => sg.whereAsync([true]),
  booleanMaskAsync: () => sg.booleanMaskAsync([1], [true]),
  setdiff1dAsync: () => sg.setdiff1dAsync([1], [2]),
  inTopKAsync: () => sg.inTopKAsync([[1, 2]], [1]),
  'image.nonMaxSuppressionAsync': () => sg.image.nonMaxSuppressionAsync(boxes, [1], 1),
  'image.nonMaxSuppressionWithScoreAsync': () => sg.image.nonMaxSuppressionWithScoreAsync(boxes, [1], 1),
  'image.nonMaxSuppressionPaddedAsync': () => sg.image.nonMaxSuppressionPaddedAsync(boxes, [1], 1),
  'browser.fromPixelsAsync': () => sg.browser.fromPixelsAsync(pixels),
  'browser.toPixels': () => sg.browser.toPixels(image()),
  'model.fit': () => model.fit(x, y, { yieldEvery: 'never' }),
  'model.fitDataset': () => model.fitDataset(batches() as never, { yieldEvery: 'never' }),
  'model.trainOnBatch': () => model.trainOnBatch(x, y),
  'model.evaluateDataset': () => model.evaluateDataset(batches() as never),
  'optimizer.getWeights': () => model.optimizer.getWeights(),
  'optimizer.setWeights': async () => model.optimizer.setWeights(await model.optimizer.getWeights()),
  findLearningRate: () => sg.train.findLearningRate(model, x, y, { steps: 10 }),
  loadCheckpoint: () => sg.io.loadCheckpoint(model, sg.io.encodeTraining(model.trainingState())),
  'dataset.toArray': () => batches().toArray(),
  'dataset.forEachAsync': () => batches().forEachAsync(() => {}),
  'dataset.iterator': async () => (await batches().iterator()).next(),
  'csv.iterator': async () => (await sg.data.csv({ text: 'a,b\n1,2\n' }).iterator()).next(),
  ready: () => sg.ready(),
  time: () => sg.time(() => {}),
  profile: () => sg.profile(() => x.add(1)),
};

/** Tells whether a turn of the event loop is over. */
function nextTurn(): { isOver: boolean } {
  const turn = { isOver: false };
  setImmediate(() => {
    turn.isOver = true;
  });
  return turn;
}

afterEach(async () => {
  shrank(0);
  await relieve();
});

it.each(Object.entries(calls))('%s', async (_, call) => {
  grew(2 ** 31);
  expect(isPressed()).toBe(true);
  // What has been collected: nobody is asked again.
  shrank(0);
  const turn = nextTurn();
  await call();
  expect(isPressed()).toBe(false);
  expect(turn.isOver).toBe(true);
});

it('without need, no turn is taken', async () => {
  const turn = nextTurn();
  await x.data();
  await model.trainOnBatch(x, y);
  expect(turn.isOver).toBe(false);
});

it('calls ahead of a dataset keep their order', async () => {
  const stream = await sg.data.array([1, 2, 3]).iterator();
  grew(2 ** 31);
  const [a, b] = [stream.next(), stream.next()];
  expect([(await a).value, (await b).value, (await stream.next()).value]).toEqual([1, 2, 3]);
});
