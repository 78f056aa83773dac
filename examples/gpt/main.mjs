// A small GPT (Radford et al., 2018) learns to write like Melville, character by character; an LSTM with as many weights,
// trained on the same passages in the same way, does it worse.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { characters } from '../support/characters.mjs';
import { mobyDick } from '../support/data.mjs';
import { example } from '../support/example.mjs';
import { block } from '../support/transformer.mjs';

const { layers } = sg;
const [LENGTH, DIM, BLOCKS, UNITS] = [64, 64, 2, 128];

/** The network, and one whose outputs are the attention of all heads, one [batch, heads, LENGTH, LENGTH] for each block. */
function gpt(characters) {
  const input = sg.input({ shape: [LENGTH] });
  const embedded = layers.embedding({ inputDim: characters, outputDim: DIM }).apply(input);
  let x = layers.add().apply([embedded, layers.positionEmbedding({ sequenceLength: LENGTH }).apply(embedded)]);
  const attention = [];
  for (let i = 0; i < BLOCKS; i++) {
    const { output, scores } = block(x, { heads: 4, hidden: 4 * DIM, isCausal: true });
    attention.push(scores);
    x = output;
  }
  const outputs = layers.dense({ units: characters }).apply(layers.layerNormalization().apply(x));
  return [sg.model({ inputs: input, outputs, name: 'gpt' }), sg.model({ inputs: input, outputs: attention })];
}

const lstm = (characters) =>
  sg.sequential({
    name: 'lstm',
    layers: [
      layers.embedding({ inputDim: characters, outputDim: DIM, inputLength: LENGTH }),
      layers.lstm({ units: UNITS, returnSequences: true, recurrentActivation: 'sigmoid' }),
      layers.dense({ units: characters }),
    ],
  });

const about = {
  system: 'Transformer decoder (GPT)',
  section: '1.5 Applications (Transformer Networks)',
  data: 'Moby Dick, by characters',
  metric: 'loss on unseen text / that of an LSTM',
  atMost: 0.96,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1851);
  await sg.setThreads(pick(2, 1));
  const { alphabet, passages, write, read } = characters(mobyDick(pick(Infinity, 3)), LENGTH);
  const [steps, batchSize] = [pick(1000, 5), 32];
  const [x, y] = passages(steps * batchSize, [0, 0.95]);
  const [unseenX, unseenY] = passages(pick(500, 20), [0.95, 1]);

  const [model, attention] = gpt(alphabet.length);
  const [losses, reached] = [[], {}];
  for (const one of [model, lstm(alphabet.length)]) {
    const { name } = one;
    const learningRate = sg.schedules.oneCycle({ maxLearningRate: 0.005, totalSteps: steps, pctStart: 0.15 });
    one.compile({
      optimizer: sg.train.adamW({ learningRate, beta2: 0.99, globalClipNorm: 1 }),
      loss: sg.losses.sparseCategoricalCrossentropy({ fromLogits: true }),
    });
    const found = [];
    const callbacks = { onBatchEnd: (_, { loss }) => found.push(loss) };
    await one.fit(x, y, { batchSize, shuffle: false, verbose: 0, callbacks });
    const part = pick(20, 5); // steps of which the picture shows the mean
    const means = sg.tensor1d(found).reshape([-1, part]).mean(1);
    losses.push({ name, x: sg.range(0, steps, part), y: means });
    reached[name] = one.evaluate(unseenX, unseenY).dataSync()[0];
    const weights = `${one.countParams()} weights`;
    console.log(`${name.padEnd(4)} ${weights}, ${reached[name].toFixed(3)} nats a character on unseen text`);
  }
  console.log(`\n${write(model, 'The whale ', pick(400, 5))}`);

  await draw('losses', vis.lines(losses, { title: 'Loss', xLabel: 'step', yLabel: 'nats a character' }));
  const queries = read(unseenX.slice([0, 0], [1, 16]));
  const looks = attention.predict(unseenX.slice(0, 1)).map((scores) => scores.slice([0, 0, 0, 0], [1, -1, 16, 16]));
  for (const [i, scores] of looks.entries()) {
    const title = `What the heads of block ${i + 1} attend to`;
    await draw(`attention-${i + 1}`, vis.attention(scores, { title, queries, width: 520 }));
  }
  return { reached: reached.gpt / reached.lstm, learned: model };
});
