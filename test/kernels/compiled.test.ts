/** Compiled programs give the bits of eager calls: every row of the table as a graph of one op. */
import { describe, expect, it } from 'vitest';
import { record, runOnce } from '../../src/plan/trace';
import { Graph } from '../../src/tensor/graph';
import { apply } from '../support/ops';
import { checkCompiled, complaints } from '../support/run';
import { casesByOp } from '../tables/kernels';

describe('compiled results equal eager ones', () => {
  it.each([...casesByOp])('%s', (_, rows) => {
    expect(complaints(rows, checkCompiled)).toEqual([]);
  });
});

it('ops that differ in an attribute stay apart, whatever its value', () => {
  const values = [0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const graph = new Graph();
  const fills = record(graph, () => values.map((value) => apply('fill', [], { shape: [1], value, dtype: 'float32' })));
  const results = runOnce(graph, [], [], fills).map((t) => t.dataSync()[0]);
  expect(results).toEqual(values);
});
