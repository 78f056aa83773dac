/** Indices outside of their axis: an error that names the call, eager and compiled, and a result that is not kept. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { record, runOnce, traceInput } from '../../src/plan/trace';
import { Graph } from '../../src/tensor/graph';

const x = (): sg.Tensor => sg.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
const ints = (...values: number[]): sg.Tensor => sg.tensor1d(values, 'int32');
const pairs = (...values: number[]): sg.Tensor => sg.tensor2d(values, [values.length / 2, 2], 'int32');

const calls: readonly [string, number, number, (indices: sg.Tensor) => sg.Tensor, sg.Tensor][] = [
  ['gather', 3, 3, (i) => sg.gather(x(), i), ints(0, 3)],
  ['gather', -1, 3, (i) => sg.gather(x(), i), ints(-1, 1)],
  ['gather', 2, 2, (i) => sg.gather(x(), i, 1), ints(1, 2)],
  ['gather', 2147483647, 3, (i) => sg.gather(x(), i), ints(2147483647)],
  ['gather', 5, 3, (i) => sg.gather(sg.zeros([3]), i), ints(2, 5)],
  ['unsortedSegmentSum', 4, 4, (i) => sg.unsortedSegmentSum(x(), i, 4), ints(-1, 3, 4)],
  ['gatherND', 2, 2, (i) => sg.gatherND(x(), i), pairs(0, 1, 2, 2)],
  ['gatherND', -3, 3, (i) => sg.gatherND(x(), i), pairs(-3, 0)],
  ['scatterND', 3, 3, (i) => sg.scatterND(i, [1, 2], [3]), ints(0, 3)],
  ['scatterND', -1, 3, (i) => sg.scatterND(i, [1, 2], [3]), ints(-1, 0)],
  ['tensorScatterUpdate', 7, 2, (i) => sg.tensorScatterUpdate(x(), i, [1]), pairs(0, 7)],
  ['sparseToDense', 9, 5, (i) => sg.sparseToDense(i, [1, 2], [5]), ints(1, 9)],
];

describe('an index outside', () => {
  it.each(calls)('%s: %i of %i', (name, index, limit, call, indices) => {
    const error = new sg.IndexError(`${name}: index ${index} is outside [0, ${limit})`);
    const { numTensors } = sg.memory();
    expect(() => sg.tidy(() => call(indices))).toThrow(error);
    expect(sg.memory().numTensors).toBe(numTensors);
    const graph = new Graph();
    const input = traceInput(graph, indices);
    const out = record(graph, () => call(input));
    expect(() => runOnce(graph, [input], [indices], [out])).toThrow(error);
  });

  it('the next call is not concerned', () => {
    expect(() => sg.gather(x(), [9])).toThrow(sg.IndexError);
    expect([...sg.gather(x(), [2]).dataSync()]).toEqual([5, 6]);
  });
});

describe('the order of sums', () => {
  it('is that of the indices', () => {
    // 1e8 + 1 - 1e8 is 0 in float32, 1e8 - 1e8 + 1 is 1.
    const sum = (...values: number[]): number | undefined => sg.unsortedSegmentSum(values, [1, 1, 1], 2).dataSync()[1];
    expect([sum(1e8, 1, -1e8), sum(1e8, -1e8, 1)]).toEqual([0, 1]);
  });

  it('of int32 is exact, and wraps', () => {
    const t = ints(2 ** 24, 1, 2 ** 31 - 1, 1);
    expect([...sg.unsortedSegmentSum(t, [0, 0, 1, 1], 2).dataSync()]).toEqual([2 ** 24 + 1, -(2 ** 31)]);
  });
});
