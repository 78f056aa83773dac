/** Loops over time: results and gradients against the same steps written out one after another. */
import { afterAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { loop } from '../../src/plan/loop';
import { expectClose, expectSameBits } from '../support/compare';
import { uniform } from '../support/random';
import { touched } from '../support/touched';

type Tensor = sg.Tensor;

afterAll(() => sg.setThreads(1));

const random = (seed: number, ...shape: number[]): Tensor =>
  sg.tensor(
    uniform(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

type Step = (carry: Tensor[], slices: Tensor[]) => { carry: Tensor[]; ys: Tensor[] };

/** The steps one after another. */
function unrolled(step: Step, init: readonly Tensor[], xs: readonly Tensor[], reverse = false) {
  const length = (xs[0] as Tensor).shape[0] as number;
  const order = Array.from({ length }, (_, i) => (reverse ? length - 1 - i : i));
  let carry = [...init];
  const rows: Tensor[][] = [];
  for (const t of order) {
    const slices = xs.map((x) => x.slice([t], [1]).squeeze([0]));
    const made = step(carry, slices);
    carry = made.carry;
    made.ys.forEach((y, k) => {
      const list = rows[k] ?? [];
      rows[k] = list;
      list[t] = y.expandDims(0);
    });
  }
  return { carry, ys: rows.map((list) => sg.concat(list)) };
}

const cells: Record<string, { step: (w: Tensor, b: Tensor) => Step; carry: number }> = {
  'a simple recurrent cell': {
    step:
      (w, b) =>
      ([h], [x]) => {
        const next = (x as Tensor)
          .add((h as Tensor).matMul(w))
          .add(b)
          .tanh();
        return { carry: [next], ys: [next] };
      },
    carry: 1,
  },
  'two carried values that change places': {
    step:
      (w) =>
      ([h, c], [x]) => ({
        carry: [c as Tensor, (h as Tensor).mul(0.5).add((x as Tensor).matMul(w).sigmoid())],
        ys: [(h as Tensor).sub(c as Tensor), (x as Tensor).square()],
      }),
    carry: 2,
  },
  'a gated cell with parts': {
    step:
      (w, b) =>
      ([h, c], [x]) => {
        const z = sg.concat([(h as Tensor).matMul(w), (x as Tensor).add(b)], 1);
        const [i, f] = [z.slice([0, 0], [-1, 4]), z.slice([0, 4])];
        const cell = (c as Tensor).mul(f.sigmoid()).add(i.tanh().mul(i.sigmoid()));
        const out = cell.tanh().mul(f.softplus());
        return { carry: [out, cell], ys: [out] };
      },
    carry: 2,
  },
  'a weight that is used element by element': {
    step:
      (w, b) =>
      ([h], [x]) => {
        const next = (h as Tensor)
          .mul(b)
          .add((x as Tensor).matMul(w).mul(b.square()))
          .tanh();
        return { carry: [next], ys: [] };
      },
    carry: 1,
  },
};

describe.each(Object.entries(cells))('%s', (_, { step, carry }) => {
  const operands = (length: number) => {
    const [w, b] = [random(1, 4, 4), random(2, 4)];
    const init = Array.from({ length: carry }, (_x, i) => random(3 + i, 3, 4));
    return { w, b, init, x: random(9, length, 3, 4) };
  };

  it.each([
    [5, false],
    [5, true],
    [1, false],
    [17, true],
  ])('%i steps, reverse %s: the bits of steps written out', async (length, reverse) => {
    const { w, b, init, x } = operands(length);
    const f = (run: typeof unrolled) =>
      sg.jit((u: Tensor, v: Tensor, xs: Tensor, ...first: Tensor[]) => {
        const { carry: end, ys } = run(step(u, v), first, [xs], reverse);
        return [...end, ...ys];
      })(w, b, x, ...init);
    const expected = f(unrolled);
    f(loop).forEach((t, i) => {
      expectSameBits(t, expected[i] as Tensor);
    });
    const eager = loop(step(w, b), init, [x], reverse);
    [...eager.carry, ...eager.ys].forEach((t, i) => {
      expectSameBits(t, expected[i] as Tensor);
    });
    await sg.setThreads(2);
    f(loop).forEach((t, i) => {
      expectSameBits(t, expected[i] as Tensor);
    });
    await sg.setThreads(1);
  });

  it.each([
    [5, false],
    [6, true],
    [1, false],
  ])('%i steps, reverse %s: gradients, and gradients of gradients', (length, reverse) => {
    const { w, b, init, x } = operands(length);
    const loss =
      (run: typeof unrolled) =>
      (u: Tensor, v: Tensor, xs: Tensor, ...first: Tensor[]): Tensor => {
        const { carry: end, ys } = run(step(u, v), first, [xs], reverse);
        return [...end, ...ys]
          .map((t, i) =>
            t
              .mul(i + 1)
              .square()
              .sum(),
          )
          .concat([u, v, xs, ...first].map(touched))
          .reduce((p, q) => p.add(q));
      };
    const all = [w, b, x, ...init];
    const grads = (run: typeof unrolled) => sg.valueAndGrads(loss(run))(all);
    const [expected, actual] = [grads(unrolled), grads(loop)];
    expectClose(actual.value.dataSync(), expected.value.dataSync(), 1e-6);
    actual.grads.forEach((g, i) => {
      expectClose(g.dataSync(), (expected.grads[i] as Tensor).dataSync(), 2e-6, `gradient ${i}`);
    });
    const norm =
      (run: typeof unrolled) =>
      (u: Tensor, v: Tensor, xs: Tensor, ...first: Tensor[]) =>
        sg
          .grads(loss(run))([u, v, xs, ...first])
          .map((g) => g.square().sum())
          .reduce((p, q) => p.add(q));
    const [second, want] = [sg.grads(norm(loop))(all), sg.grads(norm(unrolled))(all)];
    second.forEach((g, i) => {
      expectClose(g.dataSync(), (want[i] as Tensor).dataSync(), 2e-5, `second derivative ${i}`);
    });
  });
});

describe('a loop', () => {
  it('of no steps gives what it was given', () => {
    const { carry, ys } = loop(
      ([h], [x]) => ({ carry: [(h as Tensor).add(x as Tensor)], ys: [x as Tensor] }),
      [sg.ones([2])],
      [sg.zeros([0, 2])],
    );
    expect([...(carry[0] as Tensor).dataSync()]).toEqual([1, 1]);
    expect((ys[0] as Tensor).shape).toEqual([0, 2]);
  });

  it('inside a loop', () => {
    const f = (run: typeof unrolled) => (x: Tensor) =>
      run(
        ([h], [row]) => {
          const { carry } = run(
            ([s], [v]) => ({ carry: [(s as Tensor).mul(0.5).add((v as Tensor).tanh())], ys: [] }),
            [h as Tensor],
            [row as Tensor],
          );
          return { carry: [carry[0] as Tensor], ys: [(carry[0] as Tensor).square()] };
        },
        [sg.scalar(1)],
        [x],
      ).ys[0] as Tensor;
    const x = random(1, 3, 4);
    expectSameBits(sg.jit(f(loop))(x), sg.jit(f(unrolled))(x));
    expectClose(
      sg
        .grad((t) => f(loop)(t).sum())(x)
        .dataSync(),
      sg
        .grad((t) => f(unrolled)(t).sum())(x)
        .dataSync(),
      2e-6,
    );
  });

  it('trains variables that its step reads', () => {
    const run = (loop: typeof unrolled): number[] => {
      const w = sg.variable(random(5, 3, 3));
      const optimizer = sg.train.adam(0.05);
      const x = random(6, 4, 2, 3);
      const step = sg.jit((xs: Tensor) =>
        optimizer.minimize(
          () =>
            (
              loop(
                ([h], [v]) => {
                  const next = (h as Tensor)
                    .matMul(w)
                    .add(v as Tensor)
                    .tanh();
                  return { carry: [next], ys: [next] };
                },
                [sg.zeros([2, 3])],
                [xs],
              ).ys[0] as Tensor
            )
              .square()
              .mean(),
          true,
        ),
      );
      for (let i = 0; i < 5; i++) step(x).dispose();
      return [...w.dataSync()];
    };
    expectClose(run(loop), run(unrolled), 1e-5);
  });

  it.each([
    [
      'lengths differ',
      () => loop(() => ({ carry: [], ys: [] }), [], [sg.zeros([2, 1]), sg.zeros([3, 1])]),
      sg.ShapeError,
    ],
    ['no sequence', () => loop(() => ({ carry: [], ys: [] }), [], []), sg.ArgumentError],
    [
      'a carried value of another shape',
      () => loop(() => ({ carry: [sg.zeros([3])], ys: [] }), [sg.zeros([2])], [sg.zeros([2, 1])]),
      sg.ShapeError,
    ],
    [
      'a variable that is assigned to',
      () => {
        const w = sg.variable(sg.zeros([1]));
        return loop(
          ([h], [x]) => {
            w.assign(x as Tensor);
            return { carry: [h as Tensor], ys: [] };
          },
          [sg.zeros([1])],
          [sg.zeros([2, 1])],
        );
      },
      sg.StateError,
    ],
  ])('%s: an error', (_, run, kind) => expect(run).toThrow(kind));
});

it('what is the same in every step is computed before the loop', () => {
  const w = sg.variable(random(1, 4, 4));
  const f = sg.jit(
    (x: Tensor) =>
      loop(
        ([h], [v]) => ({ carry: [(h as Tensor).matMul(w.square().transpose()).add(v as Tensor)], ys: [] }),
        [sg.zeros([2, 4])],
        [x],
      ).carry[0] as Tensor,
  );
  const lines = f.describe(random(2, 3, 2, 4)).split('\n');
  const start = lines.findIndex((l) => /Loop/.test(l));
  const square = lines.findIndex((l) => /square/.test(l));
  expect(square).toBeGreaterThanOrEqual(0);
  expect(square).toBeLessThan(start);
  const direct = unrolled(
    ([h], [v]) => ({ carry: [(h as Tensor).matMul(w.square().transpose()).add(v as Tensor)], ys: [] }),
    [sg.zeros([2, 4])],
    [random(2, 3, 2, 4)],
  );
  expectSameBits(f(random(2, 3, 2, 4)), direct.carry[0] as Tensor);
});

describe('products whose right operand no step changes', () => {
  afterAll(() => sg.setThreads(1));

  // Several blocks of k; panels that are not full; few rows; a transposed operand; a batch of products.
  it.each([
    { rows: 7, units: 37, transposed: false, isPacked: true },
    { rows: 7, units: 300, transposed: true, isPacked: true },
    { rows: 33, units: 413, transposed: false, isPacked: true },
    { rows: 1, units: 40, transposed: true, isPacked: true },
    { rows: 3, units: 40, transposed: false, isPacked: false },
  ])('$rows rows, $units units, transposed $transposed: packed before the loop is $isPacked', async (c) => {
    const w = random(1, c.units, c.units).mul(0.1);
    const x = random(2, 3, c.rows, c.units);
    const step: Step = ([h], [v]) => {
      const next = sg
        .matMul(h as Tensor, w, false, c.transposed)
        .add(v as Tensor)
        .tanh();
      return { carry: [next], ys: [next, v as Tensor] };
    };
    const init = sg.zeros([c.rows, c.units]);
    const results = (run: typeof unrolled) => (xs: Tensor) => {
      const { carry, ys } = run(step, [init], [xs]);
      return [...carry, ...ys];
    };
    const expected = results(unrolled)(x);
    const f = sg.jit(results(loop));
    for (const threads of [1, 2]) {
      await sg.setThreads(threads);
      f(x).forEach((t, i) => {
        expectSameBits(t, expected[i] as Tensor, `${threads} threads`);
      });
      const names = f
        .describe(x)
        .split('\n')
        .map((l) => l.trim().split(/\s+/)[1]);
      expect(names.filter((n) => n === 'PackPanels').length).toBe(Number(c.isPacked));
      if (c.isPacked) expect(names.indexOf('PackPanels')).toBeLessThan(names.indexOf('Loop'));
    }
    await sg.setThreads(1);
  });

  it('one that a step makes is left where it is', () => {
    const x = random(3, 4, 6, 6);
    const f = sg.jit(
      (xs: Tensor) =>
        loop(
          ([h], [v]) => ({ carry: [(h as Tensor).matMul(v as Tensor).matMul(h as Tensor)], ys: [] }),
          [sg.eye(6)],
          [xs],
        ).carry[0] as Tensor,
    );
    expect(f.describe(x)).not.toContain('PackPanels');
  });

  it('the pass leaves alone what comes back as it was given', () => {
    const x = random(4, 5, 2, 3);
    const f = sg.jit((xs: Tensor) => {
      const { carry, ys } = loop(
        ([h], [v]) => ({ carry: [(h as Tensor).add(v as Tensor)], ys: [v as Tensor] }),
        [sg.zeros([2, 3])],
        [xs.neg()],
      );
      return [carry[0] as Tensor, (ys[0] as Tensor).square()];
    });
    const body = f
      .describe(x)
      .split('\n')
      .filter((l) => /^ {5,}/.test(l));
    expect(body.filter((l) => l.includes('StridedCopy')).length).toBeLessThanOrEqual(1);
    expectSameBits(f(x)[1] as Tensor, x.square());
  });
});

describe('carried values', () => {
  const [w, x, init] = [random(1, 6, 6), random(2, 5, 7, 6), sg.zeros([7, 6])];
  const run = (xs: Tensor): { carry: Tensor[]; ys: Tensor[] } =>
    loop(
      ([h, c], [v]) => {
        const next = (h as Tensor)
          .matMul(w)
          .add(v as Tensor)
          .tanh();
        return { carry: [next, (c as Tensor).mul(0.5).add(next)], ys: [next] };
      },
      [init, init],
      [xs],
    );
  const inLoops = (text: string): string[] => text.split('\n').filter((l) => /^ {5,}\d/.test(l));

  it('are computed where the next step, or a gradient, finds them', () => {
    const f = sg.jit((xs: Tensor) => {
      const { carry, ys } = run(xs);
      return [...carry, ...ys];
    });
    expect(inLoops(f.describe(x)).filter((l) => l.includes('StridedCopy'))).toEqual([]);
    const g = sg.jit((xs: Tensor) =>
      sg.grad((t: Tensor) => {
        const { carry, ys } = run(t);
        return (carry[1] as Tensor).sum().add((ys[0] as Tensor).square().sum());
      })(xs),
    );
    expect(inLoops(g.describe(x)).filter((l) => l.includes('StridedCopy'))).toEqual([]);
  });

  it('that later steps of a step still need are set aside', () => {
    const f = sg.jit(
      (xs: Tensor) =>
        loop(
          ([h, c], [v]) => ({
            carry: [(v as Tensor).add(c as Tensor), (h as Tensor).matMul(w).mul(c as Tensor)],
            ys: [],
          }),
          [init.add(1), init.add(2)],
          [xs],
        ).carry,
    );
    const expected = unrolled(
      ([h, c], [v]) => ({ carry: [(v as Tensor).add(c as Tensor), (h as Tensor).matMul(w).mul(c as Tensor)], ys: [] }),
      [init.add(1), init.add(2)],
      [x],
    ).carry;
    f(x).forEach((t, i) => {
      expectSameBits(t, expected[i] as Tensor);
    });
  });
});
