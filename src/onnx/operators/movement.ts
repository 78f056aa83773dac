/** Elements that change places, or are left out. */
import type { Call } from '../../graph/core/call';
import { HostArray, type Value } from '../../graph/core/value';
import { cast } from '../../ops/core/cast';
import { fill } from '../../ops/create/creation';
import { range } from '../../ops/create/sequences';
import * as sg from '../../ops/math/arithmetic';
import { reshape, transpose } from '../../ops/shape/shaping';
import type { Tensor } from '../../tensor/tensor';
import { dtypeOf } from '../read/elements';
import { type Definitions, define, stated } from './define';
import { bitsOf, isUnsigned, moved, outputType, wrapped } from './operands';

const integer = (value: number): Tensor => fill([], value, 'int32');

/** j - i of each place of a matrix. */
function diagonals(rows: number, columns: number): Tensor {
  const of = (count: number, shape: number[]): Tensor => reshape(range(0, count, 1, 'int32'), shape);
  return sg.sub(of(columns, [1, columns]), of(rows, [rows, 1]));
}

function triangle(call: Call): Value {
  const x = call.tensor(0);
  if (x.rank < 2) throw call.fail(`needs matrices, got [${String(x.shape)}]`);
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const k = call.int(1, 0);
  const places = diagonals(rows, columns);
  const isKept = (call.flag('upper', true) ? sg.greaterEqual : sg.lessEqual)(places, integer(k));
  return cast(sg.where(isKept, x, fill([], 0, x.dtype)), x.dtype);
}

function unitMatrix(call: Call): Value {
  const shape = call.shape(0);
  if (shape.length !== 2) throw call.fail(`needs a matrix, got [${String(shape)}]`);
  const [rows, columns] = shape as [number, number];
  const isOn = sg.equal(diagonals(rows, columns), integer(call.wholeOf('k', 0)));
  return cast(isOn, dtypeOf(outputType(call) ?? 'float32'));
}

/** A block of channels as a block of pixels. */
function depthToSpace(call: Call): Value {
  const size = call.wholeOf('blocksize');
  const [n, c, h, w] = call.shape(0) as [number, number, number, number];
  const depth = c / (size * size);
  if (!Number.isInteger(depth) || depth < 1) throw call.fail(`${c} channels are not blocks of ${size} by ${size}`);
  const isColumnFirst = call.text('mode', 'DCR') === 'CRD';
  return moved(call, [call.value(0)], (x) => {
    const split = reshape(x, isColumnFirst ? [n, depth, size, size, h, w] : [n, size, size, depth, h, w]);
    const order = isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
    return reshape(transpose(split, order), [n, depth, h * size, w * size]);
  });
}

function spaceToDepth(call: Call): Value {
  const size = call.wholeOf('blocksize');
  const [n, c, h, w] = call.shape(0) as [number, number, number, number];
  if (size < 1 || h % size || w % size) throw call.fail(`${h} by ${w} pixels are not blocks of ${size} by ${size}`);
  const isColumnFirst = call.text('mode', 'DCR') === 'CRD';
  return moved(call, [call.value(0)], (x) => {
    const split = reshape(x, [n, c, h / size, size, w / size, size]);
    const order = isColumnFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4];
    return reshape(transpose(split, order), [n, c * size * size, h / size, w / size]);
  });
}

/** The bits of elements as those of another type of as many bits. */
function bitCast(call: Call): Value {
  const [fromType, to] = [call.inputType(0) ?? 'float32', outputType(call) ?? 'float32'];
  const isFloat = (type: string): boolean => type === 'float32';
  const isOther = (type: string): boolean => dtypeOf(type as 'float32') === 'float32' && !isFloat(type);
  const width = (type: string): number => (type === 'bool' ? 8 : bitsOf(type));
  if (isOther(fromType) || isOther(to) || width(fromType) !== width(to))
    throw call.fail(`cannot read the bits of ${fromType} as ${to}`);
  if (isFloat(fromType) === isFloat(to)) return to === 'bool' ? cast(call.tensor(0), 'bool') : wrappedBits(call, to);
  const { data, shape } = call.data(0);
  const bits = isFloat(fromType) ? Float32Array.from(data) : Int32Array.from(data);
  const read = isFloat(to) ? new Float32Array(bits.buffer) : new Int32Array(bits.buffer);
  return new HostArray(read, shape, isFloat(to) ? 'float32' : 'int32').tensor();
}

/** Integers of as many bits, with or without a sign. */
function wrappedBits(call: Call, to: string): Value {
  const known = call.known(0);
  if (bitsOf(to) < 32) return wrapped(cast(call.tensor(0), 'int32'), to);
  if (isUnsigned(to) !== isUnsigned(call.inputType(0)))
    throw call.fail(`integers of ${bitsOf(to)} bits with and without a sign are not exchanged`);
  return known ?? call.tensor(0);
}

export const movements: Definitions = {
  Trilu: define({ 14: triangle }, { known: [1] }),
  EyeLike: define({ 9: unitMatrix }, { types: stated('dtype', 0) }),
  DepthToSpace: define(depthToSpace),
  SpaceToDepth: define(spaceToDepth),
  BitCast: define({ 26: bitCast }, { types: stated('to', 0), isPure: false }),
};
