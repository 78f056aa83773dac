/** What pictures hold: the numbers, the axes, and what is said of what they leave out. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import * as vis from '../../src/vis';
import { jsonOf, pixelsOf, rowsOf, sizeOf } from './helpers';

const DISPLAY = Symbol.for('Jupyter.display');

describe('a picture', () => {
  test('is plain JSON that notebooks show', () => {
    const picture = vis.lines({ loss: [3, 2, 1] });
    const shown = (picture as unknown as Record<symbol, () => Record<string, unknown>>)[DISPLAY]?.();
    expect(shown).toEqual({ 'application/vnd.vegalite.v5+json': picture });
    expect(JSON.parse(JSON.stringify(picture))).toEqual(picture);
    expect(picture.$schema).toBe('https://vega.github.io/schema/vega-lite/v5.json');
  });

  test('has a title, a width and a theme', () => {
    const picture = jsonOf(vis.lines({ loss: [3, 2, 1] }, { title: 'Loss of a run', width: 358, theme: 'dark' }));
    expect(picture.title).toEqual({ text: ['Loss of a run'] });
    expect(picture.width).toBe(358);
    expect((picture.config as { background: string }).background).toBe('#15181c');
  });

  test.each([
    [
      'an unknown setting',
      () => vis.lines({ a: [1] }, { titel: 'x' } as object),
      /lines: unknown setting 'titel'.*title/,
    ],
    [
      'a width for no screen',
      () => vis.lines({ a: [1] }, { width: 20 }),
      /lines: width must be an integer from 240 to 4000, got 20/,
    ],
    ['no series', () => vis.lines({}), /lines: series must be a list/],
    [
      'two series of one name',
      () =>
        vis.lines([
          { name: 'a', y: [1] },
          { name: 'a', y: [2] },
        ]),
      /series\[1\] has the name 'a'/,
    ],
    ['no number', () => vis.bars({ a: 'x' } as never), /bars: the amount of 'a' must be a number, got 'x'/],
    ['no history', () => vis.history(3 as never), /history: needs what fit returned, got 3/],
    ['an unknown metric', () => vis.history({ loss: [1] }, { metrics: ['acc'] }), /no metric 'acc'; there are loss/],
    [
      'too few names',
      () =>
        vis.confusionMatrix(
          [
            [1, 0],
            [0, 1],
          ],
          { classNames: ['a'] },
        ),
      /classNames must be a list of 2 strings/,
    ],
    [
      'an unknown label',
      () => vis.scatter([[1, 2]], { labels: ['c'], classNames: ['a'] }),
      /labels\[0\] is 'c', which classNames lack/,
    ],
    [
      'a label that is no index',
      () => vis.scatter([[1, 2]], { labels: [0.5] }),
      /labels\[0\] must be the index of a class/,
    ],
    ['no function', () => vis.functions({ f: 3 } as never), /functions: f must be a function/],
    ['half a band', () => vis.forecast([1], { a: { values: [1], lower: [1] } }), /a band needs both/],
    ['no classifier', () => vis.decisionRegions(3 as never, [[1, 2]], [0]), /classifier must be a model or a function/],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(sg.ArgumentError);
    expect(make).toThrow(message);
  });

  test.each([
    ['points', () => vis.scatter([[1, 2, 3]]), /scatter: points must be \[n, 2\], got \[1, 3\]/],
    [
      'labels',
      () => vis.scatter([[1, 2]], { labels: [0, 1] }),
      /labels and the examples must be equally long, got 2 and 1/,
    ],
    [
      'a matrix',
      () =>
        vis.confusionMatrix([
          [1, 2, 3],
          [1, 2, 3],
        ]),
      /must be square, got \[2, 3\]/,
    ],
    ['images', () => vis.images(sg.ones([2, 4, 4, 2])), /1 or 3\].*got \[2, 4, 4, 2\]/],
    [
      'feature maps of a batch',
      () => vis.featureMaps(sg.ones([2, 4, 4, 3])),
      /of one example, got \[2, 4, 4, 3\]; slice one/,
    ],
    ['a path', () => vis.lossSurface((x) => x, { paths: { a: [[1, 2, 3]] } }), /paths\.a must be \[steps, 2\]/],
    ['a loss', () => vis.lossSurface((x) => sg.sum(x)), /loss must return \[25600\]/],
  ])('refuses %s of another shape', (_, make, message) => {
    expect(make).toThrow(sg.ShapeError);
    expect(make).toThrow(message);
  });
});

describe('lines', () => {
  test('have a row for each point, and colours and dashes by their names', () => {
    const picture = jsonOf(
      vis.lines([
        { name: 'a', x: sg.tensor1d([2, 4]), y: [0.1, 1e-9] },
        { name: 'b', y: [5], dashed: true },
      ]),
    );
    expect(rowsOf(picture)).toEqual([
      { series: 'a', x: 2, y: 0.1 },
      { series: 'a', x: 4, y: 1e-9 },
      { series: 'b', x: 0, y: 5 },
    ]);
    const { color, strokeDash } = picture.encoding as unknown as Record<
      string,
      { scale: { domain: unknown; range: unknown } }
    >;
    expect(color?.scale.domain).toEqual(['a', 'b']);
    expect(strokeDash?.scale.range).toEqual([
      [1, 0],
      [5, 3],
    ]);
  });

  test('leave gaps where values are not finite, or not above 0 on a logarithmic axis, and say so', () => {
    const nan = jsonOf(vis.lines({ a: [1, Number.NaN, Number.POSITIVE_INFINITY] }, { title: 'A' }));
    expect(rowsOf(nan).map(({ y }) => y)).toEqual([1, null, null]);
    expect(nan.title).toEqual({ text: ['A'], subtitle: ['2 values are not finite and leave gaps'] });
    const log = jsonOf(vis.lines({ a: [1, 0] }, { yScale: 'log' }));
    expect(rowsOf(log).map(({ y }) => y)).toEqual([1, null]);
  });

  test('beside points, which nothing joins', () => {
    const measured = Array.from({ length: 3000 }, (_, i) => i % 5);
    const { layer } = jsonOf(
      vis.lines([
        { name: 'fit', y: [2, 2] },
        { name: 'measured', y: measured, points: true },
      ]),
    );
    const [dots, curve] = layer as { mark: { type: string }; data: { values: { series: string }[] } }[];
    expect(curve?.mark.type).toBe('line');
    expect(curve?.data.values.map(({ series }) => series)).toEqual(['fit', 'fit']);
    expect(dots?.mark.type).toBe('point');
    expect(dots?.data.values).toHaveLength(3000);
  });

  test('that are long keep their extremes', () => {
    const y = Array.from({ length: 50_000 }, (_, i) => (i === 12_345 ? 9 : i === 23_456 ? -9 : i % 7));
    const rows = rowsOf(jsonOf(vis.lines({ a: y })));
    expect(rows.length).toBeLessThanOrEqual(1002);
    expect(rows).toContainEqual({ series: 'a', x: 12_345, y: 9 });
    expect(rows).toContainEqual({ series: 'a', x: 23_456, y: -9 });
    expect(rows.at(-1)?.x).toBe(49_999);
  });
});

test('history: a plot for each value, of training and validation, by the number of the epoch', () => {
  const picture = jsonOf(vis.history({ epoch: [4, 5], history: { loss: [2, 1], val_loss: [3, 2], acc: [0.1, 0.2] } }));
  const [loss, accuracy] = picture.concat as unknown as [never, never];
  expect(rowsOf(loss)).toEqual([
    { series: 'training', x: 5, y: 2 },
    { series: 'training', x: 6, y: 1 },
    { series: 'validation', x: 5, y: 3 },
    { series: 'validation', x: 6, y: 2 },
  ]);
  expect(rowsOf(accuracy)).toHaveLength(2);
});

test('history: a value without a validation is drawn as neither, where others have one', () => {
  const logs = { loss: [2, 1], val_loss: [3, 2], learningRate: [0.1, 0.01] };
  const encodings = (picture: vis.Picture) =>
    (jsonOf(picture).concat as unknown as { encoding: object; mark: object }[]).map((p) => [
      'color' in p.encoding,
      'color' in p.mark,
    ]);
  expect(encodings(vis.history(logs))).toEqual([
    [true, false],
    [false, true],
  ]);
  const { loss, learningRate } = logs;
  expect(encodings(vis.history({ loss, learningRate }))).toEqual([
    [true, false],
    [true, false],
  ]);
  expect(() => vis.history({ loss: [] })).toThrow(/there is nothing to draw: no epoch was trained/);
});

test('a confusion matrix of counts, and of shares', () => {
  const matrix = [
    [3, 1],
    [0, 4],
  ];
  const values = (normalize: 'true' | 'pred' | 'all' | null) =>
    rowsOf(jsonOf(vis.confusionMatrix(matrix, { normalize }))).map(({ value }) => value);
  expect(values(null)).toEqual([3, 1, 0, 4]);
  expect(values('true')).toEqual([0.75, 0.25, 0, 1]);
  expect(values('pred')).toEqual([1, 0.2, 0, 0.8]);
  expect(values('all')).toEqual([0.375, 0.125, 0, 0.5]);
  const [first] = rowsOf(jsonOf(vis.confusionMatrix(matrix)));
  expect(first).toEqual({ true: '0', predicted: '0', value: 3, text: '3', dark: true });
});

test('a confusion matrix of many classes is one image', () => {
  const n = 40;
  const matrix = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)));
  const [image] = jsonOf(vis.confusionMatrix(matrix)).layer as unknown as [never];
  const url = rowsOf(image)[0]?.url as string;
  expect(sizeOf(url)).toEqual([n, n]);
  expect(pixelsOf(url)[7]?.[7]).toEqual([0x08, 0x30, 0x6b, 255]);
  expect(pixelsOf(url)[7]?.[8]).toEqual([0xf7, 0xfb, 0xff, 255]);
});

describe('curves of classes', () => {
  const scores = [
    [0.7, 0.2, 0.1],
    [0.1, 0.8, 0.1],
    [0.6, 0.3, 0.1],
    [0.2, 0.6, 0.2],
  ];

  test('have areas in their names, and classes without examples are told', () => {
    const picture = jsonOf(vis.rocCurve([0, 1, 0, 1], scores, { classNames: ['cat', 'dog', 'fox'] }));
    const [, curves] = picture.layer as unknown as [never, never];
    expect(new Set(rowsOf(curves).map(({ series }) => series))).toEqual(
      new Set(['cat: area 1.000', 'dog: area 1.000']),
    );
    expect(picture.title).toEqual({ text: ['ROC'], subtitle: ['without examples: fox'] });
  });

  test('one-hot targets are the same as indices', () => {
    const oneHot = sg.oneHot(sg.tensor1d([0, 1, 0, 1], 'int32'), 3);
    expect(jsonOf(vis.precisionRecallCurve(oneHot, scores))).toEqual(
      jsonOf(vis.precisionRecallCurve([0, 1, 0, 1], scores)),
    );
  });
});

describe('images', () => {
  test('are gray from 0 to 255, or to 1, or as the range says', () => {
    const gray = (values: number[], options?: vis.ImagesOptions): number[] => {
      const url = rowsOf(jsonOf(vis.images([[values]], options)))[0]?.url as string;
      return (pixelsOf(url)[0] as number[][]).map(([red]) => red as number);
    };
    expect(gray([0, 51, 255])).toEqual([0, 51, 255]);
    expect(gray([0, 0.2, 1])).toEqual([0, 51, 255]);
    expect(gray([-1, 0, 2, 9], { range: [-1, 2] })).toEqual([0, 85, 255, 255]);
  });

  test('of three channels are in colours', () => {
    const url = rowsOf(jsonOf(vis.images([[[[1, 0.2, 0]]]])))[0]?.url as string;
    expect(pixelsOf(url)).toEqual([[[255, 51, 0, 255]]]);
  });

  test('beyond the most are told', () => {
    const picture = jsonOf(vis.images(sg.ones([9, 2, 2]), { most: 4 }));
    expect(rowsOf(picture)).toHaveLength(4);
    expect((picture.title as { subtitle: string[] }).subtitle.join(' ')).toBe('the first 4 of 9 images');
  });

  test('filters of a layer are blue below zero and orange above', () => {
    const layer = sg.layers.conv2d({ filters: 2, kernelSize: [1, 3], inputShape: [4, 4, 1], useBias: false });
    sg.sequential({ layers: [layer] });
    layer.setWeights([sg.tensor([-1, 0.5, 0, 0, 1, 0], [1, 3, 1, 2])]);
    const rows = rowsOf(jsonOf(vis.filters(layer)));
    expect(rows).toHaveLength(2);
    const [[low, zero, high]] = pixelsOf(rows[0]?.url as string) as [number[][]];
    expect(low).toEqual([0x0b, 0x3c, 0x68, 255]);
    expect(zero).toEqual([0xf7, 0xf7, 0xf7, 255]);
    expect(high).toEqual([0x7f, 0x27, 0x04, 255]);
  });
});

test('attention: a map for each head, with its tokens', () => {
  const scores = sg.tensor([0.9, 0.1, 0.3, 0.7, 0.5, 0.5, 0, 1], [1, 2, 2, 2]);
  const picture = jsonOf(vis.attention(scores, { queries: ['the', 'cat'] }));
  const heads = picture.concat as unknown as never[];
  expect(heads).toHaveLength(2);
  expect(rowsOf((heads[1] as unknown as { layer: [never] }).layer[0]).map(({ weight }) => weight)).toEqual([
    0.5, 0.5, 0, 1,
  ]);
  expect(JSON.stringify(picture)).toContain('"labelExpr":"[\\"the\\",\\"cat\\"][datum.value]"');
});

test('decision regions: the colour of the class, paler at the border', () => {
  const right = (p: sg.Tensor): sg.Tensor => sg.clipByValue(sg.add(sg.slice(p, [0, 0], [-1, 1]), 0.5), 0, 1);
  const picture = jsonOf(
    vis.decisionRegions(
      right,
      [
        [-1, 0],
        [1, 0],
      ],
      ['l', 'r'],
      { resolution: 20, xRange: [-1, 1], yRange: [-1, 1] },
    ),
  );
  const [image, points] = picture.layer as unknown as [never, never];
  const row = pixelsOf(rowsOf(image)[0]?.url as string)[3] as number[][];
  expect(row[0]).toEqual(row[2]);
  expect(row[0]).not.toEqual(row[19]);
  expect((row[9] as number[])[0]).toBeGreaterThan((row[0] as number[])[0] as number);
  expect(rowsOf(points)).toEqual([
    { x: -1, y: 0, label: 'l' },
    { x: 1, y: 0, label: 'r' },
  ]);
});

test('a loss surface: bands of equal area, and paths with their ends', () => {
  const picture = jsonOf(
    vis.lossSurface((x) => sg.square(x), {
      bands: 4,
      resolution: 40,
      xRange: [-1, 1],
      yRange: [-1, 1],
      paths: {
        a: [
          [1, 1],
          [0.5, 1],
          [0, 0],
        ],
      },
    }),
  );
  const [image, bands, path, end, start] = picture.layer as unknown as never[];
  const row = pixelsOf(rowsOf(image as never)[0]?.url as string)[3] as number[][];
  expect((row[20] as number[])[0]).toBeLessThan((row[0] as number[])[0] as number);
  expect(rowsOf(bands as never)).toHaveLength(4);
  expect(rowsOf(path as never)).toHaveLength(3);
  expect(rowsOf(end as never)).toEqual([{ series: 'a', step: 2, x: 0, y: 0, end: 'end' }]);
  expect(rowsOf(start as never)).toEqual([{ series: 'a', step: 0, x: 1, y: 1, end: 'start' }]);
});

test("functions: values and the library's derivatives", () => {
  const [plot] = jsonOf(vis.functions({ square: (x) => sg.square(x) }, { range: [-2, 2] })).concat as unknown as [
    never,
  ];
  expect(rowsOf(plot)).toContainEqual({ series: 'function', x: 2, y: 4 });
  expect(rowsOf(plot)).toContainEqual({ series: 'derivative', x: 2, y: 4 });
  expect(rowsOf(plot)).toContainEqual({ series: 'derivative', x: -2, y: -4 });
});

test('a forecast follows its series, or starts where it says', () => {
  const picture = jsonOf(
    vis.forecast(
      [1, 2, 3, 4],
      { a: { values: [5, 6] }, b: { values: [7], start: 2 } },
      { x: [2000, 2001, 2002, 2003], last: 3 },
    ),
  );
  const [, drawn] = picture.layer as unknown as [never, never];
  const at = (name: string) =>
    rowsOf(drawn)
      .filter(({ series }) => series === name)
      .map(({ x }) => x);
  expect(at('measured')).toEqual([2001, 2002, 2003]);
  expect(at('a')).toEqual([2004, 2005]);
  expect(at('b')).toEqual([2002]);
});

test('memory is as before', () => {
  const before = sg.memory().numTensors;
  vis.functions({ tanh: sg.tanh });
  vis.rocCurve([0, 1], [0.2, 0.8]);
  vis.lossSurface((x, y) => sg.add(x, y), { resolution: 10 });
  vis.decisionRegions((p) => sg.slice(p, [0, 0], [-1, 1]), [[0, 1]], [0], { resolution: 10 });
  expect(sg.memory().numTensors).toBe(before);
});
