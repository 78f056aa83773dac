/** What the planner makes one command of, and what it leaves alone. */
import { describe, expect, it } from 'vitest';
import { Join, MAP_OPERANDS, Un } from '../../assembly/isa';
import * as sg from '../../src/index';
import { fuseEpilogues, mergeEqual, reachable } from '../../src/plan/passes/simplify';
import { record, traceInput } from '../../src/plan/trace';
import { Graph, type Node } from '../../src/tensor/graph';
import { expectSameBits } from '../support/compare';
import { uniform } from '../support/random';
import { type Compiled, compile } from './compile';

type Tensor = sg.Tensor;

const given = (seed: number, ...shape: number[]): Tensor =>
  sg.tensor(
    uniform(
      seed,
      shape.reduce((a, b) => a * b, 1),
      -1.5,
      1.5,
    ),
    shape,
  );
const x = given(1, 5, 6);
const w = given(2, 6, 20);
const bias = given(3, 20);

/** Numbers in formulas are filled in by commands of their own. */
const withoutFills = (names: readonly string[]): string[] => names.filter((n) => n !== 'Fill');

/** Compiles, and expects the bits that eager ops give. */
function check(f: (...xs: Tensor[]) => Tensor | readonly Tensor[], inputs: readonly Tensor[]): Compiled {
  const compiled = compile(f, inputs);
  const eager = f(...inputs);
  const expected = eager instanceof sg.Tensor ? [eager] : eager;
  compiled.run().forEach((result, i) => {
    expectSameBits(result, expected[i] as Tensor, `output ${i}`);
  });
  return compiled;
}

const activations: readonly (readonly [string, (t: Tensor) => Tensor, Un])[] = [
  ['relu', (t) => t.relu(), Un.relu],
  ['leakyRelu', (t) => t.leakyRelu(0.3), Un.leakyRelu],
  ['sigmoid', (t) => t.sigmoid(), Un.sigmoid],
  ['tanh', (t) => t.tanh(), Un.tanh],
  ['softplus', (t) => t.softplus(), Un.softplus],
];

