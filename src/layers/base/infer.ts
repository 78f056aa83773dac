/** Shapes of results, found by tracing. */
import { record, traceInput } from '../../plan/trace';
import { ShapeError } from '../../support/errors';
import { withNewGraph } from '../../tensor/graph';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs, Callable } from './call';
import { makeCall } from './context';
import { isShapeList, listOf, type PartialShape, type Shapes, shapeList, type Tensors } from './shapes';

/** Stand-ins for unknown dimensions; two of them, so that it shows which dimensions of the result depend on them. */
const PROBES = [7, 11] as const;

/** The layer's result shapes for inputs whose unknown dimensions have a given size. */
function probe(
  layer: Callable,
  shapes: Shapes,
  size: number,
): { shapes: readonly (readonly number[])[]; isList: boolean } {
  return withNewGraph((graph) => {
    const inputs = shapeList(shapes).map((s) =>
      traceInput(graph, { shape: s.map((d) => d ?? size), dtype: 'float32' }),
    );
    const args: CallArgs = { training: false };
    const given: Tensors = isShapeList(shapes) ? inputs : (inputs[0] as Tensor);
    const out = record(graph, () => makeCall(layer, given, args));
    graph.release();
    return { shapes: listOf(out).map((t) => t.shape), isList: Array.isArray(out) };
  });
}

/** What `call` gives for inputs of such shapes; dimensions that follow unknown ones are unknown. */
export function inferShapes(layer: Callable, inputShape: Shapes): Shapes {
  const isKnown = shapeList(inputShape).every((s) => s.every((d) => d !== null));
  const first = probe(layer, inputShape, PROBES[0]);
  const second = isKnown ? first : probe(layer, inputShape, PROBES[1]);
  const shapes = first.shapes.map((shape, i): PartialShape => {
    const other = second.shapes[i] as readonly number[];
    if (other.length !== shape.length)
      throw new ShapeError(
        `${layer.name}: the rank of its result depends on unknown dimensions of ${shapeList(inputShape).map(showShape).join(', ')}`,
      );
    return shape.map((d, k) => (d === other[k] ? d : null));
  });
  return first.isList ? shapes : (shapes[0] as PartialShape);
}
