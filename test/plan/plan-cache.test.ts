/** Programs of eager gradients, kept by the form of the trace: the bits of a program made for this very call. */
import { beforeEach, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { loop } from '../../src/plan/loop';
import { plans } from '../../src/plan/transform/immediate';
import { reserves } from '../../src/runtime/reserves';
import { generator, uniform } from '../support/random';

type Tensor = sg.Tensor;
const values = (t: Tensor): number[] => [...t.dataSync()];
const row = (...v: number[]): Tensor => sg.tensor1d(v);

beforeEach(() => plans.clear());

/** Results of several calls as bits. */
const bitsOf = (results: readonly Tensor[][]): number[][] =>
  results.map((ts) => ts.flatMap((t) => [...new Uint32Array(t.dataSync<'float32'>().buffer)]));

/** Runs the calls with programs that are kept, and each with a program of its own; the bits of both. */
function bothWays(calls: number, run: (call: number) => Tensor[]): { kept: number[][]; own: number[][]; made: number } {
  const all = (clears: boolean): number[][] => {
    plans.clear();
    sg.setSeed(17);
    const results = Array.from({ length: calls }, (_, i) => {
      if (clears) plans.clear();
      return run(i);
    });
    const bits = bitsOf(results);
    sg.dispose(results);
    return bits;
  };
  const own = all(true);
  const kept = all(false);
  return { kept, own, made: plans.size };
}

describe('calls of one form share a program', () => {
  const x = (i: number): Tensor => sg.tensor(uniform(i + 1, 12, -2, 2), [3, 4]);
  const cases: Record<string, (i: number) => Tensor[]> = {
    'other arguments': (i) => [sg.grad((t) => t.tanh().mul(t).sum())(x(i))],
    'other tensors from outside and made inside': (i) => {
      const w = x(i + 20);
      return [
        sg.grad((t) =>
          t
            .mul(w)
            .add(sg.tensor1d([i, 1, 2, 3]))
            .square()
            .sum(),
        )(x(i)),
      ];
    },
    'other numbers': (i) => [
      sg.grad((t) =>
        t
          .mul(0.5 + i)
          .add(3.1 - i * 0.25)
          .square()
          .sum(),
      )(x(i)),
    ],
    'numbers that are sometimes equal to those of rules': (i) => [
      sg.grad((t) =>
        t
          .mul(i === 1 ? 2 : 0.3 + i)
          .square()
          .sum(),
      )(x(i)),
    ],
    'random numbers': (i) => {
      const { value, grad } = sg.valueAndGrad((t) =>
        sg
          .dropout(t, 0.5)
          .mul(sg.randomNormal([3, 4]))
          .sum(),
      )(x(i));
      return [value, grad];
    },
    'random numbers of one seed each': (i) => [
      sg.grad((t) =>
        t
          .mul(sg.randomUniform([3, 4], 0, 1, 'float32', i))
          .mul(sg.randomUniform([3, 4], 0, 1, 'float32', 9))
          .sum(),
      )(x(i)),
    ],
    'other variables': (i) => {
      const v = sg.variable(x(i));
      const { value, grads } = sg.variableGrads(() => v.square().mean());
      return [value, ...Object.values(grads), v];
    },
    assignments: (i) => {
      const [a, b] = [sg.variable(x(i)), sg.variable(x(i + 7))];
      const g = sg.grad((t) => {
        const before = a.mul(t).sum();
        a.assign(b.add(t));
        b.assign(a.mul(2));
        return before.add(a.mul(b).mul(t).sum());
      })(x(i + 1));
      return [g, a, b];
    },
    'variables that exchange their values': (i) => {
      const [a, b] = [sg.variable(x(i)), sg.variable(x(i + 7))];
      const g = sg.grad((t) => {
        const held = a.clone();
        a.assign(b);
        b.assign(held);
        return a.mul(t).sum();
      })(a);
      return [g, a, b];
    },
    'values that were read': (i) => {
      const { value, grad } = sg.valueAndGrad((t) => {
        const y = t.sin();
        const scale = y.sum().dataSync()[0] as number;
        return y.mul(scale).square().sum();
      })(x(i));
      return [value, grad];
    },
    'tensors that are kept': (i) => {
      let y: Tensor | undefined;
      const g = sg.grad((t) => {
        y = sg.keep(t.exp());
        return y.sum();
      })(x(i));
      return [g, y as Tensor];
    },
    'gradients of their own': (i) => {
      const scaled = sg.customGrad((t: Tensor) => ({ value: t.square(), gradFunc: (dy: Tensor) => dy.mul(i + 0.5) }));
      return [sg.grad((t) => scaled(t).sum())(x(i))];
    },
    loops: (i) => {
      const f = (t: Tensor): Tensor => {
        const step = ([h]: Tensor[], [s]: Tensor[]) => {
          const next = (h as Tensor)
            .mul(0.5)
            .add(s as Tensor)
            .tanh();
          return { carry: [next], ys: [sg.dropout(next, 0.5)] };
        };
        const { carry, ys } = loop(step, [sg.zeros([4])], [t]);
        return (carry[0] as Tensor).sum().add((ys[0] as Tensor).square().sum());
      };
      const { value, grad } = sg.valueAndGrad(f)(x(i));
      return [value, grad];
    },
    'the same tensor twice': (i) => {
      const t = x(i);
      return sg.grads((a, b) => a.mul(b).mul(t).sum())([t, t]);
    },
  };
  it.each(Object.keys(cases))('%s', (name) => {
    const { kept, own, made } = bothWays(4, cases[name] as (i: number) => Tensor[]);
    expect(kept).toEqual(own);
    expect(made).toBe(1);
  });
});

describe('what changes the program is part of the form', () => {
  const x = row(1, -2, 3);
  const forms: Record<string, ((t: Tensor) => Tensor)[]> = {
    ops: [(t) => t.sin(), (t) => t.cos()],
    attributes: [(t) => t.leakyRelu(0.1), (t) => t.leakyRelu(0.3)],
    wiring: [(t) => t.exp().sub(t), (t) => t.sub(t.exp())],
    shapes: [(t) => t.mul(sg.ones([3])), (t) => t.mul(sg.ones([2, 3]))],
    'numbers that are one, or two': [(t) => t.mul(0.5).add(0.5), (t) => t.mul(0.5).add(0.25)],
    'draws that are one, or two': [
      (t) => t.mul(sg.randomNormal([3], 0, 1, 'float32', 1)).mul(sg.randomNormal([3], 0, 1, 'float32', 1)),
      (t) => t.mul(sg.randomNormal([3], 0, 1, 'float32', 1)).mul(sg.randomNormal([3], 0, 1, 'float32', 2)),
    ],
    'where gradients stop': [(t) => t.mul(t.clone()), (t) => t.mul(sg.stopGradient(t))],
    'what is read': [
      (t) => t.square(),
      (t) => {
        const y = t.square();
        y.dataSync();
        return y;
      },
    ],
    'the lengths of loops': [2, 3].map((n) => (t: Tensor) => {
      const { carry } = loop(
        ([h], [s]) => ({ carry: [(h as Tensor).mul(s as Tensor)], ys: [] }),
        [t],
        [sg.ones([n, 3]).mul(2)],
      );
      return carry[0] as Tensor;
    }),
  };
  it.each(Object.keys(forms))('%s', (name) => {
    const fs = forms[name] as ((t: Tensor) => Tensor)[];
    const { kept, own, made } = bothWays(2 * fs.length, (i) => [
      sg.grad(fs[i % fs.length] as (t: Tensor) => Tensor)(x),
    ]);
    expect(kept).toEqual(own);
    expect(made).toBe(fs.length);
  });

  it('one tensor or two of equal content, of which one is assigned', () => {
    const { kept, own } = bothWays(4, (i) => {
      const [a, b] = [sg.variable(x), sg.variable(x)];
      const other = i % 2 ? a : b;
      const { value, grads } = sg.variableGrads(() => {
        a.assign(other.add(1));
        return a.mul(other).sum();
      });
      return [value, ...Object.values(grads), a, b];
    });
    expect(kept).toEqual(own);
  });

  it('arrays of the user that change later are not', () => {
    const begin = [0];
    const got = [0, 1, 2, 0].map((at) => {
      begin[0] = at;
      return values(sg.grad((t) => t.slice(begin, [1]).square().sum())(x));
    });
    expect(got).toEqual([
      [2, 0, 0],
      [0, -4, 0],
      [0, 0, 6],
      [2, 0, 0],
    ]);
  });
});

it('random functions', () => {
  const unary = ['sin', 'tanh', 'square', 'relu', 'softplus', 'floor'] as const;
  for (let seed = 0; seed < 40; seed++) {
    // In each call the same choices, with other numbers.
    const f =
      (call: number) =>
      (a: Tensor, b: Tensor): Tensor => {
        const choose = generator(seed);
        const numbers = generator(seed * 100 + call + 1);
        const pick = <T>(list: readonly T[]): T => list[Math.floor(choose() * list.length)] as T;
        const pool = [a, b];
        for (let i = 0; i < 12; i++) {
          const [p, q] = [pick(pool), pick(pool)];
          const kind = Math.floor(choose() * 6);
          if (kind === 0) pool.push(p.add(q));
          else if (kind === 1) pool.push(p.mul(q).mul(0.5));
          else if (kind === 2) pool.push(p.mul(numbers() - 0.5));
          else if (kind === 3) pool.push(p.mul(sg.randomUniform([5])));
          else if (kind === 4) pool.push(p.add(row(...uniform(call + i, 5, -1, 1))));
          else pool.push(p[pick(unary)]());
        }
        return pool
          .slice(-3)
          .reduce((sum, t) => sum.add(t))
          .add(a.add(b).mul(0.1))
          .sum();
      };
    const { kept, own, made } = bothWays(3, (call) => {
      const args = [1, 2].map((k) => sg.tensor(uniform(seed * 10 + call * 2 + k, 5, -1, 1)));
      const { value, grads } = sg.valueAndGrads(f(call))(args);
      return [value, ...grads];
    });
    expect(kept, `seed ${seed}`).toEqual(own);
    expect(made, `seed ${seed}`).toBe(1);
  }
});

describe('training', () => {
  const train = (steps: number): number[] => {
    sg.setSeed(3);
    const [w1, w2] = sg.tidy(() => [sg.variable(sg.randomNormal([4, 8])), sg.variable(sg.randomNormal([8, 1]))]);
    const optimizer = sg.train.adam(0.02);
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) {
      const [x, y] = [sg.randomNormal([16, 4]), sg.randomNormal([16, 1])];
      const loss = optimizer.minimize(
        () =>
          sg
            .dropout(x.matMul(w1).relu(), 0.2)
            .matMul(w2)
            .sub(y)
            .square()
            .mean()
            .mul(1 / (i + 1)),
        true,
      );
      losses.push(...values(loss));
      sg.dispose([x, y, loss]);
    }
    const all = [...losses, ...values(w1), ...values(w2)];
    sg.dispose([w1, w2]);
    optimizer.dispose();
    return all;
  };

  it('a loop of minimize compiles one program for all of its gradients', () => {
    train(10);
    expect(plans.size).toBe(1);
    const [kept] = [train(10)];
    expect(plans.size).toBe(1);
    plans.clear();
    expect(train(10)).toEqual(kept);
  });

  it('leaves nothing behind', () => {
    train(5);
    const { numTensors } = sg.memory();
    train(5);
    expect(sg.memory().numTensors).toBe(numTensors);
  });
});

