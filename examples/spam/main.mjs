// Is a mail spam? Subject and body become the counts of 2,000 words and pairs of words, weighted by how rare they are;
// a small network judges them. Headers are left out: they would betray the servers.
import * as sg from 'samegrad';
import * as vis from 'samegrad/vis';
import { mails, subjectAndBody } from '../support/data.mjs';
import { example } from '../support/example.mjs';

const about = {
  system: 'MLP',
  section: '1.5 Applications (FNN, MLP), 5.2 Accuracy, Precision, Recall, F1-Score',
  data: 'SpamAssassin',
  metric: 'F1 of spam in the test mails',
  atLeast: 0.95,
};
const NAMES = ['wanted', 'spam'];

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2002);
  const all = mails(pick(Infinity, 60));
  const texts = all.map(({ text }) => subjectAndBody(text));
  const labels = all.map(({ isSpam }) => Number(isSpam));
  const [train, test, yTrain, yTest] = sg.preprocessing.trainTestSplit(texts, labels, {
    testSize: 0.25,
    randomState: 1,
    stratify: labels,
  });
  const vectorizer = sg.preprocessing.textVectorizer({ maxTokens: 2000, outputMode: 'tfIdf' }).adapt(train);
  // A word that occurs a hundred times is not a hundred times the evidence.
  const vectors = (texts) => sg.tidy(() => vectorizer.vectorize(texts).log1p());

  const model = sg.sequential();
  model.add(sg.layers.dropout({ rate: 0.3, inputShape: [2000] }));
  model.add(sg.layers.dense({ units: 32, activation: 'relu' }));
  model.add(sg.layers.dense({ units: 1, activation: 'sigmoid' }));
  model.compile({ optimizer: sg.train.adam(0.002), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  await model.fit(vectors(train), sg.tensor2d(yTrain, [yTrain.length, 1]), {
    epochs: pick(12, 5),
    batchSize: 32,
    verbose: 0,
  });

  const scores = model.predict(vectors(test)).flatten();
  const found = scores.greater(0.5).cast('int32');
  console.log(`${texts.length} mails, ${labels.filter(Boolean).length} of them spam\n`);
  console.log(sg.metrics.classificationReport(yTest, found, { targetNames: NAMES }));
  const settings = { average: 'binary', threshold: 0.5 };
  const f1 = sg.metrics.f1Score(yTest, scores, settings).dataSync()[0];
  // How much a word moves the score of an average mail.
  const mean = vectors(test).mean(0, true);
  const moves = sg
    .grad((x) => model.apply(x).sum())(mean)
    .flatten()
    .dataSync();
  const words = vectorizer.getVocabulary();
  const order = [...moves.keys()].sort((a, b) => moves[b] - moves[a]);
  const strongest = Object.fromEntries([...order.slice(0, 12), ...order.slice(-12)].map((i) => [words[i], moves[i]]));
  console.log(
    'for spam:',
    order
      .slice(0, 12)
      .map((i) => words[i])
      .join(', '),
  );
  const matrix = sg.metrics.confusionMatrix(yTest, found, 2);
  await draw('confusion', vis.confusionMatrix(matrix, { title: 'Mails', classNames: NAMES }));
  await draw('roc', vis.rocCurve(yTest, scores, { title: 'Spam: ROC' }));
  await draw('precision-recall', vis.precisionRecallCurve(yTest, scores, { title: 'Spam: precision and recall' }));
  await draw(
    'words',
    vis.bars(strongest, { title: 'Words that speak for spam, and against', yLabel: 'change of the score' }),
  );
  return { reached: f1, learned: model };
});
