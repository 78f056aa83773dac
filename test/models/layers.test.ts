/** Layers that behave differently in training: dropout and batch normalization; and layers that users write. */
import { afterAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose, expectSameBits } from '../support/compare';
import { linear, random, values, weightsOf } from './helpers';

type Tensor = sg.Tensor;

afterAll(() => sg.setThreads(1));

/** Powers of two: a sum tells which of them take part. */
const bits = sg.tensor2d([Array.from({ length: 16 }, (_, i) => 2 ** i)]);
const mean = (_: Tensor, p: Tensor): Tensor => p;

/** The masks that a dropout layer draws in so many steps of training, as numbers. */
async function masks(layer: sg.Layer, steps: number, x = bits): Promise<number[]> {
  const model = sg.sequential({ layers: [sg.layers.inputLayer({ inputShape: [16] }), layer] });
  model.compile({ optimizer: 'sgd', loss: mean });
  const found: number[] = [];
  // The mean of 16 elements, each doubled if it was kept.
  for (let i = 0; i < steps; i++) found.push(((await model.trainOnBatch(x, x)) as number) * 8);
  return found;
}

describe('dropout', () => {
  it.each([0.1, 0.25, 0.5, 0.9])('rate %f: so many become 0, the others grow', (rate) => {
    const x = sg.ones([200, 100]);
    const y = values(sg.layers.dropout({ rate, seed: 3 }).call(x, { training: true }) as Tensor);
    const kept = y.filter((v) => v !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / (1 - Math.fround(rate)))]));
    // Five standard deviations.
    expect(Math.abs(1 - kept.length / y.length - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / y.length));
  });

  it('is off at inference, and with rate 0', async () => {
    const model = sg.sequential({ layers: [sg.layers.dropout({ rate: 0.5, inputShape: [16] })] });
    expectSameBits(model.predict(bits), bits);
    model.compile({ optimizer: 'sgd', loss: mean });
    expect(values(model.evaluate(bits, bits) as Tensor)).toEqual([65535 / 16]);
    const none = sg.sequential({ layers: [sg.layers.dropout({ rate: 0, inputShape: [16] })] });
    none.compile({ optimizer: 'sgd', loss: mean });
    expect(await none.trainOnBatch(bits, bits)).toBe(65535 / 16);
  });

  it('draws anew in each step, and differently in each layer', async () => {
    sg.setSeed(1);
    const [a, b] = [
      await masks(sg.layers.dropout({ rate: 0.5 }), 20),
      await masks(sg.layers.dropout({ rate: 0.5 }), 20),
    ];
    expect(new Set(a).size).toBeGreaterThan(18);
    expect(a).not.toEqual(b);
    for (const mask of a) expect(Number.isInteger(mask) && mask >= 0 && mask < 65536).toBe(true);
  });

  it('follows its own seed, else that of the library', async () => {
    const own = (seed: number): Promise<number[]> => masks(sg.layers.dropout({ rate: 0.5, seed }), 5);
    expect(await own(7)).toEqual(await own(7));
    expect(await own(7)).not.toEqual(await own(8));
    const library = (seed: number): Promise<number[]> => {
      sg.setSeed(seed);
      return masks(sg.layers.dropout({ rate: 0.5 }), 5);
    };
    expect(await library(7)).toEqual(await library(7));
    expect(await library(7)).not.toEqual(await library(8));
  });

  it('draws the same with any number of threads', async () => {
    const x = random(1, [64, 33]);
    const run = async (): Promise<number[]> => {
      const model = sg.sequential({ layers: [sg.layers.dropout({ rate: 0.3, seed: 5, inputShape: [33] })] });
      model.compile({ optimizer: 'sgd', loss: (_, p) => p.mul(p) });
      return [(await model.trainOnBatch(x, x)) as number, (await model.trainOnBatch(x, x)) as number];
    };
    const alone = await run();
    await sg.setThreads(2);
    expect(await run()).toEqual(alone);
    await sg.setThreads(1);
  });

  it('noiseShape: elements share their fate, drawn anew in each step and by the seed', async () => {
    const layer = (seed: number): sg.Layer => sg.layers.dropout({ rate: 0.5, noiseShape: [null, 1, 4], seed });
    const y = layer(2).call(sg.ones([3, 5, 4]), { training: true }) as Tensor;
    const rows = y.transpose([0, 2, 1]).reshape([12, 5]).arraySync() as number[][];
    for (const row of rows) expect(new Set(row).size).toBe(1);
    expect(new Set(rows.flat())).toEqual(new Set([0, 2]));
    const shared = (seed: number): Promise<number[]> =>
      masks(sg.layers.dropout({ rate: 0.5, noiseShape: [1, 16], seed }), 6);
    expect(await shared(3)).toEqual(await shared(3));
    expect(await shared(3)).not.toEqual(await shared(4));
    expect(new Set(await shared(3)).size).toBeGreaterThan(4);
  });

  it('gradients pass where values pass', async () => {
    const model = sg.sequential({
      layers: [
        sg.layers.dense({ units: 16, useBias: false, kernelInitializer: 'zeros', inputShape: [1] }),
        sg.layers.dropout({ rate: 0.5, seed: 9 }),
      ],
    });
    model.compile({ optimizer: sg.train.sgd(1), loss: (_, p) => p.mul(16) });
    await model.trainOnBatch(sg.ones([1, 1]), bits);
    const moved = weightsOf(model)[0] as number[];
    expect(new Set(moved)).toEqual(new Set([0, -2]));
    const [mask] = await masks(sg.layers.dropout({ rate: 0.5, seed: 9 }), 1);
    expect(moved.reduce((sum, v, i) => sum + (v ? 2 ** i : 0), 0)).toBe(mask);
  });

  it.each([-0.1, 1, 1.5, Number.NaN])('a rate of %s is refused', (rate) => {
    expect(() => sg.layers.dropout({ rate: rate as number })).toThrow(sg.ArgumentError);
    expect(() => sg.dropout(bits, rate as number)).toThrow(sg.ArgumentError);
  });
});

