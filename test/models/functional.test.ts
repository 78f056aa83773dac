/** Models of any graph: several inputs and outputs, shared layers, models as layers, freezing, penalties, constraints. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose, expectSameBits } from '../support/compare';
import { random, read, settle, values, weightsOf } from './helpers';

type Tensor = sg.Tensor;

const inputs = (...shapes: number[][]): sg.SymbolicTensor[] => shapes.map((shape) => sg.input({ shape }));

/** Sums its inputs: a layer of the user's own that takes a list. */
class Sum extends sg.Layer {
  static override className = 'Sum';

  call(xs: Tensor[]): Tensor {
    return xs.reduce((a, b) => a.add(b));
  }
}

/** Gives two results, and a loss. */
class Split extends sg.Layer {
  call(x: Tensor): Tensor[] {
    this.addLoss(x.square().mean().mul(0.5));
    const half = (x.shape[1] as number) / 2;
    return [x.slice([0, 0], [-1, half]), x.slice([0, half])];
  }
}

describe('a chain', () => {
  it('computes what a sequential model of the same layers does', async () => {
    const layers = [
      sg.layers.conv2d({ filters: 3, kernelSize: 2, activation: 'relu', inputShape: [5, 4, 2] }),
      sg.layers.flatten(),
      sg.layers.dense({ units: 2 }),
    ];
    const sequential = sg.sequential({ layers });
    const x = sg.input({ shape: [5, 4, 2] });
    const y = layers.reduce((t, layer) => layer.apply(t) as sg.SymbolicTensor, x);
    const functional = sg.model({ inputs: x, outputs: y });
    const data = random(1, [7, 5, 4, 2]);
    expectSameBits(functional.predict(data), sequential.predict(data));
    expect(functional.inputShape).toEqual([null, 5, 4, 2]);
    expect(functional.outputShape).toEqual([null, 2]);
    expect(y.shape).toEqual([null, 2]);
    expectSameBits(functional.apply(data), functional.predict(data));
  });
});

describe('several inputs and outputs', () => {
  const make = () => {
    const [a, b] = inputs([4], [3]) as [sg.SymbolicTensor, sg.SymbolicTensor];
    const hidden = [a, b].map((x) => sg.layers.dense({ units: 5, activation: 'tanh' }).apply(x) as sg.SymbolicTensor);
    const joined = new Sum().apply(hidden) as sg.SymbolicTensor;
    const first = sg.layers.dense({ units: 2, name: 'first' }).apply(joined) as sg.SymbolicTensor;
    const second = sg.layers
      .dense({ units: 1, activation: 'sigmoid', name: 'second' })
      .apply(joined) as sg.SymbolicTensor;
    const model = sg.model({ inputs: [a, b], outputs: [first, second] });
    settle(model, 3);
    return { model, a, b };
  };
  const xs = [random(1, [6, 4]), random(2, [6, 3])];
  const ys = [random(3, [6, 2]), sg.tensor2d([[0], [1], [1], [0], [1], [0]])];

  it('predict gives a list', () => {
    const out = make().model.predict(xs);
    expect(out.map((t) => t.shape)).toEqual([
      [6, 2],
      [6, 1],
    ]);
  });

  it('data by name', () => {
    const { model, a, b } = make();
    const named = model.predict({ [b.name]: xs[1] as Tensor, [a.name]: xs[0] as Tensor });
    model.predict(xs).forEach((t, i) => {
      expectSameBits(named[i] as Tensor, t);
    });
    expect(() => model.predict({ [a.name]: xs[0] as Tensor })).toThrow(/missing/);
    expect(() => model.predict(xs[0] as Tensor)).toThrow(sg.ArgumentError);
    expect(() => model.predict([xs[0] as Tensor, random(1, [5, 3])])).toThrow(/examples/);
    expect(() => model.predict([xs[1] as Tensor, xs[0] as Tensor])).toThrow(sg.ShapeError);
  });

  it('losses, weights and metrics of their own', async () => {
    const { model } = make();
    model.compile({
      optimizer: 'sgd',
      loss: { first: 'meanSquaredError', second: 'binaryCrossentropy' },
      lossWeights: { second: 0.25 },
      metrics: { second: ['accuracy'] },
    });
    expect(model.metricsNames).toEqual(['loss', 'first_loss', 'second_loss', 'second_acc']);
    const [total, first, second, acc] = read(model.evaluate(xs, ys)) as [number, number, number, number];
    expect(total).toBeCloseTo(first + 0.25 * second, 6);
    const [p, q] = model.predict(xs).map(values) as [number[], number[]];
    const [t, u] = ys.map(values) as [number[], number[]];
    expect(first).toBeCloseTo(p.reduce((s, v, i) => s + (v - (t[i] as number)) ** 2, 0) / 12, 6);
    expect(acc).toBeCloseTo(q.filter((v, i) => Number(v > 0.5) === u[i]).length / 6, 6);
    const { history } = await model.fit(xs, ys, { epochs: 8, batchSize: 4, validationSplit: 0.3 });
    expect(Object.keys(history).sort()).toEqual(model.metricsNames.flatMap((n) => [n, `val_${n}`]).sort());
    expect(history.loss?.at(-1)).toBeLessThan(history.loss?.[0] as number);
  });

  it('an output without a loss is not trained on', async () => {
    const { model } = make();
    model.compile({ optimizer: sg.train.sgd(0.1), loss: [null, 'meanSquaredError'] });
    const before = weightsOf(model.getLayer('first'));
    await model.trainOnBatch(xs, ys[1] as Tensor);
    expect(weightsOf(model.getLayer('first'))).toEqual(before);
  });

  it.each([
    ['an unknown output', { loss: { third: 'meanSquaredError' } }],
    ['too few losses', { loss: ['meanSquaredError'] }],
    ['no loss at all', { loss: [null, null] }],
    ['an unknown loss', { loss: 'nothing' }],
  ])('compile: %s', (_, args) => {
    expect(() => make().model.compile({ optimizer: 'sgd', ...args } as never)).toThrow(sg.ArgumentError);
  });
});

