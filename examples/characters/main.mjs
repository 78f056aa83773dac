// An LSTM reads Moby Dick, character by character, and learns to tell which comes next; then it writes, at three
// temperatures. The last chapters, which it has not read, measure it.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { characters } from '../support/characters.mjs';
import { mobyDick } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'LSTM, character model',
  section: '1.5 Applications (LSTM: text generation)',
  data: 'Moby Dick, by characters',
  metric: 'nats a character, unseen chapters',
  atMost: 1.75,
};
const LENGTH = 64;

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1851);
  await sg.setThreads(pick(2, 1));
  const { alphabet, passages, write } = characters(mobyDick(pick(Infinity, 3)), LENGTH);
  const [steps, batchSize] = [pick(1000, 4), 32];
  const [x, y] = passages(steps * batchSize, [0, 0.95]);
  const [unseenX, unseenY] = passages(pick(500, 20), [0.95, 1]);

  const model = sg.sequential();
  model.add(sg.layers.embedding({ inputDim: alphabet.length, outputDim: 32, inputLength: LENGTH }));
  model.add(sg.layers.lstm({ units: 160, returnSequences: true, recurrentActivation: 'sigmoid' }));
  model.add(sg.layers.dense({ units: alphabet.length }));
  const learningRate = sg.schedules.cosineDecay(0.008, steps);
  model.compile({
    optimizer: sg.train.adam({ learningRate, globalClipNorm: 1 }),
    loss: sg.losses.sparseCategoricalCrossentropy({ fromLogits: true }),
  });
  const losses = [];
  const every = pick(100, 2);
  const onBatchEnd = (batch, { loss }) => {
    losses.push(loss);
    if ((batch + 1) % every === 0)
      console.log(`${(batch + 1) * batchSize * LENGTH} characters read: ${loss.toFixed(3)}`);
  };
  await model.fit(x, y, { batchSize, shuffle: false, verbose: 0, callbacks: { onBatchEnd } });

  const reached = model.evaluate(unseenX, unseenY).dataSync()[0];
  console.log(`${alphabet.length} characters; unseen chapters: ${reached.toFixed(3)} nats a character`);
  for (const temperature of [0.4, 0.7, 1])
    console.log(`\ntemperature ${temperature}:\n${write(model, 'The whale ', pick(250, 5), temperature)}`);

  const axes = { xLabel: 'step', yLabel: 'loss (nats a character)' };
  await draw('loss', vis.lines({ loss: losses }, { title: 'An LSTM reads Moby Dick', ...axes }));
  // What it expects after the beginning of a word.
  const likely = sg.tidy(() => {
    const logits = model
      .predict(unseenX.slice(0, 1))
      .slice([0, LENGTH - 1], [1, 1])
      .flatten();
    const { values, indices } = sg.topk(logits.softmax(), 8);
    return Object.fromEntries(
      Array.from(indices.dataSync(), (id, i) => [JSON.stringify(alphabet[id]), values.dataSync()[i]]),
    );
  });
  const before = Array.from(unseenX.slice(0, 1).dataSync().slice(-20), (id) => alphabet[id]).join('');
  const title = `What comes after "${before.replace(/\s+/g, ' ')}"?`;
  await draw('next', vis.bars(likely, { title, yLabel: 'probability', horizontal: true }));
  return { reached, learned: model };
});
