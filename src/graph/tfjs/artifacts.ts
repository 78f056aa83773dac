/** The stored values of a graph model, between the parts of a file and the model. */
import type { ModelArtifacts, WeightData, WeightSpec } from '../../io/artifacts';
import { storedWeight } from '../../io/weights/decode';
import { encodeValues } from '../../io/weights/encode';
import { Pieces } from '../../io/weights/pieces';
import type { Quantized } from '../../io/weights/quantize';
import { checkSpecs, locate } from '../../io/weights/specs';
import { show } from '../../support/arguments';
import { ArgumentError, FormatError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import { sizeOf } from '../../tensor/shape';
import type { Variable } from '../../tensor/variable';
import type { StoredValue } from '../core/constants';
import type { Texts } from '../core/value';

/** Each string begins with its length. */
const LENGTH = 4;

function readTexts(bytes: Uint8Array, { shape }: WeightSpec): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  let at = 0;
  return Array.from({ length: sizeOf(shape) }, () => {
    const from = at + LENGTH;
    at = from + view.getUint32(at, true);
    return decoder.decode(bytes.subarray(from, at));
  });
}

/**
 * The values of a file, none of them decoded yet.
 * @throws FormatError for damaged parts, and for bytes that are not all there; ArgumentError for a model of layers
 */
export function storedValues(artifacts: ModelArtifacts): StoredValue[] {
  if (!isPlainObject(artifacts as unknown))
    throw new FormatError(`a handler must load an object of artifacts, got ${show(artifacts)}`);
  const { format, modelTopology, weightSpecs, weightData } = artifacts;
  const isLayers = isPlainObject(modelTopology) && ('model_config' in modelTopology || 'class_name' in modelTopology);
  if (format === 'layers-model' || isLayers)
    throw new ArgumentError('this is a model of layers, not a graph model; use loadLayersModel');
  const data = new Pieces(weightData);
  return locate(checkSpecs(weightSpecs ?? []), data).map((place): StoredValue => {
    const { name, shape, dtype } = place.spec;
    if (dtype !== 'string') return storedWeight(place, data);
    return { name, shape, texts: readTexts(data.bytes(place.from, place.to), place.spec) };
  });
}

function bytesOfTexts({ data }: Texts): Uint8Array {
  const parts = data.map((text) => new TextEncoder().encode(text));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + LENGTH + part.length, 0));
  let at = 0;
  for (const part of parts) {
    new DataView(bytes.buffer).setUint32(at, part.length, true);
    bytes.set(part, at + LENGTH);
    at += LENGTH + part.length;
  }
  return bytes;
}

/** The parts of a file, with the values that the weights have now. */
export function artifactsOf(
  artifacts: ModelArtifacts,
  variables: Iterable<Variable>,
  texts: Iterable<readonly [string, Texts]>,
  quantized: Quantized | undefined,
): ModelArtifacts {
  const named = [...variables].map((v) => ({ name: v.name, shape: v.shape, dtype: v.dtype, values: v.dataSync() }));
  const { data, specs } = encodeValues(named, quantized);
  const strings = [...texts];
  const stringSpecs = strings.map(([name, { shape }]) => ({ name, shape: [...shape], dtype: 'string' as const }));
  const weightData: WeightData = [data, ...strings.map(([, t]) => bytesOfTexts(t).buffer as ArrayBuffer)];
  return { ...artifacts, weightSpecs: [...specs, ...stringSpecs], weightData };
}