describe('sharing', () => {
  it('a layer that is called twice has one set of weights, and both calls train it', () => {
    const [a, b] = inputs([3], [3]) as [sg.SymbolicTensor, sg.SymbolicTensor];
    const shared = sg.layers.dense({ units: 2, useBias: false });
    const out = new Sum().apply([shared.apply(a), shared.apply(b)] as sg.SymbolicTensor[]) as sg.SymbolicTensor;
    const model = sg.model({ inputs: [a, b], outputs: out });
    expect(model.weights.length).toBe(1);
    const [x, y] = [random(1, [4, 3]), random(2, [4, 3])];
    const w = shared.weights[0] as Tensor;
    expectSameBits(model.predict([x, y]), x.matMul(w).add(y.matMul(w)));
  });

  it('models are layers: in functional and in sequential ones', async () => {
    const encoder = sg.sequential({ layers: [sg.layers.dense({ units: 2, activation: 'tanh', inputShape: [4] })] });
    const x = sg.input({ shape: [4] });
    const code = encoder.apply(x) as sg.SymbolicTensor;
    const decoder = sg.model({
      inputs: x,
      outputs: sg.layers.dense({ units: 4 }).apply(code) as sg.SymbolicTensor,
    });
    const whole = sg.sequential({ layers: [decoder, sg.layers.dense({ units: 3 })] });
    expect(whole.weights.length).toBe(6);
    expect(whole.layers[0]).toBe(decoder);
    const data = random(1, [5, 4]);
    const before = values(encoder.predict(data));
    whole.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
    await whole.fit(data, random(2, [5, 3]), { epochs: 2 });
    expect(values(encoder.predict(data))).not.toEqual(before);
    expect(whole.outputShape).toEqual([null, 3]);
  });

  it('disposing of one model leaves the layers of others', () => {
    const layer = sg.layers.dense({ units: 2 });
    const x = sg.input({ shape: [3] });
    const y = layer.apply(x) as sg.SymbolicTensor;
    const [a, b] = [sg.model({ inputs: x, outputs: y }), sg.model({ inputs: x, outputs: y })];
    const expected = values(b.predict(sg.ones([1, 3])));
    a.dispose();
    expect(values(b.predict(sg.ones([1, 3])))).toEqual(expected);
  });
});

