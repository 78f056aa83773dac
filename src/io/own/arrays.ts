/** Arrays of safetensors files as weights, and weights as small integers with a scale for each output channel. */
import { FormatError } from '../../support/errors';
import type { StoredWeight } from '../formats/format';
import type { Entry } from '../safetensors/header';
import { elementsIn, readerOf } from '../weights/elements';

/** @param bytes of the array alone. @throws DTypeError for integers that int32 does not hold */
export const storedArray = ({ name, type, shape }: Entry, bytes: Uint8Array): StoredWeight => ({
  name,
  shape,
  ...readerOf(name, type, bytes),
});

/** int8 with one scale for each output channel, the last dimension. @throws FormatError if they do not fit */
export function scaledArray(entry: Entry, bytes: Uint8Array, scale: Entry, scaleBytes: Uint8Array): StoredWeight {
  const { name, type, shape } = entry;
  const channels = shape[shape.length - 1] ?? 0;
  if (type !== 'I8' || scale.type !== 'F32' || scale.shape.length !== 1 || scale.shape[0] !== channels)
    throw new FormatError(
      `'${name}' is ${type} [${shape}] with scales ${scale.type} [${scale.shape}]; I8 and F32 [${channels}] are needed`,
    );
  const scales = elementsIn(Float32Array, scaleBytes);
  const values = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    name,
    shape,
    dtype: 'float32',
    copyTo(target) {
      for (let i = 0; i < values.length; i += channels)
        for (let c = 0; c < channels; c++) target[i + c] = (values[i + c] as number) * (scales[c] as number);
    },
  };
}

/** Values as int8, and the scale of each output channel. @throws FormatError for numbers that are not finite */
export function toChannels(
  name: string,
  values: Float32Array,
  channels: number,
): { data: Int8Array; scales: Float32Array } {
  const scales = new Float32Array(channels);
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] as number);
    if (!(size < Infinity))
      throw new FormatError(`'${name}' holds NaN or an infinity, which int8 cannot; save it as float16`);
    if (size > (scales[i % channels] as number)) scales[i % channels] = size;
  }
  for (let c = 0; c < channels; c++) scales[c] = (scales[c] as number) / 127;
  const data = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const scale = scales[i % channels] as number;
    data[i] = scale ? Math.max(-127, Math.min(127, Math.round((values[i] as number) / scale))) : 0;
  }
  return { data, scales };
}
