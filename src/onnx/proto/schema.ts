/** The messages of ONNX' schema (onnx-ml.proto, IR version 14), each as a type and a table of its fields. */
import { type Fields, is } from './fields';
import type { Int64 } from './wire';

export interface StringEntry {
  readonly key?: string;
  readonly value?: string;
}

export interface TensorProto {
  readonly dims?: readonly number[];
  readonly dataType?: number;
  readonly segment?: { readonly begin?: Int64; readonly end?: Int64 };
  readonly floatData?: readonly number[];
  readonly int32Data?: readonly number[];
  readonly stringData?: readonly Uint8Array[];
  readonly int64Data?: readonly Int64[];
  readonly name?: string;
  readonly docString?: string;
  /** Little endian; a view of the file, at any offset. */
  readonly rawData?: Uint8Array;
  /** location, offset, length, checksum. */
  readonly externalData?: readonly StringEntry[];
  /** 1: the values are in another file. */
  readonly dataLocation?: number;
  readonly doubleData?: readonly number[];
  readonly uint64Data?: readonly Int64[];
  readonly metadataProps?: readonly StringEntry[];
}

export interface SparseTensorProto {
  readonly values?: TensorProto;
  readonly indices?: TensorProto;
  readonly dims?: readonly number[];
}

export interface DimensionProto {
  readonly dimValue?: number;
  readonly dimParam?: string;
  readonly denotation?: string;
}

export interface ShapeProto {
  readonly dim?: readonly DimensionProto[];
}

export interface TensorTypeProto {
  readonly elemType?: number;
  readonly shape?: ShapeProto;
}

export interface TypeProto {
  readonly tensorType?: TensorTypeProto;
  readonly sequenceType?: { readonly elemType?: TypeProto };
  readonly mapType?: { readonly keyType?: number; readonly valueType?: TypeProto };
  readonly optionalType?: { readonly elemType?: TypeProto };
  readonly sparseTensorType?: TensorTypeProto;
  readonly opaqueType?: { readonly domain?: string; readonly name?: string };
  readonly denotation?: string;
}

export interface ValueInfoProto {
  readonly name?: string;
  readonly type?: TypeProto;
  readonly docString?: string;
  readonly metadataProps?: readonly StringEntry[];
}

/** Which field of an attribute is in use. */
export const AttributeType = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
  sparseTensor: 11,
  sparseTensors: 12,
  typeProto: 13,
  typeProtos: 14,
} as const;

export interface AttributeProto {
  readonly name?: string;
  /** In a function: the attribute of the calling node that it stands for. */
  readonly refAttrName?: string;
  readonly docString?: string;
  readonly type?: number;
  readonly f?: number;
  readonly i?: Int64;
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly g?: GraphProto;
  readonly sparseTensor?: SparseTensorProto;
  readonly tp?: TypeProto;
  readonly floats?: readonly number[];
  readonly ints?: readonly Int64[];
  readonly strings?: readonly Uint8Array[];
  readonly tensors?: readonly TensorProto[];
  readonly graphs?: readonly GraphProto[];
  readonly sparseTensors?: readonly SparseTensorProto[];
  readonly typeProtos?: readonly TypeProto[];
}

export interface NodeProto {
  /** Names of values; '' is an operand that is left out. */
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly attribute?: readonly AttributeProto[];
  readonly docString?: string;
  readonly metadataProps?: readonly StringEntry[];
  /** How the node is spread over devices; kept as it is. */
  readonly deviceConfigurations?: readonly Uint8Array[];
}

export interface TensorAnnotationProto {
  readonly tensorName?: string;
  readonly quantParameterTensorNames?: readonly StringEntry[];
}

export interface GraphProto {
  readonly node?: readonly NodeProto[];
  readonly name?: string;
  readonly initializer?: readonly TensorProto[];
  readonly sparseInitializer?: readonly SparseTensorProto[];
  readonly docString?: string;
  readonly input?: readonly ValueInfoProto[];
  readonly output?: readonly ValueInfoProto[];
  readonly valueInfo?: readonly ValueInfoProto[];
  readonly quantizationAnnotation?: readonly TensorAnnotationProto[];
  readonly metadataProps?: readonly StringEntry[];
}

export interface OperatorSetProto {
  /** '' is ai.onnx. */
  readonly domain?: string;
  readonly version?: number;
}

export interface FunctionProto {
  readonly name?: string;
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  /** Names of attributes without a default. */
  readonly attribute?: readonly string[];
  /** Attributes with a default. */
  readonly attributeProto?: readonly AttributeProto[];
  readonly node?: readonly NodeProto[];
  readonly docString?: string;
  readonly opsetImport?: readonly OperatorSetProto[];
  readonly domain?: string;
  readonly overload?: string;
  readonly valueInfo?: readonly ValueInfoProto[];
  readonly metadataProps?: readonly StringEntry[];
}

export interface ModelProto {
  readonly irVersion?: number;
  readonly opsetImport?: readonly OperatorSetProto[];
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly domain?: string;
  readonly modelVersion?: Int64;
  readonly docString?: string;
  readonly graph?: GraphProto;
  readonly metadataProps?: readonly StringEntry[];
  /** Kept as they are. */
  readonly trainingInfo?: readonly Uint8Array[];
  readonly functions?: readonly FunctionProto[];
  /** Kept as they are. */
  readonly configuration?: readonly Uint8Array[];
}

