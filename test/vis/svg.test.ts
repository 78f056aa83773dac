/** Pictures of real runs as SVG. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import * as vis from '../../src/vis';
import { textsOf } from './helpers';

sg.setSeed(1);
const x = sg.randomUniform([64, 2], -1, 1);
const y = sg.cast(sg.less(sg.sum(sg.square(x), 1, true), 0.5), 'float32');
const model = sg.sequential({
  layers: [
    sg.layers.dense({ units: 8, activation: 'relu', inputShape: [2] }),
    sg.layers.dense({ units: 1, activation: 'sigmoid' }),
  ],
});
model.compile({ optimizer: sg.train.adam(0.01), loss: 'binaryCrossentropy', metrics: ['accuracy'] });

const images = sg.randomUniform([4, 5, 5, 1]);
const conv = sg.sequential({
  layers: [sg.layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [5, 5, 1], name: 'seen' })],
});

/** Each picture, and texts that its SVG must show. */
const PICTURES: [string, () => vis.Picture | Promise<vis.Picture>, string[]][] = [
  [
    'history',
    async () => vis.history(await model.fit(x, y, { epochs: 3, validationSplit: 0.25, verbose: 0 })),
    ['Training', 'epoch', 'loss', 'accuracy', 'training', 'validation'],
  ],
  [
    'learningRates',
    async () => vis.learningRates(await sg.train.findLearningRate(model, x, y, { steps: 30 })),
    ['learning rate', 'loss', 'smoothed', 'loss of a batch'],
  ],
  [
    'confusionMatrix',
    () => vis.confusionMatrix(sg.metrics.confusionMatrix(y, model.predict(x), 2), { classNames: ['out', 'in'] }),
    ['predicted class', 'true class', 'out', 'in', 'examples'],
  ],
  ['rocCurve', () => vis.rocCurve(y, model.predict(x)), ['ROC', 'false positive rate', 'true positive rate']],
  ['precisionRecallCurve', () => vis.precisionRecallCurve(y, model.predict(x)), ['precision', 'recall']],
  [
    'decisionRegions',
    () => vis.decisionRegions(model, x, y.cast('int32'), { classNames: ['out', 'in'], xLabel: 'width (m)' }),
    ['width (m)', 'y', 'out', 'in'],
  ],
  ['images', () => vis.images(images, { titles: ['a', 'b', 'c', 'd'] }), ['a', 'b', 'c', 'd']],
  ['filters', () => vis.filters(conv.getLayer('seen')), ['Filters', '0', '1', '2']],
  ['featureMaps', () => vis.featureMaps(conv.execute(images.slice(0, 1), 'seen')), ['Feature maps', '0', '1', '2']],
  [
    'attention',
    () => vis.attention(sg.softmax(sg.randomNormal([2, 3, 3])), { queries: ['the', 'cat', 'sat'] }),
    ['head 1', 'head 2', 'the', 'cat', 'sat', 'attention'],
  ],
  [
    'lossSurface',
    () =>
      vis.lossSurface((a, b) => sg.add(sg.square(a), sg.square(b)), {
        paths: {
          adam: [
            [1, 1],
            [0, 0],
          ],
        },
      }),
    ['w₁', 'w₂', 'adam', 'loss'],
  ],
  [
    'forecast',
    () => vis.forecast([1, 2, 3], { naive: { values: [3, 3], lower: [2, 1], upper: [4, 5] } }, { yLabel: 'sales (t)' }),
    ['time step', 'sales (t)', 'measured', 'naive'],
  ],
  ['functions', () => vis.functions({ relu: sg.relu, tanh: sg.tanh }), ['relu', 'tanh', 'function', 'derivative']],
  ['lines', () => vis.lines({ a: [1, 2], b: [2, 1] }, { xLabel: 'step', yLabel: 'loss' }), ['step', 'loss', 'a', 'b']],
  [
    'bars',
    () => vis.bars({ training: { mlp: 0.9 }, test: { mlp: 0.8 } }, { yLabel: 'accuracy' }),
    ['mlp', 'training', 'test', 'accuracy'],
  ],
  [
    'scatter',
    () => vis.scatter(x, { labels: y.cast('int32').flatten(), classNames: ['out', 'in'] }),
    ['x', 'y', 'out', 'in'],
  ],
];

test.each(PICTURES)('%s', async (_, make, shown) => {
  const svg = await vis.toSVG(await make());
  expect(svg).toMatch(/^<svg [^>]*width="\d+/);
  expect(svg).not.toMatch(/NaN|undefined|\bnull\b/);
  expect(svg).not.toMatch(/aria-label="[^"]*data:/);
  const texts = textsOf(svg);
  for (const text of shown) expect(texts).toContain(text);
});

describe('toSVG', () => {
  test.each([[480], [358]])('draws as wide as it is told: %i pixels', async (width) => {
    const [, found] = /width="(\d+)"/.exec(await vis.toSVG(vis.lines({ a: [1, 2] }, { width }))) ?? [];
    expect(Number(found)).toBe(width);
  });

  test('is the same twice, and leaves the picture as it was', async () => {
    const picture = vis.lines({ a: [1, 2] });
    const before = JSON.stringify(picture);
    expect(await vis.toSVG(picture)).toBe(await vis.toSVG(picture));
    expect(JSON.stringify(picture)).toBe(before);
  });

  test('refuses what is no picture', async () => {
    await expect(vis.toSVG({} as never)).rejects.toThrow(/toSVG: picture must be a specification of Vega-Lite/);
  });
});
