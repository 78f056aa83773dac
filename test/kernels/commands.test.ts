/** Commands that no op of the table emits, faults, and what stands between calls. */
import { describe, expect, it } from 'vitest';
import { Count, GatherRows, Op, SUM_TREE_STRIP, SumTree } from '../../assembly/isa';
import { conv2d } from '../../src/ops/conv/convolution';
import { tensor } from '../../src/ops/create/creation';
import { pad } from '../../src/ops/shape/shaping';
import type { Ref } from '../../src/program/ir';
import { engine } from '../../src/runtime/engine';
import { IndexError } from '../../src/support/errors';
import { tidy } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { array } from '../reference/array';
import * as conv from '../reference/conv';
import { gatherRows } from '../reference/movement';
import { sumTree } from '../reference/tree';
import { bitsAt, bitsOf, difference } from '../support/bits';
import { generate } from '../support/generate';
import { apply } from '../support/ops';
import { toTensor } from '../support/run';
import { Sandbox } from '../support/sandbox';

const addressOf = (ref: Ref): number => (ref.buffer.address as number) + ref.offset;

describe('GatherRows', () => {
  const gather = (
    rows: number[],
    limit: number,
    width: number,
  ): { sandbox: Sandbox; out: Ref; expected: ReturnType<typeof array> } => {
    const x = generate({ kind: 'wild', shape: [limit, width] }, 7);
    const sandbox = new Sandbox();
    const out = sandbox.block(rows.length * width * 4, 'result');
    const indices = sandbox.place(array([rows.length], 'int32', rows), 'indices');
    sandbox.command(
      Op.GatherRows,
      GatherRows,
      { src: sandbox.place(x, 'x'), indices, out, count: rows.length, row: width, limit },
      ['out'],
    );
    const inside = rows.map((r) => (r >= 0 && r < limit ? r : 0));
    return { sandbox, out, expected: gatherRows(x, inside) };
  };

  it.each([
    [[0], 1, 1],
    [[2, 0, 2, 4], 5, 3],
    [[4, 3, 2, 1, 0, 0, 0], 5, 17],
    [[], 5, 4],
    [[1, 1], 2, 0],
  ])('rows %j of [%i, %i]', (rows, limit, width) => {
    const { sandbox, out, expected } = gather(rows, limit, width);
    sandbox.run();
    expect(difference(bitsAt(addressOf(out), expected.shape, 'float32'), bitsOf(expected))).toBeUndefined();
    expect(sandbox.damaged()).toEqual([]);
    sandbox.dispose();
  });

  it.each([
    [[0, 5], 5],
    [[-1], 5],
    [[0], 0],
    [[2 ** 31 - 1], 5],
    [[-(2 ** 31)], 5],
  ])('rows %j of %i: an index outside stops the program', (rows, limit) => {
    const { sandbox } = gather(rows, limit, 3);
    const cell = sandbox.place(array([1], 'int32', [0]), 'cell');
    sandbox.command(Op.Count, Count, { cell }, ['cell']);
    const outside = rows[rows.length - 1];
    expect(() => sandbox.run()).toThrow(new IndexError(`sandbox: index ${outside} is outside [0, ${limit})`));
    expect(engine.memory.u32[addressOf(cell) >>> 2]).toBe(0);
    expect(sandbox.damaged()).toEqual([]);
    sandbox.dispose();
  });
});

it('Count changes its cell alone', () => {
  const sandbox = new Sandbox();
  const count = sandbox.place(array([1], 'int32', [-1]), 'count');
  sandbox.command(Op.Count, Count, { cell: count }, ['cell']);
  sandbox.command(Op.Count, Count, { cell: count }, ['cell']);
  sandbox.run();
  expect(engine.memory.u32[addressOf(count) >>> 2]).toBe(1);
  expect(sandbox.damaged()).toEqual([]);
  sandbox.dispose();
});

describe('SumTree', () => {
  it.each([
    [1, [0], 1],
    [2, [0, 1], 2],
    [3, [0, 1, 1], 2],
    [4, [0, 1, 0, 2], 3],
    [7, [0, 1, 0, 2, 0, 1, 2], 4],
  ])('%i blocks, with scratch for as many sums as the stack has', (blocks, additions, depth) => {
    for (const count of [1, 3, 4, 17, 255, 256, 300, 1025]) {
      const sandbox = new Sandbox();
      const xs = Array.from({ length: blocks }, (_, i) => generate({ kind: 'wild', shape: [count] }, 10 * count + i));
      const places = xs.map((x, i) => sandbox.place(x, `block ${i}`));
      const entries = places.flatMap((ref, i) => [addressOf(ref), additions[i] as number]);
      const table = sandbox.place(array([entries.length], 'int32', entries), 'table');
      const out = sandbox.block(count * 4, 'sum');
      const scratch = 128 + depth * SUM_TREE_STRIP * 4;
      sandbox.command(Op.SumTree, SumTree, { table, blocks, count, out, isDouble: 0 }, ['out'], scratch);
      sandbox.run();
      const data = sumTree(xs.map((x) => x.data as Float32Array));
      expect(
        difference(bitsAt(addressOf(out), [count], 'float32'), bitsOf({ shape: [count], dtype: 'float32', data })),
      ).toBeUndefined();
      expect(sandbox.damaged()).toEqual([]);
      sandbox.dispose();
    }
  });
});

