/** Gradients against central differences of float64 references. Each check gives a complaint, or undefined. */
import { gradients } from '../../../src/autodiff/reverse';
import * as sg from '../../../src/index';
import { record, runOnce, traceInput } from '../../../src/plan/trace';
import { Graph } from '../../../src/tensor/graph';
import { farOff } from '../../support/distance';
import { uniform } from '../../support/random';
import type { Case } from './case';
import { sizeOf } from './float64';
import { along, differences, tensorOf, weighted } from './numeric';

const FIRST = 3e-5;
const SECOND = 2e-4;

/** The first complaint among results and what they should be. */
function compare(
  what: string,
  actual: readonly sg.Tensor[],
  shapes: readonly (readonly number[])[],
  expected: readonly ArrayLike<number>[],
  tolerance: number,
): string | undefined {
  for (const [i, want] of expected.entries()) {
    const got = actual[i] as sg.Tensor;
    if (String(got.shape) !== String(shapes[i])) return `${what} ${i}: shape [${got.shape}], expected [${shapes[i]}]`;
    const far = farOff(got.dataSync(), want, tolerance);
    if (far) return `${what} ${i}: ${far}`;
  }
  return undefined;
}

/** Value and gradients of a case's weighted sum. */
export function checkFirst(c: Case): string | undefined {
  return sg.tidy(() => {
    const y = c.reference(...c.inputs);
    const weights = uniform(91, sizeOf(y.shape), 0.5, 1.5).map((w, i) => (i % 3 ? w : -w));
    const { value, grads } = sg.valueAndGrads(c.run)(c.inputs.map(tensorOf), sg.tensor(weights, y.shape));
    return (
      compare('value', [value], [y.shape], [y.data], FIRST) ??
      compare(
        'gradient',
        grads,
        c.inputs.map((x) => x.shape),
        differences(weighted(c, weights), c.inputs, 1e-4),
        FIRST,
      )
    );
  });
}

/** Gradients of the slope along a direction. */
export function checkSecond(c: Case): string | undefined {
  return sg.tidy(() => {
    const { shape } = c.reference(...c.inputs);
    const weights = uniform(92, sizeOf(shape), 0.5, 1.5);
    const direction = c.inputs.map((x, i) => uniform(93 + i, sizeOf(x.shape)));
    const f = weighted(c, weights);
    const values = c.inputs.map(tensorOf);
    const graph = new Graph();
    const inputs = values.map((v) => traceInput(graph, v));
    const outputs = record(graph, () => {
      const slopes = gradients(graph, c.run(...inputs), inputs, sg.tensor(weights, shape));
      const along = direction.map((d, i) => sg.tensor(d, c.inputs[i]?.shape));
      const slope = slopes.map((g, i) => g.mul(along[i] as sg.Tensor).sum()).reduce((a, b) => a.add(b));
      return gradients(graph, slope, inputs);
    });
    const curvature = runOnce(graph, inputs, values, outputs);
    const step = 1e-3;
    const slope = (moved: readonly (typeof c.inputs)[number][]): number =>
      (f(along(moved, direction, step)) - f(along(moved, direction, -step))) / (2 * step);
    return compare(
      'second derivative',
      curvature,
      c.inputs.map((x) => x.shape),
      differences(slope, c.inputs, step),
      SECOND,
    );
  });
}
