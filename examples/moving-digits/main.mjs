// A digit flies through a dark square and rebounds from its walls. A ConvLSTM sees six frames and draws the seventh.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'ConvLSTM',
  section: '6.1 Defining the Architecture (ConvLSTM Layer)',
  data: 'MNIST, moving',
  metric: "squared error of the next frame / that of 'the last frame again'",
  atMost: 0.35,
};
const [FRAMES, SIDE, DIGIT] = [7, 16, 10];

/** Films of digits of half their size: [films, FRAMES, SIDE, SIDE, 1]. */
function films(images) {
  const digits = sg.avgPool(images.slice([0, 4, 4], [-1, 20, 20]), 2, 2, 'valid').dataSync();
  const count = images.shape[0];
  const room = SIDE - DIGIT;
  const begin = sg.randomUniformInt([count, 2], 0, room + 1).dataSync();
  const speed = sg.randomUniformInt([count, 2], -2, 3).dataSync();
  const film = new Float32Array(count * FRAMES * SIDE * SIDE);
  /** The place after some steps: what would leave the room is folded back. */
  const place = (i, frame) => {
    const far = (begin[i] + frame * speed[i] + 4 * FRAMES * room) % (2 * room);
    return far <= room ? far : 2 * room - far;
  };
  for (let i = 0; i < count; i++)
    for (let frame = 0; frame < FRAMES; frame++) {
      const [down, right] = [place(2 * i, frame), place(2 * i + 1, frame)];
      for (let row = 0; row < DIGIT; row++) {
        const line = digits.subarray((i * DIGIT + row) * DIGIT, (i * DIGIT + row + 1) * DIGIT);
        film.set(line, ((i * FRAMES + frame) * SIDE + down + row) * SIDE + right);
      }
    }
  return sg.tensor(film, [count, FRAMES, SIDE, SIDE, 1]);
}

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2015);
  await sg.setThreads(pick(2, 1));
  const { train, test } = mnist({ train: pick(3000, 32), test: pick(500, 16) });
  const [seen, unseen] = [films(train.x), films(test.x)];
  const until = (film, last) => film.slice([0, 0], [-1, last]);
  const frame = (film, i) => film.slice([0, i], [-1, 1]).squeeze([1]);

  const model = sg.sequential();
  const settings = { kernelSize: 3, padding: 'same', recurrentActivation: 'sigmoid' };
  model.add(sg.layers.convLstm2d({ filters: 12, ...settings, inputShape: [FRAMES - 1, SIDE, SIDE, 1] }));
  model.add(sg.layers.conv2d({ filters: 32, kernelSize: 5, padding: 'same', activation: 'relu' }));
  model.add(sg.layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same', activation: 'sigmoid' }));
  const [epochs, batchSize] = [pick(4, 1), 12];
  const learningRate = sg.schedules.cosineDecay(0.01, epochs * Math.ceil(seen.shape[0] / batchSize));
  model.compile({ optimizer: sg.train.adam(learningRate), loss: 'binaryCrossentropy' });
  const input = until(seen, FRAMES - 1);
  const training = await model.fit(input, frame(seen, FRAMES - 1), { epochs, batchSize, verbose: pick(2, 0) });

  const next = frame(unseen, FRAMES - 1);
  const drawn = model.predict(until(unseen, FRAMES - 1), { batchSize: 50 });
  const errorOf = (found) => found.sub(next).square().mean().dataSync()[0];
  const [error, naive] = [errorOf(drawn), errorOf(frame(unseen, FRAMES - 2))];
  console.log(`squared error ${error.toFixed(4)}; the last frame again ${naive.toFixed(4)}`);

  const rows = [0, 1, 2, 3].flatMap((i) => [
    unseen.slice(i, 1).reshape([FRAMES, SIDE, SIDE]),
    drawn.slice(i, 1).reshape([1, SIDE, SIDE]),
  ]);
  const titles = [0, 1, 2, 3].flatMap(() => ['1', '2', '3', '4', '5', '6', '7', '7, drawn']);
  const title = 'Six frames, the seventh, and what the network drew for it';
  await draw('frames', vis.images(sg.concat(rows), { title, titles, columns: FRAMES + 1 }));
  await draw('training', vis.history(training));
  return { reached: error / naive, learned: model };
});