describe('epilogues', () => {
  it.each(activations)('a product takes in its bias and %s', (_, activation, code) => {
    const { names, lines } = check((t) => activation(t.matMul(w).add(bias)), [x]);
    expect(names).toEqual(['Gemm']);
    expect(lines[0]).toMatch(/ bias=/);
    expect(lines[0]).toContain(` activation=${code} `);
  });

  it.each(activations)('a convolution takes in its bias and %s', (_, activation, code) => {
    const { names, lines } = check(
      (t) => activation(sg.conv2d(t, given(4, 3, 2, 2, 20), 1, 'same').add(bias)),
      [given(5, 2, 4, 5, 2)],
    );
    expect(names).toEqual(['Conv2d']);
    expect(lines[0]).toMatch(/ bias=/);
    expect(lines[0]).toContain(` activation=${code} `);
  });

  it.each<[string, (t: Tensor) => Tensor]>([
    ['relu6', (t) => t.relu6()],
    ['minimum(relu, a number)', (t) => t.relu().minimum(0.25)],
    ['minimum(a number, relu)', (t) => sg.minimum(0.25, t.relu())],
    ['clipByValue from 0', (t) => t.clipByValue(0, 0.25)],
  ])('products and convolutions take in their bias and %s', (_, activation) => {
    const image = given(5, 2, 4, 5, 2);
    const convolve = (t: Tensor): Tensor => sg.conv2d(t, given(4, 3, 2, 2, 20), 1, 'same');
    for (const product of [(t: Tensor) => t.matMul(w), convolve]) {
      const { names, lines } = check((t) => activation(product(t).add(bias)), [product === convolve ? image : x]);
      expect(names).toEqual([product === convolve ? 'Conv2d' : 'Gemm']);
      expect(lines[0]).toContain(` activation=${Un.clip} `);
    }
  });

  it.each([
    ['a bias alone', (t: Tensor) => t.matMul(w).add(bias)],
    ['an activation alone', (t: Tensor) => t.matMul(w).tanh()],
    ['a bias in front', (t: Tensor) => sg.add(bias, t.matMul(w)).relu()],
    [
      'a bias with dimensions of size 1',
      (t: Tensor) =>
        t
          .matMul(w)
          .add(bias.reshape([1, 20]))
          .relu(),
    ],
    [
      'a matrix as bias',
      (t: Tensor) =>
        t
          .matMul(w)
          .add(given(6, 5, 20))
          .tanh(),
    ],
    ['a bias and a matrix', (t: Tensor) => sg.add(given(6, 5, 20), t.matMul(w).add(bias)).relu()],
    [
      'a matrix after a reshape',
      (t: Tensor) =>
        t
          .matMul(w)
          .reshape([1, 5, 20])
          .reshape([5, 2, 10])
          .add(given(6, 5, 2, 10)),
    ],
    ['a product of many matrices', (t: Tensor) => t.reshape([5, 1, 6]).matMul(w).add(bias).relu()],
  ])('%s', (_, f) => {
    expect(check(f, [x]).names).toEqual(['Gemm']);
  });

  const filter = given(8, 3, 3, 2, 20);
  const image = given(9, 2, 7, 7, 2);
  const rows = [10, 11, 12, 13].map((seed) => given(seed, 20)) as [Tensor, Tensor, Tensor, Tensor];
  const [mean, offset, scale] = rows;
  const variance = rows[3].square();
  const normal = (t: Tensor): Tensor => sg.batchNorm(t, mean, variance, offset, scale);

  it.each([
    ['batch normalization', (t: Tensor) => normal(sg.conv2d(t, filter, 1, 'same')), ['Map', 'Conv2d']],
    [
      'batch normalization and a ReLU with an upper bound',
      (t: Tensor) => sg.relu6(normal(sg.conv2d(t, filter, 1, 'same'))),
      ['Map', 'Conv2d'],
    ],
    [
      'batch normalization of depthwise ones',
      (t: Tensor) => normal(sg.depthwiseConv2d(t, given(14, 3, 3, 2, 10), 1, 'same')).relu(),
      ['Map', 'StridedCopy', 'DepthwiseConv2d'],
    ],
    [
      'batch normalization of Winograd form',
      (t: Tensor) => normal(sg.conv2d(t.tile([1, 1, 1, 4]), given(15, 3, 3, 8, 20), 1, 'same')).relu(),
      ['Map', 'Map', 'Winograd'],
    ],
  ])('a convolution takes in %s', (_, f, names) => {
    expect(withoutFills(check(f, [image]).names)).toEqual(names);
  });

  it('a convolution takes in no batch normalization whose parts are needed', () => {
    const both = (t: Tensor): Tensor[] => {
      const y = sg.conv2d(t, filter, 1, 'same');
      return [y, normal(y)];
    };
    expect(withoutFills(check(both, [image]).names)).toEqual(['Conv2d', 'Map', 'Map']);
    const centered = (t: Tensor): Tensor => {
      const y = sg.conv2d(t, filter, 1, 'same').sub(mean);
      return y.mul(scale).add(offset).mul(y);
    };
    expect(check(centered, [image]).names).toEqual(['Conv2d', 'Map']);
    const biased = (t: Tensor): Tensor => normal(sg.conv2d(t, filter, 1, 'same').add(offset));
    expect(withoutFills(check(biased, [image]).names)).toEqual(['Conv2d', 'Map', 'Map']);
  });

  it.each([
    ['a bias for each row', (t: Tensor) => t.matMul(w).add(given(6, 5, 1)), ['Gemm', 'Map']],
    ['a matrix that adds a dimension', (t: Tensor) => t.matMul(w).add(given(6, 1, 5, 20)), ['Gemm', 'Map']],
    [
      'a matrix after the activation',
      (t: Tensor) =>
        t
          .matMul(w)
          .relu()
          .add(given(6, 5, 20)),
      ['Gemm', 'Map'],
    ],
    [
      'a second matrix',
      (t: Tensor) =>
        t
          .matMul(w)
          .add(given(6, 5, 20))
          .add(given(7, 5, 20)),
      ['Gemm', 'Map'],
    ],
    ['one number for all', (t: Tensor) => t.matMul(w).add(given(6, 1)), ['Gemm', 'Map']],
    ['a bias that adds a dimension', (t: Tensor) => t.matMul(w).add(given(6, 1, 1, 20)), ['Gemm', 'Map']],
    ['a difference', (t: Tensor) => t.matMul(w).sub(bias), ['Gemm', 'Map']],
    ['a bound of NaN', (t: Tensor) => t.matMul(w).relu().minimum(Number.NaN), ['Gemm', 'Fill', 'Map']],
    ['an upper bound alone', (t: Tensor) => t.matMul(w).minimum(6), ['Gemm', 'Fill', 'Map']],
    ['bounds from another number on', (t: Tensor) => t.matMul(w).clipByValue(-1, 1), ['Gemm', 'Map']],
    ['bounds of each column', (t: Tensor) => t.matMul(w).relu().minimum(bias), ['Gemm', 'Map']],
    ['a second activation', (t: Tensor) => t.matMul(w).relu().tanh(), ['Gemm', 'Map']],
    ['a bias after the activation', (t: Tensor) => t.matMul(w).tanh().add(bias), ['Gemm', 'Map']],
    ['a second bias', (t: Tensor) => t.matMul(w).add(bias).add(bias), ['Gemm', 'Map']],
    ['an activation of the input itself', (t: Tensor) => t.relu(), ['Map']],
  ])('not %s', (_, f, names) => {
    expect(check(f, [x]).names).toEqual(names);
  });

  it('not where somebody else needs what stands between', () => {
    const both = (t: Tensor): readonly Tensor[] => {
      const product = t.matMul(w);
      return [product, product.add(bias).relu()];
    };
    expect(check(both, [x]).names).toEqual(['Gemm', 'Map']);
    const twice = (t: Tensor): Tensor => {
      const sum = t.matMul(w).add(bias);
      return sum.relu().mul(sum);
    };
    expect(check(twice, [x]).names).toEqual(['Gemm', 'Map']);
  });

  it('the mask of a ReLU joins the product before it', () => {
    const f = (t: Tensor): Tensor =>
      t
        .matMul(w)
        .relu()
        .matMul(given(8, 20, 3))
        .square()
        .sum();
    const { lines } = compile((t) => sg.grad(f)(t), [x]);
    expect(lines.filter((l) => l.includes(`join=${Join.reluGrad} `))).toHaveLength(1);
    expect(lines.some((l) => l.includes('=reluGrad('))).toBe(false);
    expectSameBits(sg.grad(f)(x), compile((t) => sg.grad(f)(t), [x], { fuse: false }).run()[0] as Tensor);
  });

  it('a ReLU before a pooling masks the gradient while it is scattered', () => {
    const images = given(7, 2, 5, 5, 3);
    const f = (t: Tensor): Tensor => sg.maxPool(t.relu(), 2, 2, 'valid').square().sum();
    const { names, lines } = compile((t) => sg.grad(f)(t), [images]);
    expect(names.filter((n) => n === 'MaxPoolGrad')).toHaveLength(1);
    expect(lines.find((l) => l.includes('MaxPoolGrad'))).toContain('positive=1');
    expectSameBits(sg.grad(f)(images), compile((t) => sg.grad(f)(t), [images], { fuse: false }).run()[0] as Tensor);
  });
});

