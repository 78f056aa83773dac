/** Values that are read inside a function while it is traced: they are computed on the spot. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';
import { loop } from '../../src/plan/loop';
import { expectClose, expectSameBits } from '../support/compare';
import { uniform } from '../support/random';

type Tensor = sg.Tensor;
const row = (...v: number[]): Tensor => sg.tensor1d(v);
const values = (t: Tensor): number[] => [...t.dataSync()];

afterEach(() => vi.restoreAllMocks());

describe('inside grad', () => {
  it('every way of reading gives the value', async () => {
    const seen: unknown[] = [];
    const later: Promise<unknown>[] = [];
    const printed = vi.spyOn(console, 'log').mockImplementation((...args) => void seen.push(args[0]));
    const g = sg.grad((x) => {
      const y = x.square();
      seen.push([...y.dataSync()], y.arraySync(), y.toString(), [...y.bufferSync().values], y.sum().arraySync());
      later.push(
        y.data().then((v) => [...v]),
        y.array(),
        y.buffer().then((b) => b.get(1)),
      );
      y.print();
      seen.push(x.arraySync(), y.greater(2).arraySync(), y.cast('int32').arraySync());
      return y.sum();
    })(row(1, 2));
    printed.mockRestore();
    const text = 'Tensor\n    [1, 4]';
    expect(seen).toEqual([[1, 4], [1, 4], text, [1, 4], 5, text, [1, 2], [0, 1], [1, 4]]);
    expect(await Promise.all(later)).toEqual([[1, 4], [1, 4], 4]);
    expect(values(g)).toEqual([2, 4]);
  });

  it('what is computed has the bits that the program gives', () => {
    const x = sg.tensor(uniform(3, 600, -2, 2), [30, 20]);
    const f = (t: Tensor): Tensor => t.matMul(t, true).tanh().softmax().mul(t.exp().mean()).sum();
    const plain = sg.valueAndGrad(f)(x);
    let read: Float32Array | undefined;
    const { value, grad } = sg.valueAndGrad((t) => {
      const y = f(t);
      read = y.dataSync<'float32'>();
      return y;
    })(x);
    expect(read).toEqual(plain.value.dataSync());
    expectSameBits(value, plain.value);
    expectSameBits(grad, plain.grad);
    expectSameBits(value, f(x));
  });

  it('a value decides which way the function takes', () => {
    const f = (x: Tensor): Tensor => {
      let y = x;
      for (let i = 0; i < 10 && (y.sum().dataSync()[0] as number) < 20; i++) y = y.mul(2);
      return y.sum();
    };
    expect(values(sg.grad(f)(row(1, 2)))).toEqual([8, 8]);
    expect(values(sg.grad(f)(row(5, 6)))).toEqual([2, 2]);
    expect(values(sg.grad(f)(row(50, 6)))).toEqual([1, 1]);
  });

  it('in nested gradients, of inner arguments and of gradients', () => {
    const seen: number[][] = [];
    const g = sg.grad((x) => {
      const inner = sg.grad((y) => {
        seen.push(values(y));
        return y.mul(y).mul(y);
      })(x);
      seen.push(values(inner));
      return inner.sum();
    })(row(1, 2));
    expect(seen).toEqual([
      [1, 2],
      [3, 12],
    ]);
    expect(values(g)).toEqual([6, 12]);
  });

  it('in functions with gradients of their own, also in those gradients', () => {
    const seen: number[][] = [];
    const clipped = sg.customGrad((x: Tensor) => {
      seen.push(values(x));
      return {
        value: x.clone(),
        gradFunc: (dy: Tensor) => {
          seen.push(values(dy));
          return dy.clipByValue(-1, 1);
        },
      };
    });
    const f = sg.grad((x) => clipped(x).mul(row(0.5, 3)).sum());
    for (let i = 0; i < 3; i++) expect(values(f(row(7, 8)))).toEqual([0.5, 1]);
    expect(seen).toEqual(
      Array.from({ length: 3 }, () => [
        [7, 8],
        [0.5, 3],
      ]).flat(),
    );
  });

  it('random numbers that are read are those of the value and of the gradient', () => {
    sg.setSeed(5);
    const read: number[][] = [];
    const { value, grad } = sg.valueAndGrad((x) => {
      const noise = sg.randomNormal([64]);
      const kept = sg.dropout(x, 0.5);
      read.push(values(noise), values(kept));
      return kept.mul(noise);
    })(sg.ones([64]));
    const [noise, kept] = read as [number[], number[]];
    expect(values(value)).toEqual(noise.map((n, i) => Math.fround(n * (kept[i] as number))));
    expect(values(grad)).toEqual(noise.map((n, i) => (kept[i] === 0 ? 0 : Math.fround(n * 2))));
    sg.setSeed(5);
    expectSameBits(
      sg.valueAndGrad((x) => {
        const noise = sg.randomNormal([64]);
        return sg.dropout(x, 0.5).mul(noise);
      })(sg.ones([64])).value,
      value,
    );
  });

  it('results of loops', () => {
    const seen: number[][] = [];
    const f = (x: Tensor): Tensor => {
      const { carry, ys } = loop(
        ([h], [s]) => {
          const next = (h as Tensor).mul(0.5).add(s as Tensor);
          return { carry: [next], ys: [next.square()] };
        },
        [row(0)],
        [x],
      );
      seen.push(values(carry[0] as Tensor), values(ys[0] as Tensor));
      return (carry[0] as Tensor).sum();
    };
    const x = sg.tensor2d([[1], [2], [4]]);
    expect(values(sg.grad(f)(x))).toEqual([0.25, 0.5, 1]);
    expect(seen).toEqual([[5.25], [1, 6.25, 27.5625]]);
  });

  it('a loop that reads in every step computes every op once', () => {
    const x = sg.ones([4]);
    let total = 0;
    const grown: number[] = [];
    sg.grad((t) => {
      let y = t;
      for (let i = 0; i < 60; i++) {
        y = y.mul(1.5);
        const before = sg.memory().numTensors;
        total += y.sum().dataSync()[0] as number;
        grown.push(sg.memory().numTensors - before);
      }
      return y.sum();
    })(x);
    // The first read also takes up the input's and the number's handle.
    expect(new Set(grown.slice(1))).toEqual(new Set([2]));
    expect(total).toBeCloseTo(12 * (1.5 ** 60 - 1), -8);
  });

  it('an index outside its axis is reported by the read', () => {
    const run = (): Tensor =>
      sg.grad((x) => {
        sg.gather(x, sg.tensor1d([5], 'int32')).dataSync();
        return x.sum();
      })(row(1, 2));
    expect(run).toThrow(sg.IndexError);
  });
});

describe('variables', () => {
  it('have the value that was assigned last, inside and afterwards', () => {
    const v = sg.variable(row(1, 2));
    const seen: number[][] = [];
    const { grads } = sg.variableGrads(() => {
      seen.push(values(v));
      const before = v.square();
      v.assign(v.add(row(10, 10)));
      seen.push(values(v), values(before), values(v.mul(1)));
      v.assign(row(7, 7));
      seen.push(values(v), v.arraySync() as number[]);
      return before.sum();
    });
    expect(seen).toEqual([
      [1, 2],
      [11, 12],
      [1, 4],
      [11, 12],
      [7, 7],
      [7, 7],
    ]);
    expect(values(Object.values(grads)[0] as Tensor)).toEqual([2, 4]);
    expect(values(v)).toEqual([7, 7]);
    v.dispose();
  });

  it('keep their value if the function fails after assigning', () => {
    const v = sg.variable(row(1));
    const run = (): unknown =>
      sg.variableGrads(() => {
        v.assign(row(5));
        expect(values(v)).toEqual([5]);
        throw new Error('mine');
      });
    expect(run).toThrow('mine');
    expect(values(v)).toEqual([1]);
    v.dispose();
  });

  it('steps of optimizers happen once, in their order, and are seen by reads', () => {
    const train = (reads: boolean): number[] => {
      const w = sg.variable(row(1, -2));
      const optimizer = sg.train.adam(0.1);
      const seen: number[] = [];
      const g = sg.grad((x) => {
        const first = w.mul(x).sum();
        for (let i = 0; i < 3; i++) {
          optimizer.minimize(() => w.sub(5).square().sum());
          if (reads) seen.push(...values(w), optimizer.iterations);
        }
        if (reads) expect(values(first)).toEqual([-1]);
        return first.add(w.mul(x).sum());
      })(row(3, 2));
      const result = [...values(w), ...values(g), optimizer.iterations];
      if (reads) expect(seen.slice(-3)).toEqual([...values(w), 3]);
      optimizer.minimize(() => w.square().sum());
      result.push(...values(w));
      sg.dispose([w, g]);
      optimizer.dispose();
      return result;
    };
    expect(train(true)).toEqual(train(false));
  });
});

describe('minimize', () => {
  const regression = () => {
    const x = sg.tensor(uniform(1, 64, -1, 1), [32, 2]);
    const w = sg.variable(sg.zeros([2, 1]));
    const y = x.matMul([[2], [-1]]);
    return { w, loss: () => x.matMul(w).sub(y).square().mean(), optimizer: sg.train.adam(0.05) };
  };

  it('trains to the same bits whether its loss is read or not', () => {
    const results = [false, true].map((reads) => {
      const { w, loss, optimizer } = regression();
      const read: number[] = [];
      const costs: number[] = [];
      for (let i = 0; i < 20; i++) {
        const cost = optimizer.minimize(() => {
          const value = loss();
          if (reads) read.push(value.dataSync()[0] as number);
          return value;
        }, true);
        costs.push(...values(cost));
      }
      if (reads) expect(read).toEqual(costs);
      return [...costs, ...values(w)];
    });
    expect(results[0]).toEqual(results[1]);
    expect(results[0]?.at(19)).toBeLessThan(results[0]?.[0] as number);
  });

  it('samples actions inside the loss', () => {
    sg.setSeed(11);
    const w = sg.variable(sg.zeros([3, 2]));
    const optimizer = sg.train.sgd(0.5);
    const actions: number[] = [];
    for (let step = 0; step < 30; step++) {
      optimizer.minimize(() => {
        const logits = sg.ones([8, 3]).matMul(w);
        const chosen = sg.multinomial(logits, 1).flatten();
        actions.push(...chosen.dataSync());
        // Action 1 is rewarded.
        const advantage = sg.tensor1d([...chosen.dataSync()].map((a) => (a === 1 ? 1 : -1)));
        const taken = sg.oneHot(chosen.cast('int32'), 2).cast('float32');
        return sg.logSoftmax(logits).mul(taken).sum(1).mul(advantage).mean().neg();
      });
    }
    const share = (list: number[]): number => list.filter((a) => a === 1).length / list.length;
    expect(share(actions.slice(-80))).toBeGreaterThan(0.9);
    expect(share(actions.slice(0, 16))).toBeLessThan(0.9);
    w.dispose();
  });

  it('asks a model inside the loss, and gradients flow through the answer', async () => {
    const model = sg.sequential({
      layers: [sg.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones' })],
    });
    const x = sg.tensor(uniform(4, 16, -1, 1), [8, 2]);
    const { grads } = sg.variableGrads(() => {
      const answer = model.predict(x) as Tensor;
      expect(answer.dataSync().length).toBe(8);
      return answer.sum();
    });
    const [kernel, bias] = Object.values(grads) as [Tensor, Tensor];
    expectClose(kernel.dataSync(), x.sum(0).dataSync(), 1e-6);
    expect(values(bias)).toEqual([8]);
    model.dispose();
  });
});

describe('tensors of the function afterwards', () => {
  it('are disposed of, and say so', () => {
    let leaked = row(0);
    sg.grad((x) => {
      leaked = x.square();
      leaked.dataSync();
      return leaked.sum();
    })(row(1));
    expect(leaked.isDisposed).toBe(true);
    for (const use of [
      () => leaked.dataSync(),
      () => leaked.add(1),
      () => leaked.clone(),
      () => leaked.print(),
      () => sg.grad((x) => x.add(leaked))(row(1)),
      () => sg.jit((x: Tensor) => x.add(leaked))(row(1)),
    ]) {
      expect(use).toThrow(sg.DisposedError);
      expect(use).toThrow(/when the function that made it ended; return it, or keep it with sg.keep/);
    }
    leaked.dispose();
  });

  it('live on if they are kept', () => {
    const before = sg.memory().numTensors;
    const kept: Tensor[] = [];
    const run = (): Tensor =>
      sg.tidy(() =>
        sg.grad((x) => {
          const y = sg.keep(x.square());
          const z = sg.keep(y.mul(3).reshape([2, 1]));
          kept.push(y, z, sg.keep(sg.keep(x)), sg.keep(sg.tensor1d([8, 9])));
          sg.keep(x.add(1)).dispose();
          return y.sum();
        })(row(1, 2)),
      );
    const g = [run(), run()];
    expect(kept.map(values)).toEqual(
      [...Array(2)].flatMap(() => [
        [1, 4],
        [3, 12],
        [1, 2],
        [8, 9],
      ]),
    );
    expect(kept[1]?.shape).toEqual([2, 1]);
    expect(sg.tidy(() => values((kept[0] as Tensor).add(kept[2] as Tensor)))).toEqual([2, 6]);
    sg.dispose([kept, g]);
    expect(kept.every((t) => t.isDisposed)).toBe(true);
    expect(sg.memory().numTensors).toBe(before);
  });

  it('live on also if they were read, or the function failed', () => {
    const kept: Tensor[] = [];
    const run = (fails: boolean): unknown =>
      sg.variableGrads(() => {
        const v = sg.variable(row(1, 2));
        kept.push(sg.keep(v.square()), sg.keep(v.mul(2)));
        (kept.at(-1) as Tensor).dataSync();
        v.assign(row(0, 0));
        if (fails) throw new Error('mine');
        return v.add(kept.at(-1) as Tensor).sum();
      });
    run(false);
    expect(() => run(true)).toThrow('mine');
    expect(kept.map(values)).toEqual([
      [1, 4],
      [2, 4],
      [1, 4],
      [2, 4],
    ]);
    sg.dispose(kept);
  });

  it('collect what the loss computes in an outer array', () => {
    const w = sg.variable(sg.scalar(1));
    const optimizer = sg.train.sgd(0.25);
    const losses: Tensor[] = [];
    for (let i = 0; i < 4; i++)
      optimizer.minimize(() => {
        const loss = w.square();
        losses.push(sg.keep(loss));
        return loss;
      });
    expect(losses.flatMap(values)).toEqual([1, 0.25, 0.0625, 0.015625]);
    sg.dispose([losses, w]);
  });
});

describe('in functions that are compiled', () => {
  const read = (t: Tensor): Tensor => {
    t.dataSync();
    return t;
  };

  it('values are not known', () => {
    const inside = /not known yet: it belongs to a function that is compiled .*return it, or compute with ops/;
    expect(() => sg.jit((x: Tensor) => read(x.square()))(row(1))).toThrow(inside);
    expect(() => sg.jit((x: Tensor) => sg.grad((y) => read(y.square()))(x))(row(1))).toThrow(sg.StateError);
    expect(() =>
      sg.grad((x) => {
        const { carry } = loop(
          ([h], [s]) => ({ carry: [read((h as Tensor).add(s as Tensor))], ys: [] }),
          [x],
          [row(1, 2).reshape([2, 1])],
        );
        return carry[0] as Tensor;
      })(row(1)),
    ).toThrow(inside);
  });

  it('neither is a variable that was assigned there', () => {
    const v = sg.variable(row(1));
    const f = sg.jit((x: Tensor) => {
      v.assign(x);
      return read(v).add(1);
    });
    expect(() => f(row(2))).toThrow(sg.StateError);
    v.dispose();
  });
});

describe('memory', () => {
  it('all that was computed on the spot is given back', () => {
    const x = sg.ones([1000]);
    const run = (fails: boolean): void => {
      const g = sg.grad((t) => {
        const y = t.square().add(1);
        y.dataSync();
        if (fails) throw new Error('mine');
        return y.mul(y.sum().dataSync()[0] as number).sum();
      });
      if (fails) expect(() => g(x)).toThrow('mine');
      else g(x).dispose();
    };
    for (let i = 0; i < 2; i++) for (const fails of [false, true]) run(fails);
    const before = sg.memory();
    for (let i = 0; i < 3; i++) for (const fails of [false, true]) run(fails);
    expect(sg.memory()).toEqual({ ...before, peakBytes: sg.memory().peakBytes });
    x.dispose();
  });
});
