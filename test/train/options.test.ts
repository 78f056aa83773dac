/** Decay, clipping, averages, gathered gradients, schedules and state: in fit, free-hand, compiled and eager. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose, expectSameBits } from '../support/compare';
import { uniform } from '../support/random';
import { fieldOf } from '../support/rows';
import { optimizers } from '../tables/optimizers';

type Tensor = sg.Tensor;
type Make = () => sg.Optimizer;

const random = (seed: number, shape: number[]): Tensor =>
  sg.tensor(
    uniform(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );
const T = sg.train;
const x = random(5, [8, 6, 6, 1]);
const y = random(6, [8, 3]);

function network(): sg.Sequential {
  sg.setSeed(11);
  return sg.sequential({
    layers: [
      sg.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
      sg.layers.flatten(),
      sg.layers.dense({ units: 5, activation: 'tanh' }),
      sg.layers.dense({ units: 3 }),
    ],
  });
}

const hash = (tensors: readonly Tensor[]): string => {
  const sha = createHash('sha256');
  for (const t of tensors) sha.update(new Uint8Array(t.dataSync().slice().buffer));
  return sha.digest('hex');
};

const all: Record<string, Make> = fieldOf(optimizers, 'example');

const combined = {
  learningRate: sg.schedules.warmup({ schedule: sg.schedules.cosineDecay(0.02, 10), warmupSteps: 2 }),
  weightDecay: 0.2,
  globalClipNorm: 0.4,
  useEma: true,
  emaMomentum: 0.8,
  emaOverwriteFrequency: 3,
  gradientAccumulationSteps: 2,
};
const excluding = (o: sg.Optimizer): sg.Optimizer => {
  o.excludeFromWeightDecay(['bias']);
  return o;
};

const combinations: Record<string, Make> = {
  ...all,
  'adam, clipValue': () => T.adam({ learningRate: 0.01, clipValue: 0.01 }),
  'adam, clipNorm': () => T.adam({ learningRate: 0.01, clipNorm: 0.1 }),
  'sgd, globalClipNorm': () => T.sgd({ learningRate: 0.1, globalClipNorm: 0.1 }),
  'sgd, decay of kernels': () => excluding(T.sgd({ learningRate: 0.1, weightDecay: 0.5 })),
  'sgd, averages': () => T.sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.7, emaOverwriteFrequency: 2 }),
  'adam, gathered': () => T.adam({ learningRate: 0.01, gradientAccumulationSteps: 3 }),
  'adam, all together': () => excluding(T.adam(combined)),
  'momentum, all together': () => excluding(T.momentum({ ...combined, momentum: 0.8 })),
  'muon, all together': () => excluding(T.muon(combined)),
  'lamb, all together': () => T.lamb(combined),
  'adafactor, all together': () => T.adafactor(combined),
};

/** `fit` ends with the averages as weights, if there are any. */
const finish = (o: sg.Optimizer): void => {
  if (o.keepsAverages) o.finalizeVariableValues();
};

const freeHand =
  (model: sg.Sequential, optimizer: sg.Optimizer): ((p: Tensor, q: Tensor) => Tensor) =>
  (p, q) =>
    optimizer.minimize(() => (model.call(p, { training: true }) as Tensor).sub(q).square().mean(-1).mean(), true);

afterEach(() => sg.setThreads(1));

