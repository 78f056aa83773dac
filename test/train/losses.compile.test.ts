/** Losses in training: names, settings, logits behind activations, wrong input. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { getLoss, type Loss, type LossFunction } from '../../src/train/losses';
import { reduceLoss } from '../../src/train/losses/reduction';
import { linear, random, read, settle, values, weightsOf } from '../models/helpers';
import { expectClose, expectSameBits } from '../support/compare';

type Tensor = sg.Tensor;
type Factory = ((settings?: object) => LossFunction) & ((...args: unknown[]) => Tensor);
const factories = sg.losses as unknown as Record<string, Factory>;
const get = (name: string): Factory => factories[name] as Factory;

const x = random(1, [12, 4], -1, 1);
const score = random(2, [12, 3], -0.1, 0.1).add(x.matMul(random(3, [4, 3])));
const targets = {
  numbers: score,
  positive: score.exp(),
  bits: score.greater(0),
  signs: score.greater(0).cast('float32').mul(2).sub(1),
  hot: sg.oneHot(score.argMax(-1), 3),
  classes: score.argMax(-1),
  shares: score.softmax(),
};

type Row = readonly [
  name: string,
  settings: object | undefined,
  activation: string,
  target: keyof typeof targets,
  weights?: Tensor,
];

// Activations that no loss looks behind: what `predict` gives is what the loss is computed of.
const LISTED: readonly Row[] = [
  ...['meanSquaredError', 'meanAbsoluteError', 'logCosh', 'huber', 'cosineSimilarity', 'huberLoss'].map(
    (n): Row => [n, undefined, 'linear', 'numbers'],
  ),
  ...['absoluteDifference', 'cosineDistance'].map((n): Row => [n, undefined, 'linear', 'numbers']),
  ...['meanAbsolutePercentageError', 'meanSquaredLogarithmicError', 'poisson'].map(
    (n): Row => [n, undefined, 'softplus', 'positive'],
  ),
  ...['hinge', 'squaredHinge'].map((n): Row => [n, undefined, 'linear', 'signs']),
  ...['hingeLoss', 'sigmoidCrossEntropy'].map((n): Row => [n, undefined, 'linear', 'bits']),
  ['huber', { delta: 0.2 }, 'linear', 'numbers'],
  ['categoricalHinge', undefined, 'linear', 'hot'],
  ['softmaxCrossEntropy', { labelSmoothing: 0.1 }, 'linear', 'hot'],
  ...['binaryCrossentropy', 'binaryFocalCrossentropy', 'logLoss', 'dice', 'tversky'].map(
    (n): Row => [n, undefined, 'hardSigmoid', 'bits'],
  ),
  ['tversky', { alpha: 0.3, axis: -1 }, 'hardSigmoid', 'bits'],
  ...['categoricalCrossentropy', 'categoricalFocalCrossentropy'].map((n): Row => [n, undefined, 'softplus', 'hot']),
  ...['binaryCrossentropy', 'binaryFocalCrossentropy'].map((n): Row => [n, { fromLogits: true }, 'linear', 'bits']),
  ...['categoricalCrossentropy', 'categoricalFocalCrossentropy'].map(
    (n): Row => [n, { fromLogits: true, labelSmoothing: 0.2 }, 'linear', 'hot'],
  ),
  ['sparseCategoricalCrossentropy', undefined, 'softplus', 'classes'],
  ['sparseCategoricalCrossentropy', { fromLogits: true }, 'linear', 'classes'],
  ['categoricalGeneralizedCrossEntropy', undefined, 'hardSigmoid', 'classes'],
  ['kullbackLeiblerDivergence', undefined, 'hardSigmoid', 'shares'],
];

/** Of batches of embeddings, of the last layer's operand, and no loss by itself: they have tests of their own. */
const APART = new Set([get('circle'), get('perceptron'), get('computeWeightedLoss')]);
const listed = new Set([...LISTED.map(([name]) => get(name)), ...APART]);
/** All others train on numbers. */
const ROWS: readonly Row[] = [
  ...LISTED,
  ...Object.keys(sg.losses)
    .filter((name) => !listed.has(get(name)))
    .map((n): Row => [n, undefined, 'linear', 'numbers']),
];

