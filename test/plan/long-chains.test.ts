/** Long chains: planning takes time in proportion to their length. In its square, each of these would take many minutes. */
import { afterEach, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { loop } from '../../src/plan/loop';
import { Occupied } from '../../src/plan/passes/occupied';
import { Chooser } from '../support/random';
import { compile } from './compile';

type Tensor = sg.Tensor;

const repeat = (count: number, x: Tensor, step: (x: Tensor, i: number) => Tensor): Tensor => {
  let y = x;
  for (let i = 0; i < count; i++) y = step(y, i);
  return y;
};

afterEach(() => expect(sg.getThreads()).toBe(1));

describe('chains', () => {
  const axpb = (x: Tensor): Tensor => x.mul(1.0001).add(0.001);

  it('of elementwise steps are one pass', () => {
    const { names, program } = compile((x) => repeat(20_000, x, axpb), [sg.ones([8])]);
    expect(names.filter((name) => name === 'Map')).toHaveLength(1);
    program.dispose();
  });

  it('of elementwise steps, with their gradient', () => {
    const slope = sg.grad((x) => repeat(10_000, x, axpb))(sg.ones([2]));
    expect(slope.dataSync()[0]).toBe([...Array(10_000)].reduce((g: number) => Math.fround(g * Math.fround(1.0001)), 1));
  });

  it('that all read one value', () => {
    const slope = sg.grad((x) => repeat(5000, x, (y) => y.mul(x).add(0.5)))(sg.fill([4], 0.5));
    // y = 1/2 x + 1/2 + ... tends to 1; y' = y + x y'.
    expect(slope.dataSync()[0]).toBeCloseTo(2, 4);
  });

  it('of products, with gradients of what they share', () => {
    const w = sg.variable(sg.eye(4), true, 'longChainKernel');
    const { grads } = sg.variableGrads(() => repeat(4000, sg.ones([2, 4]), (y) => y.matMul(w).relu()).sum());
    expect(grads.longChainKernel?.dataSync()[0]).toBe(8000);
  });

  it('of assignments', () => {
    const [v, w] = [sg.variable(sg.ones([4])), sg.variable(sg.zeros([4]))];
    const f = sg.jit((x: Tensor) =>
      repeat(5000, x, (y) => {
        const old = v.clone();
        v.assign(w.add(1));
        w.assign(old);
        return y.add(old).mul(0.5);
      }),
    );
    f(sg.zeros([4]));
    expect([v, w].map((t) => t.dataSync()[0])).toEqual([2501, 2500]);
  });

  it('of an optimizer’s steps', () => {
    const v = sg.variable(sg.tensor1d([0, 2]));
    const optimizer = sg.train.sgd(0.25);
    const f = sg.jit((x: Tensor) => {
      for (let i = 0; i < 2000; i++) optimizer.minimize(() => v.sub(x).square().sum(), false, [v]);
    });
    f(sg.ones([2]));
    expect([...v.dataSync()]).toEqual([1, 1]);
  });

  it('of slices of one value, with its gradient', () => {
    const slope = sg.grad((x) => repeat(4000, x.slice([0], [1]), (y, i) => y.add(x.slice([i], [1]))))(sg.ones([4000]));
    expect([...slope.dataSync().subarray(0, 3)]).toEqual([2, 1, 1]);
  });

  it('inside a step of a loop, with gradients', () => {
    const w = sg.tensor1d([1, 1]);
    const slope = sg.grad((t) => {
      const { carry } = loop(
        ([c], [x]) => ({ carry: [repeat(3000, c as Tensor, (y) => y.mul(t).add(x as Tensor))], ys: [] }),
        [sg.zeros([2])],
        [sg.zeros([2, 2])],
      );
      return (carry[0] as Tensor).sum();
    })(w);
    expect([...slope.dataSync()]).toEqual([0, 0]);
  });

  it('of rotations', () => {
    const count = 4000;
    const vs = Array.from({ length: count }, (_, i) => sg.variable(sg.scalar(i)));
    sg.jit(() => {
      const olds = vs.map((v) => v.clone());
      vs.forEach((v, i) => {
        v.assign(olds[(i + 1) % count] as Tensor);
      });
    })();
    expect([0, 1, count - 1].map((i) => vs[i]?.dataSync()[0])).toEqual([1, 2, 0]);
    sg.dispose(vs);
  });
});

describe('places', () => {
  it('are the lowest that are free, whatever was taken before', () => {
    for (let seed = 0; seed < 60; seed++) {
      const choose = new Chooser(seed);
      const moments = 1 + choose.below(40);
      const occupied = new Occupied(moments);
      const taken: { first: number; last: number; at: number; bytes: number }[] = [];
      for (let i = 0; i < 50; i++) {
        const first = choose.below(moments);
        const last = first + choose.below(moments - first);
        const bytes = 1 + choose.below(6);
        const rivals = taken.filter((t) => t.first <= last && first <= t.last);
        const isFree = (at: number): boolean => rivals.every((t) => t.at + t.bytes <= at || at + bytes <= t.at);
        let lowest = 0;
        while (!isFree(lowest)) lowest++;
        const at = occupied.firstFit(first, last, bytes);
        expect(at, `seed ${seed}, ${i}`).toBe(lowest);
        occupied.take(first, last, at, bytes);
        taken.push({ first, last, at, bytes });
      }
    }
  });
});