describe.each(Object.entries(combinations))('%s', (_, make) => {
  it('fit, a compiled loop and an eager one: the same bits, on 1 thread and 2', async () => {
    const ways: string[] = [];
    for (const threads of [1, 2]) {
      await sg.setThreads(threads);
      const a = network();
      const before = hash(a.getWeights());
      a.compile({ optimizer: make(), loss: 'meanSquaredError' });
      await a.fit(x, y, { epochs: 7, batchSize: 8, shuffle: false });
      ways.push(hash(a.getWeights()));
      expect(ways[0]).not.toBe(before);
      const b = network();
      const compiled = make();
      const step = sg.jit(freeHand(b, compiled));
      for (let i = 0; i < 7; i++) step(x, y).dispose();
      finish(compiled);
      ways.push(hash(b.getWeights()));
      const c = network();
      const free = make();
      const eager = freeHand(c, free);
      for (let i = 0; i < 7; i++) eager(x, y).dispose();
      finish(free);
      ways.push(hash(c.getWeights()));
      // All steps in one program.
      const d = network();
      const last = make();
      const one = freeHand(d, last);
      sg.jit(() => {
        for (let i = 0; i < 7; i++) one(x, y);
      })();
      finish(last);
      ways.push(hash(d.getWeights()));
      for (const m of [a, b, c, d]) m.dispose();
    }
    expect(new Set(ways).size, ways.map((h) => h.slice(0, 8)).join(' ')).toBe(1);
  });

  it('interrupted, saved, restored into another: goes on with the same bits', async () => {
    const whole = network();
    whole.compile({ optimizer: make(), loss: 'meanSquaredError' });
    for (let i = 0; i < 7; i++) await whole.trainOnBatch(x, y);
    const first = network();
    first.compile({ optimizer: make(), loss: 'meanSquaredError' });
    for (let i = 0; i < 5; i++) await first.trainOnBatch(x, y);
    const saved = await first.optimizer.getWeights();
    expect(saved[0]?.name).toBe('iter');
    expect(saved[0]?.tensor.dataSync()[0]).toBe(5);
    const weights = first.getWeights();

    // Before compile, after it, and free-hand.
    const early = make();
    await early.setWeights(saved);
    const again = network();
    again.setWeights(weights);
    again.compile({ optimizer: early, loss: 'meanSquaredError' });
    const late = network();
    late.setWeights(weights);
    late.compile({ optimizer: make(), loss: 'meanSquaredError' });
    await late.optimizer.setWeights(saved);
    const bare = network();
    bare.setWeights(weights);
    const optimizer = make();
    optimizer.restore(first.optimizer.state());
    for (let i = 0; i < 2; i++) {
      await again.trainOnBatch(x, y);
      await late.trainOnBatch(x, y);
      freeHand(bare, optimizer)(x, y).dispose();
    }
    const wanted = hash(whole.getWeights());
    for (const m of [again, late, bare]) expect(hash(m.getWeights())).toBe(wanted);
    expect(late.optimizer.iterations).toBe(whole.optimizer.iterations);
  });

  it('comes back from its settings', () => {
    const optimizer = make();
    const config = JSON.parse(JSON.stringify(optimizer.getConfig()));
    const cls = optimizer.constructor as typeof sg.AdamOptimizer;
    const again = cls.fromConfig(cls, config);
    expect(again).toBeInstanceOf(cls);
    expect(again.getConfig()).toEqual(config);
    expect(again.learningRate).toBe(optimizer.learningRate);
    const named = network();
    named.compile({ optimizer: { className: optimizer.className, config } as never, loss: 'meanSquaredError' });
    expect(named.optimizer.getConfig()).toEqual(config);
  });
});

describe.each(Object.entries(all))('%s', (name, make) => {
  it('a gradient of zero, and one that is NaN', () => {
    const [w, u] = [
      sg.variable(
        sg.tensor2d([
          [1, -2],
          [3, 0.5],
        ]),
      ),
      sg.variable(sg.tensor1d([1, 2])),
    ];
    const optimizer = make();
    const still = [...w.dataSync()];
    for (let i = 0; i < 3; i++) optimizer.minimize(() => w.mul(0).sum().add(u.mul(0).sum()));
    // FTRL forgets what no gradient holds; decay is no matter of gradients.
    const wanted = name === 'ftrl' ? [0, 0, 0, 0] : still;
    if (name !== 'adamW' && name !== 'muon') expect([...w.dataSync()]).toEqual(wanted);
    expect([...w.dataSync(), ...u.dataSync()].every(Number.isFinite)).toBe(true);
    optimizer.minimize(() =>
      w
        .mul(
          sg.tensor2d([
            [Number.NaN, 1],
            [1, 1],
          ]),
        )
        .sum()
        .add(u.sum()),
    );
    expect(w.dataSync()[0]).toBeNaN();
    // Another variable is not touched by it.
    expect([...u.dataSync()].every(Number.isFinite)).toBe(true);
  });

  it('variables of no elements and of one', () => {
    const [none, one] = [sg.variable(sg.zeros([0, 3])), sg.variable(sg.scalar(2))];
    const optimizer = make();
    optimizer.applyGradients([
      { name: none.name, tensor: sg.zeros([0, 3]) },
      { name: one.name, tensor: sg.scalar(1) },
    ]);
    expect(one.dataSync()[0]).toBeLessThan(2);
  });
});

