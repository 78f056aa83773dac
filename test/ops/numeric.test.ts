/** Elementwise functions, reductions, cumulative functions and sorting: errors, memory, promises, and which public functions have rows. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import * as sorting from '../../src/ops/indexing/sorting';
import * as arithmetic from '../../src/ops/math/arithmetic';
import * as counting from '../../src/ops/math/counting';
import * as cumulative from '../../src/ops/math/cumulative';
import * as reduce from '../../src/ops/math/reduce';
import * as activations from '../../src/ops/neural/activations';
import { functionTable } from '../tables/functions/table';

type Tensor = sg.Tensor;

const ints = (...values: number[]): Tensor => sg.tensor1d(values, 'int32');

describe('the table of rows', () => {
  const names = Object.keys({ ...arithmetic, ...activations, ...counting, ...reduce, ...cumulative, ...sorting });
  // Its rows would need a promise; below.
  const apart = ['inTopKAsync'];

  it.each(names.filter((n) => !apart.includes(n)))('has %s', (name) => {
    const rows = functionTable[name] ?? functionTable[`math.${name}`];
    expect(rows?.length).toBeGreaterThan(0);
  });

  it.each(names)('%s is public', (name) => {
    expect(name in sg || name in sg.math).toBe(true);
  });
});

describe('inTopKAsync', () => {
  it.each([
    [1, [1, 1, 0, 0]],
    [2, [1, 1, 0, 1]],
    [3, [1, 1, 1, 1]],
  ])('k = %i', async (k, expected) => {
    const predictions = sg.tensor2d([
      [0.1, 0.8, 0.1],
      [0.3, 0.3, 0.3],
      [0.5, 0.3, 0.2],
      [0.2, 0.6, 0.2],
    ]);
    const found = await sg.inTopKAsync(predictions, ints(1, 0, 2, 0), k);
    expect(found.dtype).toBe('bool');
    expect([...found.dataSync()]).toEqual(expected);
    const again = await predictions.inTopKAsync(ints(1, 0, 2, 0), k);
    expect([...again.dataSync()]).toEqual(expected);
  });

  it('of higher rank', async () => {
    const found = await sg.inTopKAsync(sg.tensor3d([[[1, 2]], [[4, 3]]]), sg.tensor2d([[1], [1]]));
    expect(found.arraySync()).toEqual([[1], [0]]);
  });

  it.each([
    [sg.zeros([3]), sg.zeros([]), 1, sg.ShapeError],
    [sg.zeros([2, 3]), sg.zeros([3]), 1, sg.ShapeError],
    [sg.zeros([2, 3]), sg.zeros([2]), 0, sg.ArgumentError],
    [sg.zeros([2, 3]), sg.zeros([2]), 4, sg.ArgumentError],
  ])('bad input %#', async (p, t, k, error) => {
    await expect(sg.inTopKAsync(p, t, k)).rejects.toThrow(error);
  });
});

describe('errors', () => {
  const m = sg.zeros([2, 3]);
  it.each([
    ['shapes that do not broadcast', () => sg.add(m, sg.zeros([2])), sg.ShapeError, /add: .*\[2, 3\].*\[2\]/],
    ['shapes of atan2', () => sg.atan2(m, sg.zeros([2])), sg.ShapeError, /atan2/],
    ['shapes of prelu', () => sg.prelu(m, sg.zeros([2])), sg.ShapeError, /\[2\]/],
    ['no tensor', () => sg.sin(null as never), sg.ArgumentError, /sin: x must be a tensor/],
    ['no second tensor', () => sg.pow(m, undefined as never), sg.ArgumentError, /pow: b must be a tensor/],
    ['clip of nothing', () => sg.clipByValue(m, 1, 0), sg.ArgumentError, /min 1 must not exceed max 0/],
    ['clip to NaN', () => sg.clipByValue(m, Number.NaN, 0), sg.ArgumentError, /NaN/],
    ['addN of none', () => sg.addN([]), sg.ArgumentError, /at least one/],
    ['addN of two shapes', () => sg.addN([m, sg.zeros([3])]), sg.ShapeError, /tensors\[1\].*\[3\].*\[2, 3\]/],
    ['addN of two types', () => sg.addN([m, sg.zeros([2, 3], 'int32')]), sg.DTypeError, /tensors\[1\] is int32/],
    ['bits of floats', () => sg.bitwiseAnd(m, m), sg.DTypeError, /int32, got float32/],
    ['logic of numbers', () => sg.logicalXor(m, m), sg.DTypeError, /logicalXor.*bool.*float32/],
    ['any of numbers', () => sg.any(m), sg.DTypeError, /any.*bool/],
    ['an axis outside', () => sg.sum(m, 2), sg.ArgumentError, /sum: axis 2/],
    ['an axis twice', () => sg.max(m, [0, -2]), sg.ArgumentError, /twice/],
    ['argMax of nothing', () => sg.argMax(sg.zeros([2, 0]), 1), sg.ShapeError, /argMax: axis 1 of \[2, 0\] is empty/],
    ['norm of an unknown order', () => sg.norm(m, 3), sg.ArgumentError, /ord 3.*vectors/],
    ['norm of vectors by fro', () => sg.norm(m, 'fro', 1), sg.ArgumentError, /'?fro'?.*vectors/],
    ['norm of matrices by 2', () => sg.norm(m, 2, [0, 1]), sg.ArgumentError, /ord 2.*matrices/],
    ['norm of one axis twice', () => sg.norm(m, 1, [0, -2]), sg.ArgumentError, /twice/],
    ['norm of three axes', () => sg.norm(sg.zeros([1, 1, 1]), 1, [0, 1, 2]), sg.ArgumentError, /one or two axes/],
    ['cumsum of a scalar', () => sg.cumsum(1), sg.ArgumentError, /cumsum: axis 0/],
    ['cumprod outside', () => m.cumprod(-3), sg.ArgumentError, /cumprod: axis -3/],
    ['a recurrence of two shapes', () => sg.linearRecurrence(m, sg.zeros([3])), sg.ShapeError, /\[2, 3\].*\[3\]/],
    ['topk of a scalar', () => sg.topk(1), sg.ShapeError, /topk/],
    ['more than all', () => sg.topk(m, 4), sg.ArgumentError, /from 0 to 3, got 4/],
    ['half an element', () => sg.topk(m, 1.5), sg.ArgumentError, /1.5/],
    [
      'search in other rows',
      () => sg.searchSorted(m, sg.zeros([3, 2])),
      sg.ShapeError,
      /searchSorted.*\[2, 3\].*\[3, 2\]/,
    ],
    ['search on no side', () => sg.searchSorted(m, m, 'middle' as never), sg.ArgumentError, /'middle'/],
    ['search in a scalar', () => sg.lowerBound(1, [1]), sg.ShapeError, /lowerBound/],
    ['unique of a scalar', () => sg.unique(1), sg.ShapeError, /unique/],
    ['bincount of floats', () => sg.bincount(m, [], 3), sg.DTypeError, /int32, got float32/],
    ['bincount of other weights', () => sg.bincount(ints(1, 2), [1], 3), sg.ShapeError, /\[1\] for \[2\]/],
    ['bincount into -1 bins', () => sg.bincount(ints(1), [], -1), sg.ArgumentError, /size.*-1/],
    ['bincount of -1', () => sg.bincount(ints(1, -1), [], 3), sg.IndexError, /bincount: index -1 is outside \[0, 3\)/],
    ['denseBincount of rank 3', () => sg.denseBincount(sg.zeros([1, 1, 1], 'int32'), [], 3), sg.ShapeError, /rows, n/],
    ['confusion of rank 2', () => sg.math.confusionMatrix(m, m, 2), sg.ShapeError, /confusionMatrix/],
    [
      'confusion of a matrix and a list',
      () => sg.math.confusionMatrix([[0], [1]], [0, 1], 2),
      sg.ShapeError,
      /\[2, 1\]/,
    ],
    [
      'confusion of a list and a matrix',
      () => sg.math.confusionMatrix([0, 1], [[0], [1]], 2),
      sg.ShapeError,
      /\[2, 1\]/,
    ],
    ['confusion of other lengths', () => sg.math.confusionMatrix([0, 1], [0], 2), sg.ShapeError, /\[2\] and \[1\]/],
    ['confusion of no classes', () => sg.math.confusionMatrix([1], [1], 0), sg.ArgumentError, /numClasses/],
  ] as [string, () => unknown, new (message: string) => Error, RegExp][])('%s', (_, run, error, message) => {
    const before = sg.memory().numTensors;
    expect(() => sg.tidy(() => run() as Tensor)).toThrow(error);
    expect(() => sg.tidy(() => run() as Tensor)).toThrow(message);
    // What the attempt itself had made is gone; operands made in the call are in the tidy.
    expect(sg.memory().numTensors).toBe(before);
  });

  it('unique has no shape in a function that is compiled', () => {
    expect(() => sg.jit((x: sg.Tensor) => sg.unique(x).values.sum())(sg.ones([3]))).toThrow(sg.StateError);
  });
});

describe('memory', () => {
  const x = sg.tensor2d([
    [0.1, -0.5, 0.7],
    [0.2, 0.4, -0.3],
  ]);
  const n = sg.tensor2d(
    [
      [1, 2, 3],
      [3, 2, 1],
    ],
    undefined,
    'int32',
  );
  const calls: Readonly<Record<string, () => Tensor | Tensor[]>> = {
    'sin of int32': () => sg.sin(n),
    'add a number': () => sg.add(x, 1),
    'add two types': () => sg.add(n, x),
    'div of int32': () => sg.div(n, n),
    'clip of int32': () => n.clipByValue(0, 2),
    'step of int32': () => n.step(),
    'where of numbers': () => sg.where(x.greater(0), 1, x),
    'mean of int32': () => n.mean(),
    argMax: () => x.argMax(-1),
    softmax: () => sg.softmax(x, 0),
    prelu: () => sg.prelu(x, 0.5),
    divNoNan: () => sg.divNoNan(x, n),
    ...Object.fromEntries(
      [
        'relu6',
        'elu',
        'selu',
        'gelu',
        'mish',
        'swish',
        'silu',
        'hardSigmoid',
        'logSigmoid',
        'logSumExp',
        'norm',
        'cumsum',
        'cumprod',
      ].flatMap((name) =>
        [x, n].map((t) => [
          `${name} of ${t.dtype}`,
          () => (sg as unknown as Record<string, (x: Tensor) => Tensor>)[name]?.(t) as Tensor,
        ]),
      ),
    ),
    addN: () => sg.addN([x, x, x]),
    'addN of one': () => sg.addN([x]),
    'abs of bool': () => sg.cast(x, 'bool').abs(),
    'cast to the same type': () => n.cast('int32'),
    'cast to another type': () => sg.cast(n, 'float32'),
    'where as a method': () => n.where([[true, false, true]], n),
    toFloat: () => x.toFloat(),
    toInt: () => n.toInt(),
    toBool: () => n.toBool(),
    topk: () => Object.values(sg.topk(n, 2)),
    unique: () => Object.values(sg.unique(n)),
    moments: () => Object.values(sg.moments(n)),
    searchSorted: () => sg.searchSorted([1, 2], [0, 3]),
    bincount: () => sg.bincount(n, [], 4),
    denseBincount: () => sg.denseBincount(n, [], 4, true),
    confusionMatrix: () => sg.math.confusionMatrix([1, 0], [1, 1], 2),
  };
  // These make one operand of their own before the function is called.
  const operands: Readonly<Record<string, number>> = { 'where of numbers': 1, 'abs of bool': 1 };

  it.each(Object.keys(calls))('%s leaves its results alone', (name) => {
    const before = sg.memory().numTensors;
    const results = [(calls[name] as () => Tensor | Tensor[])()].flat();
    expect(sg.memory().numTensors - before).toBe(results.length + (operands[name] ?? 0));
    for (const t of results) t.dispose();
    // Operands survive.
    expect(x.isDisposed || n.isDisposed).toBe(false);
    expect([...n.dataSync()]).toEqual([1, 2, 3, 3, 2, 1]);
  });

  it('the gradient of prod takes memory in proportion to the elements: their square would be 4 GB here', () => {
    const slopes = sg.tidy(() =>
      sg
        .grad((v) => sg.prod(v, 1).sum())(sg.ones([1, 32_000]))
        .dataSync(),
    );
    expect(slopes.every((v) => v === 1)).toBe(true);
  });
});

describe('gradients at kinks and ends', () => {
  const slope = (f: (x: Tensor) => Tensor, values: number[]): number[] => [
    ...sg
      .grad((x) => f(x).sum())(sg.tensor1d(values))
      .dataSync(),
  ];

  it.each([
    ['elu', (x: Tensor) => sg.elu(x), [0, 1000, -1000], [1, 1, 0]],
    ['selu', (x: Tensor) => sg.selu(x), [1000, -1000], [Math.fround(1.0507009873554805), 0]],
    ['relu6', (x: Tensor) => sg.relu6(x), [0, 3, 6, 7], [0, 1, 1, 0]],
    ['prelu', (x: Tensor) => sg.prelu(x, 0.25), [-1, 0, 1], [0.25, 0.25, 1]],
    ['softplus by logSigmoid', (x: Tensor) => sg.logSigmoid(x), [-1000, 1000], [1, 0]],
    ['divNoNan', (x: Tensor) => sg.divNoNan(1, x), [0, 2], [0, -0.25]],
    ['pow(x, 2) at 0', (x: Tensor) => sg.pow(x, 2), [0, -3], [0, -6]],
    ['pow(x, 0) at 0', (x: Tensor) => sg.pow(x, 0), [0, 2], [0, 0]],
    ['pow(2, x)', (x: Tensor) => sg.pow([0, -2], x), [2, 2], [0, 0]],
    ['cumprod with zeros', (x: Tensor) => sg.cumprod(x), [2, 0, 3, 0], [1, 8, 0, 0]],
    [
      'norm at 0',
      (x: Tensor) => sg.norm(x.reshape([2, 2]), 'euclidean', 1),
      [0, 0, 3, 4],
      [0, 0, Math.fround(0.6), Math.fround(0.8)],
    ],
    ['max of equal ones', (x: Tensor) => sg.max(x), [1, 1, 0], [0.5, 0.5, 0]],
    ['topk', (x: Tensor) => sg.topk(x, 2).values, [1, 3, 3, 3], [0, 1, 1, 0]],
  ] as [string, (x: Tensor) => Tensor, number[], number[]][])('%s', (_, f, at, expected) => {
    expect(slope(f, at).map((v) => v + 0)).toEqual(expected);
  });
});
