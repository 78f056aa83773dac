/** Gradients of every op against central differences of float64 references. */
import { describe, expect, it } from 'vitest';
import { gradients } from '../../src/autodiff/reverse';
import { rules } from '../../src/autodiff/rules';
import * as sg from '../../src/index';
import type { OpName } from '../../src/ops/table';
import { record, runOnce, traceInput } from '../../src/plan/trace';
import { Graph } from '../../src/tensor/graph';
import { expectClose } from '../support/compare';
import { uniform } from '../support/random';
import type { Case } from './case';
import { depthwiseCases } from './depthwise';
import { elementwiseCases } from './elementwise';
import { sizeOf } from './float64';
import { imageCases } from './image';
import { linearCases } from './linear';
import { along, differences, tensorOf, weighted } from './numeric';
import { structuralCases } from './structural';

/** Typed so that an op without a case does not compile. */
const cases: { readonly [K in OpName]: readonly Case[] } = {
  ...elementwiseCases,
  ...linearCases,
  ...depthwiseCases,
  ...structuralCases,
  ...imageCases,
};

const FIRST = 3e-5;
const SECOND = 2e-4;

/** Gradients of a case's weighted sum, with the ops that its trace consists of. */
function second(
  c: Case,
  weights: sg.Tensor,
  direction: readonly sg.Tensor[],
): { curvature: sg.Tensor[]; ops: Set<string> } {
  const values = c.inputs.map(tensorOf);
  const graph = new Graph();
  const inputs = values.map((v) => traceInput(graph, v));
  const { outputs, ops } = record(graph, () => {
    const y = c.run(...inputs);
    const names = new Set(graph.nodes.map((n) => n.op));
    const slopes = gradients(graph, y, inputs, weights);
    const slope = slopes.map((g, i) => g.mul(direction[i] as sg.Tensor).sum()).reduce((a, b) => a.add(b));
    return { outputs: gradients(graph, slope, inputs), ops: names };
  });
  return { curvature: runOnce(graph, inputs, values, outputs), ops };
}

describe('the table of cases', () => {
  it('has cases for every gradient rule, and for nothing else', () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(rules).sort());
    for (const [op, list] of Object.entries(cases)) expect(list.length, op).toBeGreaterThan(0);
  });

  it.each(Object.keys(cases))('%s is part of what its cases trace', (op) => {
    for (const c of cases[op as OpName]) {
      const graph = new Graph();
      const inputs = c.inputs.map((x) => traceInput(graph, { shape: x.shape, dtype: 'float32' }));
      record(graph, () => c.run(...inputs));
      // What changes nothing (a reshape to the same shape) leaves no node behind.
      if (graph.nodes.some((n) => n.kind === 'op'))
        expect(
          graph.nodes.map((n) => n.op),
          c.name,
        ).toContain(op);
      else expect(cases[op as OpName].length, `${op} ${c.name} records nothing`).toBeGreaterThan(1);
    }
  });
});

describe.each(Object.keys(cases) as OpName[])('%s', (op) => {
  it.each(cases[op].map((c) => [c.name, c] as const))('gradient of %s', (_, c) => {
    const y = c.reference(...c.inputs);
    const weights = uniform(91, sizeOf(y.shape), 0.5, 1.5).map((w, i) => (i % 3 ? w : -w));
    const f = weighted(c, weights);
    const { value, grads } = sg.valueAndGrads(c.run)(c.inputs.map(tensorOf), sg.tensor(weights, y.shape));
    expect(value.shape, 'shape of the value').toEqual(y.shape);
    expectClose(value.dataSync(), y.data, FIRST, 'value');
    differences(f, c.inputs, 1e-4).forEach((expected, i) => {
      expect(grads[i]?.shape, `shape of gradient ${i}`).toEqual(c.inputs[i]?.shape);
      expectClose((grads[i] as sg.Tensor).dataSync(), expected, FIRST, `gradient ${i}`);
    });
  });

  it.each(cases[op].map((c) => [c.name, c] as const))('second derivative of %s', (_, c) => {
    const size = sizeOf(c.reference(...c.inputs).shape);
    const weights = uniform(92, size, 0.5, 1.5);
    const direction = c.inputs.map((x, i) => uniform(93 + i, sizeOf(x.shape)));
    const f = weighted(c, weights);
    const { curvature } = second(
      c,
      sg.tensor(weights, c.reference(...c.inputs).shape),
      direction.map((d, i) => sg.tensor(d, c.inputs[i]?.shape)),
    );
    const step = 1e-3;
    const slope = (inputs: readonly (typeof c.inputs)[number][]): number =>
      (f(along(inputs, direction, step)) - f(along(inputs, direction, -step))) / (2 * step);
    differences(slope, c.inputs, step).forEach((expected, i) => {
      expectClose((curvature[i] as sg.Tensor).dataSync(), expected, SECOND, `second derivative ${i}`);
    });
  });
});
