/** What a model keeps of its file, to be written again: all but the weights, which it has as variables. */
import { narrowToBrains, narrowToHalves } from '../io/weights/halves';
import { StateError } from '../support/errors';
import type { Variable } from '../tensor/variable';
import { encodeModel } from './proto/model';
import { type AttributeProto, AttributeType, type ModelProto, type NodeProto, type TensorProto } from './proto/schema';
import { replaceTensors } from './proto/tensors';
import { numberOfType, typeOfNumber } from './proto/types';
import { withoutUnread } from './proto/unread';
import type { External, StoredTensor } from './read/elements';
import { readModel } from './read/graph';

type Origins = ReadonlyMap<object, readonly Variable[]>;

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);

/** Values in the type that a file has them in. */
function encoded(variable: Variable, dataType: number): Uint8Array {
  const values = variable.dataSync();
  switch (typeOfNumber(dataType)) {
    case 'float16':
      return bytesOf(narrowToHalves(Float32Array.from(values)));
    case 'bfloat16':
      return bytesOf(narrowToBrains(Float32Array.from(values)));
    case 'float64':
      return bytesOf(Float64Array.from(values));
    case 'int64':
    case 'uint64':
      return bytesOf(BigInt64Array.from(values, BigInt));
    case 'int8':
    case 'uint8':
    case 'bool':
      return bytesOf(Uint8Array.from(values));
    case 'int16':
    case 'uint16':
      return bytesOf(Uint16Array.from(values));
    default:
      return bytesOf(values);
  }
}

/** The one variable of a message. @throws StateError if calls of a function made several that differ now */
function theOne(variables: readonly Variable[]): Variable {
  const [first, ...rest] = variables as [Variable, ...Variable[]];
  const values = first.dataSync();
  for (const other of rest)
    if (!other.dataSync().every((v, i) => Object.is(v, values[i])))
      throw new StateError(
        `save: weight '${first.name}' is part of a function that is called several times, and its copies differ now`,
      );
  return first;
}

/** Whether two lists have the same bits; where there are NaN, those too. */
const isSame = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
};

const inside: External = (_, name) => {
  throw new StateError(`save: ${name} is not in the model`);
};

/** A weight in the place of the node that computed it of integers. */
const constantNode = ({ name, output }: NodeProto, variable: Variable): NodeProto => ({
  name,
  output,
  opType: 'Constant',
  attribute: [
    {
      name: 'value',
      type: AttributeType.tensor,
      t: { dims: [...variable.shape], dataType: numberOfType('float32'), rawData: encoded(variable, 1) },
    },
  ],
});

export class KeptModel {
  readonly #model: ModelProto;
  readonly #origins = new Map<object, readonly Variable[]>();
  /** Nodes that weights were computed by, in the order in which the messages are walked. */
  readonly #nodes: (readonly Variable[] | undefined)[] = [];

  constructor(model: ModelProto, origins: Origins, external: External) {
    const keep = <T extends object>(kept: T, variables: readonly Variable[] | undefined): T => {
      if (variables) this.#origins.set(kept, variables);
      return kept;
    };
    this.#model = replaceTensors(model, {
      tensor: (t) => {
        const variables = origins.get(t);
        const { name, dims, dataType, docString } = t;
        // What shares bytes with others stays as it is.
        const isPacked = /^u?int[24]$/.test(typeOfNumber(dataType ?? 0) ?? '');
        if (variables && !isPacked) return keep<TensorProto>({ name, dims, dataType, docString }, variables);
        // The bytes of the file are let go.
        const raw = t.dataLocation === 1 ? external(t.externalData ?? [], `tensor '${name ?? ''}'`) : t.rawData;
        if (!raw) return t;
        const { externalData: _, dataLocation: __, ...rest } = t;
        return { ...rest, rawData: raw.slice() };
      },
      attribute: (a) => keep<AttributeProto>({ ...a }, origins.get(a)),
      node: (n) => {
        this.#nodes.push(origins.get(n));
        return n;
      },
    });
  }

  /** The file, with the weights as they are now, in pieces. */
  encode(): readonly Uint8Array[] {
    const model = replaceTensors(this.#model, {
      tensor: (t) => {
        const variables = this.#origins.get(t);
        return variables ? { ...t, rawData: encoded(theOne(variables), t.dataType ?? 1) } : t;
      },
      attribute: (a) => {
        const variables = this.#origins.get(a);
        return variables ? { ...a, floats: [...theOne(variables).dataSync()] } : a;
      },
      node: (n) => n,
    });
    return encodeModel(this.#nodes.some(Boolean) ? this.#unfolded(model) : model);
  }

  /** Nodes that compute weights of integers stay as long as that is what these are; else the weights are stored. */
  #unfolded(model: ModelProto): ModelProto {
    const computed = new Map<object, StoredTensor[]>();
    for (const stored of readModel(model, inside, 'the model').constants) {
      const { origin } = stored;
      if (origin) computed.set(origin, [...(computed.get(origin) ?? []), stored]);
    }
    const isAsComputed = (node: NodeProto, variables: readonly Variable[]): boolean =>
      variables.every((variable, i) => {
        const stored = computed.get(node)?.[i];
        if (!stored) return false;
        const values = new Float32Array(stored.size);
        stored.copyTo(values);
        return isSame(values, variable.dataSync());
      });
    let at = 0;
    const replaced: string[] = [];
    const whole = replaceTensors(model, {
      tensor: (t) => t,
      attribute: (a) => a,
      node: (n, isInFunction) => {
        const variables = this.#nodes[at++];
        if (!variables || isAsComputed(n, variables)) return n;
        if (!isInFunction) {
          replaced.push(...(n.input ?? []));
          return constantNode(n, theOne(variables));
        }
        throw new StateError(
          `save: weight '${(variables[0] as Variable).name}' is computed of integers inside a function of the model, which cannot store its new values`,
        );
      },
    });
    return whole.graph ? { ...whole, graph: withoutUnread(whole.graph, replaced) } : whole;
  }
}
