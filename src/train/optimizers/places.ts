/** Memory of optimizers, as tensors of a trace. */
import { StepCells } from '../../../assembly/isa';
import type { Graph, Location, TensorSpec } from '../../tensor/graph';
import { Tensor } from '../../tensor/tensor';
import type { Turn } from './clock';

/** What stands at a place, as a tensor of a trace. */
export function placed(graph: Graph, place: Location, spec: TensorSpec): Tensor {
  const node = graph.constant(place, { shape: spec.shape, dtype: spec.dtype });
  return new Tensor(node, node);
}

/** Whether this call makes a step. */
export const gateOf = (graph: Graph, { cells }: Turn): Tensor =>
  placed(graph, { storage: cells, offset: StepCells.gate }, { shape: [], dtype: 'bool' });