/** Statistics along all dimensions but one, in float64. */
function moments(x: Tensor, axis: number): { mean: number[]; variance: number[] } {
  const size = x.shape[axis] as number;
  const inner = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const groups: number[][] = Array.from({ length: size }, () => []);
  values(x).forEach((v, i) => groups[Math.floor(i / inner) % size]?.push(v));
  const means = groups.map((g) => g.reduce((a, b) => a + b, 0) / g.length);
  return {
    mean: means,
    variance: groups.map((g, k) => g.reduce((s, v) => s + (v - (means[k] as number)) ** 2, 0) / g.length),
  };
}

describe('batch normalization', () => {
  const normalized = (args: Parameters<typeof sg.layers.batchNormalization>[0], rate = 0): sg.Sequential => {
    const model = sg.sequential({ layers: [sg.layers.batchNormalization(args)] });
    model.compile({ optimizer: sg.train.sgd(rate), loss: (y, p) => y.mul(p) });
    return model;
  };

  it.each([
    ['[n, c]', [9, 3], 1, -1],
    ['[n, h, w, c]', [4, 3, 2, 5], 3, -1],
    ['[n, c, w], axis 1', [6, 4, 3], 1, 1],
    ['[n, h, w, c], axis 1', [4, 3, 2, 5], 1, 1],
  ])('%s: statistics of the batch while training, moving ones at inference', async (_, shape, place, axis) => {
    const size = shape[place] as number;
    const [gamma, beta] = [random(1, [size], 0.5, 1.5), random(2, [size])];
    const model = normalized({ axis, momentum: 0.8, epsilon: 0.01, inputShape: shape.slice(1) }, 0.5);
    model.setWeights([gamma, beta, sg.zeros([size]), sg.ones([size])]);
    const [x, y] = [random(3, shape, -2, 3), random(4, shape)];
    const { mean: m, variance } = moments(x, place);
    const inner = shape.slice(place + 1).reduce((a, b) => a * b, 1);
    const channel = (i: number): number => Math.floor(i / inner) % size;
    const [xs, ys, gs, bs] = [x, y, gamma, beta].map(values) as [number[], number[], number[], number[]];
    const unit = xs.map((v, i) => (v - (m[channel(i)] as number)) / Math.sqrt((variance[channel(i)] as number) + 0.01));
    const out = unit.map((v, i) => v * (gs[channel(i)] as number) + (bs[channel(i)] as number));
    const loss = out.reduce((sum, v, i) => sum + v * (ys[i] as number), 0) / out.length;
    expectClose([(await model.trainOnBatch(x, y)) as number], [loss], 2e-6, 'loss');
    // d loss / d gamma = Σ y unit / n, d loss / d beta = Σ y / n.
    const sums = (f: (i: number) => number): number[] => {
      const found = new Array<number>(size).fill(0);
      for (let i = 0; i < xs.length; i++) found[channel(i)] = (found[channel(i)] as number) + f(i) / xs.length;
      return found;
    };
    const slopes = [sums((i) => (ys[i] as number) * (unit[i] as number)), sums((i) => ys[i] as number)] as [
      number[],
      number[],
    ];
    const [g, b, movingMean, movingVariance] = weightsOf(model) as [number[], number[], number[], number[]];
    expectClose(
      g,
      gs.map((v, k) => v - 0.5 * (slopes[0][k] as number)),
      2e-6,
      'gamma',
    );
    expectClose(
      b,
      bs.map((v, k) => v - 0.5 * (slopes[1][k] as number)),
      2e-6,
      'beta',
    );
    expectClose(
      movingMean,
      m.map((v) => 0.2 * v),
      2e-6,
      'moving mean',
    );
    expectClose(
      movingVariance,
      variance.map((v) => 0.8 + 0.2 * v),
      2e-6,
      'moving variance',
    );
    const at = (i: number): number =>
      ((xs[i] as number) - (movingMean[channel(i)] as number)) /
      Math.sqrt((movingVariance[channel(i)] as number) + 0.01);
    expectClose(
      model.predict(x).dataSync(),
      xs.map((_v, i) => at(i) * (g[channel(i)] as number) + (b[channel(i)] as number)),
      3e-6,
      'inference',
    );
  });

  it('moving statistics follow step by step, and predict sees them', async () => {
    const model = normalized({ momentum: 0.5, inputShape: [1] });
    const expected = { mean: 0, variance: 1 };
    for (let i = 0; i < 5; i++) {
      const x = random(10 + i, [8, 1], i, i + 2);
      const found = moments(x, 1);
      await model.trainOnBatch(x, x);
      expected.mean = 0.5 * expected.mean + 0.5 * (found.mean[0] as number);
      expected.variance = 0.5 * expected.variance + 0.5 * (found.variance[0] as number);
      expectClose(weightsOf(model).slice(2).flat(), [expected.mean, expected.variance], 1e-5);
      const at3 = (3 - expected.mean) / Math.sqrt(expected.variance + 1e-3);
      expectClose(values(model.predict(sg.tensor2d([[3]]))), [at3], 2e-5);
    }
  });

  it('testing and predicting leave the statistics alone', () => {
    const model = normalized({ inputShape: [3] });
    const before = weightsOf(model);
    const x = random(1, [5, 3]);
    model.evaluate(x, x);
    model.testOnBatch(x, x);
    model.predict(x);
    expect(weightsOf(model)).toEqual(before);
  });

  it('frozen, it uses the moving statistics and keeps them', async () => {
    const model = sg.sequential({
      layers: [sg.layers.batchNormalization({ inputShape: [2], trainable: false }), sg.layers.dense({ units: 1 })],
    });
    model.compile({ optimizer: sg.train.sgd(0.1), loss: 'meanSquaredError' });
    const [x, y] = [random(1, [6, 2], 3, 5), random(2, [6, 1])];
    const before = weightsOf(model);
    const loss = values(model.evaluate(x, y) as Tensor)[0] as number;
    expect(await model.trainOnBatch(x, y)).toBeCloseTo(loss, 5);
    // gamma, beta, kernel, bias, moving mean and variance
    const after = weightsOf(model);
    for (const i of [0, 1, 4, 5]) expect(after[i]).toEqual(before[i]);
    expect(after[2]).not.toEqual(before[2]);
  });

  it.each([
    [{ center: false }, ['gamma', 'moving_mean', 'moving_variance']],
    [{ scale: false }, ['beta', 'moving_mean', 'moving_variance']],
    [{ center: false, scale: false }, ['moving_mean', 'moving_variance']],
  ])('%j has the weights %j', async (args, names) => {
    const model = normalized({ ...args, inputShape: [3] });
    expect(model.weights.map((w) => w.name.split('/')[1])).toEqual(names);
    const x = random(1, [6, 3], 1, 2);
    await model.trainOnBatch(x, x);
    const y = sg
      .sequential({ layers: [sg.layers.batchNormalization({ ...args, inputShape: [3] })] })
      .layers[0]?.call(x, { training: true }) as Tensor;
    expectClose(moments(y, 1).mean, [0, 0, 0], 1e-5);
  });

  it('a channel without variance stays finite', async () => {
    const model = normalized({ inputShape: [2] }, 0.1);
    await model.trainOnBatch(sg.fill([5, 2], 1e4), sg.ones([5, 2]));
    expect(weightsOf(model).flat().every(Number.isFinite)).toBe(true);
  });
});

