/** Shapes: read, changed, joined, cut. */
import { fill, onesLike, zerosLike } from '../../../ops/create/creation';
import { linspace, range } from '../../../ops/create/sequences';
import { broadcastTo, cast } from '../../../ops/math/arithmetic';
import { batchToSpaceND, depthToSpace, spaceToBatchND } from '../../../ops/shape/blocks';
import { mirrorPad, stack, tile } from '../../../ops/shape/joining';
import {
  concat,
  ensureShape,
  expandDims,
  oneHot,
  pad,
  reshape,
  slice,
  squeeze,
  transpose,
} from '../../../ops/shape/shaping';
import { reverse, split, stridedSlice, unstack } from '../../../ops/shape/slicing';
import { broadcastShapes, checkElements, sizeOf } from '../../../tensor/shape';
import type { Tensor } from '../../../tensor/tensor';
import type { Call } from '../../core/call';
import type { Operators } from '../../core/registry';
import { Complex, type HostArray, hostList, hostScalar, Texts, type Value } from '../../core/value';

/** A shape of sizes that are known, checked before memory is asked for. */
function sizes(call: Call, i: number): number[] {
  const shape = call.ints(i);
  if (shape.some((d) => d < 0)) throw call.fail(`input ${i} must be a shape, got [${String(shape)}]`);
  checkElements(sizeOf(shape), call.where);
  return shape;
}

/** [[before, after], …] of an operand [rank, 2]. */
function pairs(call: Call, i: number): [number, number][] {
  const flat = call.ints(i);
  if (flat.length % 2) throw call.fail(`input ${i} must be pairs of integers, got ${flat.length} numbers`);
  return Array.from({ length: flat.length / 2 }, (_, d) => [flat[2 * d] as number, flat[2 * d + 1] as number]);
}

const MODES = ['reflect', 'symmetric'] as const;

function mirrored(call: Call): Tensor {
  const mode = MODES.find((m) => m === call.text('mode').toLowerCase());
  if (!mode) throw call.fail(`attribute mode must be REFLECT or SYMMETRIC, got '${call.text('mode')}'`);
  return mirrorPad(call.tensor(0), pairs(call, 1), mode);
}

/** All operands in the type of the first, as TensorFlow.js joins them; of strings a list of strings. */
function joined(call: Call, from: number, to: number, axis: number): Value {
  const values = call.values(from, to);
  if (values.every((v) => v instanceof Texts)) {
    const texts = values as Texts[];
    if (texts.some((t) => t.shape.length !== 1)) throw call.fail('joins strings in lists only');
    const data = texts.flatMap((t) => t.data);
    return new Texts(data, [data.length]);
  }
  const tensors = call.tensors(from, to);
  // An empty tensor of another rank is nothing.
  const shaped = tensors.filter((t) => t.size > 0 || t.rank === tensors[0]?.rank);
  return concat(shaped.length ? shaped : tensors, axis);
}

function packed(call: Call): Value {
  const values = call.values();
  if (values.length > 0 && values.every((v) => v instanceof Texts)) {
    const data = (values as Texts[]).flatMap((t) => t.data);
    return new Texts(data, [values.length, ...((values[0] as Texts).shape as number[])]);
  }
  const tensors = call.tensors();
  const [first] = tensors;
  if (!first) throw call.fail('needs at least one tensor');
  // Sizes that were squeezed, or not, on the way: as TensorFlow.js, all in the shape of the first.
  const alike = tensors.map((t) => (t.size === first.size ? reshape(t, first.shape) : t));
  return stack(
    alike.map((t) => cast(t, first.dtype)),
    call.wholeOf('axis', 0),
  );
}

function reshaped(call: Call): Value {
  const value = call.value(0);
  const shape = call.ints(1);
  if (value instanceof Complex) return new Complex(reshape(value.real, shape), reshape(value.imag, shape));
  if (!(value instanceof Texts)) return reshape(call.tensor(0), shape);
  const rest = sizeOf(shape.filter((d) => d !== -1));
  const known = shape.map((d) => (d === -1 ? value.data.length / rest : d));
  if (sizeOf(known) !== value.data.length)
    throw call.fail(`${value.data.length} strings do not fill [${String(shape)}]`);
  return new Texts(value.data, known);
}

function squeezed(call: Call): Value {
  const axes = call.node.attributes.has('squeeze_dims') ? call.numbers('squeeze_dims') : call.numbers('axis', []);
  const value = call.value(0);
  if (!(value instanceof Texts)) return squeeze(call.tensor(0), axes.length ? axes : undefined);
  return new Texts(
    value.data,
    value.shape.filter((d, i) => !(axes.length ? axes.includes(i) : d === 1)),
  );
}

function expanded(call: Call): Value {
  const value = call.value(0);
  if (!(value instanceof Texts)) return expandDims(call.tensor(0), call.int(1));
  const shape = [...value.shape];
  const axis = call.int(1);
  shape.splice(axis < 0 ? axis + shape.length + 1 : axis, 0, 1);
  return new Texts(value.data, shape);
}

function strided(call: Call): Tensor {
  const mask = (name: string): number => call.wholeOf(name, 0);
  return stridedSlice(
    call.tensor(0),
    call.ints(1),
    call.ints(2),
    call.ints(3),
    mask('begin_mask'),
    mask('end_mask'),
    mask('ellipsis_mask'),
    mask('new_axis_mask'),
    mask('shrink_axis_mask'),
  );
}

