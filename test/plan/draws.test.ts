/** Random numbers of compiled functions and gradients: of the function's seed, the draw's place and the call alone. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { loop } from '../../src/plan/loop';

type Tensor = sg.Tensor;

beforeEach(() => sg.setSeed(7));
afterEach(() => sg.setThreads(1));

const valuesOf = (t: Tensor): number[] => [...t.dataSync()];
const three = (f: () => Tensor): number[][] => [f(), f(), f()].map(valuesOf);
const noise = () => sg.jit(() => sg.randomUniform([2]));

describe('a compiled function', () => {
  const expected = (): number[][] => {
    sg.setSeed(7);
    return three(noise());
  };

  it('draws new numbers in each call and for each draw', () => {
    const f = sg.jit(() => sg.stack([sg.randomUniform([]), sg.randomUniform([]), sg.dropout(sg.ones([]), 0.5)]));
    const all = three(f);
    expect(new Set(all.flatMap((row) => row.slice(0, 2))).size).toBe(6);
  });

  it('draws the same whether it is traced again or not', async () => {
    const same = expected();
    sg.setSeed(7);
    const f = noise();
    const [first] = [valuesOf(f())];
    await sg.setThreads(2);
    const second = valuesOf(f());
    f.dispose();
    expect([first, second, valuesOf(f())]).toEqual(same);
  });

  it('draws the same whatever is drawn, made or compiled besides', () => {
    const same = expected();
    sg.setSeed(7);
    const f = noise();
    const other = noise();
    const rows = [
      () => sg.randomNormal([3]),
      () => other(),
      () => sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [1] })] }).predict(sg.ones([1, 1])),
    ].map((between) => {
      between();
      return valuesOf(f());
    });
    expect(rows).toEqual(same);
    expect(three(other)).not.toEqual(same);
  });

  it('draws its k-th numbers by k and the call: shapes of arguments may change in between', () => {
    const f = sg.jit((x: Tensor) => sg.randomUniform([2]).add(x.sum().mul(0)));
    const rows = [3, 4, 3].map((n) => valuesOf(f(sg.ones([n]))));
    sg.setSeed(7);
    const g = sg.jit((x: Tensor) => sg.randomUniform([2]).add(x.sum().mul(0)));
    expect([5, 5, 5].map((n) => valuesOf(g(sg.ones([n]))))).toEqual(rows);
  });

  it('leaves what is drawn outside as it is', () => {
    const first = valuesOf(sg.randomUniform([2]));
    sg.setSeed(7);
    noise()();
    expect(valuesOf(sg.randomUniform([2]))).toEqual(first);
  });

  it('is a part of the function around it', () => {
    const inner = noise();
    const f = sg.jit(() => sg.concat([sg.randomUniform([1]), inner(), sg.randomUniform([1])]));
    const all = three(f).flat();
    expect(new Set(all).size).toBe(all.length);
  });

  it('drops the same elements in a value and its gradient, in each call others', () => {
    const f = sg.jit((x: Tensor) => {
      const { value, grads } = sg.valueAndGrads((t: Tensor) => sg.dropout(t, 0.5))([x], sg.ones([64]));
      return sg.stack([value, grads[0] as Tensor]);
    });
    const rows = [f(sg.ones([64])), f(sg.ones([64]))].map((t) => t.arraySync() as number[][]);
    for (const [value, gradient] of rows) expect(gradient).toEqual(value);
    expect(rows[0]).not.toEqual(rows[1]);
  });
});

describe('eager gradients', () => {
  it('draw as eager functions do', () => {
    const eager = [0, 1].map(() => valuesOf(sg.dropout(sg.ones([64]), 0.5)));
    sg.setSeed(7);
    const g = sg.grad((x: Tensor) => sg.dropout(x, 0.5));
    expect([0, 1].map(() => valuesOf(g(sg.ones([64]), sg.ones([64]))))).toEqual(eager);
    sg.setSeed(7);
    const w = sg.variable(sg.ones([64]), true, 'w');
    const loss = () => sg.variableGrads(() => sg.dropout(w, 0.5).sum()).grads.w as Tensor;
    expect([0, 1].map(() => valuesOf(loss()))).toEqual(eager);
    w.dispose();
  });
});

describe('loops', () => {
  const steps = (x: Tensor, reverse = false): Tensor =>
    loop(
      ([c], [slice]) => ({ carry: [c as Tensor], ys: [sg.dropout(slice as Tensor, 0.5)] }),
      [sg.zeros([1])],
      [x],
      reverse,
    ).ys[0] as Tensor;

  it('draw new numbers in each iteration', () => {
    for (const f of [steps, sg.jit((x: Tensor) => steps(x))]) {
      const rows = (f(sg.ones([8, 32])).arraySync() as number[][]).map((row) => row.join());
      expect(new Set(rows).size).toBe(8);
    }
  });

  it('draw by the position in time, also backwards', () => {
    const forward = valuesOf(steps(sg.ones([8, 32])));
    sg.setSeed(7);
    expect(valuesOf(steps(sg.ones([8, 32]), true))).toEqual(forward);
  });

  it('draw new numbers in each iteration of loops within loops', () => {
    const f = sg.jit(
      (x: Tensor) =>
        loop(([c], [s]) => ({ carry: [c as Tensor], ys: [steps(s as Tensor)] }), [sg.zeros([1])], [x]).ys[0] as Tensor,
    );
    const rows = (f(sg.ones([3, 4, 32])).arraySync() as number[][][]).flat().map((row) => row.join());
    expect(new Set(rows).size).toBe(12);
  });

  it('have gradients of what was drawn', () => {
    for (const wrap of [(f: (x: Tensor) => Tensor) => f, (f: (x: Tensor) => Tensor) => sg.jit(f)]) {
      const f = wrap((x: Tensor) => {
        const { value, grads } = sg.valueAndGrads((t: Tensor) => steps(t))([x], sg.ones([5, 16]));
        return sg.stack([value, grads[0] as Tensor]);
      });
      const [value, gradient] = f(sg.ones([5, 16])).arraySync() as number[][][];
      expect(gradient).toEqual(value);
    }
  });

  it('carry draws of normal numbers with their gradients', () => {
    const f = (x: Tensor): Tensor =>
      loop(
        ([c], [s]) => ({ carry: [sg.mul(sg.randomNormal([2]), sg.add(c as Tensor, s as Tensor))], ys: [] }),
        [sg.zeros([2])],
        [x],
      ).carry[0] as Tensor;
    const x = sg.tensor2d([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const at = (delta: number, row: number): number[] => {
      sg.setSeed(3);
      const moved = x.add(sg.tensor2d([0, 1, 2].map((r) => (r === row ? [delta, delta] : [0, 0]))));
      return valuesOf(f(moved));
    };
    sg.setSeed(3);
    const gradient = sg
      .grad(f)(x, sg.ones([2]))
      .arraySync() as number[][];
    for (const row of [0, 1, 2]) {
      // The function is linear in x: a difference of 1 is the slope.
      const [above, below] = [at(0.5, row), at(-0.5, row)];
      above.forEach((v, i) => expect(gradient[row]?.[i]).toBeCloseTo(v - (below[i] as number), 4));
    }
  });
});