describe('the cache', () => {
  const gradOf = (size: number): number[] => values(sg.grad((t) => t.square().sum())(sg.ones([size])));

  it('keeps the 128 forms that were used last', () => {
    for (let size = 1; size <= 140; size++) gradOf(size);
    expect(plans.size).toBe(128);
    expect(gradOf(1)).toEqual([2]);
    expect(plans.size).toBe(128);
  });

  it('shrinks to one program when memory is short, and goes on', () => {
    for (let size = 1; size <= 5; size++) gradOf(size);
    const before = sg.memory().numBytes;
    reserves.trimAll();
    expect(plans.size).toBe(1);
    expect(sg.memory().numBytes).toBeLessThan(before);
    for (let size = 1; size <= 5; size++) expect(gradOf(size)).toEqual(Array(size).fill(2));
  });

  it('makes programs again for another number of threads', async () => {
    const before = gradOf(5000);
    await sg.setThreads(2);
    try {
      expect(gradOf(5000)).toEqual(before);
    } finally {
      await sg.setThreads(1);
    }
    expect(gradOf(5000)).toEqual(before);
    expect(plans.size).toBe(1);
  });

  it('a call that fails changes nothing, and the next one works', () => {
    const pick = (i: number): number[] =>
      values(sg.grad((t) => sg.gather(t, sg.tensor1d([i], 'int32')).sum())(row(1, 2, 3)));
    expect(pick(1)).toEqual([0, 1, 0]);
    expect(() => pick(7)).toThrow(sg.IndexError);
    expect(pick(2)).toEqual([0, 0, 1]);
    expect(plans.size).toBe(1);
  });
});
