/** Numbers of a file as those of arrays. */
import { FormatError } from '../../../support/errors';
import { elementsIn } from '../../weights/elements';
import { widenHalves } from '../../weights/halves';
import { fromHalf } from './half';
import type { ElementType } from './types';

/** What numbers are read into. */
export type Target = Float32Array | Float64Array | Int32Array | Uint8Array;
export type NumberType = Extract<ElementType, { isBigEndian: boolean }>;

const NATIVE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** A function that reads the number at a place. */
function getter(view: DataView, { kind, size, isBigEndian }: NumberType): (at: number) => number {
  const little = !isBigEndian;
  if (kind === 'float') {
    if (size === 8) return (at) => view.getFloat64(at, little);
    if (size === 4) return (at) => view.getFloat32(at, little);
    return (at) => fromHalf(view.getUint16(at, little));
  }
  const isSigned = kind === 'signed';
  if (size === 1) return isSigned ? (at) => view.getInt8(at) : (at) => view.getUint8(at);
  if (size === 2) return isSigned ? (at) => view.getInt16(at, little) : (at) => view.getUint16(at, little);
  if (size === 4) return isSigned ? (at) => view.getInt32(at, little) : (at) => view.getUint32(at, little);
  return isSigned ? (at) => Number(view.getBigInt64(at, little)) : (at) => Number(view.getBigUint64(at, little));
}

/**
 * Fills the target with as many numbers of the bytes; floats of float64 are rounded.
 * @throws FormatError for numbers that an integer of 32 bits cannot hold
 */
export function readNumbers(bytes: Uint8Array, type: NumberType, target: Target): void {
  if (isSame(type, target)) {
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes.subarray(0, target.byteLength));
    return;
  }
  if (isHalves(type, target))
    return widenHalves(
      elementsIn(Uint16Array, bytes.subarray(0, 2 * target.length)),
      new Uint32Array(target.buffer, target.byteOffset, target.length),
    );
  const get = getter(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), type);
  for (let i = 0; i < target.length; i++) {
    const value = get(i * type.size);
    if (target instanceof Int32Array && value !== (value | 0))
      throw new FormatError(`HDF5: ${value} is not an integer of 32 bits`);
    target[i] = target instanceof Uint8Array ? Number(value !== 0) : value;
  }
}

/** Whether the bytes are those of the target as they are. */
function isSame({ kind, size, isBigEndian }: NumberType, target: Target): boolean {
  if (isBigEndian === NATIVE || size !== target.BYTES_PER_ELEMENT) return false;
  return target instanceof Int32Array ? kind === 'signed' : !(target instanceof Uint8Array) && kind === 'float';
}

/** Whether the bytes are floats of 16 bits as this machine has them, to be floats of 32. */
const isHalves = ({ kind, size, isBigEndian }: NumberType, target: Target): boolean =>
  isBigEndian !== NATIVE && kind === 'float' && size === 2 && target instanceof Float32Array;