function cut(call: Call): Tensor {
  const x = call.tensor(0);
  const [begin, size] = [call.ints(1), call.ints(2)];
  if (begin.length !== x.rank || size.length !== x.rank)
    throw call.fail(`begin and size must have ${x.rank} integers, got [${String(begin)}] and [${String(size)}]`);
  return slice(x, begin, size);
}

/** x [indices, depth]: a row for each index, along an axis. */
function hot(call: Call): Tensor {
  const axis = call.wholeOf('axis', -1);
  const [on, off] = [call.number(2, 1), call.number(3, 0)];
  const indices = cast(call.tensor(0), 'int32');
  const depth = call.int(1);
  checkElements(indices.size * Math.max(1, depth), call.where);
  const given = call.has(2) ? call.dtype(2) : 'float32';
  const rows = oneHot(indices, depth, on, off, call.type('T', given));
  if (axis === -1 || axis === indices.rank) return rows;
  const order = indices.shape.map((_, i) => i);
  order.splice(axis, 0, indices.rank);
  return transpose(rows, order);
}

function sequence(call: Call): Tensor {
  const [start, stop, step] = [call.number(0), call.number(1), call.number(2, 1)];
  const isWhole = [0, 1, 2].every((i) => !call.has(i) || call.dtype(i) === 'int32');
  const type = call.type('Tidx', isWhole ? 'int32' : 'float32');
  checkElements(Math.abs((stop - start) / step), call.where);
  return range(start, stop, step, type === 'bool' ? 'int32' : type);
}

function filled(call: Call): Tensor {
  const shape = sizes(call, 0);
  const value = call.known(1);
  if (value?.data.length === 1) return fill(shape, value.data[0] as number, value.dtype);
  return broadcastTo(call.tensor(1), shape);
}

function broadcastArguments(call: Call): HostArray {
  const [a, b] = [call.ints(0), call.ints(1)];
  const shape = broadcastShapes(a, b);
  if (!shape) throw call.fail(`[${String(a)}] and [${String(b)}] do not broadcast`);
  return hostList(shape);
}

/** What is known of a value that need not be: its shape. */
export const shapes: Operators = {
  Shape: (call) => hostList(call.shape(0)),
  ShapeN: (call) => call.values().map((_, i) => hostList(call.shape(i))),
  Size: (call) => hostScalar(sizeOf(call.shape(0))),
  Rank: (call) => hostScalar(call.shape(0).length),
  BroadcastArgs: broadcastArguments,
  Reshape: reshaped,
  Squeeze: squeezed,
  ExpandDims: expanded,
  ConcatV2: (call) => joined(call, 0, call.count - 1, call.int(call.count - 1)),
  Concat: (call) => joined(call, 1, call.count, call.int(0)),
  Pack: packed,
};

export const movements: Operators = {
  Transpose: (call) => transpose(call.tensor(0), call.ints(1)),
  EnsureShape: (call) => {
    const shape = call.has(1) ? call.ints(1).map((d) => (d < 0 ? null : d)) : call.partialShape('shape');
    return shape === null ? call.tensor(0) : ensureShape(call.tensor(0), shape);
  },
  BroadcastTo: (call) => broadcastTo(call.tensor(0), sizes(call, 1)),
  Pad: (call) => pad(call.tensor(0), pairs(call, 1), call.real('constant_value', 0)),
  PadV2: (call) => pad(call.tensor(0), pairs(call, 1), call.number(2, 0)),
  MirrorPad: mirrored,
  SpaceToBatchND: (call) => spaceToBatchND(call.tensor(0), call.ints(1), pairs(call, 2)),
  BatchToSpaceND: (call) => batchToSpaceND(call.tensor(0), call.ints(1), pairs(call, 2)),
  DepthToSpace: (call) => {
    const format = call.text('data_format', 'NHWC').toUpperCase() === 'NCHW' ? 'NCHW' : 'NHWC';
    return depthToSpace(call.tensor(0), call.wholeOf('block_size'), format);
  },
  Unpack: (call) => unstack(call.tensor(0), call.wholeOf('axis', 0)),
  Split: (call) => split(call.tensor(1), call.wholeOf('num_split', 1), call.int(0)),
  SplitV: (call) => split(call.tensor(0), call.ints(1), call.int(2, 0)),
  Slice: cut,
  StridedSlice: strided,
  Tile: (call) => {
    const reps = call.ints(1);
    checkElements(sizeOf(call.shape(0)) * sizeOf(reps), call.where);
    return tile(call.tensor(0), reps);
  },
  Reverse: (call) => {
    const axes = Array.from(call.host(1).data).flatMap((isReversed, i) => (isReversed ? [i] : []));
    return axes.length ? reverse(call.tensor(0), axes) : call.tensor(0);
  },
  ReverseV2: (call) => {
    const axes = call.ints(1);
    return axes.length ? reverse(call.tensor(0), axes) : call.tensor(0);
  },
  OneHot: hot,
  Range: sequence,
  LinSpace: (call) => {
    const count = call.int(2);
    checkElements(count, call.where);
    return linspace(call.number(0), call.number(1), count);
  },
  Fill: filled,
  Ones: (call) => fill(sizes(call, 0), 1, call.type('T', 'float32')),
  Zeros: (call) => fill(sizes(call, 0), 0, call.type('T', 'float32')),
  OnesLike: (call) => onesLike(call.tensor(0)),
  ZerosLike: (call) => zerosLike(call.tensor(0)),
};
