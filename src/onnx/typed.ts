/** Numbers and strings in ONNX' own types, as users pass them and get them. */
import { HOST_ELEMENTS, HostArray, Texts, type Value, ValueList } from '../graph/core/value';
import { narrowToBrains, narrowToHalves, widenBrains, widenHalves } from '../io/weights/halves';
import { tensor } from '../ops/create/creation';
import { show } from '../support/arguments';
import { ArgumentError, DTypeError, ShapeError } from '../support/errors';
import { isPlainObject } from '../support/plain-object';
import { showShape, sizeOf } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { isTypeName, type OnnxType } from './proto/types';
import { dtypeOf, knownNumbers } from './read/elements';

/** Elements in the array that JavaScript has for their type; float16 and bfloat16 as their bits, bool as 0 and 1. */
export type OnnxData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | readonly string[];

/** A tensor in one of ONNX' types. */
export interface OnnxTensor {
  /** Row by row. */
  readonly data: OnnxData;
  /** Sizes of the dimensions. */
  readonly shape: readonly number[];
  /** Type of the elements, such as 'float32', 'int64', 'uint8', 'bool', 'float16', 'string'. */
  readonly dtype: OnnxType;
}

/** What a model takes at an input; a list is a sequence. */
export type OnnxInput =
  | Tensor
  | readonly OnnxInput[]
  | {
      readonly data: OnnxData | readonly number[] | readonly bigint[] | readonly boolean[];
      readonly shape: readonly number[];
      /** Default: the type of the input. */
      readonly dtype?: string | null;
    };

const LOW = -0x80000000;
const HIGH = 0x7fffffff;

const isHalf = (type: OnnxType): boolean => type === 'float16' || type === 'bfloat16';

function numbersOf(data: ArrayLike<unknown>, type: OnnxType, where: string): ArrayLike<number | bigint> {
  if (isHalf(type) && data instanceof Uint16Array) {
    const out = new Float32Array(data.length);
    (type === 'float16' ? widenHalves : widenBrains)(data, new Uint32Array(out.buffer));
    return out;
  }
  if (ArrayBuffer.isView(data)) return data as unknown as ArrayLike<number | bigint>;
  return Array.from(data, (v, i) => {
    if (typeof v === 'number' || typeof v === 'bigint') return v;
    if (typeof v === 'boolean') return Number(v);
    throw new ArgumentError(`${where}: data[${i}] must be a number, got ${show(v)}`);
  });
}

function valueOfNumbers(data: ArrayLike<unknown>, shape: readonly number[], type: OnnxType, where: string): Value {
  const numbers = numbersOf(data, type, where);
  const dtype = dtypeOf(type);
  if (numbers instanceof Float32Array && dtype === 'float32') return tensor(numbers, [...shape], dtype);
  if (numbers instanceof Int32Array && dtype === 'int32') return tensor(numbers, [...shape], dtype);
  if (dtype !== 'int32') return tensor(Float64Array.from(numbers as ArrayLike<number>, Number), [...shape], dtype);
  const out = new Int32Array(numbers.length);
  for (let i = 0; i < out.length; i++) {
    const value = Number(numbers[i]);
    if (!Number.isInteger(value)) throw new ArgumentError(`${where}: data[${i}] must be an integer, got ${value}`);
    if (value >= LOW && value <= HIGH) out[i] = value;
    // A few large integers are known ones: ends of slices, and their like.
    else if (out.length <= HOST_ELEMENTS)
      return knownNumbers(
        Array.from(numbers, (v) => v),
        shape,
        type,
      );
    else
      throw new ArgumentError(
        `${where}: data[${i}] is ${numbers[i]}, which does not fit int32, in which tensors hold integers`,
      );
  }
  return tensor(out, [...shape], 'int32');
}

