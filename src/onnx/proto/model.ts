/** Files of ONNX as messages, and back. */
import { readMessage, writeMessage } from './fields';
import { type ModelProto, modelFields, type TensorProto, tensorFields } from './schema';
import { WireReader, WireWriter } from './wire';

/**
 * The messages of a model. Bytes in them are views of the file.
 * @param what names the file in errors
 * @throws FormatError for bytes that are no such file
 */
export const decodeModel = (bytes: Uint8Array, what = 'the model'): ModelProto =>
  readMessage(new WireReader(bytes, what), modelFields);

/** A tensor that is a file of its own. @throws FormatError for bytes that are no such file */
export const decodeTensor = (bytes: Uint8Array, what = 'the tensor'): TensorProto =>
  readMessage(new WireReader(bytes, what), tensorFields);

/** A model as bytes, in pieces that follow one another; large `rawData` are pieces of their own, not copied. */
export function encodeModel(model: ModelProto): readonly Uint8Array[] {
  const writer = new WireWriter();
  writeMessage(writer, modelFields, model);
  return writer.pieces();
}

/** A tensor as a file of its own. */
export function encodeTensor(tensor: TensorProto): readonly Uint8Array[] {
  const writer = new WireWriter();
  writeMessage(writer, tensorFields, tensor);
  return writer.pieces();
}