describe('graphs that are wrong', () => {
  it.each([
    [
      'an input that was left out',
      () => {
        const [a, b] = inputs([2], [2]) as [sg.SymbolicTensor, sg.SymbolicTensor];
        const y = new Sum().apply([a, b]) as sg.SymbolicTensor;
        return sg.model({ inputs: a, outputs: y });
      },
    ],
    [
      'an input that is none',
      () => {
        const x = sg.input({ shape: [2] });
        const y = sg.layers.flatten().apply(x) as sg.SymbolicTensor;
        return sg.model({ inputs: y, outputs: y });
      },
    ],
    ['no tensors', () => sg.model({ inputs: [], outputs: [] })],
    [
      'two layers of one name',
      () => {
        const x = sg.input({ shape: [2] });
        const layers = [0, 1].map(() => sg.layers.dense({ units: 2, name: 'same' }));
        return sg.model({ inputs: x, outputs: layers.reduce((t, l) => l.apply(t) as sg.SymbolicTensor, x) });
      },
    ],
    ['an input without a shape', () => sg.input({})],
    ['a layer applied to numbers', () => sg.layers.flatten().apply(3 as never)],
  ])('%s', (_, run) => expect(run).toThrow(sg.ArgumentError));

  it('shapes that do not fit show when layers are connected', () => {
    const x = sg.input({ shape: [4] });
    expect(() => sg.layers.conv2d({ filters: 1, kernelSize: 2 }).apply(x)).toThrow(sg.ShapeError);
  });
});

describe('freezing', () => {
  it('trainable = false: of a layer, and of all layers of a model', async () => {
    const base = sg.sequential({
      layers: [sg.layers.dense({ units: 3, inputShape: [2] }), sg.layers.batchNormalization()],
    });
    base.trainable = false;
    expect(base.layers.every((l) => !l.trainable)).toBe(true);
    const model = sg.sequential({ layers: [base, sg.layers.dense({ units: 1 })] });
    expect([model.trainableWeights.length, model.nonTrainableWeights.length]).toEqual([2, 6]);
    model.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
    const before = weightsOf(base);
    await model.fit(random(1, [8, 2]), random(2, [8, 1]), { epochs: 3 });
    expect(weightsOf(base)).toEqual(before);
  });
});

describe('penalties', () => {
  it('of weights and of activations, and losses that layers add, are part of the loss and train', async () => {
    const x = sg.input({ shape: [2] });
    const dense = sg.layers.dense({
      units: 2,
      kernelRegularizer: sg.regularizers.l1l2({ l1: 0.1, l2: 0.01 }),
      biasRegularizer: 'l2',
      activityRegularizer: sg.regularizers.l2({ l2: 0.3 }),
      biasInitializer: sg.initializers.constant({ value: 2 }),
    });
    const [a, b] = new Split().apply(dense.apply(x) as sg.SymbolicTensor) as sg.SymbolicTensor[];
    const y = new Sum().apply([a, b] as sg.SymbolicTensor[]) as sg.SymbolicTensor;
    const model = settle(sg.model({ inputs: x, outputs: y }), 1);
    model.compile({ optimizer: sg.train.sgd(0.05), loss: 'meanSquaredError' });
    const [data, target] = [random(1, [3, 2]), random(2, [3, 1])];
    const [kernel, bias] = weightsOf(dense) as [number[], number[]];
    const z = values(data.matMul(dense.weights[0] as Tensor).add(dense.weights[1] as Tensor));
    const sum = (list: number[], f: (v: number) => number): number => list.reduce((s, v) => s + f(v), 0);
    const p = values(model.predict(data));
    const expected =
      sum(
        p.map((v, i) => v - (values(target)[i] as number)),
        (v) => v * v,
      ) /
        3 +
      0.1 * sum(kernel, Math.abs) +
      0.01 * sum(kernel, (v) => v * v) +
      0.01 * sum(bias, (v) => v * v) +
      (0.3 * sum(z, (v) => v * v)) / 3 +
      (0.5 * sum(z, (v) => v * v)) / 6;
    expectClose([(await model.trainOnBatch(data, target)) as number], [expected], 2e-6);
    const after = (await model.trainOnBatch(data, target)) as number;
    expect(after).toBeLessThan(expected);
  });
});

