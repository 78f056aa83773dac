/** Nodes that compute with constants alone: weights in narrow integers become the floats that they stand for, once. */
import { Call, type Context } from '../../graph/core/call';
import type { GraphNode } from '../../graph/core/graph';
import type { Operator } from '../../graph/core/registry';
import { HOST_ELEMENTS, HostArray, type Value } from '../../graph/core/value';
import { tensor } from '../../ops/create/creation';
import { withGraph } from '../../tensor/graph';
import { tidy } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import type { OnnxType } from '../proto/types';
import { dtypeOf, type StoredTensor } from './elements';

/** Where nothing but operands and attributes is there. */
const NOWHERE: Context = {
  read: (t) => new HostArray(t.dataSync(), t.shape, t.dtype),
  data: (t) => new HostArray(t.dataSync(), t.shape, t.dtype),
  invoke: (name, _, call) => {
    throw call.fail(`function '${name}' cannot be called while a file is read`);
  },
  discard: () => {},
  unroll: () => {},
  tables: new Map(),
  isTraced: false,
  isTraining: false,
};

const isWide = ({ size }: StoredTensor): boolean => size > HOST_ELEMENTS;

/**
 * Whether a node is computed when the file is read: of constants among which are many integers, or what such a node
 * computed.
 */
export function isFoldable(operands: readonly (StoredTensor | undefined)[], folded: ReadonlySet<string>): boolean {
  return operands.some(
    (t) => t && isWide(t) && (folded.has(t.name) || (t.type !== 'string' && dtypeOf(t.type) === 'int32')),
  );
}

function valueOf(stored: StoredTensor): Value {
  if (!isWide(stored)) return stored.known();
  const dtype = dtypeOf(stored.type);
  const elements = new (dtype === 'float32' ? Float32Array : Int32Array)(stored.size);
  stored.copyTo(elements);
  return tensor(elements, [...stored.shape], dtype);
}

/** What a node computes of constants; undefined if that is not one tensor. */
export function fold(
  node: GraphNode,
  operator: Operator,
  operands: readonly (StoredTensor | undefined)[],
  type: OnnxType,
): StoredTensor | undefined {
  return withGraph(undefined, () =>
    tidy(() => {
      const call = new Call(
        node,
        operands.map((t) => t && valueOf(t)),
        NOWHERE,
        1,
      );
      const made = operator(call);
      const value = Array.isArray(made) ? (made as readonly Value[])[0] : (made as Value);
      if (!(value instanceof Tensor) || value.dtype !== dtypeOf(type)) return undefined;
      const { shape, dtype, size } = value;
      const data = value.dataSync();
      return {
        name: node.name,
        type,
        shape,
        size,
        known: () => new HostArray(data, shape, dtype),
        copyTo: (target) => target.set(data),
      };
    }),
  );
}