const stringEntry: Fields<StringEntry> = { key: is.text(1), value: is.text(2) };
const entries = () => stringEntry;

const segment: Fields<NonNullable<TensorProto['segment']>> = { begin: is.int64(1), end: is.int64(2) };

export const tensorFields: Fields<TensorProto> = {
  dims: is.sizes(1),
  dataType: is.int32(2),
  segment: is.message(3, () => segment),
  floatData: is.floats(4, true),
  int32Data: is.int32s(5),
  stringData: is.byteLists(6),
  int64Data: is.int64s(7, true),
  name: is.text(8),
  rawData: is.bytes(9),
  doubleData: is.doubles(10),
  uint64Data: is.uint64s(11),
  docString: is.text(12),
  externalData: is.messages(13, entries),
  dataLocation: is.int32(14),
  metadataProps: is.messages(16, entries),
};

const sparseTensor: Fields<SparseTensorProto> = {
  values: is.message(1, () => tensorFields),
  indices: is.message(2, () => tensorFields),
  dims: is.sizes(3),
};

const dimension: Fields<DimensionProto> = { dimValue: is.size(1), dimParam: is.text(2), denotation: is.text(3) };
const shape: Fields<ShapeProto> = { dim: is.messages(1, () => dimension) };
const tensorType: Fields<TensorTypeProto> = { elemType: is.int32(1), shape: is.message(2, () => shape) };

/** A type around another. */
const around = { elemType: is.message(1, (): Fields<TypeProto> => type) };
const mapType: Fields<NonNullable<TypeProto['mapType']>> = {
  keyType: is.int32(1),
  valueType: is.message(2, (): Fields<TypeProto> => type),
};
const opaqueType: Fields<NonNullable<TypeProto['opaqueType']>> = { domain: is.text(1), name: is.text(2) };

const type: Fields<TypeProto> = {
  tensorType: is.message(1, () => tensorType),
  sequenceType: is.message(4, () => around),
  mapType: is.message(5, () => mapType),
  denotation: is.text(6),
  opaqueType: is.message(7, () => opaqueType),
  sparseTensorType: is.message(8, () => tensorType),
  optionalType: is.message(9, () => around),
};

const valueInfo: Fields<ValueInfoProto> = {
  name: is.text(1),
  type: is.message(2, () => type),
  docString: is.text(3),
  metadataProps: is.messages(4, entries),
};

const attribute: Fields<AttributeProto> = {
  name: is.text(1),
  f: is.float(2),
  i: is.int64(3),
  s: is.bytes(4),
  t: is.message(5, () => tensorFields),
  g: is.message(6, (): Fields<GraphProto> => graph),
  floats: is.floats(7),
  ints: is.int64s(8),
  strings: is.byteLists(9),
  tensors: is.messages(10, () => tensorFields),
  graphs: is.messages(11, (): Fields<GraphProto> => graph),
  docString: is.text(13),
  tp: is.message(14, () => type),
  typeProtos: is.messages(15, () => type),
  type: is.int32(20),
  refAttrName: is.text(21),
  sparseTensor: is.message(22, () => sparseTensor),
  sparseTensors: is.messages(23, () => sparseTensor),
};

const node: Fields<NodeProto> = {
  input: is.texts(1),
  output: is.texts(2),
  name: is.text(3),
  opType: is.text(4),
  attribute: is.messages(5, () => attribute),
  docString: is.text(6),
  domain: is.text(7),
  overload: is.text(8),
  metadataProps: is.messages(9, entries),
  deviceConfigurations: is.byteLists(10),
};

const annotation: Fields<TensorAnnotationProto> = {
  tensorName: is.text(1),
  quantParameterTensorNames: is.messages(2, entries),
};

const graph: Fields<GraphProto> = {
  node: is.messages(1, () => node),
  name: is.text(2),
  initializer: is.messages(5, () => tensorFields),
  docString: is.text(10),
  input: is.messages(11, () => valueInfo),
  output: is.messages(12, () => valueInfo),
  valueInfo: is.messages(13, () => valueInfo),
  quantizationAnnotation: is.messages(14, () => annotation),
  sparseInitializer: is.messages(15, () => sparseTensor),
  metadataProps: is.messages(16, entries),
};

const operatorSet: Fields<OperatorSetProto> = { domain: is.text(1), version: is.size(2) };

const functionFields: Fields<FunctionProto> = {
  name: is.text(1),
  input: is.texts(4),
  output: is.texts(5),
  attribute: is.texts(6),
  node: is.messages(7, () => node),
  docString: is.text(8),
  opsetImport: is.messages(9, () => operatorSet),
  domain: is.text(10),
  attributeProto: is.messages(11, () => attribute),
  valueInfo: is.messages(12, () => valueInfo),
  overload: is.text(13),
  metadataProps: is.messages(14, entries),
};

export const modelFields: Fields<ModelProto> = {
  irVersion: is.size(1),
  producerName: is.text(2),
  producerVersion: is.text(3),
  domain: is.text(4),
  modelVersion: is.int64(5),
  docString: is.text(6),
  graph: is.message(7, () => graph),
  opsetImport: is.messages(8, () => operatorSet),
  metadataProps: is.messages(14, entries),
  trainingInfo: is.byteLists(20),
  functions: is.messages(25, () => functionFields),
  configuration: is.byteLists(26),
};
