/** Loops over time: `loop`. */
import { addLoop, addPart, Body, sliceOf } from '../ops/core/loop';
import { range } from '../ops/create/sequences';
import { ArgumentError, DTypeError, ShapeError } from '../support/errors';
import { currentGraph, type Graph } from '../tensor/graph';
import { tidy } from '../tensor/scope';
import { sameShape, showShape } from '../tensor/shape';
import { type Tensor, tensorOf } from '../tensor/tensor';
import { lowerLoop } from './lower-loop';
import { record } from './trace';
import { runAtOnce } from './transform/immediate';

/** What a step returns: new carried values, of the same shapes, and results that are stacked along time. */
export interface LoopStep {
  readonly carry: readonly Tensor[];
  readonly ys: readonly Tensor[];
}

/**
 * Runs a step for each slice of sequences, carrying values from one to the next (as jax.lax.scan). The step is traced
 * once, whatever the length; gradients run a loop backwards.
 *
 * @param step function of carried values and one slice of each sequence, without the first dimension. It may
 *   read tensors and variables of enclosing scopes.
 * @param init the carried values at the start.
 * @param xs sequences, [time, ...], all of one length.
 * @param reverse from the last slice to the first; results stay where their slices are.
 * @returns the carried values at the end, and results, [time, ...].
 * @throws ShapeError if lengths differ or the step changes the shape of a carried value; DTypeError, ArgumentError
 */
export function loop(
  step: (carry: Tensor[], slices: Tensor[]) => LoopStep,
  init: readonly Tensor[],
  xs: readonly Tensor[],
  reverse = false,
): { carry: Tensor[]; ys: Tensor[] } {
  const graph = currentGraph();
  if (graph) return recordLoop(graph, step, init, xs, reverse);
  const { values } = runAtOnce([...init, ...xs], (own, inputs) => {
    const made = recordLoop(own, step, inputs.slice(0, init.length), inputs.slice(init.length), reverse);
    return { outputs: [...made.carry, ...made.ys].map((t) => t.node(own, 'loop')) };
  });
  return { carry: values.slice(0, init.length), ys: values.slice(init.length) };
}

function recordLoop(
  graph: Graph,
  step: (carry: Tensor[], slices: Tensor[]) => LoopStep,
  init: readonly Tensor[],
  xs: readonly Tensor[],
  reverse: boolean,
): { carry: Tensor[]; ys: Tensor[] } {
  const [first] = xs;
  if (!first) throw new ArgumentError('loop: needs at least one sequence');
  const length = first.shape[0];
  for (const x of xs)
    if (x.rank === 0 || x.shape[0] !== length)
      throw new ShapeError(`loop: sequences ${xs.map((t) => showShape(t.shape)).join(', ')} must have one length`);
  const initNodes = init.map((t) => t.node(graph, 'loop'));
  const xNodes = xs.map((t) => t.node(graph, 'loop'));
  const body = new Body(graph, initNodes, xNodes.map(sliceOf), length as number, reverse, lowerLoop);
  const inner = body.graph;
  const tensors = (nodes: Body['carry']): Tensor[] => nodes.map((n) => tensorOf(n));
  const made = record(inner, () => tidy(() => step(tensors(body.carry), tensors(body.xs))));
  if (!made || made.carry?.length !== init.length || !Array.isArray(made.ys))
    throw new ArgumentError(`loop: the step must return { carry, ys }, with ${init.length} carried values`);
  made.carry.forEach((t, i) => {
    const before = init[i] as Tensor;
    if (!sameShape(t.shape, before.shape))
      throw new ShapeError(
        `loop: carried value ${i} has shape ${showShape(before.shape)}, the step made it ${showShape(t.shape)}`,
      );
    if (t.dtype !== before.dtype)
      throw new DTypeError(`loop: carried value ${i} is ${before.dtype}, the step made it ${t.dtype}; cast one`);
  });
  body.next = made.carry.map((t) => t.node(inner, 'loop'));
  for (const t of made.ys) body.ys.push(t.node(inner, 'loop'));
  if (body.isNumbered) xNodes.push(tidy(() => range(0, length as number, 1, 'int32').node(graph, 'loop')));
  const node = addLoop(graph, body, initNodes, xNodes);
  const part = (i: number): Tensor => {
    const n = addPart(node, i);
    return tensorOf(n);
  };
  return {
    carry: made.carry.map((_, i) => part(i)),
    ys: made.ys.map((_, i) => part(init.length + i)),
  };
}
