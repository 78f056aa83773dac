/** Calls on real tensors leave their results behind and nothing else, and their operands alone. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { arrangingFunctions } from './arranging';
import type { FunctionCase } from './case';
import { tensorOf } from './checks';
import { creationFunctions } from './creation';
import { indexingFunctions } from './indexing';
import { shapingFunctions } from './shaping';

const tables = { ...arrangingFunctions, ...creationFunctions, ...indexingFunctions, ...shapingFunctions };

function leftBehind(c: FunctionCase): string | undefined {
  const inputs = c.inputs.map(tensorOf);
  const values = inputs.map((t) => t.dataSync());
  const before = sg.memory().numTensors;
  const results = [c.run(...inputs)].flat() as sg.Tensor[];
  const made = sg.memory().numTensors - before;
  if (made !== results.length) return `${made} tensors were made for ${results.length} results`;
  sg.dispose(results);
  if (sg.memory().numTensors !== before) return 'results share a handle';
  for (const [i, t] of inputs.entries()) {
    if (t.isDisposed) return `operand ${i} was disposed`;
    if (!t.dataSync().every((v, k) => Object.is(v, values[i]?.[k]))) return `operand ${i} was changed`;
  }
  sg.dispose(inputs);
  return undefined;
}

describe.each(Object.entries(tables))('%s', (_, rows) => {
  it('leaves nothing behind', () => {
    const complaints = rows.flatMap((c) => {
      const complaint = leftBehind(c);
      return complaint ? [`${c.name}: ${complaint}`] : [];
    });
    expect(complaints).toEqual([]);
  });
});

it('arrays given as operands of indexing go again', () => {
  const before = sg.memory().numTensors;
  const results = [
    sg.gather([[1, 2]], [0, 0]),
    sg.gatherND([[1, 2]], [[0, 1]]),
    sg.scatterND([0, 0], [1, 2], [2]),
    sg.tensorScatterUpdate([1, 2], [[1]], [5]),
    sg.sparseToDense([1], [2], [3], 4),
    sg.unsortedSegmentSum([1, 2], [0, 0], 1),
  ];
  expect(sg.memory().numTensors).toBe(before + results.length);
});
