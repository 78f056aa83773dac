// Writes ONNX models: the part of the format's schema that a bench needs, encoded by protobufjs.

import protobuf from 'protobufjs';

const schema = protobuf.parse(
  `
  syntax = "proto3";
  message ModelProto {
    int64 ir_version = 1;
    string producer_name = 2;
    GraphProto graph = 7;
    repeated OperatorSetIdProto opset_import = 8;
  }
  message OperatorSetIdProto { string domain = 1; int64 version = 2; }
  message GraphProto {
    repeated NodeProto node = 1;
    string name = 2;
    repeated TensorProto initializer = 5;
    repeated ValueInfoProto input = 11;
    repeated ValueInfoProto output = 12;
  }
  message NodeProto {
    repeated string input = 1;
    repeated string output = 2;
    string op_type = 4;
    repeated AttributeProto attribute = 5;
  }
  message AttributeProto { string name = 1; int64 i = 3; repeated int64 ints = 8; int32 type = 20; }
  message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
  message ValueInfoProto { string name = 1; TypeProto type = 2; }
  message TypeProto { Tensor tensor_type = 1; message Tensor { int32 elem_type = 1; Shape shape = 2; } }
  message Shape { repeated Dimension dim = 1; message Dimension { int64 dim_value = 1; } }
`,
  { keepCase: true },
).root;

const FLOAT = 1;
const INT = 2;
const INTS = 7;

const valueInfo = ([name, shape]) => ({
  name,
  type: { tensor_type: { elem_type: FLOAT, shape: { dim: shape.map((dim_value) => ({ dim_value })) } } },
});

const attribute = ([name, value]) =>
  Array.isArray(value) ? { name, type: INTS, ints: value } : { name, type: INT, i: value };

/**
 * The bytes of a model. inputs and outputs: { name: shape }; weights: { name: { data, dims } };
 * nodes: [operator, input names, output name, attributes].
 */
export function model({ inputs, outputs, weights = {}, nodes }) {
  const graph = {
    name: 'bench',
    input: Object.entries(inputs).map(valueInfo),
    output: Object.entries(outputs).map(valueInfo),
    initializer: Object.entries(weights).map(([name, { data, dims }]) => ({
      name,
      dims,
      data_type: FLOAT,
      raw_data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    })),
    node: nodes.map(([op_type, input, output, attributes = {}]) => ({
      op_type,
      input,
      output: [output],
      attribute: Object.entries(attributes).map(attribute),
    })),
  };
  const proto = { ir_version: 8, producer_name: 'samegrad-bench', graph, opset_import: [{ domain: '', version: 17 }] };
  return schema.lookupType('ModelProto').encode(proto).finish();
}
