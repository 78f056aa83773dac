/** Numbers as the bytes that belong to a `model.json`. */
import type { DType } from '../../tensor/dtype';
import type { WeightSpec } from '../artifacts';
import { Pieces } from './pieces';
import { type Quantized, quantize } from './quantize';

/** Values of a weight, as `dataSync` returns them. */
export interface NamedValues {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly values: Float32Array | Int32Array | Uint8Array;
  readonly group?: WeightSpec['group'];
}

/** What is in an encoded block, in its order. */
export interface Encoded {
  /** The values, one weight after another. */
  readonly data: ArrayBuffer;
  /** What they are. */
  readonly specs: WeightSpec[];
}

/**
 * All values in one block, and what they are.
 * @param quantized how float32 is stored, if not as it is
 * @throws FormatError for numbers that cannot be quantized
 */
export function encodeValues(weights: readonly NamedValues[], quantized?: Quantized): Encoded {
  const parts = weights.map(({ name, shape, dtype, values, group }) => {
    const spec = { name, shape: [...shape], dtype, ...(group && { group }) };
    // Moments are small and large: integers between two ends would be none.
    if (!quantized || dtype !== 'float32' || group === 'optimizer') return { spec, data: values };
    const { data, quantization } = quantize(name, values as Float32Array, quantized);
    return { spec: { ...spec, quantization }, data };
  });
  return { data: new Pieces(parts.map(({ data }) => data)).join(), specs: parts.map(({ spec }) => spec) };
}