describe('a strict oneHot', () => {
  const oneHot = (values: number[]): number[] =>
    tidy(() => [
      ...apply('oneHot', [toTensor(array([values.length], 'int32', values))], {
        depth: 3,
        on: 1,
        off: 0,
        dtype: 'float32',
        strict: true,
      }).dataSync(),
    ]);

  it.each([[[0, 3]], [[-1, 2]]])('%j: an index outside is an error', (values) => {
    const outside = values.find((v) => v < 0 || v > 2);
    expect(() => oneHot(values)).toThrow(new IndexError(`oneHot: index ${outside} is outside [0, 3)`));
  });

  it('the next call is not concerned', () => {
    expect(() => oneHot([9])).toThrow(IndexError);
    expect(oneHot([2])).toEqual([0, 0, 1]);
  });
});

describe('a strict putAlong', () => {
  const put = (indices: number[], label?: string): number[] =>
    tidy(() => {
      const x = tensor([1, 2, 4].slice(0, indices.length));
      const at = toTensor(array([indices.length], 'int32', indices));
      return [...apply('putAlong', [x, at], { size: 3, strict: true, ...(label ? { label } : {}) }).dataSync()];
    });

  it('an index below 0 is an error, one beyond is left out', () => {
    expect(() => put([0, -2])).toThrow(new IndexError('putAlong: index -2 is outside [0, 3)'));
    expect(() => put([-(2 ** 31)], 'counts')).toThrow(new IndexError('counts: index -2147483648 is outside [0, 3)'));
    expect(put([2, 3, 2])).toEqual([0, 0, 5]);
  });
});

describe('calls do not remember', () => {
  it('operands: the same op on other tensors, and on one tensor twice', () => {
    tidy(() => {
      const [a, b] = [tensor([1, 2, 3]), tensor([10, 20, 30])];
      expect([...apply('add', [a, b], {}).dataSync()]).toEqual([11, 22, 33]);
      expect([...apply('add', [b, b], {}).dataSync()]).toEqual([20, 40, 60]);
      expect([...apply('add', [b, a], {}).dataSync()]).toEqual([11, 22, 33]);
      const part = apply('slice', [b], { begin: [1], size: [2] });
      expect([...apply('add', [part, part], {}).dataSync()]).toEqual([40, 60]);
      expect([...apply('add', [apply('slice', [a], { begin: [0], size: [2] }), part], {}).dataSync()]).toEqual([
        21, 32,
      ]);
    });
  });

  it('what stood between the commands of an op', () => {
    tidy(() => {
      const [a, b] = [1, 2].map((value) => apply('fill', [], { shape: [3, 700], value, dtype: 'float32' })) as [
        Tensor,
        Tensor,
      ];
      const sum = (x: Tensor): number[] => [...apply('sum', [x], { axes: [0, 1], keepDims: false }).dataSync()];
      const rows = (x: Tensor): number[] => [...apply('sum', [x], { axes: [1], keepDims: false }).dataSync()];
      expect([sum(a), rows(b), sum(b), rows(a), sum(a)]).toEqual([
        [2100],
        [1400, 1400, 1400],
        [4200],
        [700, 700, 700],
        [2100],
      ]);
      const held = engine.memory.usage.blocks;
      sum(a);
      // The result alone.
      expect(engine.memory.usage.blocks).toBe(held + 1);
    });
  });

  it('paddings: an array that the caller changes afterwards', () => {
    const paddings: [number, number][] = [[1, 0]];
    const padded = (): number[] => tidy(() => [...pad([5], paddings).dataSync()]);
    expect(padded()).toEqual([0, 5]);
    paddings[0] = [0, 1];
    expect(padded()).toEqual([5, 0]);
    const edges: [[number, number], [number, number]] = [
      [1, 0],
      [0, 0],
    ];
    const moved = (): number[] => tidy(() => [...conv2d([[[5]], [[6]]], [[[[1]]]], 1, edges).dataSync()]);
    expect(moved()).toEqual([0, 5, 6]);
    edges[0].reverse();
    expect(moved()).toEqual([5, 6, 0]);
  });

  it('attributes that differ in the sign of zero or in being NaN', () => {
    const fill = (value: number): number =>
      tidy(() => apply('fill', [], { shape: [1], value, dtype: 'float32' }).dataSync()[0]) as number;
    const values = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    expect(values.map(fill)).toEqual(values);
  });
});

it("conv2d pads 'same' as Keras does", () => {
  for (const [size, window, stride, dilation] of [
    [5, 3, 1, 1],
    [6, 3, 2, 1],
    [5, 2, 1, 1],
    [7, 3, 1, 2],
    [4, 1, 3, 1],
    [2, 5, 1, 1],
  ] as const) {
    const x = generate({ kind: 'float', shape: [1, size, size, 2] }, size);
    const filter = generate({ kind: 'float', shape: [window, window, 2, 3] }, window);
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + (window - 1) * dilation + 1 - size);
    const pads = [Math.floor(total / 2), Math.ceil(total / 2)] as const;
    const attrs = {
      strides: [stride, stride],
      dilations: [dilation, dilation],
      padHeight: pads,
      padWidth: pads,
    } as const;
    tidy(() => {
      const y = conv2d(toTensor(x), toTensor(filter), stride, 'same', 'NHWC', dilation);
      expect(difference(bitsAt(y.address(), y.shape, y.dtype), bitsOf(conv.conv2d(x, filter, attrs)))).toBeUndefined();
    });
  }
});
