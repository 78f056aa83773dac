/** Gradients with respect to variables. */
import { ArgumentError, ShapeError } from '../runtime/errors';
import { currentGraph, type Graph, withNewGraph } from '../tensor/graph';
import { showShape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { Variable } from '../tensor/variable';
import { VariableReads } from './reads';
import { record, runOnce } from './trace';

/** Which variable a gradient belongs to, for optimizers. */
const owners = new WeakMap<Tensor, Variable>();

/** The variable that a result of `variableGrads` is the gradient of. */
export const ownerOf = (gradient: Tensor): Variable | undefined => owners.get(gradient);

export interface VariableGrads {
  /** What the function returned. */
  readonly value: Tensor;
  /** By the variables' names. */
  readonly grads: Record<string, Tensor>;
}

/** Records f. @returns its value, and gradients with their variables */
function differentiate(
  graph: Graph,
  f: () => Tensor,
  wanted: readonly Variable[] | undefined,
): { value: Tensor; grads: Tensor[]; variables: Variable[] } {
  const reads = new VariableReads(graph);
  const value = reads.within(f);
  if (!(value instanceof Tensor)) throw new ArgumentError('variableGrads: the function must return a tensor');
  if (value.rank !== 0)
    throw new ShapeError(
      `variableGrads: the function must return a scalar, got ${showShape(value.shape)}; take its mean`,
    );
  const candidates = (wanted ?? reads.variables).filter((v) => v.trainable);
  const found = reads.gradients(value, candidates);
  const variables = candidates.filter((_, i) => found[i]);
  if (variables.length === 0)
    throw new ArgumentError(
      'variableGrads: the result depends on no trainable variable; use sg.variable inside the function',
    );
  return { value, grads: found.filter((g) => g !== undefined), variables };
}

/**
 * The value of a function and its gradients with respect to the trainable variables that it reads.
 *
 * @param f without arguments, to a scalar. If it assigns variables, each read counts with the value it had; no gradient
 *   flows through what was assigned.
 * @param varList only these; those that the value does not depend on are left out.
 * @throws ArgumentError if the value depends on none, or two have one name; ShapeError unless it is a scalar
 * @example
 * const w = sg.variable(sg.tensor1d([1, 2]), true, 'w');
 * const { value, grads } = sg.variableGrads(() => w.square().sum());
 * grads.w.dataSync(); // [2, 4]
 */
export function variableGrads(f: () => Tensor, varList?: Variable | readonly Variable[]): VariableGrads {
  if (typeof f !== 'function') throw new ArgumentError('variableGrads: needs a function');
  const wanted = varList === undefined ? undefined : varList instanceof Variable ? [varList] : varList;
  if (wanted && !wanted.some((v) => v.trainable))
    throw new ArgumentError('variableGrads: varList holds no trainable variable');
  const outer = currentGraph();
  if (outer) {
    const { value, grads, variables } = differentiate(outer, f, wanted);
    return { value, grads: byName(variables, grads) };
  }
  return withNewGraph((graph) => {
    let variables: Variable[] = [];
    const outputs = record(graph, () => {
      const traced = differentiate(graph, f, wanted);
      variables = traced.variables;
      return [traced.value, ...traced.grads];
    });
    checkNames(variables);
    const [value, ...grads] = runOnce(graph, [], [], outputs);
    graph.release();
    return { value: value as Tensor, grads: byName(variables, grads) };
  }, true);
}

function checkNames(variables: readonly Variable[]): void {
  const twice = variables.find((v, i) => variables.findIndex((w) => w.name === v.name) !== i);
  if (twice)
    throw new ArgumentError(`variableGrads: two variables are named '${twice.name}'; give each a name of its own`);
}

function byName(variables: readonly Variable[], grads: readonly Tensor[]): Record<string, Tensor> {
  checkNames(variables);
  return Object.fromEntries(
    variables.map((v, i) => {
      const g = grads[i] as Tensor;
      owners.set(g, v);
      return [v.name, g];
    }),
  );
}
