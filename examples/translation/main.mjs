// An encoder reads a date as people write it, a decoder writes it as ISO 8601 has it: the Transformer as it was first built,
// for translation (Vaswani et al., 2017). What it is tested on are days that it has never seen.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { example } from '../support/example.mjs';
import { block } from '../support/transformer.mjs';
import { DAYS, FORMATS, iso } from './dates.mjs';

const { layers } = sg;
const [LENGTH, WRITTEN, DIM] = [30, 10, 64];
const BEGIN = '^';
const alphabet = [...`${BEGIN} ,-./'0123456789abcdefghijklmnopqrstuvwxyz`];
const tokens = (length) =>
  sg.preprocessing.textVectorizer({
    split: 'character',
    standardize: 'lower',
    vocabulary: alphabet,
    outputSequenceLength: length,
  });
const [source, target] = [tokens(LENGTH), tokens(WRITTEN)];
const characters = target.getVocabulary();

/** The network, and one whose output is where the decoder looks in the source, [batch, heads, WRITTEN, LENGTH]. */
function network() {
  const embed = (x, sequenceLength) => {
    const y = layers.embedding({ inputDim: characters.length, outputDim: DIM, maskZero: true }).apply(x);
    return layers.add().apply([y, layers.positionEmbedding({ sequenceLength }).apply(y)]);
  };
  const [read, written] = [LENGTH, WRITTEN].map((length) => sg.input({ shape: [length] }));
  const settings = { heads: 4, hidden: 2 * DIM };
  const memory = layers.layerNormalization().apply(block(embed(read, LENGTH), settings).output);
  const { output, crossScores } = block(embed(written, WRITTEN), { ...settings, isCausal: true, memory });
  const next = layers
    .dense({ units: characters.length, activation: 'softmax' })
    .apply(layers.layerNormalization().apply(output));
  const inputs = [read, written];
  return [sg.model({ inputs, outputs: next }), sg.model({ inputs, outputs: crossScores })];
}

/** Writes character after character, each time the likeliest. */
function translate(model, texts) {
  const read = source.vectorize(texts);
  let written = texts.map(() => BEGIN);
  for (let i = 0; i < WRITTEN; i++)
    written = sg.tidy(() => {
      const next = model.predict([read, target.vectorize(written)], { batchSize: 250 });
      const chosen = next.argMax(2).arraySync();
      return written.map((text, n) => text + characters[chosen[n][i]]);
    });
  return written.map((text) => text.slice(1));
}

const about = {
  system: 'Transformer, encoder and decoder',
  section: '1.5 Applications (Transformer Networks)',
  data: 'dates from 1950 to 2049 in 20 forms',
  metric: 'exact translations of unseen days',
  atLeast: 0.99,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(8601);
  await sg.setThreads(pick(2, 1));
  const [days, testDays] = sg.preprocessing.trainTestSplit(DAYS, {
    trainSize: pick(12000, 200),
    testSize: pick(1000, 20),
  });
  const written = (day, i) => FORMATS[i % FORMATS.length](day);
  const x = [source.vectorize(days.map(written)), target.vectorize(days.map((day) => BEGIN + iso(day)))];
  const y = target.vectorize(days.map(iso));

  const [model, attention] = network();
  const [epochs, batchSize] = [pick(10, 1), 64];
  const totalSteps = epochs * Math.ceil(days.length / batchSize);
  model.compile({
    optimizer: sg.train.adamW(sg.schedules.oneCycle({ maxLearningRate: 0.005, totalSteps })),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  const training = await model.fit(x, y, { epochs, batchSize, verbose: 2 });

  const texts = testDays.map(written);
  const found = translate(model, texts);
  for (let i = 0; i < 8; i++) console.log(`${texts[i].padEnd(LENGTH)} ${found[i]}`);
  const reached = found.filter((text, i) => text === iso(testDays[i])).length / found.length;
  await draw('training', vis.history(training));
  const i = FORMATS.length - 3; // with the day of the week, which says nothing
  const scores = attention.predict([source.vectorize([texts[i]]), target.vectorize([BEGIN + found[i]])]).mean(1);
  const looks = scores.slice([0, 0, 0], [-1, -1, texts[i].length]);
  const title = `Where the decoder looks while it writes ${found[i]}`;
  await draw('attention', vis.attention(looks, { title, queries: [...found[i]], keys: [...texts[i]] }));
  return { reached, learned: model };
});
