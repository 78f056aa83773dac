/** Sums of what flows back to one value. */

import type { AttrsOf } from '../ops/core/table';
import { zeros } from '../ops/create/creation';
import { add } from '../ops/math/arithmetic';
import { concat } from '../ops/shape/shaping';
import type { Graph, Node } from '../tensor/graph';
import { withAxis } from '../tensor/shape';
import { type Tensor, tensorOf } from '../tensor/tensor';

/** A part that fills a piece of one axis, while all around it is 0: what the gradient of a slice is. */
interface Piece {
  readonly part: Tensor;
  readonly inner: Tensor;
  readonly axis: number;
  readonly begin: number;
  readonly end: number;
}

function pieceOf(part: Tensor, graph: Graph): Piece | undefined {
  const node = part.node(graph, 'gradients');
  if (node.op !== 'pad') return undefined;
  const { paddings, value, steps } = node.attrs as AttrsOf<'pad'>;
  const cut = paddings.flatMap(([before, after], i) => (before > 0 || after > 0 ? [i] : []));
  const axis = cut[0];
  if (axis === undefined || cut.length > 1 || value !== 0 || steps) return undefined;
  const source = node.inputs[0] as Node;
  const begin = (paddings[axis] as readonly [number, number])[0];
  return { part, inner: tensorOf(source), axis, begin, end: begin + (source.shape[axis] as number) };
}

/** Pieces of one axis that do not overlap, ascending: at least two of them. */
function disjointPieces(parts: readonly Tensor[], graph: Graph): Piece[] {
  const pieces = parts.flatMap((part) => pieceOf(part, graph) ?? []);
  const along = pieces.filter((p) => p.axis === pieces[0]?.axis).sort((a, b) => a.begin - b.begin);
  const isDisjoint = along.every((p, i) => i === 0 || p.begin >= (along[i - 1] as Piece).end);
  return along.length > 1 && isDisjoint ? along : [];
}

/** The pieces side by side, with zeros in the gaps. */
function joined(pieces: readonly Piece[]): Tensor {
  const { part, axis } = pieces[0] as Piece;
  const gap = (from: number, to: number): Tensor[] => (to > from ? [zeros(withAxis(part.shape, axis, to - from))] : []);
  let at = 0;
  const list = pieces.flatMap(({ inner, begin, end }) => {
    const before = gap(at, begin);
    at = end;
    return [...before, inner];
  });
  return concat([...list, ...gap(at, part.shape[axis] as number)], axis);
}

/**
 * The sum of gradients of one value, in their order. Where they are those of slices side by side (of `split`,
 * `unstack`, a loop over time steps), they are joined instead of padded and added, which would take time in the square
 * of their number.
 */
export function total(parts: readonly Tensor[], graph: Graph): Tensor {
  const pieces = parts.length > 1 ? disjointPieces(parts, graph) : [];
  const taken = new Set(pieces.map(({ part }) => part));
  const rest = parts.filter((part) => !taken.has(part));
  const all = pieces.length ? [...rest, joined(pieces)] : rest;
  return all.reduce((sum, part) => add(sum, part));
}
