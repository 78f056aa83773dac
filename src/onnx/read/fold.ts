/** Nodes that compute with constants alone: weights in narrow integers become the floats that they stand for, once. */
import { Call, type Context } from '../../graph/core/call';
import type { GraphNode } from '../../graph/core/graph';
import type { Operator } from '../../graph/core/registry';
import { HOST_ELEMENTS, HostArray, type Value } from '../../graph/core/value';
import { tensor } from '../../ops/create/creation';
import { engine } from '../../runtime/engine';
import { withGraph } from '../../tensor/graph';
import { tidy } from '../../tensor/scope';
import { allocate, Tensor } from '../../tensor/tensor';
import type { NodeProto } from '../proto/schema';
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
  attempt: () => undefined,
  when: (_, compute) => compute(),
  assign: () => {},
  tables: new Map(),
  isTraced: false,
  isWhole: false,
  isTraining: false,
};

const isWide = ({ size }: StoredTensor): boolean => size > HOST_ELEMENTS;

/**
 * Whether a node is computed when the file is read: of constants among which are many integers, integers that are weights,
 * or what such a node computed.
 * @param weights operands that are weights
 */
export function isFoldable(
  operands: readonly (StoredTensor | undefined)[],
  folded: ReadonlySet<string>,
  weights: readonly number[],
): boolean {
  return operands.some((t, i) => {
    if (!t || t.type === 'string' || !(isWide(t) || (weights.includes(i) && t.size > 1))) return false;
    return folded.has(t.name) || dtypeOf(t.type) === 'int32';
  });
}

function valueOf(stored: StoredTensor): Value {
  if (!isWide(stored)) return stored.known();
  const dtype = dtypeOf(stored.type);
  // Bytes of a file may be no truth values.
  if (dtype === 'bool') {
    const elements = new Int32Array(stored.size);
    stored.copyTo(elements);
    return tensor(elements, [...stored.shape], dtype);
  }
  const made = allocate([...stored.shape], dtype);
  const at = made.address() >>> 2;
  const memory = dtype === 'float32' ? engine.memory.f32 : engine.memory.i32;
  stored.copyTo(memory.subarray(at, at + stored.size));
  return made;
}

/**
 * What a node computes of constants; undefined if that is not one tensor.
 * @param name of what it computes
 * @param origin its message
 */
export function fold(
  name: string,
  origin: NodeProto,
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
      const isNumbers = value instanceof Tensor || value instanceof HostArray;
      if (!isNumbers || value.dtype !== dtypeOf(type)) return undefined;
      const { shape, dtype } = value;
      const data = value instanceof Tensor ? value.dataSync() : value.data;
      const size = data.length;
      return {
        name,
        origin,
        type,
        shape,
        size,
        known: () => new HostArray(data, shape, dtype),
        copyTo: (target) => target.set(data),
      };
    }),
  );
}
