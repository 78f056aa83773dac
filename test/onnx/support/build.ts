/** Small models in ONNX, written by hand. */
import { encodeModel } from '../../../src/onnx/proto/model';
import {
  type AttributeProto,
  AttributeType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../../../src/onnx/proto/schema';
import { numberOfType, type OnnxType } from '../../../src/onnx/proto/types';
import { joined } from '../../../src/onnx/proto/wire';

export type Attributes = Readonly<Record<string, number | string | readonly number[] | TensorProto | GraphProto>>;

const isTensor = (value: object): value is TensorProto => 'dataType' in value;

function attribute(name: string, value: Attributes[string]): AttributeProto {
  if (typeof value === 'number')
    return Number.isInteger(value)
      ? { name, i: value, type: AttributeType.int }
      : { name, f: value, type: AttributeType.float };
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: AttributeType.string };
  if (Array.isArray(value)) return { name, ints: value, type: AttributeType.ints };
  if (isTensor(value)) return { name, t: value, type: AttributeType.tensor };
  return { name, g: value as GraphProto, type: AttributeType.graph };
}

/** A node; '' is an operand that is left out. */
export const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Attributes = {},
  domain?: string,
): NodeProto => ({
  opType,
  input,
  output,
  attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  ...(domain && { domain }),
});

export const floats = (name: string, dims: readonly number[], values: readonly number[]): TensorProto => ({
  name,
  dims,
  dataType: numberOfType('float32'),
  rawData: new Uint8Array(Float32Array.from(values).buffer),
});

export const longs = (name: string, dims: readonly number[], values: readonly (number | bigint)[]): TensorProto => ({
  name,
  dims,
  dataType: numberOfType('int64'),
  rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});

/** Values between two limits, spread without a pattern. */
export const spread = (count: number, low: number, high: number): number[] =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * ((i * 37 + 11) % 64)) / 64);

/** An input or output; a text is the name of a size that is open. */
export const port = (
  name: string,
  shape: readonly (number | string)[] | undefined,
  type: OnnxType = 'float32',
): ValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType: numberOfType(type),
      ...(shape && {
        shape: { dim: shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d })) },
      }),
    },
  },
});

export const modelOf = (graph: GraphProto, opset = 18, more: Partial<ModelProto> = {}): ModelProto => ({
  irVersion: 8,
  opsetImport: [{ domain: '', version: opset }],
  graph: { name: 'graph', ...graph },
  ...more,
});

export const bytesOf = (model: ModelProto): Uint8Array => joined(encodeModel(model));

export const file = (graph: GraphProto, opset?: number, more?: Partial<ModelProto>): Uint8Array =>
  bytesOf(modelOf(graph, opset, more));