describe('maps', () => {
  it.each([
    ['a chain', (t: Tensor) => t.add(1).mul(t).tanh().sub(0.5).exp()],
    ['a fork that joins again', (t: Tensor) => t.exp().mul(t.sigmoid()).add(t.exp().neg())],
    [
      'rows and columns that repeat',
      (t: Tensor) =>
        t
          .mul(given(8, 6))
          .add(given(9, 5, 1))
          .sub(given(10, 1)),
    ],
    ['a reshape between', (t: Tensor) => t.exp().reshape([3, 10]).neg().flatten().tanh()],
    ['comparisons and casts', (t: Tensor) => sg.where(t.greater(0.1).logicalNot(), t.neg(), t.cast('int32'))],
  ])('%s is one command', (_, f) => {
    expect(withoutFills(check(f, [x]).names)).toEqual(['Map']);
  });

  it('a value that is needed besides is written on the way', () => {
    const { names, lines } = check(
      (t) => {
        const e = t.exp();
        return [e, e.mul(t).tanh()];
      },
      [x],
    );
    expect(names).toEqual(['Map']);
    expect(lines[0]).toMatch(/output 0=exp.*output 1=tanh/);
  });

  it('reductions, transposes and products stand between', () => {
    expect(check((t) => t.exp().sum(0).neg(), [x]).names).toEqual(['Map', 'Reduce', 'Map']);
    expect(check((t) => t.exp().transpose().neg(), [x]).names).toEqual(['Map', 'StridedCopy', 'Map']);
    expect(check((t) => t.exp().matMul(w).neg(), [x]).names).toEqual(['Map', 'Gemm', 'Map']);
  });

  it('a map with more operands than slots is split', () => {
    const many = Array.from({ length: 3 * MAP_OPERANDS }, (_, i) => given(20 + i, 5, 6));
    const { names, lines } = check((...ts) => ts.reduce((sum, t) => sum.mul(0.9).add(t)), many);
    const maps = withoutFills(names);
    expect(new Set(maps)).toEqual(new Set(['Map']));
    expect(maps.length).toBeGreaterThan(2);
    expect(maps.length).toBeLessThan(8);
    for (const line of lines) expect(new Set(line.match(/input \d+/g)).size).toBeLessThan(MAP_OPERANDS);
  });

  it('blocks, rows longer than a block, and tails give the same bits', () => {
    for (const shape of [[3, 1024], [2, 1025], [1, 5000], [1023], [7, 3, 333]]) {
      const big = given(11, ...shape);
      const row = given(12, shape.at(-1) as number);
      check((t) => t.mul(row).add(t.exp()).sub(row.mul(2)), [big]);
    }
  });
});

