// A Transformer encoder reads mails, word by word, and tells spam from the others.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mails, subjectAndBody } from '../support/data.mjs';
import { example } from '../support/example.mjs';
import { block } from '../support/transformer.mjs';

const { layers, preprocessing } = sg;
const [WORDS, LENGTH, DIM] = [8000, 128, 32];
const NAMES = ['wanted', 'spam'];

/** The network, and one whose output is the attention of all heads, [batch, heads, LENGTH, LENGTH]. */
function network() {
  const words = sg.input({ shape: [LENGTH] });
  const embedded = layers.embedding({ inputDim: WORDS, outputDim: DIM, maskZero: true }).apply(words);
  const placed = layers.add().apply([embedded, layers.positionEmbedding({ sequenceLength: LENGTH }).apply(embedded)]);
  const { output, scores } = block(placed, { heads: 2, hidden: 64, dropout: 0.2 });
  const all = layers.globalAveragePooling1d().apply(output);
  const outputs = layers.dense({ units: 1, activation: 'sigmoid' }).apply(layers.dropout({ rate: 0.3 }).apply(all));
  return [sg.model({ inputs: words, outputs }), sg.model({ inputs: words, outputs: scores })];
}

const about = {
  system: 'Transformer encoder',
  section: '1.5 Applications (Transformer Networks)',
  data: 'SpamAssassin, mails',
  metric: 'test accuracy',
  atLeast: 0.97,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2018);
  await sg.setThreads(pick(2, 1));
  const all = mails(pick(Infinity, 20));
  const texts = all.map(({ text }) => subjectAndBody(text));
  const labels = all.map(({ isSpam }) => Number(isSpam));
  const parts = { testSize: 0.2, randomState: 1, stratify: labels };
  const [train, test, yTrain, yTest] = preprocessing.trainTestSplit(texts, labels, parts);
  const vectorizer = preprocessing.textVectorizer({ maxTokens: WORDS, outputSequenceLength: LENGTH }).adapt(train);
  const [x, testX] = [train, test].map((part) => vectorizer.vectorize(part));
  const column = (values) => sg.tensor2d(values, [values.length, 1]);

  const [model, attention] = network();
  const [epochs, batchSize] = [pick(3, 1), 32];
  const steps = epochs * Math.ceil(train.length / batchSize);
  const learningRate = sg.schedules.cosineDecay(0.001, steps);
  model.compile({ optimizer: sg.train.adamW({ learningRate }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  const validationData = [testX, column(yTest)];
  const training = await model.fit(x, column(yTrain), { epochs, batchSize, validationData, verbose: 2 });

  const scores = model.predict(testX).flatten();
  const found = scores.greater(0.5).cast('int32');
  console.log(sg.metrics.classificationReport(yTest, found, { targetNames: NAMES }));
  await draw('training', vis.history(training, { title: 'Training, and test mails after each epoch' }));
  await draw('roc', vis.rocCurve(yTest, scores));
  const ids = testX.slice([0, 0], [-1, 12]).arraySync();
  const spam = Math.max(
    0,
    ids.findIndex((row, i) => yTest[i] && Math.min(...row) > 1), // all words are known
  );
  const queries = ids[spam].map((id) => vectorizer.getVocabulary()[id]);
  const looks = attention.predict(testX.slice(spam, 1)).slice([0, 0, 0, 0], [1, -1, 12, 12]);
  await draw(
    'attention',
    vis.attention(looks, { title: 'Which words of a spam attend to which', queries, width: 720 }),
  );
  return { reached: training.history.val_acc.at(-1), learned: model };
});
