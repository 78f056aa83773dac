/** Tensors as .npy files. */
import { DTypeError } from '../../support/errors';
import type { NamedNumbers } from '../safetensors/write';
import type { NumberType } from '../weights/elements';

/** numpy's names of types, with little-endian bytes. */
const DESCR: Readonly<Partial<Record<NumberType, string>>> = {
  F16: '<f2',
  F32: '<f4',
  F64: '<f8',
  I8: '|i1',
  U8: '|u1',
  I16: '<i2',
  U16: '<u2',
  I32: '<i4',
  U32: '<u4',
  I64: '<i8',
  U64: '<u8',
  BOOL: '|b1',
};

/** The data begins at a multiple of it. */
const ALIGNED = 64;

const tuple = (shape: readonly number[]): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;

/** A .npy file of version 1.0, as numpy writes it. @throws DTypeError for bfloat16, which numpy lacks */
export function toNpy({ name, shape, type, data }: NamedNumbers): Uint8Array {
  const descr = DESCR[type];
  if (!descr) throw new DTypeError(`'${name}': numpy has no ${type}; float16 or float32 are nearest`);
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple(shape)}, }`;
  // A line that ends where the data begins.
  const start = Math.ceil((10 + text.length + 1) / ALIGNED) * ALIGNED;
  const bytes = new Uint8Array(start + data.byteLength).fill(0x20, 10, start);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, start - 10, true);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[start - 1] = 0x0a;
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}