function valueOfTensor(given: Tensor, type: OnnxType | undefined, where: string): Value {
  if (type === undefined || given.dtype === dtypeOf(type)) return given;
  throw new DTypeError(`${where}: must be ${type}, got a tensor of ${given.dtype}; cast it to ${dtypeOf(type)}`);
}

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || ArrayBuffer.isView(value);

/**
 * What is fed, as the core takes it.
 * @param type of the input; undefined: unknown
 */
export function valueOf(given: unknown, type: OnnxType | undefined, where: string): Value {
  if (Array.isArray(given)) {
    const items = given.map((item, i) => valueOf(item, type, `${where}[${i}]`));
    return new ValueList(items, null, type && type !== 'string' ? dtypeOf(type) : 'float32');
  }
  if (given instanceof Tensor) return valueOfTensor(given, type, where);
  if (!isPlainObject(given) || !isList(given.data) || !Array.isArray(given.shape))
    throw new ArgumentError(`${where}: must be a tensor, or an object with data, shape and dtype, got ${show(given)}`);
  const { data, dtype } = given;
  const shape = given.shape as readonly unknown[];
  if (!shape.every((d) => Number.isSafeInteger(d) && (d as number) >= 0))
    throw new ShapeError(`${where}: shape must be sizes, got ${show(shape)}`);
  const sizes = shape as readonly number[];
  if (dtype !== undefined && dtype !== null && (typeof dtype !== 'string' || !isTypeName(dtype)))
    throw new DTypeError(`${where}: dtype must be a type of ONNX such as 'float32' or 'int64', got ${show(dtype)}`);
  const own = (dtype ?? undefined) as OnnxType | undefined;
  if (own !== undefined && type !== undefined && own !== type)
    throw new DTypeError(`${where}: must be ${type}, got ${own}`);
  const elements = data as ArrayLike<unknown>;
  if (elements.length !== sizeOf(sizes))
    throw new ShapeError(`${where}: ${elements.length} elements do not fill ${showShape(sizes)}`);
  const kind = type ?? own ?? 'float32';
  if (kind === 'string') return new Texts(Array.from(elements, String), sizes);
  return valueOfNumbers(elements, sizes, kind, where);
}

const ARRAYS = {
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;

function dataOf(numbers: ArrayLike<number>, exact: readonly bigint[] | undefined, type: OnnxType): OnnxData {
  if (type === 'int64' || type === 'uint64') {
    const list = exact ?? Array.from(numbers, (v) => BigInt(Math.trunc(v)));
    return type === 'int64' ? BigInt64Array.from(list) : BigUint64Array.from(list);
  }
  if (type === 'float16') return narrowToHalves(new Float32Array(numbers));
  if (type === 'bfloat16') return narrowToBrains(new Float32Array(numbers));
  return new (Object.hasOwn(ARRAYS, type) ? ARRAYS[type as keyof typeof ARRAYS] : Float32Array)(numbers);
}

/** The type that the graph says, unless what it computes is of another kind. */
const ownType = ({ dtype }: Tensor | HostArray, type: OnnxType | undefined): OnnxType =>
  type !== undefined && dtypeOf(type) === dtype ? type : dtype;

/** A result in the type that the graph says it has. @throws DTypeError for what is no tensor */
export function typedValue(value: Value, type: OnnxType | undefined, name: string): OnnxTensor | OnnxTensor[] {
  if (value instanceof Texts) return { data: value.data, shape: value.shape, dtype: 'string' };
  if (value instanceof ValueList) {
    return value.items.map((item) => typedValue(item as Value, type, name) as OnnxTensor);
  }
  if (value instanceof HostArray) {
    const dtype = ownType(value, type);
    return { data: dataOf(value.data, value.exact, dtype), shape: value.shape, dtype };
  }
  if (!(value instanceof Tensor)) throw new DTypeError(`run: '${name}' is not a tensor`);
  const dtype = ownType(value, type);
  return { data: dataOf(value.dataSync(), undefined, dtype), shape: value.shape, dtype };
}