/** y = x · kernelᵀ, normalized by the kernel's own length. */
class Mirrored extends sg.Layer {
  static override className = 'Mirrored';
  #kernel!: sg.Variable;

  override build(): void {
    this.#kernel = this.addWeight({
      name: 'kernel',
      shape: [2, 3],
      initializer: sg.initializers.constant({ value: 0.5 }),
    });
  }

  call(x: Tensor): Tensor {
    const length = this.#kernel.square().sum().sqrt();
    return sg
      .matMul(x, this.#kernel.transpose())
      .div(length)
      .add(this.#kernel.reshape([6]).slice(0, 2));
  }

  override computeOutputShape(): (number | null)[] {
    return [null, 2];
  }
}

describe('layers that users write', () => {
  it('may compute with their weights: gradients and predictions follow', async () => {
    const model = sg.sequential({ layers: [new Mirrored({ inputShape: [3] })] });
    const rate = 0.1;
    model.compile({ optimizer: sg.train.sgd(rate), loss: 'meanSquaredError' });
    const [x, y] = [random(1, [4, 3]), random(2, [4, 2])];
    const f = (w: Tensor): Tensor => {
      const out = sg
        .matMul(x, w.transpose())
        .div(w.square().sum().sqrt())
        .add(w.reshape([6]).slice(0, 2));
      return out.sub(y).square().mean();
    };
    let w = sg.fill([2, 3], 0.5);
    for (let i = 0; i < 3; i++) {
      const { value, grad } = sg.valueAndGrad(f)(w);
      expectClose([(await model.trainOnBatch(x, y)) as number], values(value), 1e-6, `loss ${i}`);
      w = w.sub(grad.mul(rate));
      expectClose(weightsOf(model)[0] as number[], values(w), 1e-6, `weights ${i}`);
      expectClose(values(model.evaluate(x, y) as Tensor), values(f(w)), 1e-6, `evaluate ${i}`);
    }
  });

  it('may make weights at their first call: the model trains them, and holds no more memory than with those of build', async () => {
    class Shift extends sg.Layer {
      static override className = 'Shift';
      #shift: sg.Variable | undefined;
      constructor(readonly inBuild: boolean) {
        super({ inputShape: [1000] });
      }
      override build(): void {
        if (this.inBuild) this.#make();
      }
      #make(): sg.Variable {
        this.#shift ??= this.addWeight({ name: 'shift', shape: [1000], initializer: 'zeros' });
        return this.#shift;
      }
      call(x: Tensor): Tensor {
        return x.add(this.#make());
      }
      // Else its call would be asked for the shape, when the model is made.
      override computeOutputShape(shape: sg.Shapes): sg.Shapes {
        return shape;
      }
    }
    const used: number[] = [];
    const x = sg.zeros([2, 1000]);
    const y = sg.ones([2, 1000]);
    // The first leaves shared memory behind for those after it.
    for (const inBuild of [true, true, false]) {
      const before = sg.memory().numBytes;
      const model = sg.sequential({
        layers: [sg.layers.dense({ units: 1000, inputShape: [1000] }), new Shift(inBuild)],
      });
      model.compile({ optimizer: sg.train.momentum(0.1, 0.9), loss: 'meanSquaredError' });
      const first = await model.trainOnBatch(x, y);
      expect(await model.trainOnBatch(x, y)).toBeLessThan(first as number);
      expect(weightsOf(model).at(-1)?.[0]).toBeGreaterThan(0);
      used.push(sg.memory().numBytes - before);
      model.dispose();
    }
    // The last weight is in a block of its own; a mirror of all weights would be 4 MB.
    expect(Math.abs((used[2] as number) - (used[1] as number))).toBeLessThan(1000);
  });

  it('an eager variable is no constant of a trace', () => {
    const model = linear(2, 2, { useBias: false });
    const kernel = (model.layers[0] as sg.Layer).weights[0] as sg.Variable;
    const penalty = (y: Tensor, p: Tensor): Tensor => y.sub(p).square().mean().add(kernel.square().sum().mul(0.1));
    model.compile({ optimizer: sg.train.sgd(0.5), loss: penalty });
    model.setWeights([
      sg.tensor2d([
        [1, 0],
        [0, 1],
      ]),
    ]);
    const x = sg.zeros([1, 2]);
    expectClose(values(model.evaluate(x, x) as Tensor), [0.2], 1e-6);
    model.setWeights([
      sg.tensor2d([
        [2, 0],
        [0, 2],
      ]),
    ]);
    expectClose(values(model.evaluate(x, x) as Tensor), [0.8], 1e-6);
    return model.trainOnBatch(x, x).then(() => expectClose(weightsOf(model)[0] as number[], [1.8, 0, 0, 1.8], 1e-6));
  });
});