describe('equal ops', () => {
  const merged = (f: (t: Tensor) => readonly Tensor[]): string[] => {
    const graph = new Graph();
    const input = traceInput(graph, { shape: [4], dtype: 'float32' });
    const roots = record(graph, () => f(input)).map((t) => t.node(graph, 'test'));
    const { of } = mergeEqual(reachable(roots));
    graph.release();
    return [...new Set(of.values())].filter((n) => n.kind === 'op').map((n) => n.op);
  };

  it('on equal operands are computed once', () => {
    expect(merged((t) => [t.exp().add(t.exp())])).toEqual(['exp', 'add']);
    expect(merged((t) => [t.sum(), t.sum(0), t.sum(0, true)])).toEqual(['sum', 'sum']);
  });

  it('with other operands, attributes or keys are not', () => {
    expect(merged((t) => [t.leakyRelu(0.1), t.leakyRelu(0.2)])).toHaveLength(2);
    expect(merged((t) => [t.sub(t.exp()), t.exp().sub(t)])).toHaveLength(3);
    expect(merged((t) => [sg.dropout(t, 0.5, null, 1), sg.dropout(t, 0.5, null, 2)])).toHaveLength(2);
    expect(merged((t) => [sg.dropout(t, 0.5, null, 1), sg.dropout(t, 0.5, null, 1)])).toHaveLength(1);
    expect(merged((t) => [t.cast('int32'), t.cast('bool')])).toHaveLength(2);
  });

  it('constants that JSON cannot tell apart stay apart', () => {
    const special = [Infinity, -Infinity, Number.NaN, 0, -0];
    expect(merged(() => special.map((v) => sg.fill([2], v)))).toHaveLength(5);
    const f = (t: Tensor): Tensor => sg.concat([...special.map((v) => sg.fill([1], v)), t.clipByValue(-Infinity, 1)]);
    const { value } = sg.valueAndGrad(f)(sg.tensor1d([-5, 5]));
    expect([...value.dataSync()]).toEqual([...special, -5, 1]);
  });

  it('constants of the same bytes with other types stay apart', () => {
    const flags = sg.tensor1d([true, false]);
    const ints = flags.cast('int32');
    const f = (t: Tensor): Tensor => t.greater(0).logicalAnd(flags).cast('float32').add(t.cast('int32').mul(ints));
    expectSameBits(sg.valueAndGrad(f)(sg.tensor1d([2, 3])).value, f(sg.tensor1d([2, 3])));
  });
});

describe('passes', () => {
  it('what nothing needs is not computed, but inputs stay', () => {
    const { names } = check(
      (t) => {
        t.exp().sum();
        return t.neg();
      },
      [x, x],
    );
    expect(names).toEqual(['Map']);
  });

  it('fuseEpilogues keeps the nodes that it is told to keep', () => {
    const graph = new Graph();
    const input = traceInput(graph, { shape: [5, 6], dtype: 'float32' });
    const nodes = record(graph, () => {
      const product = input.matMul(w);
      return [product, product.add(bias)].map((t) => t.node(graph, 'test')) as [Node, Node];
    });
    const ops = (kept: readonly Node[]): string[] => {
      const { of } = fuseEpilogues(reachable(nodes), new Set(kept));
      return reachable([of.get(nodes[1]) as Node])
        .filter((n) => n.kind === 'op')
        .map((n) => n.op);
    };
    expect(ops([])).toEqual(['matMul']);
    expect(ops([nodes[0]])).toEqual(['matMul', 'add']);
    graph.release();
  });
});

describe('fused functions', () => {
  it('become one command', () => {
    const [x, f, bias] = [sg.ones([1, 4, 4, 2]), sg.ones([3, 3, 2, 5]), sg.ones([5])];
    const convolved = compile(
      (t, w, b) =>
        sg.fused.conv2d({
          x: t as sg.Tensor,
          filter: w as sg.Tensor,
          strides: 1,
          pad: 'same',
          bias: b,
          activation: 'relu',
        }),
      [x, f, bias],
    );
    expect(convolved.names).toEqual(['Conv2d']);
    const depthwise = compile(
      (t, w, b) =>
        sg.fused.depthwiseConv2d({
          x: t as sg.Tensor,
          filter: w as sg.Tensor,
          strides: 1,
          pad: 'same',
          bias: b,
          activation: 'sigmoid',
        }),
      [x, sg.ones([3, 3, 2, 1]), sg.ones([2])],
    );
    expect(depthwise.names).toEqual(['DepthwiseConv2d']);
    const multiplied = compile(
      (a, b, c) =>
        sg.fused.matMul({
          a: a as sg.Tensor,
          b: b as sg.Tensor,
          bias: c,
          activation: 'leakyrelu',
          leakyreluAlpha: 0.1,
        }),
      [sg.ones([3, 4]), sg.ones([4, 5]), bias],
    );
    expect(multiplied.names).toEqual(['Gemm']);
  });
});