describe('in fit', () => {
  const titled = (rows: readonly Row[]) =>
    rows.map((r, i) => [`${r[0]} ${JSON.stringify(r[1] ?? {})}, row ${i}`, r] as const);

  it.each(titled(ROWS))('%s', async (_, [name, settings, activation, kind]) => {
    const model = settle(linear(4, 3, { activation }));
    const loss = get(name)(settings);
    model.compile({ optimizer: sg.train.adam(0.03), loss });
    const y = targets[kind];
    const before = model.evaluate(x, y, { batchSize: 12 }) as Tensor;
    const each = values(loss(y, model.predict(x, { batchSize: 12 }) as Tensor));
    expectSameBits(before, Float32Array.of(each.reduce((a, b) => a + b) / each.length));
    const { history } = await model.fit(x, y, { epochs: 40, batchSize: 5 });
    const [first] = read(before);
    expect(read(model.evaluate(x, y))[0]).toBeLessThan(first as number);
    expect((history.loss as number[]).every(Number.isFinite)).toBe(true);
  });

  const weighed = (name: string, settings: object, kind: keyof typeof targets): Row => [
    name,
    settings,
    'linear',
    kind,
    random(7, [12], 0, 2),
  ];
  const STEPS: readonly Row[] = [
    ...ROWS,
    ['circle', { gamma: 4 }, 'linear', 'classes'],
    ['sparseCategoricalCrossentropy', { fromLogits: true, ignoreClass: 1 }, 'linear', 'classes'],
    weighed('sparseCategoricalCrossentropy', { fromLogits: true, ignoreClass: 1 }, 'classes'),
    ...['sumOverBatchSize', 'mean', 'sum', 'meanWithSampleWeight'].map((reduction) =>
      weighed('huber', { reduction }, 'numbers'),
    ),
  ];

  it.each(titled(STEPS))(
    'the bits of a step by hand: %s',
    async (_, [name, settings, activation, kind, sampleWeight]) => {
      const [model, y, loss] = [settle(linear(4, 3, { activation })), targets[kind], get(name)(settings)];
      const act = sg.activations[activation as 'linear'];
      const [kernel, bias] = model.getWeights() as [Tensor, Tensor];
      const total = (k: Tensor, b: Tensor) =>
        reduceLoss(loss(y, act(x.matMul(k).add(b))), sampleWeight, undefined, loss.reduction);
      const slopes = sg.grads(total)([kernel, bias]);
      model.compile({ optimizer: sg.train.sgd(0.125), loss });
      await model.trainOnBatch(x, y, sampleWeight && { sampleWeight });
      model.getWeights().forEach((w, i) => {
        expectSameBits(w, ([kernel, bias][i] as Tensor).sub((slopes[i] as Tensor).mul(0.125)));
      });
    },
  );

  it('circle brings embeddings of one class together', async () => {
    const model = settle(linear(4, 2));
    model.add(sg.layers.unitNormalization());
    model.compile({ optimizer: sg.train.adam(0.03), loss: sg.losses.circle({ gamma: 8 }) });
    const [first] = read(model.evaluate(x, targets.classes));
    await model.fit(x, targets.classes, { epochs: 40, batchSize: 12 });
    expect(read(model.evaluate(x, targets.classes))[0]).toBeLessThan(0.8 * (first as number));
  });

  it('a function of sg.losses, a name and a loss without settings are one', async () => {
    const train = async (loss: string | Loss) => {
      const model = settle(linear(4, 3));
      model.compile({ optimizer: 'sgd', loss });
      await model.fit(x, targets.numbers, { epochs: 2, shuffle: false });
      return weightsOf(model);
    };
    const weights = await train('huber');
    expect(await train(sg.losses.huber)).toEqual(weights);
    expect(await train(sg.losses.huber())).toEqual(weights);
    expect(await train('Huber')).toEqual(weights);
  });
});

