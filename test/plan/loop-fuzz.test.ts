/** Random loops: whatever a step carries, keeps and gives back, the bits are those of its steps written out. */

import { describe, it } from 'vitest';
import * as sg from '../../src/index';
import { loop } from '../../src/plan/loop';
import { expectClose, expectSameBits } from '../support/compare';
import { effort } from '../support/effort';
import { generator, uniform } from '../support/random';
import { touched } from '../support/touched';

type Tensor = sg.Tensor;
type Step = (carry: Tensor[], slices: Tensor[]) => { carry: Tensor[]; ys: Tensor[] };

const SHAPE = [5, 6];
const LENGTH = 4;

/** A step made by chance: carried values may change places, stay, be slices, and be given back before or after. */
function randomStep(seed: number, w: Tensor): { carries: number; sequences: number; step: Step } {
  const next = generator(seed);
  const below = (n: number): number => Math.floor(next() * n);
  const carries = 1 + below(3);
  const sequences = 1 + below(2);
  const makers: ((pool: Tensor[]) => Tensor)[] = Array.from({ length: 1 + below(7) }, (_, i) => {
    const [kind, a, b] = [below(7), next(), next()];
    const pick = (pool: Tensor[], at: number): Tensor =>
      pool[Math.floor(at * Math.min(pool.length, carries + sequences + i))] as Tensor;
    return (pool) => {
      const [x, y] = [pick(pool, a), pick(pool, b)];
      const ops = [
        () => x.add(y),
        () => x.mul(y).relu(),
        () => x.matMul(w),
        () => x.sub(y).tanh(),
        () => x.neg(),
        () => x.mul(0.5).sub(y),
        () => sg.concat([x.slice([0, 0], [-1, 2]), y.slice([0, 2])], 1),
      ];
      return (ops[kind] as () => Tensor)();
    };
  });
  const chosen = Array.from({ length: carries }, () => next());
  const given = Array.from({ length: 1 + below(4) }, () => next());
  const step: Step = (carry, slices) => {
    const pool = [...carry, ...slices];
    for (const make of makers) pool.push(make(pool));
    const at = (share: number): Tensor => pool[Math.floor(share * pool.length)] as Tensor;
    return { carry: chosen.map(at), ys: given.map(at) };
  };
  return { carries, sequences, step };
}

function unrolled(step: Step, init: readonly Tensor[], xs: readonly Tensor[], reverse: boolean) {
  let carry = [...init];
  const rows: Tensor[][] = [];
  for (let i = 0; i < LENGTH; i++) {
    const t = reverse ? LENGTH - 1 - i : i;
    const made = step(
      carry,
      xs.map((x) => x.slice([t], [1]).squeeze([0])),
    );
    carry = made.carry;
    rows[t] = made.ys;
  }
  return { carry, ys: (rows[0] as Tensor[]).map((_, k) => sg.stack(rows.map((row) => row[k] as Tensor))) };
}

describe.each([false, true])('random loops, reverse %s', (reverse) => {
  it.each(Array.from({ length: 12 }, (_, i) => i))('group %i', (group) => {
    for (let seed = 25 * group; seed < 25 * group + effort(25, 8); seed++)
      sg.tidy(() => {
        const make = (k: number, ...shape: number[]): Tensor =>
          sg.tensor(
            uniform(
              97 * seed + k,
              shape.reduce((a, b) => a * b, 1),
              -1,
              1,
            ),
            shape,
          );
        const w = make(1, 6, 6);
        const { carries, sequences, step } = randomStep(seed + 1, w);
        const init = Array.from({ length: carries }, (_, i) => make(2 + i, ...SHAPE));
        const xs = Array.from({ length: sequences }, (_, i) => make(9 + i, LENGTH, ...SHAPE));
        const results = (run: typeof unrolled) => (): Tensor[] => {
          const { carry, ys } = run(step, init, xs, reverse);
          return [...carry, ...ys];
        };
        const expected = results(unrolled)();
        results(loop)().forEach((t, i) => {
          expectSameBits(t, expected[i] as Tensor, `seed ${seed}, result ${i}`);
        });
        const loss = (run: typeof unrolled) =>
          sg.grads((first: Tensor, x: Tensor) => {
            const { carry, ys } = run(step, [first, ...init.slice(1)], [x, ...xs.slice(1)], reverse);
            const parts = [...carry, ...ys].map((t) => t.mul(0.3).sin().sum());
            return [...parts, touched(first), touched(x)].reduce((a, b) => a.add(b));
          })([init[0] as Tensor, xs[0] as Tensor]);
        const [actual, want] = [loss(loop), loss(unrolled)];
        actual.forEach((g, i) => {
          expectClose(g.dataSync(), (want[i] as Tensor).dataSync(), 1e-5, `seed ${seed}, gradient ${i}`);
        });
      });
  });
});
