/** Calls on real tensors leave their results behind and nothing else, and their operands alone. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { arrangingFunctions } from '../tables/functions/arranging';
import { blockFunctions } from '../tables/functions/blocks';
import type { FunctionCase } from '../tables/functions/case';
import { tensorOf } from '../tables/functions/checks';
import { creationFunctions } from '../tables/functions/creation';
import { indexingFunctions } from '../tables/functions/indexing';
import { shapingFunctions } from '../tables/functions/shaping';
import { slicingFunctions } from '../tables/functions/slicing';

const tables = {
  ...arrangingFunctions,
  ...blockFunctions,
  ...creationFunctions,
  ...indexingFunctions,
  ...shapingFunctions,
  ...slicingFunctions,
};

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

const image = [[[[1, 2, 3, 4]]]];
const cube = [[[1, 2]]];
const calls: Record<string, () => sg.Tensor | sg.Tensor[]> = {
  reshape: () => sg.reshape([1, 2], [2, 1]),
  ensureShape: () => sg.ensureShape([1, 2], [2]),
  clone: () => sg.clone([1, 2]),
  transpose: () => sg.transpose([[1, 2]]),
  expandDims: () => sg.expandDims([1, 2]),
  squeeze: () => sg.squeeze([[1, 2]]),
  slice: () => sg.slice([1, 2], 1),
  slice1d: () => sg.slice1d([1, 2], 1, 1),
  slice3d: () => sg.slice3d(cube, [0, 0, 0], [1, 1, 1]),
  stridedSlice: () => sg.stridedSlice([1, 2], [1], [-3], [-1]),
  reverse: () => sg.reverse([1, 2]),
  reverse3d: () => sg.reverse3d(cube),
  split: () => sg.split([1, 2], 2),
  unstack: () => sg.unstack([1, 2]),
  concat: () => sg.concat([[1, 2], [true]]),
  concat2d: () => sg.concat2d([[[1]], sg.keep(sg.ones([1, 1]))], 0),
  stack: () => sg.stack([1, 2]),
  tile: () => sg.tile([1, 2], [2]),
  pad: () => sg.pad([1, 2], [[1, 1]]),
  pad1d: () => sg.pad1d([1, 2], [1, 1]),
  mirrorPad: () => sg.mirrorPad([1, 2], [[1, 1]], 'reflect'),
  depthToSpace: () => sg.depthToSpace(image, 2),
  spaceToBatchND: () => sg.spaceToBatchND([[1, 2]], [2], [[0, 0]]),
  batchToSpaceND: () => sg.batchToSpaceND([[1], [2]], [2], [[0, 0]]),
  diag: () => sg.diag([1, 2]),
  meshgrid: () => sg.meshgrid([1, 2], [3]),
  oneHot: () => sg.oneHot([1, 0], 2),
  onesLike: () => sg.onesLike([1, 2]),
  movingAverage: () => sg.movingAverage([1], [2], 0.9, 1),
  multinomial: () => sg.multinomial([1, 2], 3),
  gather: () => sg.gather([[1, 2]], [0, 0]),
  gatherND: () => sg.gatherND([[1, 2]], [[0, 1]]),
  scatterND: () => sg.scatterND([0, 0], [1, 2], [2]),
  tensorScatterUpdate: () => sg.tensorScatterUpdate([1, 2], [[1]], [5]),
  sparseToDense: () => sg.sparseToDense([1], [2], [3], 4),
  unsortedSegmentSum: () => sg.unsortedSegmentSum([1, 2], [0, 0], 1),
};

describe('arrays given as operands', () => {
  it.each(Object.entries(calls))('%s', (name, call) => {
    const before = sg.memory().numTensors + (name === 'concat2d' ? 1 : 0);
    const results = [call()].flat();
    expect(sg.memory().numTensors).toBe(before + results.length);
    expect(results.some((t) => t.isDisposed)).toBe(false);
    sg.dispose(results);
  });
});
