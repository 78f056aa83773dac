// Each word of a sentence is a noun, a verb, ...: an LSTM that reads forward and one that reads backward tell which, also
// of words that they have never seen.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { brown } from '../support/brown.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'Bidirectional LSTM',
  section: '1.5 Applications (Bidirectional LSTM: a label for each word)',
  data: 'Brown corpus, parts of speech',
  metric: 'accuracy, words of unseen texts',
  atLeast: 0.95,
};
const LENGTH = 30;
const { layers, preprocessing } = sg;

/** What a word ends with, and whether it begins with a capital, says much of words that are rare. */
const endings = (words) => words.map((word) => (/^[A-Z]/.test(word) ? '^' : '') + word.slice(-3).toLowerCase());
const lower = (words) => words.map((word) => word.toLowerCase());

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1964);
  await sg.setThreads(pick(2, 1));
  const { tags, train, test } = brown(pick(160, 3), pick(40, 2));
  const vectorizer = (maxTokens) =>
    preprocessing.textVectorizer({
      maxTokens,
      standardize: null,
      split: (text) => text.split(' '),
      outputSequenceLength: LENGTH,
    });
  const [words, ends] = [vectorizer(8000), vectorizer(2000)];
  const texts = (sentences, form) => sentences.map(({ words }) => form(words).join(' '));
  words.adapt(texts(train, lower));
  ends.adapt(texts(train, endings));
  const inputs = (sentences) => [words.vectorize(texts(sentences, lower)), ends.vectorize(texts(sentences, endings))];
  const padded = (lists) => preprocessing.padSequences(lists, { maxLen: LENGTH, padding: 'post', truncating: 'post' });
  const labels = (sentences) => padded(sentences.map((sentence) => sentence.tags));
  const isWord = (sentences) => padded(sentences.map(({ tags }) => tags.map(() => 1)));

  const both = [words, ends].map(() => sg.input({ shape: [LENGTH], dtype: 'int32' }));
  const embed = (input, inputDim, outputDim) => layers.embedding({ inputDim, outputDim, maskZero: true }).apply(input);
  let x = layers.concatenate().apply([embed(both[0], 8000, 48), embed(both[1], 2000, 24)]);
  x = layers.dropout({ rate: 0.2 }).apply(x);
  x = layers.bidirectional({ layer: layers.lstm({ units: 48, returnSequences: true }), mergeMode: 'concat' }).apply(x);
  const outputs = layers.dense({ units: tags.length, activation: 'softmax' }).apply(x);
  const model = sg.model({ inputs: both, outputs });
  model.compile({
    optimizer: sg.train.adam(0.004),
    loss: 'sparseCategoricalCrossentropy',
    weightedMetrics: ['accuracy'],
  });
  const training = await model.fit(inputs(train), labels(train), {
    epochs: pick(3, 1),
    batchSize: 32,
    validationData: [inputs(test), labels(test)],
    verbose: pick(2, 0),
  });

  const found = model.predict(inputs(test)).argMax(2);
  const actual = labels(test);
  const counted = isWord(test).cast('bool');
  const [yTrue, yPred] = await Promise.all([actual, found].map((all) => sg.booleanMaskAsync(all, counted)));
  const matrix = sg.metrics.confusionMatrix(yTrue, yPred, tags.length);
  const reached = yTrue.equal(yPred).mean().dataSync()[0];
  console.log(`${train.length} sentences, ${test.length} for the test\n`);
  const shown = test.find((sentence) => sentence.words.length > 8 && sentence.words.length < 14);
  const guess = model
    .predict(inputs([shown]))
    .argMax(2)
    .dataSync();
  console.log(shown.words.map((word, i) => `${word}/${tags[guess[i]]}`).join(' '));
  await draw('training', vis.history(training));
  await draw(
    'confusion',
    vis.confusionMatrix(matrix, { title: 'Parts of speech', classNames: tags, normalize: 'true' }),
  );
  return { reached, learned: model };
});
