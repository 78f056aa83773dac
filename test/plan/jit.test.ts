/** Functions compiled by `jit`: what they compute, when they compile anew, what they leave behind. */
import { afterEach, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose, expectSameBits } from '../support/compare';
import { uniform } from '../support/random';

type Tensor = sg.Tensor;

const random = (seed: number, shape: number[]): Tensor =>
  sg.tensor(
    uniform(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

afterEach(() => sg.setThreads(1));

describe('results', () => {
  it('are those of the function', () => {
    const f = (a: Tensor, b: Tensor): Tensor => a.matMul(b).add(1).relu().sum(0);
    const [a, b] = [random(1, [5, 7]), random(2, [7, 3])];
    const compiled = sg.jit(f);
    for (let i = 0; i < 3; i++) expectSameBits(compiled(a, b), f(a, b));
    const [c, d] = [random(3, [2, 4]), random(4, [4, 6])];
    expectSameBits(compiled(c, d), f(c, d));
    expectSameBits(compiled(a, b), f(a, b));
  });

  it('may be nested, with tensors that the function did not compute, and with what is no tensor', () => {
    const outside = sg.tensor1d([1, 2]);
    const w = sg.variable(sg.tensor1d([5]));
    const compiled = sg.jit(({ x, k }: { x: Tensor; k: number }, [y]: Tensor[]) => ({
      sum: [x.add(y as Tensor), x],
      outside,
      w,
      k: k + 1,
      none: null,
    }));
    const [x, y] = [sg.tensor1d([1, 2]), sg.tensor1d([3, 4])];
    const out = compiled({ x, k: 2 }, [y]);
    expect(out.sum.map((t) => [...t.dataSync()])).toEqual([
      [4, 6],
      [1, 2],
    ]);
    expect([...out.outside.dataSync()]).toEqual([1, 2]);
    expect([...out.w.dataSync()]).toEqual([5]);
    expect([out.k, out.none]).toEqual([3, null]);
    // Results are tensors of their own.
    w.assign(sg.tensor1d([6]));
    sg.dispose([x, y]);
    expect([...(out.sum[1] as Tensor).dataSync(), ...out.w.dataSync()]).toEqual([1, 2, 5]);
  });

  it('one tensor may be two arguments, and two results', () => {
    const x = sg.tensor1d([1, 2]);
    const [a, b] = sg.jit((p: Tensor, q: Tensor) => {
      const y = p.mul(q);
      return [y, y];
    })(x, x) as [Tensor, Tensor];
    a.dispose();
    expect([...b.dataSync()]).toEqual([1, 4]);
  });

  it('of other element types, of no elements, and of rank 0', () => {
    const f = sg.jit((x: Tensor) => x.greater(1));
    expect(f(sg.tensor1d([1, 2])).dtype).toBe('bool');
    expect(f(sg.zeros([0])).shape).toEqual([0]);
    expect([...f(sg.scalar(3)).dataSync()]).toEqual([1]);
    expect([...f(sg.tensor1d([1, 5], 'int32')).dataSync()]).toEqual([0, 1]);
  });
});

describe('compiling', () => {
  it('happens once for each shape, type and constant', () => {
    let traces = 0;
    const f = sg.jit((x: Tensor, k: number) => {
      traces++;
      return x.mul(k);
    });
    const [a, b] = [sg.ones([2]), sg.ones([3])];
    for (let i = 0; i < 3; i++) {
      expect([...f(a, 2).dataSync()]).toEqual([2, 2]);
      expect([...f(b, 2).dataSync()]).toEqual([2, 2, 2]);
      expect([...f(a, 3).dataSync()]).toEqual([3, 3]);
      expect([...f(a.cast('int32'), 2).dataSync()]).toEqual([2, 2]);
    }
    expect(traces).toBe(4);
  });

  it('keeps 32 programs at most', () => {
    const f = sg.jit((x: Tensor) => x.add(1));
    const before = sg.memory();
    for (let n = 1; n <= 100; n++) sg.dispose(f(sg.zeros([n])));
    const after = sg.memory();
    expect(after.numDataBuffers - before.numDataBuffers).toBeLessThanOrEqual(1 + 32 * 2 + 100);
    for (let n = 1; n <= 100; n++) expect(sg.tidy(() => f(sg.zeros([n])).dataSync().length)).toBe(n);
    f.dispose();
    expect([...f(sg.zeros([2])).dataSync()]).toEqual([1, 1]);
  });

  it('follows the number of threads and variables that have moved', async () => {
    const layer = sg.layers.dense({ units: 3, inputShape: [4] });
    const model = sg.sequential({ layers: [layer] });
    const f = sg.jit((x: Tensor): Tensor => (layer as sg.Layer).call(x, {}) as Tensor);
    const x = random(1, [2, 4]);
    const before = f(x);
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    expectSameBits(f(x), before);
    await model.trainOnBatch(x, sg.ones([2, 3]));
    expectSameBits(f(x), model.predict(x));
    await sg.setThreads(2);
    expectSameBits(f(x), model.predict(x));
  });

  it('inside another compiled function, and inside a gradient, it is part of that', () => {
    const inner = sg.jit((x: Tensor) => x.square());
    const outer = sg.jit((x: Tensor) => inner(x).sum());
    const x = sg.tensor1d([1, 2, 3]);
    expect(outer(x).dataSync()[0]).toBe(14);
    expect([
      ...sg
        .grad((t) => outer(t))(x)
        .dataSync(),
    ]).toEqual([2, 4, 6]);
    expect([
      ...sg
        .jit((t: Tensor) => sg.grad((u) => inner(u).sum())(t))(x)
        .dataSync(),
    ]).toEqual([2, 4, 6]);
  });
});

describe('wrong use', () => {
  it.each([
    ['reading a value', () => sg.jit((x: Tensor) => x.mul(x.dataSync()[0] as number))(sg.ones([2])), sg.StateError],
    ['a promise', () => sg.jit(async (x: Tensor) => x)(sg.ones([2])), sg.ArgumentError],
    ['no function', () => sg.jit(3 as never), sg.ArgumentError],
    ['shapes that do not fit', () => sg.jit((x: Tensor) => x.matMul(x))(sg.ones([2, 3])), sg.ShapeError],
  ])('%s', (_, run, kind) => {
    const before = sg.memory().numDataBuffers;
    expect(run).toThrow(kind);
    expect(sg.memory().numDataBuffers - before).toBeLessThanOrEqual(3);
  });

  it('a tensor that was disposed', () => {
    const f = sg.jit((x: Tensor) => x.add(1));
    const x = sg.ones([2]);
    f(x);
    x.dispose();
    expect(() => f(x)).toThrow(sg.DisposedError);
  });
});

describe('state', () => {
  it('what is assigned is there after the call, and reads in the function that follow see it', () => {
    const w = sg.variable(sg.tensor1d([1, 2]));
    const f = sg.jit((x: Tensor) => {
      const old = w.mul(1);
      w.assign(w.add(x));
      const seen = w.mul(10);
      w.assign(w.mul(2));
      return [old, seen];
    });
    const [old, seen] = f(sg.tensor1d([1, 1])) as [Tensor, Tensor];
    expect([...old.dataSync(), ...seen.dataSync(), ...w.dataSync()]).toEqual([1, 2, 20, 30, 4, 6]);
    f(sg.tensor1d([0, 1]));
    expect([...w.dataSync()]).toEqual([8, 14]);
  });

  it('random numbers go on from call to call, the same after the same seed', () => {
    const draw = (): number[][] => {
      sg.setSeed(3);
      const f = sg.jit((x: Tensor) => sg.dropout(x, 0.5).add(sg.randomUniform([40])));
      return [0, 1, 2].map(() => [...f(sg.ones([40])).dataSync()]);
    };
    const first = draw();
    expect(first[0]).not.toEqual(first[1]);
    expect(first[1]).not.toEqual(first[2]);
    expect(draw()).toEqual(first);
  });

  it('a variable as argument is a place, not data', () => {
    const f = sg.jit((v: sg.Variable, x: Tensor) => v.assign(v.add(x)));
    const [a, b] = [sg.variable(sg.scalar(1)), sg.variable(sg.scalar(10))];
    for (let i = 0; i < 2; i++) for (const v of [a, b]) f(v, sg.scalar(1));
    expect([a.dataSync()[0], b.dataSync()[0]]).toEqual([3, 12]);
  });
});

describe('memory', () => {
  it('does not grow from call to call', () => {
    const w = sg.variable(sg.zeros([3, 1]));
    const optimizer = sg.train.adam(0.01);
    const step = sg.jit((x: Tensor) => optimizer.minimize(() => x.matMul(w).square().mean(), true));
    const x = random(1, [4, 3]);
    step(x).dispose();
    const before = sg.memory();
    for (let i = 0; i < 1000; i++) step(x).dispose();
    // What earlier tests forgot may be collected meanwhile.
    const after = sg.memory();
    for (const key of ['numTensors', 'numDataBuffers', 'numBytes'] as const)
      expect(after[key], key).toBeLessThanOrEqual(before[key]);
  });
});

describe('a training loop of one compiled step', () => {
  it('trains like fit: the same bits', async () => {
    const make = (): sg.Sequential => {
      sg.setSeed(11);
      return sg.sequential({
        layers: [
          sg.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
          sg.layers.maxPooling2d(),
          sg.layers.flatten(),
          sg.layers.dense({ units: 3 }),
        ],
      });
    };
    const [x, y] = [random(5, [8, 6, 6, 1]), random(6, [8, 3])];
    const a = make();
    a.compile({ optimizer: sg.train.adam(0.01), loss: 'meanSquaredError' });
    const b = make();
    const optimizer = sg.train.adam(0.01);
    const step = sg.jit((p: Tensor, q: Tensor) =>
      optimizer.minimize(() => b.call(p, { training: true }).sub(q).square().mean(-1).mean(), true),
    );
    for (let i = 0; i < 5; i++) {
      const loss = (await a.trainOnBatch(x, y)) as number;
      // The model's value is summed in float64.
      expect(step(x, y).dataSync()[0]).toBeCloseTo(loss, 6);
    }
    a.getWeights().forEach((w, i) => {
      expectSameBits(b.getWeights()[i] as Tensor, w);
    });
    expect(optimizer.iterations).toBe(5);
  });

  it('two networks in one step: the second sees what the first has become', () => {
    const run = (compiled: boolean): number[] => {
      const [g, d] = [sg.variable(sg.tensor1d([0.5, -1]), true), sg.variable(sg.tensor1d([1, 2]), true)];
      const [og, od] = [sg.train.momentum(0.1, 0.9), sg.train.adam(0.05)];
      const step = (x: Tensor): Tensor[] => {
        const old = d.reshape([2, 1]);
        const a = od.minimize(() => d.mul(x).sub(g).square().sum(), true, d) as Tensor;
        const b = og.minimize(() => d.mul(x).mul(g).sum().add(g.square().sum()), true, g) as Tensor;
        return [a, b, old.squeeze().sub(d).sum(), d.sum(), g.sum()];
      };
      const f = compiled ? sg.jit(step) : step;
      const seen: number[] = [];
      for (let i = 0; i < 6; i++) seen.push(...f(sg.tensor1d([i, 1])).map((t) => t.dataSync()[0] as number));
      return [...seen, ...g.dataSync(), ...d.dataSync()];
    };
    const eager = run(false);
    expect(run(true)).toEqual(eager);
    expect(eager.every(Number.isFinite)).toBe(true);
  });

  it('one optimizer that steps twice in one call', () => {
    const run = (compiled: boolean): number[] => {
      const w = sg.variable(sg.tensor1d([1, -2, 3]));
      const optimizer = sg.train.adam(0.1);
      const step = (x: Tensor): void => {
        optimizer.minimize(() => w.mul(x).square().sum());
        optimizer.minimize(() => w.sub(x).square().sum());
      };
      const f = compiled ? sg.jit(step) : step;
      for (let i = 0; i < 4; i++) f(sg.tensor1d([1, i, 2]));
      expect(optimizer.iterations).toBe(8);
      return [...w.dataSync()];
    };
    expect(run(true)).toEqual(run(false));
  });

  it('the learning rate may change between calls', () => {
    const w = sg.variable(sg.scalar(1));
    const optimizer = sg.train.sgd(0.1);
    const step = sg.jit(() => optimizer.minimize(() => w.mul(1)));
    step();
    optimizer.learningRate = 0.5;
    step();
    expectClose(w.dataSync(), [0.4], 1e-6);
  });
});
