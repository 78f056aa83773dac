// Is a mail spam? A bidirectional LSTM reads the first hundred words of subject and body in their order.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mails, subjectAndBody } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'Bidirectional LSTM',
  section: '1.5 Applications (Bidirectional LSTM: text classification)',
  data: 'SpamAssassin, by words in their order',
  metric: 'F1 of spam in the test mails',
  atLeast: 0.93,
};
const NAMES = ['wanted', 'spam'];
const [WORDS, LENGTH] = [5000, 100];

await example(about, async ({ pick, draw }) => {
  sg.setSeed(1997);
  await sg.setThreads(pick(2, 1));
  const all = mails(pick(Infinity, 30));
  const texts = all.map(({ text }) => subjectAndBody(text));
  const labels = all.map(({ isSpam }) => Number(isSpam));
  const parts = { testSize: 0.25, randomState: 1, stratify: labels };
  const [train, test, yTrain, yTest] = sg.preprocessing.trainTestSplit(texts, labels, parts);
  const vectorizer = sg.preprocessing.textVectorizer({ maxTokens: WORDS, outputSequenceLength: LENGTH }).adapt(train);

  const model = sg.sequential();
  model.add(sg.layers.embedding({ inputDim: WORDS, outputDim: 32, inputLength: LENGTH }));
  model.add(sg.layers.dropout({ rate: 0.3 }));
  model.add(sg.layers.bidirectional({ layer: sg.layers.lstm({ units: 32, returnSequences: true }) }));
  model.add(sg.layers.globalMaxPooling1d());
  model.add(sg.layers.dense({ units: 1, activation: 'sigmoid' }));
  model.compile({ optimizer: sg.train.adam(0.003), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  const training = await model.fit(vectorizer.vectorize(train), sg.tensor2d(yTrain, [yTrain.length, 1]), {
    epochs: pick(4, 1),
    batchSize: 32,
    validationSplit: 0.1,
    verbose: pick(2, 0),
  });

  const scores = model.predict(vectorizer.vectorize(test)).flatten();
  const found = scores.greater(0.5).cast('int32');
  console.log(`${texts.length} mails, ${labels.filter(Boolean).length} of them spam\n`);
  console.log(sg.metrics.classificationReport(yTest, found, { targetNames: NAMES }));
  const matrix = sg.metrics.confusionMatrix(yTest, found, 2);
  await draw('confusion', vis.confusionMatrix(matrix, { title: 'Mails', classNames: NAMES }));
  await draw('roc', vis.rocCurve(yTest, scores, { title: 'Spam, by words in their order: ROC' }));
  await draw('training', vis.history(training));
  const reached = sg.metrics.f1Score(yTest, scores, { average: 'binary', threshold: 0.5 }).dataSync()[0];
  return { reached, learned: model };
});