/** A model whose outputs are the activation of its inputs. */
function activated(activation: string, loss: Loss): sg.Sequential {
  const model = sg.sequential({ layers: [sg.layers.dense({ units: 3, useBias: false, activation, inputShape: [3] })] });
  model.setWeights([sg.eye(3)]);
  model.compile({ optimizer: sg.train.sgd(1e-3), loss });
  return model;
}

const LOGITS = [
  [0.5, -1, 2],
  [1e4, -1e4, 0],
  [-1e4, 1e4, 1e4],
  [0.001, 0, -0.001],
];
const onLogit = (z: number, y: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - z * y;
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const softmax = (z: readonly number[]) => {
  const powers = z.map((v) => Math.exp(v - Math.max(...z)));
  return powers.map((v) => v / powers.reduce((a, b) => a + b));
};
/** log p of each class. */
const logSoftmax = (z: readonly number[]) => {
  const largest = Math.max(...z);
  const sum = z.reduce((s, v) => s + Math.exp(v - largest), 0);
  return z.map((v) => v - largest - Math.log(sum));
};

describe('on logits of any size, in a model and by fromLogits', () => {
  const y = [0, 1, 0];
  const focalBinary = (z: number[]) =>
    z.map((v, i) => {
      const missed = y[i] ? 1 - sigmoid(v) : sigmoid(v);
      return missed ** 2 * onLogit(v, y[i] as number);
    });
  const mean = (v: number[]) => v.reduce((a, b) => a + b) / v.length;
  const cases: [string, object, string, Tensor, (z: number[]) => number][] = [
    ['binaryFocalCrossentropy', {}, 'sigmoid', sg.tensor2d([y]), (z) => mean(focalBinary(z))],
    [
      'categoricalFocalCrossentropy',
      { alpha: 0.5, gamma: 1 },
      'softmax',
      sg.tensor2d([y]),
      (z) => -0.5 * (1 - Math.min(1 - 1e-7, softmax(z)[1] as number)) * (logSoftmax(z)[1] as number),
    ],
    [
      'categoricalGeneralizedCrossEntropy',
      { q: 0.3 },
      'softmax',
      sg.tensor1d([1]),
      (z) => (1 - Math.exp(0.3 * (logSoftmax(z)[1] as number))) / 0.3,
    ],
    [
      'sparseCategoricalCrossentropy',
      { ignoreClass: 0 },
      'softmax',
      sg.tensor1d([1]),
      (z) => -(logSoftmax(z)[1] as number),
    ],
  ];
  it.each(cases.flatMap((c) => LOGITS.map((z) => [c[0], z, c] as const)))(
    '%s of %j',
    async (name, z, [, settings, activation, t, f]) => {
      const model = activated(activation, get(name)(settings));
      expectClose(read(model.evaluate(sg.tensor2d([z]), t)), [f([...z])], 2e-6);
      await model.trainOnBatch(sg.tensor2d([z]), t);
      expect(weightsOf(model).flat().every(Number.isFinite)).toBe(true);
      if (name.endsWith('GeneralizedCrossEntropy')) return;
      const loss = get(name)({ ...settings, fromLogits: true });
      const { value, grad } = sg.valueAndGrad((p) => loss(t, p).sum())([[...z]]);
      expectClose(value.dataSync(), [f([...z])], 2e-6);
      expect(grad.dataSync().every(Number.isFinite)).toBe(true);
    },
  );

  it('what was missed by far still has a gradient', () => {
    for (const name of ['binaryFocalCrossentropy', 'categoricalFocalCrossentropy']) {
      const slope = sg.grad((p) => get(name)({ fromLogits: true })(sg.tensor2d([[1, 0]]), p).sum())([[-40, 40]]);
      expect(values(slope)[0]).toBeLessThan(-0.2);
    }
  });
});

describe('targets', () => {
  it('of any type are taken as float32', () => {
    const p = random(4, [4, 3], 0.1, 0.9);
    for (const name of ['meanSquaredError', 'binaryCrossentropy', 'dice', 'huberLoss', 'hinge']) {
      const bits = sg.greater(random(5, [4, 3]), 0);
      const expected = get(name)()(bits.cast('float32'), p);
      expectSameBits(get(name)()(bits, p), expected, name);
      expectSameBits(get(name)()(bits.cast('int32'), p), expected, name);
    }
  });

  it('a NaN is no class, not even one to ignore', () => {
    const p = sg.ones([1, 3]);
    for (const settings of [{}, { ignoreClass: -1 }])
      expect(() => sg.losses.sparseCategoricalCrossentropy(settings)(sg.tensor1d([Number.NaN]), p)).toThrow(
        sg.IndexError,
      );
    expect(() => sg.losses.categoricalGeneralizedCrossEntropy([3], p)).toThrow(/index 3 is outside \[0, 3\)/);
  });

  it('ignored ones take whatever is predicted there', () => {
    const loss = sg.losses.sparseCategoricalCrossentropy({ ignoreClass: 7 });
    const p = sg.tensor2d([
      [0.2, 0.8],
      [Number.NaN, 0],
    ]);
    const { value, grad } = sg.valueAndGrad((t) => loss(sg.tensor1d([1, 7]), t).sum())(p);
    expect(values(value)[0]).toBeCloseTo(-Math.log(0.8), 6);
    expect(values(grad).slice(2)).toEqual([0, 0]);
  });

  it('that do not fit are errors that name the loss and both shapes', () => {
    for (const name of Object.keys(factories).filter((n) => n !== 'computeWeightedLoss')) {
      const [y, p] = [sg.zeros([2, 5]), sg.zeros([2, 3])];
      expect(() => get(name)()(y, p), name).toThrow(sg.ShapeError);
      expect(() => get(name)(y, p), name).toThrow(new RegExp(`${get(name).name}: .*\\[2, [35]\\].*\\[2, [35]\\]`));
    }
    expect(() => sg.losses.circle([0, 1], [1, 2])).toThrow(/circle: needs embeddings \[n, d\], got \[2\]/);
  });

  it('an empty batch gives 0', () => {
    const [y, p] = [sg.zeros([0, 3]), sg.zeros([0, 3])];
    for (const [name] of ROWS) {
      const isIndex = name.startsWith('sparse') || name.startsWith('categoricalGeneral');
      const of = get(name)(isIndex ? sg.zeros([0]) : y, p);
      // Of regions that are empty nothing is right.
      expect(values(of), name).toEqual([name === 'dice' || name === 'tversky' ? 1 : 0]);
    }
    expect(values(sg.losses.circle(sg.zeros([0]), p))).toEqual([0]);
  });
});

describe('names and settings', () => {
  it.each([
    ['meanSquaredError', 'mse MSE mean_squared_error MeanSquaredError'],
    ['meanAbsoluteError', 'mae MAE mean_absolute_error'],
    ['meanAbsolutePercentageError', 'mape MAPE'],
    ['meanSquaredLogarithmicError', 'msle MSLE'],
    ['kullbackLeiblerDivergence', 'kld KLD KLDivergence kl_divergence kullback_leibler_divergence'],
    ['binaryCrossentropy', 'bce BCE binary_crossentropy'],
    ['cosineSimilarity', 'cosine cosineProximity cosine_proximity cosine_similarity'],
    ['logCosh', 'logcosh log_cosh LogCosh'],
    ['sparseCategoricalCrossentropy', 'sparse_categorical_crossentropy SparseCategoricalCrossentropy'],
    ['categoricalGeneralizedCrossEntropy', 'categorical_generalized_cross_entropy'],
    ['binaryFocalCrossentropy', 'binary_focal_crossentropy BinaryFocalCrossentropy'],
    ['squaredHinge', 'squared_hinge'],
    ['huberLoss', 'huber_loss huberLoss'],
  ])('%s is %s', (name, aliases) => {
    for (const alias of aliases.split(' '))
      expect(getLoss(alias, 'test')).toMatchObject({ name, reduction: 'sumOverBatchSize' });
  });

  it('a loss tells what makes it again', () => {
    const loss = sg.losses.binaryCrossentropy({ labelSmoothing: 0.1, reduction: 'sum' });
    expect([loss.name, loss.reduction]).toEqual(['binaryCrossentropy', 'sum']);
    expect(loss.config).toEqual({ fromLogits: false, labelSmoothing: 0.1, axis: -1, reduction: 'sum' });
    expect(get(loss.name)(loss.config).config).toEqual(loss.config);
    expect(getLoss(loss, 'test')).toEqual({ name: loss.name, fn: loss, reduction: 'sum' });
    expect(getLoss(sg.losses.huber({ reduction: 'mean_with_sample_weight' as never }), 'test').reduction).toBe(
      'meanWithSampleWeight',
    );
    const own = Object.assign((y: Tensor, p: Tensor) => p.sub(y), { reduction: 'sum' as const });
    expect(getLoss(own, 'test').reduction).toBe('sum');
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'unknown setting',
      () => sg.losses.huber({ detla: 2 } as object),
      /huber: unknown setting 'detla'.*delta, reduction/,
    ],
    ['setting of another loss', () => sg.losses.hinge({ delta: 2 } as object), /hinge: unknown setting 'delta'/],
    ['delta', () => sg.losses.huber({ delta: 0 }), /delta must be a finite number > 0, got 0/],
    [
      'labelSmoothing',
      () => sg.losses.categoricalCrossentropy({ labelSmoothing: 1.5 }),
      /labelSmoothing.*0 to 1, got 1.5/,
    ],
    ['fromLogits', () => sg.losses.binaryCrossentropy({ fromLogits: 1 as never }), /fromLogits must be true or false/],
    ['q', () => sg.losses.categoricalGeneralizedCrossEntropy({ q: 1 }), /q must be a number between 0 and 1/],
    ['axis', () => sg.losses.cosineSimilarity({ axis: 0.5 }), /axis must be an integer/],
    ['axes', () => sg.losses.dice({ axis: [0.5] }), /axis must be integers or null/],
    [
      'alpha',
      () => sg.losses.binaryFocalCrossentropy({ alpha: [1, 2] as never }),
      /alpha must be a finite number >= 0/,
    ],
    ['alphas', () => sg.losses.categoricalFocalCrossentropy({ alpha: [1, -2] }), /alpha must be numbers >= 0/],
    ['ignoreClass', () => sg.losses.sparseCategoricalCrossentropy({ ignoreClass: 0.5 }), /ignoreClass/],
    ['gamma', () => sg.losses.circle({ gamma: Number.NaN }), /circle: gamma/],
    [
      'reduction',
      () => sg.losses.huber({ reduction: 'avg' as never }),
      /huber: unknown reduction 'avg'.*sumOverBatchSize/,
    ],
    ['none', () => getLoss(sg.losses.huber({ reduction: 'none' }), 'compile'), /compile: the loss huber.*'none'/],
    [
      'own reduction',
      () =>
        getLoss(
          Object.assign((y: Tensor) => y, { reduction: 'x' }),
          'compile',
        ),
      /compile.*reduction 'x'/,
    ],
    ['one tensor', () => get('huber')(sg.ones([2])), /huber: yPred must be a tensor/],
    ['null', () => get('huber')(null), /huber: yTrue must be a tensor/],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(sg.ArgumentError);
    expect(run).toThrow(message);
  });

  it('nothing is left behind', () => {
    const [y, p] = [targets.bits, random(6, [12, 3], 0.1, 0.9)];
    const masked: [string, object][] = [
      ['circle', {}],
      ['sparseCategoricalCrossentropy', { ignoreClass: 1 }],
    ];
    for (const [name, settings] of [...ROWS, ...masked]) {
      const [t, loss] = [/sparse|General|circle/.test(name) ? targets.classes : y, get(name)(settings)];
      for (const run of [() => get(name)(t, p), () => loss(t, p)]) {
        run().dispose();
        const { numTensors } = sg.memory();
        run().dispose();
        expect(sg.memory().numTensors, name).toBe(numTensors);
      }
    }
  });
});
