/** Gradients with respect to variables. */
import { gradientsOf, type Path, type Targets } from '../../autodiff/reverse';
import { checkFunction, checkList, show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { currentGraph, type Graph } from '../../tensor/graph';
import { showShape } from '../../tensor/shape';
import { alive, Tensor } from '../../tensor/tensor';
import { Variable } from '../../tensor/variable';
import { WeightValue } from '../../tensor/weight-value';
import { runAtOnce } from './immediate';
import { VariableReads } from './reads';

/** Which variable a gradient belongs to, for optimizers. */
const owners = new WeakMap<Tensor, Variable>();

/** The variable that a result of `variableGrads` is the gradient of. */
export const ownerOf = (gradient: Tensor): Variable | undefined => owners.get(gradient);

/** What `variableGrads` returns. */
export interface VariableGrads {
  /** What the function returned. */
  readonly value: Tensor;
  /** By the variables' names. */
  readonly grads: Record<string, Tensor>;
}

/** The record of a traced function. */
interface Traced {
  readonly value: Tensor;
  /** The variables that it reads, of those that are asked for. */
  readonly variables: readonly Variable[];
  readonly targets: Targets;
}

function trace(graph: Graph, f: () => Tensor, wanted: readonly Variable[] | undefined, where: string): Traced {
  const reads = new VariableReads(graph);
  const value: unknown = reads.within(f);
  if (!(value instanceof Tensor)) {
    const hint = value instanceof Promise ? ', not a promise; it must be synchronous' : '';
    throw new ArgumentError(`${where}: the function must return a tensor${hint}, it returned ${show(value)}`);
  }
  if (value.rank !== 0)
    throw new ShapeError(`${where}: the function must return a scalar, got ${showShape(value.shape)}; take its mean`);
  const candidates = wanted ?? reads.variables;
  for (const v of candidates) graph.trainable?.set(v, v.trainable);
  const variables = candidates.filter((v) => v.trainable);
  return { value, variables, targets: reads.targets(variables) };
}

/** @throws ArgumentError if no gradient reaches a variable, or two have one name */
function checkPaths(variables: readonly Variable[], paths: readonly Path[], where: string): void {
  if (!paths.includes('flows'))
    throw new ArgumentError(
      paths.includes('flat')
        ? `${where}: no gradient flows from the result to a trainable variable: on the way are only ops that are constant almost everywhere (comparisons, rounding, argMax) or stopGradient`
        : `${where}: the result depends on no trainable variable; use sg.variable inside the function`,
    );
  checkNames(
    variables.filter((_, i) => paths[i] !== 'none'),
    where,
  );
}

/**
 * The value of a function and its gradients with respect to the trainable variables that it reads.
 *
 * @param f without arguments, to a scalar. If it assigns variables, each read counts with the value it had; no gradient
 *   flows through assigned values.
 * @param varList only these; those that the value does not depend on are left out.
 * @throws ArgumentError if the value depends on none, or two have one name; ShapeError unless it is a scalar
 * @example
 * const w = sg.variable(sg.tensor1d([1, 2]), true, 'w');
 * const { value, grads } = sg.variableGrads(() => w.square().sum());
 * grads.w.dataSync(); // [2, 4]
 */
export function variableGrads(f: () => Tensor, varList?: Variable | readonly Variable[] | null): VariableGrads {
  return gradsOfVariables(f, varList, 'variableGrads');
}

/** `variableGrads`, with the name that errors call it by. */
export function gradsOfVariables(
  f: () => Tensor,
  varList: Variable | readonly Variable[] | null | undefined,
  where: string,
): VariableGrads {
  checkFunction(f, where, 'f', '() => w.square().sum()');
  const wanted = variablesOf(varList, where);
  if (wanted && !wanted.some((v) => v.trainable))
    throw new ArgumentError(`${where}: varList holds no trainable variable`);
  const outer = currentGraph();
  if (outer) {
    const { value, variables, targets } = trace(outer, f, wanted, where);
    const { found, paths } = gradientsOf(outer, value.node(outer, where), targets);
    checkPaths(variables, paths, where);
    return { value, grads: byName(variables, found) };
  }
  let variables: readonly Variable[] = [];
  const { values, gradients } = runAtOnce([], (graph) => {
    const traced = trace(graph, f, wanted, where);
    variables = traced.variables;
    const check = (paths: readonly Path[]): void => checkPaths(variables, paths, where);
    const outputs = [traced.value.node(graph, where)];
    return { outputs, gradient: { targets: traced.targets, dy: undefined, differentiate: gradientsOf, check } };
  });
  return { value: values[0] as Tensor, grads: byName(variables, gradients) };
}

/** @throws ArgumentError for anything but a variable; DisposedError */
function variablesOf(varList: unknown, where: string): readonly Variable[] | undefined {
  if (varList === undefined || varList === null) return undefined;
  if (varList instanceof Variable) return [alive(varList, where)];
  return Array.from(checkList(varList, where, 'varList', 'variables'), (v, i) => {
    // Results of `getWeights` represent the weights.
    const variable = v instanceof WeightValue ? v.weight : v;
    if (variable instanceof Variable) return alive(variable, where);
    throw new ArgumentError(`${where}: varList[${i}] must be a variable, got ${show(v)}`);
  });
}

function checkNames(variables: readonly Variable[], where: string): void {
  const seen = new Set<string>();
  for (const { name } of variables) {
    if (seen.size === seen.add(name).size)
      throw new ArgumentError(`${where}: two variables are named '${name}'; give each a name of its own`);
  }
}

/** Gradients by the names of their variables; those that there are. */
function byName(variables: readonly Variable[], gradients: readonly (Tensor | undefined)[]): Record<string, Tensor> {
  const grads: Record<string, Tensor> = {};
  for (let i = 0; i < variables.length; i++) {
    const [v, g] = [variables[i] as Variable, gradients[i]];
    if (!g) continue;
    owners.set(g, v);
    grads[v.name] = g;
  }
  return grads;
}
