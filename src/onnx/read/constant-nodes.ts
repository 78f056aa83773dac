/** Constants that are nodes, and those that are stored without their zeros. */
import { HostArray, Texts } from '../../graph/core/value';
import type { Elements } from '../../io/formats/format';
import { DTypeError, FormatError } from '../../support/errors';
import { type AttributeProto, AttributeType, type SparseTensorProto } from '../proto/schema';
import { readAttribute } from './attributes';
import { type External, knownNumbers, type StoredTensor, storedTensor } from './elements';

export const isConstant = (op: string): boolean => op === 'Constant';

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

function stored(
  name: string,
  type: StoredTensor['type'],
  shape: readonly number[],
  known: () => HostArray | Texts,
): StoredTensor {
  const copyTo = (target: Elements): void => {
    const value = known();
    if (value instanceof Texts) throw new DTypeError(`tensor '${name}': is made of strings`);
    target.set(value.data);
  };
  return { name, type, shape, size: sizeOf(shape), known, copyTo };
}

/** The value of a node Constant. @throws FormatError unless it has one */
export function constantOf(
  attributes: readonly AttributeProto[],
  name: string,
  where: string,
  external: External,
): StoredTensor {
  const [a] = attributes.filter(({ name: n }) => n?.startsWith('value') || n === 'sparse_value');
  if (!a) throw new FormatError(`${where}: has no value`);
  if (a.name === 'value') return storedTensor(a.t ?? {}, name, external);
  if (a.name === 'sparse_value') return densified(a.sparseTensor ?? {}, name, external);
  const isList = a.name?.endsWith('s') ?? false;
  const ints = isList ? (a.ints ?? []) : [a.i ?? 0];
  if (a.name === 'value_int' || a.name === 'value_ints') {
    const shape = isList ? [ints.length] : [];
    return stored(name, 'int64', shape, () => knownNumbers(ints, shape, 'int64'));
  }
  const types: Record<string, number> = {
    value_float: AttributeType.float,
    value_floats: AttributeType.floats,
    value_string: AttributeType.string,
    value_strings: AttributeType.strings,
  };
  const type = Object.hasOwn(types, a.name ?? '') ? types[a.name ?? ''] : undefined;
  if (type === undefined) throw new FormatError(`${where}: has no value`);
  const value = readAttribute({ ...a, type }, where, external)[0]?.[1].value;
  const list = (isList ? value : [value]) as number[] | string[];
  const shape = isList ? [list.length] : [];
  if (a.name?.startsWith('value_float'))
    return {
      ...stored(name, 'float32', shape, () => new HostArray(Float32Array.from(list as number[]), shape, 'float32')),
      origin: a,
    };
  return stored(name, 'string', shape, () => new Texts(list as string[], shape));
}

/** Elements of a dense tensor that a file may ask for with a few bytes. */
const MOST_ELEMENTS = 1 << 26;

/** A sparse tensor with its zeros. @throws FormatError for indices that are outside */
export function densified(sparse: SparseTensorProto, name: string, external: External): StoredTensor {
  const where = `tensor '${name}'`;
  const values = storedTensor(sparse.values ?? {}, name, external);
  const indices = storedTensor(sparse.indices ?? {}, `${name}, indices`, external);
  const shape = [...(sparse.dims ?? [])];
  const size = sizeOf(shape);
  if (!shape.every((d) => Number.isSafeInteger(d) && d >= 0) || size > MOST_ELEMENTS)
    throw new FormatError(`${where}: has the shape [${String(shape)}]`);
  const rank = indices.shape.length > 1 ? (indices.shape[1] as number) : 1;
  if (indices.shape[0] !== values.size || (rank !== 1 && rank !== shape.length))
    throw new FormatError(`${where}: [${String(indices.shape)}] indices are not those of ${values.size} values`);
  const known = (): HostArray => {
    const [from, at] = [values.known(), indices.known()];
    if (from instanceof Texts || at instanceof Texts) throw new DTypeError(`${where}: is made of strings`);
    const data = new Float64Array(size);
    for (let k = 0; k < values.size; k++) {
      let place = 0;
      for (let d = 0; d < rank; d++)
        place = place * (rank === 1 ? 1 : (shape[d] as number)) + (at.data[k * rank + d] as number);
      if (!(place >= 0 && place < size)) throw new FormatError(`${where}: an index is outside of [${String(shape)}]`);
      data[place] = from.data[k] as number;
    }
    return new HostArray(data, shape, from.dtype);
  };
  return stored(name, values.type, shape, known);
}
