/** Effects: nodes that change memory in their turn, as optimizers and counters do. */
import { Count, Op } from '../../assembly/isa';
import type { Effect, Extent } from '../program/ir';
import type { EffectPasses, Graph, Location, Node, TensorSpec } from '../tensor/graph';
import { sizeOf } from '../tensor/shape';
import { copyAt, duplicate, type Tensor, tensorOf } from '../tensor/tensor';
import { changesOf, keepOld } from './passes/effects';
import { replaceKnown } from './passes/simplify';
import { runOnce } from './trace';

/** The result of an effect without a value. */
export const NOTHING: TensorSpec = { shape: [0], dtype: 'float32' };

/** Adds an effect to a graph; all that is created later sees the change. @throws StateError in the body of a loop */
export const addEffect = (
  graph: Graph,
  name: string,
  inputs: readonly Node[],
  effect: Effect,
  spec: TensorSpec = NOTHING,
): Node => graph.effect(name, inputs, effect, spec, PASSES);

/** Adds one to a counter when everything in the graph so far is done. */
export function countUp(graph: Graph, counter: Location): void {
  addEffect(graph, 'count', [], {
    location: undefined,
    emit: (e) => e.command(Op.Count, Count, { cell: { buffer: e.fixed(counter, 'step'), offset: 0 } }, ['cell']),
  });
}

type Known = Map<Node, Tensor>;

/** What was read of a trace, while more of it is read. */
function happen(graph: Graph, known: Known, inputs: ReadonlyMap<Node, Tensor>): void {
  const { effects } = graph;
  for (const node of effects) for (const extent of changesOf(node)) preserve(graph, known, inputs, extent, node.id);
  const rest = replaceKnown({ graph, inputs: [], outputs: effects, assignments: [] }, known);
  try {
    const values = runOnce(
      rest.graph,
      [],
      [],
      rest.outputs.map((n) => tensorOf(n)),
    );
    for (const [i, node] of effects.splice(0).entries()) known.set(node, values[i] as Tensor);
  } finally {
    rest.graph.release();
  }
}

/** Memory is about to change: what was read of it before is copied. @param at number of the effect */
function preserve(graph: Graph, known: Known, inputs: ReadonlyMap<Node, Tensor>, extent: Extent, at: number): void {
  const overlaps = (place: Location, node: Node): boolean =>
    place.storage === extent.storage &&
    place.offset < extent.offset + extent.bytes &&
    extent.offset < place.offset + sizeOf(node.shape) * 4;
  for (const [node, tensor] of [...known]) {
    if (!overlaps(tensor.location(), node)) continue;
    known.set(node, duplicate(tensor));
    if (inputs.get(node) !== tensor) tensor.dispose();
  }
  for (const node of graph.nodes) {
    if (node.id >= at) break;
    if (node.kind !== 'constant' || known.has(node)) continue;
    const place = node.attrs as Location;
    if (overlaps(place, node)) known.set(node, copyAt(place, node));
  }
}

const PASSES: EffectPasses = { keepOld, happen: happen as EffectPasses['happen'] };