describe('weight decay', () => {
  it('takes rate times weightDecay off the weights that are not excluded', () => {
    const [k, b, g] = ['kernel', 'bias', 'gamma'].map((n) => sg.variable(sg.tensor1d([2, -4]), true, `decay_${n}`)) as [
      sg.Variable,
      sg.Variable,
      sg.Variable,
    ];
    const optimizer = T.sgd({ learningRate: 0.1, weightDecay: 0.5 });
    optimizer.excludeFromWeightDecay([/bias$/, g]);
    const step = (): unknown => optimizer.minimize(() => sg.addN([k, b, g]).mul(0).sum());
    step();
    expectClose([...k.dataSync()], [1.9, -3.8], 1e-6);
    expect([...b.dataSync(), ...g.dataSync()]).toEqual([2, -4, 2, -4]);
    optimizer.excludeFromWeightDecay([]);
    step();
    expectClose([...b.dataSync()], [1.9, -3.8], 1e-6);
  });

  it('AdamW has 0.004 of its own, and without it, it is Adam', () => {
    expect(T.adamW().getConfig()).toEqual({ learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
    const run = (optimizer: sg.Optimizer): number[] => {
      const w = sg.variable(sg.tensor1d([1, -2, 3]));
      for (let i = 0; i < 4; i++) optimizer.minimize(() => w.square().sum());
      return [...w.dataSync()];
    };
    expect(run(T.adamW({ weightDecay: 0 }))).toEqual(run(T.adam()));
    expect(run(T.adamW())).not.toEqual(run(T.adam()));
    expect(run(T.adamW())).toEqual(run(T.adam({ weightDecay: 0.004 })));
  });
});

describe('clipping', () => {
  const gradients = (): [sg.Variable, sg.Variable] => [sg.variable(sg.tensor1d([0, 0])), sg.variable(sg.tensor1d([0]))];
  const step = (options: object, g: number[], h: number[]): number[] => {
    const [a, b] = gradients();
    T.sgd({ learningRate: 1, ...options }).applyGradients([
      { name: a.name, tensor: sg.tensor1d(g) },
      { name: b.name, tensor: sg.tensor1d(h) },
    ]);
    return [...a.dataSync(), ...b.dataSync()].map((v) => -v);
  };

  it('by value, by norm and by the global norm', () => {
    expect(step({ clipValue: 2 }, [3, -4], [12])).toEqual([2, -2, 2]);
    expectClose(step({ clipNorm: 2.5 }, [3, -4], [12]), [1.5, -2, 2.5], 1e-6);
    expectClose(step({ globalClipNorm: 6.5 }, [3, -4], [12]), [1.5, -2, 6], 1e-6);
  });

  it('leaves gradients within the limit as they are, bit for bit', () => {
    const g = [0.1, Math.fround(1e-3), Math.fround(0.3)].map(Math.fround) as [number, number, number];
    for (const options of [{ clipValue: 1 }, { clipNorm: 1 }, { globalClipNorm: 1 }])
      expect(step(options, [g[0], g[1]], [g[2]])).toEqual(g);
  });

  it('zero, NaN and infinity', () => {
    expect(step({ clipNorm: 1 }, [0, 0], [2]).map(Math.abs)).toEqual([0, 0, 1]);
    expect(step({ globalClipNorm: 1 }, [0, 0], [0]).map(Math.abs)).toEqual([0, 0, 0]);
    expect(step({ globalClipNorm: 1 }, [Number.NaN, 1], [1])).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(step({ clipNorm: 1 }, [Number.NaN, 1], [0.5])).toEqual([Number.NaN, Number.NaN, 0.5]);
    expect(step({ clipNorm: 1 }, [Infinity, 1], [0.5])[0]).toBeNaN();
    expect(step({ clipValue: 1 }, [Infinity, -Infinity], [Number.NaN])).toEqual([1, -1, Number.NaN]);
  });
});

describe('gathered gradients', () => {
  it('k batches are one of k times the size', async () => {
    const run = async (optimizer: sg.Optimizer, batchSize: number): Promise<number[]> => {
      const model = network();
      model.compile({ optimizer, loss: 'meanSquaredError' });
      await model.fit(x, y, { epochs: 6, batchSize, shuffle: false });
      expect(model.optimizer.iterations).toBe(6);
      return model.getWeights().flatMap((w) => [...w.dataSync()]);
    };
    for (const make of [
      (o: object) => T.adam({ learningRate: 0.01, ...o }),
      (o: object) => T.sgd({ learningRate: 0.1, momentum: 0.9, clipNorm: 0.05, weightDecay: 0.1, ...o }),
      (o: object) => T.lamb({ learningRate: 0.01, ...o }),
    ])
      expectClose(await run(make({ gradientAccumulationSteps: 4 }), 2), await run(make({}), 8), 2e-5);
  });

  it('nothing changes between steps', async () => {
    const model = network();
    const optimizer = T.adam({ learningRate: 0.01, gradientAccumulationSteps: 3, weightDecay: 0.1, useEma: true });
    model.compile({ optimizer, loss: 'meanSquaredError' });
    const seen: string[] = [];
    for (let i = 0; i < 6; i++) {
      await model.trainOnBatch(x, y);
      seen.push(hash(model.getWeights()));
      expect(optimizer.iterations).toBe(Math.floor((i + 1) / 3));
    }
    const start = hash(network().getWeights());
    expect(seen.slice(0, 2)).toEqual([start, start]);
    expect(seen[3]).toBe(seen[2]);
    expect(seen[4]).toBe(seen[2]);
    expect(new Set([start, seen[2], seen[5]]).size).toBe(3);
  });
});

describe('averages', () => {
  it('begin with the first value and follow; swapping brings both ways', () => {
    const w = sg.variable(sg.tensor1d([4, -2]));
    const optimizer = T.sgd({ learningRate: 0.25, useEma: true, emaMomentum: 0.5 });
    optimizer.swapAverages();
    expect([...w.dataSync()]).toEqual([4, -2]);
    const step = (): unknown => optimizer.minimize(() => w.square().sum());
    step();
    step();
    // 2, then 1; the average 2, then 1.5.
    expect([...w.dataSync()]).toEqual([1, -0.5]);
    optimizer.swapAverages();
    expect([...w.dataSync()]).toEqual([1.5, -0.75]);
    optimizer.swapAverages();
    expect([...w.dataSync()]).toEqual([1, -0.5]);
    optimizer.finalizeVariableValues();
    expect([...w.dataSync()]).toEqual([1.5, -0.75]);
    expect(() => T.sgd(0.1).swapAverages()).toThrow(sg.StateError);
  });

  it('in a model, for evaluation, and overwriting', async () => {
    const model = network();
    const optimizer = T.adam({ learningRate: 0.05, useEma: true, emaMomentum: 0.9 });
    model.compile({ optimizer, loss: 'meanSquaredError' });
    for (let i = 0; i < 5; i++) await model.trainOnBatch(x, y);
    const [before, loss] = [hash(model.getWeights()), (model.evaluate(x, y) as Tensor).dataSync()[0]];
    optimizer.swapAverages();
    expect((model.evaluate(x, y) as Tensor).dataSync()[0]).not.toBe(loss);
    optimizer.swapAverages();
    expect(hash(model.getWeights())).toBe(before);

    const w = sg.variable(sg.tensor1d([4]));
    const overwriting = T.sgd({ learningRate: 0.25, useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 2 });
    const path = [0, 1, 2].map(() => {
      overwriting.minimize(() => w.square().sum());
      return w.dataSync()[0];
    });
    // 2; then 1, whose average with 2 is 1.5; then 0.75.
    expect(path).toEqual([2, 1.5, 0.75]);
  });
});

describe('schedules', () => {
  it('give the rate of each step, in fit and free-hand; setting it is an error', async () => {
    const seen: number[] = [];
    const optimizer = T.sgd((t) => {
      seen.push(t);
      return 1 / (t + 1);
    });
    const w = sg.variable(sg.tensor1d([0]));
    const step = sg.jit(() => optimizer.minimize(() => w.sum()));
    for (let i = 0; i < 4; i++) step();
    expect(seen).toEqual([0, 1, 2, 3]);
    expectClose([...w.dataSync()], [-(1 + 1 / 2 + 1 / 3 + 1 / 4)], 1e-6);
    expect(optimizer.learningRate).toBe(1 / 5);
    expect(() => {
      optimizer.learningRate = 0.1;
    }).toThrow(sg.StateError);
    expect(() => optimizer.getConfig()).toThrow(/registerClass/);
  });

  it('that fail leave everything as it was', () => {
    const w = sg.variable(sg.tensor1d([1]));
    const optimizer = T.sgd((t) => (t === 1 ? Number.NaN : 0.5));
    const step = (): unknown => optimizer.minimize(() => w.sum());
    step();
    expect(step).toThrow(/at step 1, a finite number >= 0, got NaN/);
    expect([w.dataSync()[0], optimizer.iterations]).toEqual([0.5, 1]);
  });
});

describe('state', () => {
  it('names its slots, variable by variable', async () => {
    const w = sg.variable(sg.tensor2d([[1, 2]]), true, 'state_w');
    const names = async (optimizer: sg.Optimizer): Promise<string[]> => {
      optimizer.minimize(() => w.square().sum());
      return (await optimizer.getWeights()).map(({ name, tensor }) => `${name} [${tensor.shape}] ${tensor.dtype}`);
    };
    expect(await names(T.adam({ useEma: true, gradientAccumulationSteps: 2 }))).toEqual([
      'iter [] int32',
      'state_w/m [1,2] float32',
      'state_w/v [1,2] float32',
      'state_w/gathered [1,2] float32',
      'state_w/average [1,2] float32',
    ]);
    expect(await names(T.adafactor())).toEqual(['iter [] int32', 'state_w/r [1] float32', 'state_w/c [2] float32']);
  });

  it('that does not fit is an error, and nothing has changed', async () => {
    const w = sg.variable(sg.tensor1d([1, 2]));
    const optimizer = T.momentum(0.1, 0.9);
    optimizer.minimize(() => w.square().sum());
    const before = JSON.stringify(optimizer.state());
    const iter = { name: 'iter', tensor: sg.scalar(7, 'int32') };
    await expect(optimizer.setWeights([iter])).rejects.toThrow(sg.ArgumentError);
    await expect(optimizer.setWeights([])).rejects.toThrow(/count of calls/);
    const slot = (name: string, size: number) => ({ name, tensor: sg.zeros([size]) });
    await expect(optimizer.setWeights([iter, slot('w/momentum', 3)])).rejects.toThrow(sg.ShapeError);
    await expect(optimizer.setWeights([iter, slot('w/m', 2)])).rejects.toThrow(/got 'w\/m' where .* 'momentum'/);
    expect(JSON.stringify(optimizer.state())).toBe(before);
  });

  it('that does not fit a variable to come is refused each time', () => {
    const optimizer = T.adam();
    const v = sg.variable(sg.zeros([3]));
    optimizer.minimize(() => v.sub(1).square().sum());
    const other = T.adam();
    other.restore(optimizer.state());
    const w = sg.variable(sg.zeros([2]));
    for (let i = 0; i < 2; i++)
      expect(() => other.minimize(() => w.sub(1).square().sum())).toThrow(/must have shape \[2\], got 3 values/);
    expect([...w.dataSync()]).toEqual([0, 0]);
    expect(other.state()).toEqual(optimizer.state());
  });

  it('of variables that were disposed of goes with them', () => {
    const optimizer = T.adam();
    const train = (): void => {
      using zeros = sg.zeros([1000]);
      const w = sg.variable(zeros);
      optimizer.minimize(() => w.sub(1).square().sum());
      w.dispose();
    };
    // Programs of the last calls are kept, and what they name.
    for (let i = 0; i < 40; i++) train();
    const before = sg.memory().numBytes;
    for (let i = 0; i < 40; i++) train();
    expect(sg.memory().numBytes).toBeLessThanOrEqual(before);
    optimizer.dispose();
  });

  it('two gradients for one variable are refused', () => {
    const w = sg.variable(sg.scalar(1), true, 'twice');
    const tensors = [1, 2].map((g) => ({ name: 'twice', tensor: sg.scalar(g) }));
    expect(() => T.sgd(1).applyGradients(tensors)).toThrow(/'twice' has two gradients; add them up first/);
    expect(w.dataSync()[0]).toBe(1);
  });

  it('restored and not yet used is saved again', async () => {
    const w = sg.variable(sg.tensor1d([1, 2]));
    const optimizer = T.adam();
    optimizer.minimize(() => w.square().sum());
    const copy = T.adam();
    copy.restore(optimizer.state());
    expect(copy.state()).toEqual(optimizer.state());
    expect(copy.iterations).toBe(1);
    copy.dispose();
    expect(copy.iterations).toBe(0);
  });
});

describe('settings', () => {
  it.each([
    ['two ways to clip', () => T.adam({ clipValue: 1, clipNorm: 1 }), /clipValue and clipNorm exclude each other/],
    [
      'an unknown one',
      () => T.adam({ beta: 1 } as never),
      /unknown setting 'beta'; did you mean 'beta1'\? known are learningRate, beta1/,
    ],
    ['an object and more', () => T.adam({ beta1: 0.5 }, 0.9), /not both/],
    ['a negative rate', () => T.lion(-1), /lion: learningRate must be a finite number >= 0 or a schedule, got -1/],
    ['beta2 of 1', () => T.nadam({ beta2: 1 }), /beta2 must be a number in \[0, 1\), got 1/],
    ['a negative decay', () => T.adamW({ weightDecay: -1 }), /weightDecay must be/],
    ['half a batch', () => T.sgd({ gradientAccumulationSteps: 1.5 }), /positive integer, got 1.5/],
    ['dampened Nesterov', () => T.momentum({ useNesterov: true, dampening: true }), /exclude each other/],
    ['a power > 0', () => T.ftrl({ learningRatePower: 1 }), /<= 0, got 1/],
    ['no list', () => T.adamW().excludeFromWeightDecay('bias' as never), /needs a list/],
    ['a rate that is text', () => T.sgd('0.1' as never), /got '0.1'/],
  ])('%s is an error', (_, make, message) => {
    expect(make).toThrow(sg.ArgumentError);
    expect(make).toThrow(message);
  });

  it('FTRL without a rate', () => {
    const w = sg.variable(sg.scalar(1));
    expect(() => T.ftrl(0).minimize(() => w.square())).toThrow(/learningRate must be > 0/);
    expect(w.dataSync()[0]).toBe(1);
  });

  it('null and undefined are the defaults', () => {
    expect(T.adamax(undefined, undefined, null as never).getConfig()).toEqual({
      learningRate: 0.002,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
      decay: 0,
    });
    expect(T.adadelta().getConfig()).toEqual({ learningRate: 0.001, rho: 0.95, epsilon: 1e-7 });
    expect(T.adagrad().getConfig()).toEqual({ learningRate: 0.001, initialAccumulatorValue: 0.1 });
  });
});

it('memory does not grow from step to step', () => {
  const w = sg.variable(sg.zeros([3, 1]));
  const optimizer = T.muon({ learningRate: 0.01, globalClipNorm: 1, useEma: true, gradientAccumulationSteps: 2 });
  const step = sg.jit((p: Tensor) => optimizer.minimize(() => p.matMul(w).square().mean(), true));
  const p = random(1, [4, 3]);
  step(p).dispose();
  const before = sg.memory();
  for (let i = 0; i < 300; i++) step(p).dispose();
  const after = sg.memory();
  for (const key of ['numTensors', 'numDataBuffers', 'numBytes'] as const)
    expect(after[key], key).toBeLessThanOrEqual(before[key]);
  expectSameBits(w, w);
});
