/** What is checked of every public function. Each check gives a complaint, or undefined if all is well. */
import * as sg from '../../../src/index';
import { compileProgram, type PlanOptions, type Program } from '../../../src/plan/program';
import { record, traceInput } from '../../../src/plan/trace';
import { Graph } from '../../../src/tensor/graph';
import { bitsAt, difference } from '../../support/bits';
import { farOff } from '../../support/distance';
import { uniform } from '../../support/random';
import { touched } from '../../support/touched';
import { type Nd, nd, sizeOf } from '../gradients/float64';
import { differences } from '../gradients/numeric';
import type { FunctionCase, Operand } from './case';

type Tensor = sg.Tensor;

const VALUE = 2e-6;
const GRADIENT = 5e-5;
const STEP = 1e-4;

export const tensorOf = (x: Operand): Tensor => sg.tensor(Array.from(x.data), [...x.shape], x.dtype ?? 'float32');

const listOf = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? (x as readonly T[]) : [x as T]);

/** Eager results against the reference: shape, type, values. */
export function checkValues(c: FunctionCase): string | undefined {
  return sg.tidy(() => {
    const results = listOf(c.run(...c.inputs.map(tensorOf)));
    const expected = listOf(c.reference(...c.inputs) as Operand | readonly Operand[]);
    if (results.length !== expected.length) return `${results.length} results, expected ${expected.length}`;
    for (const [i, want] of expected.entries()) {
      const got = results[i] as Tensor;
      if (String(got.shape) !== String(want.shape))
        return `result ${i}: shape [${got.shape}], expected [${want.shape}]`;
      if (want.dtype && got.dtype !== want.dtype) return `result ${i}: ${got.dtype}, expected ${want.dtype}`;
      const far = farOff(got.dataSync(), want.data, c.tolerance ?? VALUE, want.dtype);
      if (far) return `result ${i}: ${far}`;
    }
    return undefined;
  });
}

/** Traces the call and runs it as a program. */
function runCompiled(c: FunctionCase, inputs: readonly Tensor[], options: PlanOptions): Tensor[] {
  const graph = new Graph();
  const traced = inputs.map((x) => traceInput(graph, x));
  const outputs = record(graph, () => listOf(c.run(...traced)));
  const program: Program = compileProgram({
    graph,
    inputs: traced.map((t) => t.node(graph, 'check')),
    outputs: outputs.map((t) => t.node(graph, 'check')),
    bindOutputs: true,
    options,
  });
  inputs.forEach((x, i) => {
    program.bindInput(i, x.address());
  });
  const results = outputs.map((t) => sg.fill(t.shape, t.dtype === 'float32' ? Number.NaN : -1, t.dtype));
  results.forEach((t, i) => {
    program.bindOutput(i, t.address());
  });
  program.run();
  program.dispose();
  return results;
}

/** Eager, compiled, and compiled without fusion or reuse of memory: the same bits. */
export function checkCompiled(c: FunctionCase): string | undefined {
  if (c.eagerOnly) return undefined;
  return sg.tidy(() => {
    const bits = (t: Tensor) => bitsAt(t.address(), t.shape, t.dtype);
    const inputs = c.inputs.map(tensorOf);
    const eager = listOf(c.run(...inputs)).map(bits);
    for (const fuse of [true, false]) {
      const results = runCompiled(c, inputs, { fuse, reuse: fuse });
      for (const [i, t] of results.entries()) {
        const differs = difference(bits(t), eager[i] as ReturnType<typeof bits>);
        if (differs) return `${fuse ? 'compiled' : 'unfused'}, result ${i}: ${differs}`;
      }
    }
    return undefined;
  });
}

/** Whether gradients of the case are checked. */
export const hasGradient = (c: FunctionCase): boolean =>
  c.gradient !== false && !c.eagerOnly && c.inputs.some((x) => (x.dtype ?? 'float32') === 'float32');

/** Gradients of all float32 operands against central differences of the reference. */
export function checkGradient(c: FunctionCase): string | undefined {
  if (!hasGradient(c)) return undefined;
  const isFloat = c.inputs.map((x) => (x.dtype ?? 'float32') === 'float32');
  const results = listOf(c.reference(...c.inputs) as Operand | readonly Operand[]);
  const weights = results.map((y, k) =>
    uniform(91 + k, sizeOf(y.shape), 0.5, 1.5).map((w, i) =>
      (y.dtype ?? 'float32') !== 'float32' ? 0 : i % 3 ? w : -w,
    ),
  );
  const f = (moved: readonly Nd[]): number => {
    const all = listOf(c.reference(...merge(moved)) as Operand | readonly Operand[]);
    return all.reduce(
      (sum, y, k) => sum + y.data.reduce((s, v, i) => s + v * ((weights[k] as ArrayLike<number>)[i] as number), 0),
      0,
    );
  };
  const merge = (moved: readonly Nd[]): Nd[] => {
    let at = 0;
    return c.inputs.map((x, i) => (isFloat[i] ? (moved[at++] as Nd) : x));
  };
  const floats = c.inputs.filter((_, i) => isFloat[i]);
  return sg.tidy(() => {
    const rest = c.inputs.map((x, i) => (isFloat[i] ? undefined : tensorOf(x)));
    const loss = (...xs: Tensor[]): Tensor => {
      let at = 0;
      const ys = listOf(c.run(...rest.map((t) => t ?? (xs[at++] as Tensor))));
      return ys
        .map((y, k) =>
          y
            .cast('float32')
            .mul(sg.tensor(weights[k] as Float32Array<ArrayBuffer>, y.shape))
            .sum(),
        )
        .concat(xs.map(touched))
        .reduce((a, b) => a.add(b));
    };
    const { grads } = sg.valueAndGrads(loss)(floats.map(tensorOf));
    const expected = differences(
      f,
      floats.map((x) => nd(x.shape, x.data)),
      STEP,
    );
    for (const [i, want] of expected.entries()) {
      const got = grads[i] as Tensor;
      if (String(got.shape) !== String(floats[i]?.shape)) return `gradient ${i}: shape [${got.shape}]`;
      const far = farOff(got.dataSync(), want, GRADIENT);
      if (far) return `gradient ${i}: ${far}`;
    }
    return undefined;
  });
}

/** Once its operands and results are disposed of, a call leaves no tensor behind. */
export function checkLeaks(c: FunctionCase): string | undefined {
  const before = sg.memory().numTensors;
  const inputs = c.inputs.map(tensorOf);
  const results = listOf(c.run(...inputs));
  const shared = results.findIndex((y) => inputs.includes(y));
  if (shared >= 0) return `result ${shared} is one of the operands`;
  sg.dispose([...inputs, ...results]);
  const left = sg.memory().numTensors - before;
  return left === 0 ? undefined : `${left} tensors stay behind`;
}
