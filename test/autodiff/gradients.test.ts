/** Gradients of every op against central differences of float64 references. */
import { describe, expect, it } from 'vitest';
import { rules } from '../../src/autodiff/rules/index';
import { int8Rules } from '../../src/autodiff/rules/int8';
import { record, traceInput } from '../../src/plan/trace';
import { Graph } from '../../src/tensor/graph';
import { cases, type SmoothOp } from '../tables/gradients/cases';
import { checkFirst, checkSecond } from '../tables/gradients/checks';

describe('the table of cases', () => {
  it('has cases for every gradient rule, and for nothing else', () => {
    const smooth = Object.keys(rules).filter((op) => !(op in int8Rules));
    expect(Object.keys(cases).sort()).toEqual(smooth.sort());
    for (const [op, list] of Object.entries(cases)) expect(list.length, op).toBeGreaterThan(0);
  });

  it.each(Object.keys(cases))('%s is part of what its cases trace', (op) => {
    for (const c of cases[op as SmoothOp]) {
      const graph = new Graph();
      const inputs = c.inputs.map((x) => traceInput(graph, { shape: x.shape, dtype: 'float32' }));
      record(graph, () => c.run(...inputs));
      // What changes nothing (a reshape to the same shape) leaves no node behind.
      if (graph.nodes.some((n) => n.kind === 'op'))
        expect(
          graph.nodes.map((n) => n.op),
          c.name,
        ).toContain(op);
      else expect(cases[op as SmoothOp].length, `${op} ${c.name} records nothing`).toBeGreaterThan(1);
    }
  });
});

describe.each(Object.keys(cases) as SmoothOp[])('%s', (op) => {
  it.each(cases[op].map((c) => [c.name, c] as const))('gradient of %s', (_, c) =>
    expect(checkFirst(c)).toBeUndefined(),
  );
  it.each(cases[op].map((c) => [c.name, c] as const))('second derivative of %s', (_, c) =>
    expect(checkSecond(c)).toBeUndefined(),
  );
});
