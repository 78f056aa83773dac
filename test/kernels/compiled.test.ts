/** Compiled programs give the bits of eager calls: every row of the table as a graph of one op. */
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/ops/dispatch';
import { record, runOnce, traceInput } from '../../src/plan/trace';
import { Graph } from '../../src/tensor/graph';
import { tidy } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { type Bits, bitsAt, difference } from '../support/bits';
import { complaints, runEagerly, toTensor } from '../support/run';
import type { Case } from './case';
import { casesByOp } from './cases';

function runCompiled(c: Case): Bits {
  return tidy(() => {
    const graph = new Graph();
    const values = c.inputs().map(toTensor);
    const inputs = values.map((v) => traceInput(graph, v));
    const out = record(graph, () => apply(c.op, inputs, c.attrs as never));
    const [result] = runOnce(graph, inputs, values, [out]) as [Tensor];
    return bitsAt(result.address(), result.shape, result.dtype);
  });
}

describe('compiled results equal eager ones', () => {
  it.each([...casesByOp])('%s', (_, rows) => {
    expect(complaints(rows, (c) => difference(runCompiled(c), runEagerly(c)))).toEqual([]);
  });
});

it('ops that differ in an attribute stay apart, whatever its value', () => {
  const values = [0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const graph = new Graph();
  const fills = record(graph, () => values.map((value) => apply('fill', [], { shape: [1], value, dtype: 'float32' })));
  const results = runOnce(graph, [], [], fills).map((t) => t.dataSync()[0]);
  expect(results).toEqual(values);
});