describe('constraints', () => {
  it.each([
    ['nonNeg', sg.constraints.nonNeg(), (w: number[][]) => w.flat().every((v) => v >= 0)],
    [
      'maxNorm',
      sg.constraints.maxNorm({ maxValue: 0.5 }),
      (w: number[][]) => [0, 1].every((j) => Math.hypot(...w.map((r) => r[j] as number)) < 0.5001),
    ],
    [
      'unitNorm',
      'unitNorm',
      (w: number[][]) => [0, 1].every((j) => Math.abs(Math.hypot(...w.map((r) => r[j] as number)) - 1) < 1e-5),
    ],
    [
      'minMaxNorm',
      sg.constraints.minMaxNorm({ minValue: 0.9, maxValue: 1.1 }),
      (w: number[][]) => [0, 1].every((j) => Math.hypot(...w.map((r) => r[j] as number)) > 0.8999),
    ],
  ] as const)('%s holds after each step', async (_, kernelConstraint, holds) => {
    const model = sg.sequential({
      layers: [sg.layers.dense({ units: 2, kernelConstraint, inputShape: [3] }), sg.layers.dense({ units: 1 })],
    });
    model.compile({ optimizer: sg.train.adam(0.2), loss: 'meanSquaredError' });
    const first = model.layers[0] as sg.Layer;
    for (let i = 0; i < 4; i++) {
      await model.trainOnBatch(random(i, [5, 3]), random(9, [5, 1]));
      expect(holds((first.weights[0] as Tensor).arraySync() as number[][])).toBe(true);
    }
    const { history } = await model.fit(random(1, [9, 3]), random(2, [9, 1]), { epochs: 5, batchSize: 4 });
    expect(history.loss?.every(Number.isFinite)).toBe(true);
    expect(holds((first.weights[0] as Tensor).arraySync() as number[][])).toBe(true);
  });
});

describe('unknown dimensions', () => {
  it('may differ from call to call', () => {
    const x = sg.input({ shape: [null, null, 2] });
    const y = sg.layers
      .globalAveragePooling2d()
      .apply(
        sg.layers.conv2d({ filters: 3, kernelSize: 2, padding: 'same' }).apply(x) as sg.SymbolicTensor,
      ) as sg.SymbolicTensor;
    const model = sg.model({ inputs: x, outputs: y });
    expect(y.shape).toEqual([null, 3]);
    for (const [h, w] of [
      [5, 4],
      [3, 9],
    ] as const)
      expect(model.predict(random(1, [2, h, w, 2])).shape).toEqual([2, 3]);
  });

  it('shapes of layers that do not tell are found by tracing', () => {
    const x = sg.input({ shape: [null, 4] });
    const [a, b] = new Split().apply(
      sg.layers
        .reshape({ targetShape: [-1] })
        .apply(sg.input({ shape: [2, 4] }) as sg.SymbolicTensor) as sg.SymbolicTensor,
    ) as sg.SymbolicTensor[];
    expect([a?.shape, b?.shape]).toEqual([
      [null, 4],
      [null, 4],
    ]);
    expect((new Sum().apply([x, x]) as sg.SymbolicTensor).shape).toEqual([null, null, 4]);
  });
});

describe('summary', () => {
  it('shows where inputs come from', () => {
    const [a, b] = [sg.input({ shape: [4], name: 'left' }), sg.input({ shape: [4], name: 'right' })];
    const y = new Sum({ name: 'joined' }).apply([a, b]) as sg.SymbolicTensor;
    const lines: string[] = [];
    sg.model({ inputs: [a, b], outputs: y, name: 'pair' }).summary(undefined, undefined, (l) => lines.push(l));
    expect(lines[0]).toBe('Model: "pair"');
    expect(lines.some((l) => /joined \(Sum\)\s+\[null, 4\]\s+0\s+left\[0\]/.test(l))).toBe(true);
    expect(lines.some((l) => /^\s+right\[0\]/.test(l))).toBe(true);
  });
});

describe('mermaid', () => {
  it('draws branches, and chains', () => {
    const [a, b] = [sg.input({ shape: [4], name: 'a' }), sg.input({ shape: [4], name: 'b' })];
    const y = new Sum({ name: 'y' }).apply([a, b]) as sg.SymbolicTensor;
    expect(sg.mermaid(sg.model({ inputs: [a, b], outputs: y })).split('\n')).toEqual([
      'flowchart TD',
      '  n0["a (InputLayer)<br>[null, 4]"]',
      '  n1["b (InputLayer)<br>[null, 4]"]',
      '  n2["y (Sum)<br>[null, 4]"]',
      '  n0 --> n2',
      '  n1 --> n2',
    ]);
    const layers = [sg.layers.dense({ units: 2, inputShape: [3], name: 'p' }), sg.layers.flatten({ name: 'q' })];
    expect(sg.mermaid(sg.sequential({ layers }))).toMatch(/n0 --> n1$/);
  });
});
