/** Gradients of slices side by side are joined: their number of ops and their memory grow with the slices, not with the square. */
import { describe, expect, it } from 'vitest';
import { gradients } from '../../src/autodiff/reverse';
import * as sg from '../../src/index';
import { reachable } from '../../src/plan/passes/simplify';
import { record, traceInput } from '../../src/plan/trace';
import { Graph } from '../../src/tensor/graph';
import { expectClose } from '../support/compare';
import { uniform } from '../support/random';

type Tensor = sg.Tensor;
const total = (list: readonly Tensor[]): Tensor => list.reduce((a, b) => a.add(b));

/** How often each op stands in the gradient. */
function opsOf(shape: number[], f: (x: Tensor) => Tensor): Map<string, number> {
  const graph = new Graph();
  const x = traceInput(graph, { shape, dtype: 'float32' });
  const [g] = record(graph, () => gradients(graph, f(x), [x])) as [Tensor];
  const counts = new Map<string, number>();
  for (const node of reachable([g.node(graph, 'test')])) counts.set(node.op, (counts.get(node.op) ?? 0) + 1);
  return counts;
}

const joins: readonly [string, number[], (x: Tensor) => Tensor, (i: number[], x: number) => number][] = [
  [
    'unstack',
    [4, 12, 3],
    (x) => total(x.unstack(1).map((v, t) => v.square().mul(t))).sum(),
    ([, t], x) => 2 * x * (t as number),
  ],
  [
    'split',
    [2, 9],
    (x) => total(x.split(3, 1).map((v, k) => v.square().mul(k + 1))).sum(),
    ([, j], x) => 2 * x * (Math.floor((j as number) / 3) + 1),
  ],
  [
    'slices with gaps',
    [8],
    (x) => x.slice(5, 2).square().sum().add(x.slice(1, 2).square().sum()),
    ([i], x) => ([1, 2, 5, 6].includes(i as number) ? 2 * x : 0),
  ],
  [
    'slices and the whole',
    [6],
    (x) => x.slice(4, 2).sum().add(x.square().sum()).add(x.slice(0, 3).sum()),
    ([i], x) => 2 * x + (i === 3 ? 0 : 1),
  ],
];

describe('gradients of disjoint slices', () => {
  it.each(joins)('%s', (_, shape, f, expected) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = uniform(3, size);
    const index = (k: number): number[] =>
      shape.map((d, i) => Math.floor(k / shape.slice(i + 1).reduce((a, b) => a * b, 1)) % d);
    const g = sg.grad(f)(sg.tensor(values, shape));
    expectClose(
      g.dataSync(),
      Array.from(values, (v, k) => expected(index(k), v)),
      1e-6,
    );
    const ops = opsOf(shape, f);
    expect([ops.get('pad'), ops.get('concat')]).toEqual([undefined, 1]);
  });

  it('overlapping ones are added', () => {
    const f = (x: Tensor): Tensor => x.slice(0, 3).square().sum().add(x.slice(2, 3).sum());
    expect(
      sg
        .grad(f)(sg.tensor1d([1, 2, 3, 4, 5]))
        .arraySync(),
    ).toEqual([2, 4, 7, 1, 1]);
    expect(opsOf([5], f).get('pad')).toBe(2);
  });

  it('ones along different axes are added', () => {
    const f = (x: Tensor): Tensor =>
      x
        .slice([0, 0], [1, 2])
        .sum()
        .add(x.slice([0, 1], [2, 1]).sum());
    expect(
      sg
        .grad(f)(sg.zeros([2, 2]))
        .arraySync(),
    ).toEqual([
      [1, 2],
      [0, 1],
    ]);
  });

  it('second derivatives go through', () => {
    const f = (x: Tensor): Tensor => total(x.unstack().map((v, i) => v.pow(3).mul(i + 1)));
    const second = sg.grad((x) => sg.grad(f)(x).sum())(sg.tensor1d([1, 2, 3]));
    expectClose(second.dataSync(), [6, 24, 54], 1e-5);
  });
});
