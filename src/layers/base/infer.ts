/** Shapes of results, found by tracing. */
import { zeros } from '../../ops/create/creation';
import { record, traceInput } from '../../plan/trace';
import { Spot } from '../../plan/transform/spot';
import { ShapeError, StateError } from '../../support/errors';
import { type Graph, type TensorSpec, withNewGraph } from '../../tensor/graph';
import { untracked } from '../../tensor/scope';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs, Callable } from './call';
import { makeCall } from './context';
import { isShapeList, listOf, type PartialShape, type Shapes, shapeList, type Tensors } from './shapes';

/** Sizes in place of unknown dimensions; two of them, to see which dimensions of the result depend on them. */
const PROBES = [7, 11] as const;

/** Two sizes for unknown dimensions. */
export type ProbeSizes = readonly [number, number];

interface Found {
  readonly shapes: readonly (readonly number[])[];
  readonly isList: boolean;
}

/** The layer's output shapes where unknown dimensions of its inputs have the size `size`, the batch `batch`. */
function probe(layer: Callable, shapes: Shapes, size: number, batch: number): Found {
  const args: CallArgs = { training: false };
  return withNewGraph((graph) => {
    const specs = shapeList(shapes).map(
      (s): TensorSpec => ({ shape: s.map((d, i) => d ?? (i === 0 ? batch : size)), dtype: 'float32' }),
    );
    const inputs = specs.map((spec) => traceInput(graph, spec));
    const given: Tensors = isShapeList(shapes) ? inputs : (inputs[0] as Tensor);
    const look = (): Found => {
      const out = record(graph, () => makeCall(layer, given, args));
      return { shapes: listOf(out).map((t) => t.shape), isList: Array.isArray(out) };
    };
    try {
      return look();
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      return withZeros(graph, inputs, look);
    } finally {
      graph.release();
    }
  });
}

/** Looks again where the call reads values: it reads those of zeros. */
function withZeros(graph: Graph, inputs: readonly Tensor[], look: () => Found): Found {
  const values = untracked(() => inputs.map((t) => zeros(t.shape)));
  const spot = new Spot(
    graph,
    inputs.map((t, i) => [t.node(graph, 'call'), values[i] as Tensor]),
  );
  graph.present = spot;
  try {
    return look();
  } finally {
    graph.present = undefined;
    spot.release();
    for (const t of values) t.dispose();
  }
}

/**
 * Output shapes of `call` for such inputs; dimensions that depend on unknown ones are unknown.
 * @param sizes for unknown dimensions other than the batch
 */
export function inferShapes(layer: Callable, inputShape: Shapes, sizes: ProbeSizes = PROBES): Shapes {
  const isKnown = shapeList(inputShape).every((s) => s.every((d) => d !== null));
  const first = probe(layer, inputShape, sizes[0], PROBES[0]);
  const second = isKnown ? first : probe(layer, inputShape, sizes[1], PROBES[1]);
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
