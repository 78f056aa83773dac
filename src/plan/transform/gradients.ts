/** Gradients of functions, computed immediately or as part of the trace that is being recorded. */

import { gradientsOf, type Path, type Targets } from '../../autodiff/reverse';
import { type TensorLike, withOperands } from '../../ops/create/creation';
import * as movement from '../../ops/descriptors/movement';
import { checkFunction, checkList } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { currentGraph, type Graph } from '../../tensor/graph';
import { sameShape, showShape } from '../../tensor/shape';
import { checkTensor, Tensor, tensorOf } from '../../tensor/tensor';
import { runAtOnce } from './immediate';

/** A function of tensors that `sg.grads` differentiates. */
export type TensorFunction = (...args: Tensor[]) => Tensor;

/** A function's value. @throws ArgumentError if it is not a tensor, ShapeError if dy does not fit it */
function evaluate(where: string, f: TensorFunction, inputs: readonly Tensor[], dy: Tensor | undefined): Tensor {
  const out: unknown = f(...inputs);
  if (!(out instanceof Tensor)) {
    const hint = out instanceof Promise ? ', not a promise; it must be synchronous' : '';
    throw new ArgumentError(`${where}: the function must return a tensor${hint}`);
  }
  if (dy && !sameShape(dy.shape, out.shape)) {
    throw new ShapeError(`${where}: dy has shape ${showShape(dy.shape)}, the value ${showShape(out.shape)}`);
  }
  return out;
}

/** @throws ArgumentError if the value does not depend on an argument */
function checkPaths(where: string, paths: readonly Path[]): void {
  const unused = paths.indexOf('none');
  if (unused < 0) return;
  const which = paths.length === 1 ? 'its argument' : `argument ${unused} (of ${paths.length}, from 0)`;
  throw new ArgumentError(
    `${where}: the value of the function does not depend on ${which}; all that leads from the argument to the value must be computed with ops inside the function`,
  );
}

/**
 * Gradients inside a function that is being traced itself: more nodes of the same graph. Each argument gets a new
 * node, so that only its uses inside f count, not other uses of the same value outside.
 */
function inlineGrads(
  where: string,
  graph: Graph,
  f: TensorFunction,
  values: readonly Tensor[],
  dy: Tensor | undefined,
): { value: Tensor; grads: Tensor[] } {
  const inputs = values.map((v) => {
    const node = graph.add(movement.reshape, [v.node(graph, where)], { shape: v.shape, own: graph.nodes.length }, v);
    return tensorOf(node);
  });
  const value = evaluate(where, f, inputs, dy);
  const { found, paths } = gradientsOf(graph, value.node(graph, where), targetsOf(graph, where, inputs), dy);
  checkPaths(where, paths);
  return { value, grads: found as Tensor[] };
}

const targetsOf = (graph: Graph, where: string, tensors: readonly Tensor[]): Targets => ({
  groups: tensors.map((t) => [t.node(graph, where)]),
});

/** Value and gradients of f, under the name of the function that the user called. */
function differentiator(
  where: string,
  f: TensorFunction,
): (args: readonly TensorLike[], dy?: Tensor) => { value: Tensor; grads: Tensor[] } {
  checkFunction(f, where, 'f', '(x) => x.square().sum()');
  return (args, dy) => {
    checkList(args, where, 'args', 'tensors');
    if (args.length === 0) throw new ArgumentError(`${where}: args must hold a tensor for each argument, got none`);
    const weights = dy === undefined || dy === null ? undefined : checkTensor(dy, where, 'dy');
    return withOperands(args, where, (values) => at(where, f, values, weights), 'args');
  };
}

/** Value and gradients of f at values. */
function at(
  where: string,
  f: TensorFunction,
  values: readonly Tensor[],
  weights: Tensor | undefined,
): { value: Tensor; grads: Tensor[] } {
  const outer = currentGraph();
  if (outer) return inlineGrads(where, outer, f, values, weights);
  const bound = weights ? [...values, weights] : values;
  const results = runAtOnce(bound, (graph, inputs) => {
    const own = inputs.slice(0, values.length);
    const value = evaluate(where, f, own, weights);
    const gradient = {
      targets: targetsOf(graph, where, own),
      dy: weights && inputs[values.length],
      differentiate: gradientsOf,
      check: (paths: readonly Path[]) => checkPaths(where, paths),
    };
    return { outputs: [value.node(graph, where)], gradient };
  });
  return { value: results.values[0] as Tensor, grads: results.gradients as Tensor[] };
}

/**
 * A function that returns f's value and its gradients with respect to all arguments. Values may be read inside f
 * (`dataSync`, `print`, ...): they are computed on the spot.
 *
 * @param f of tensors to one tensor; if that is not a scalar, pass the weights of its elements as `dy`.
 * @returns gradients in the shapes of the arguments, float32 also for int32 and bool
 * @throws ArgumentError if f is not a function, returns something else than a tensor, or its value does not depend on
 *   an argument; ShapeError if `dy` does not fit the value
 * @example
 * const g = sg.valueAndGrads((a, b) => a.mul(b).sum());
 * const { value, grads } = g([sg.tensor1d([1, 2]), sg.tensor1d([3, 4])]);
 * grads[0].dataSync(); // [3, 4]
 */
export const valueAndGrads = (
  f: TensorFunction,
): ((args: readonly TensorLike[], dy?: Tensor) => { value: Tensor; grads: Tensor[] }) =>
  differentiator('valueAndGrads', f);

/**
 * `valueAndGrads` without the value.
 * @throws as `valueAndGrads`
 * @example
 * sg.grads((a, b) => a.mul(b).sum())([[1, 2], [3, 4]]).map((g) => g.arraySync()); // [[3, 4], [1, 2]]
 */
export function grads(f: TensorFunction): (args: readonly TensorLike[], dy?: Tensor) => Tensor[] {
  const both = differentiator('grads', f);
  return (args, dy) => {
    const { value, grads: result } = both(args, dy);
    value.dispose();
    return result;
  };
}

/**
 * `valueAndGrads` for a function of one argument.
 * @returns `value` and `grad`, in the argument's shape
 * @throws as `valueAndGrads`
 * @example
 * const { value, grad } = sg.valueAndGrad((x) => x.square().sum())([1, 2]);
 * grad.dataSync(); // [2, 4]
 */
export function valueAndGrad(
  f: (x: Tensor) => Tensor,
): (x: TensorLike, dy?: Tensor) => { value: Tensor; grad: Tensor } {
  const both = differentiator('valueAndGrad', f as TensorFunction);
  return (x, dy) => {
    const { value, grads: result } = both([x], dy);
    return { value, grad: result[0] as Tensor };
  };
}

/**
 * The gradient of a function of one argument.
 * @throws as `valueAndGrads`
 * @example
 * sg.grad((x) => x.square().sum())(sg.tensor1d([1, 2])).dataSync(); // [2, 4]
 */
export function grad(f: (x: Tensor) => Tensor): (x: TensorLike, dy?: Tensor) => Tensor {
  const both = differentiator('grad', f as TensorFunction);
  return (x, dy) => {
    const { value, grads: result } = both([x], dy);
    value.dispose();
    return result[0] as Tensor;
  };
}
