/** Element types of ONNX, by number and name. */

/** An element type of ONNX, by its name in numpy. */
export type OnnxType =
  | 'float32'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'string'
  | 'bool'
  | 'float16'
  | 'float64'
  | 'uint32'
  | 'uint64'
  | 'complex64'
  | 'complex128'
  | 'bfloat16'
  | 'float8e4m3fn'
  | 'float8e4m3fnuz'
  | 'float8e5m2'
  | 'float8e5m2fnuz'
  | 'uint4'
  | 'int4'
  | 'float4e2m1'
  | 'float8e8m0'
  | 'uint2'
  | 'int2'
  | 'float6e2m3'
  | 'float6e3m2';

/** At the numbers of `TensorProto.DataType`. */
const NAMES: readonly (OnnxType | undefined)[] = [
  undefined,
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
  'float8e8m0',
  'uint2',
  'int2',
  'float6e2m3',
  'float6e3m2',
];

/** The name of a number; undefined for those that are not known. */
export const typeOfNumber = (number: number): OnnxType | undefined => NAMES[number];

/** The number of a name. */
export const numberOfType = (type: OnnxType): number => NAMES.indexOf(type);

export const isTypeName = (name: string): name is OnnxType => (NAMES as readonly unknown[]).includes(name);
