/** Products of batches of matrices: how many commands they become. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectSameBits } from '../support/compare';
import { uniform } from '../support/random';
import { compile } from './compile';

type Tensor = sg.Tensor;

const given = (seed: number, ...shape: number[]): Tensor =>
  sg.tensor(
    uniform(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

describe('products of batches', () => {
  it.each<[string, number, Tensor, Tensor]>([
    ['two dimensions that step evenly', 1, given(1, 3, 4, 5, 6), given(2, 3, 4, 6, 2)],
    ['three of them', 1, given(3, 2, 3, 2, 1, 6), given(4, 2, 3, 2, 6, 2)],
    ['dimensions of size 1 between', 1, given(5, 3, 1, 4, 5, 2), given(6, 3, 1, 4, 2, 2)],
    ['one matrix for all', 1, given(7, 3, 4, 5, 6), given(8, 6, 2)],
    ['a matrix for each group', 3, given(9, 3, 4, 5, 6), given(10, 3, 1, 6, 2)],
    ['a first factor for all', 1, given(11, 5, 6), given(12, 3, 4, 6, 2)],
    ['crossed', 3, given(13, 3, 1, 5, 6), given(14, 1, 4, 6, 2)],
    ['no batch at all', 1, given(15, 1, 1, 5, 6), given(16, 1, 1, 6, 2)],
  ])('%s: %i commands', (_, count, a, b) => {
    const { names, run } = compile((x, y) => sg.matMul(x, y), [a, b]);
    expect(names).toEqual(new Array(count).fill('Gemm'));
    const [got] = run() as [Tensor];
    // Each product on its own.
    const [m, n] = got.shape.slice(-2) as [number, number];
    const lead = got.shape.slice(0, -2);
    const all = (t: Tensor): Tensor =>
      t.broadcastTo([...lead, ...t.shape.slice(-2)]).reshape([-1, ...t.shape.slice(-2)]);
    const [as, bs] = [sg.unstack(all(a)), sg.unstack(all(b))];
    const one = sg.stack(as.map((x, i) => sg.matMul(x, bs[i] as Tensor))).reshape([...lead, m, n]);
    expectSameBits(got, one, 'products');
  });

  it('the gradient of a matrix that a batch shares is one product', () => {
    const [x, w] = [given(21, 4, 3, 5), given(22, 5, 6)];
    const { names } = compile((a, b) => sg.grad((v: Tensor) => a.matMul(v).square().sum())(b), [x, w]);
    expect(names.filter((n) => n === 'Gemm')).toHaveLength(2);
    expect(names).not.toContain('Reduce');
  });
});
