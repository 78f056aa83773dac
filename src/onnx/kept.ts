/** What a model keeps of its file, to be written again: all but the weights, which it has as variables. */
import { narrowToBrains, narrowToHalves } from '../io/weights/halves';
import { StateError } from '../support/errors';
import type { Variable } from '../tensor/variable';
import { encodeModel } from './proto/model';
import type { AttributeProto, ModelProto, TensorProto } from './proto/schema';
import { replaceTensors } from './proto/tensors';
import { typeOfNumber } from './proto/types';
import type { External } from './read/elements';

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

export class KeptModel {
  readonly #model: ModelProto;
  readonly #origins = new Map<object, readonly Variable[]>();

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
    });
    return encodeModel(model);
  }
}
