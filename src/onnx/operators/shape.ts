/** Shapes: read, changed, joined, cut. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import { HostArray, hostList, hostScalar, Texts, type Value } from '../../graph/core/value';
import { fill } from '../../ops/create/creation';
import { range } from '../../ops/create/sequences';
import { broadcastTo } from '../../ops/math/arithmetic';
import { mirrorPad, tile } from '../../ops/shape/joining';
import { concat, pad, reshape, transpose } from '../../ops/shape/shaping';
import { split, takeSlice } from '../../ops/shape/slicing';
import { checkElements, sizeOf } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { dtypeOf } from '../read/elements';
import { type Definitions, define, fixed, same, type TypeRule } from './define';
import { commonShape } from './elementwise';
import { lastAxis, lastOf, toFirst } from './layout';
import { axesOf, axisOf, integers, moved, movedAll, outputType, sizes } from './operands';

const INT64 = { types: fixed('int64') };

function shapeOf(call: Call): Value {
  const shape = call.shape(0);
  const from = call.wholeOf('start', 0);
  const to = call.wholeOf('end', shape.length);
  return hostList(shape.slice(from, to));
}

/** The shape that a list of sizes asks for: 0 keeps a dimension, -1 is what is left. */
function wanted(call: Call, sizes: readonly number[]): number[] {
  const from = call.shape(0);
  const isZeroMeant = call.flag('allowzero');
  const shape = sizes.map((d, i) => (d === 0 && !isZeroMeant ? (from[i] ?? 0) : d));
  const open = shape.indexOf(-1);
  if (open >= 0) {
    const rest = shape.reduce((n, d, i) => (i === open ? n : n * d), 1);
    const left = rest === 0 ? 0 : sizeOf(from) / rest;
    if (!Number.isInteger(left)) throw call.fail(`[${String(from)}] does not fill [${String(sizes)}]`);
    shape[open] = left;
  }
  if (shape.some((d) => d < 0)) throw call.fail(`[${String(sizes)}] is not a shape`);
  if (sizeOf(shape) !== sizeOf(from)) throw call.fail(`[${String(from)}] does not fill [${String(sizes)}]`);
  return shape;
}

/** The first operand in another shape. */
function shaped(call: Call, shape: readonly number[]): Value {
  const value = call.value(0);
  if (value instanceof Texts) return new Texts(value.data, shape);
  if (value instanceof HostArray) return new HostArray(value.data, shape, value.dtype, value.exact);
  return reshape(call.tensor(0), shape);
}

const reshaped =
  (sizesOf: (call: Call) => readonly number[]): Operator =>
  (call) =>
    shaped(call, wanted(call, sizesOf(call)));

function flattened(call: Call): Value {
  const shape = call.shape(0);
  const axis = call.wholeOf('axis', 1);
  const at = axis < 0 ? axis + shape.length : axis;
  if (at < 0 || at > shape.length) throw call.fail(`axis ${axis} is outside of rank ${shape.length}`);
  return shaped(call, [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at))]);
}

function squeezed(call: Call): Value {
  const shape = call.shape(0);
  const axes = axesOf(call, 1)?.map((a) => axisOf(call, a, shape.length));
  const bad = axes?.find((a) => shape[a] !== 1);
  if (bad !== undefined) throw call.fail(`axis ${bad} of [${String(shape)}] is not 1`);
  return shaped(
    call,
    shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1)),
  );
}

function unsqueezed(call: Call): Value {
  const shape = [...call.shape(0)];
  const axes = axesOf(call, 1) ?? [];
  const rank = shape.length + axes.length;
  const sorted = axes.map((a) => axisOf(call, a, rank)).sort((a, b) => a - b);
  if (new Set(sorted).size < sorted.length) throw call.fail(`axes [${String(axes)}] name one twice`);
  for (const axis of sorted) shape.splice(axis, 0, 1);
  return shaped(call, shape);
}

function transposed(call: Call): Value {
  const order = call.hasAttribute('perm') ? call.numbers('perm') : undefined;
  return moved(call, [call.value(0)], (x) => transpose(x, order));
}

function joined(call: Call, axis: number): Value {
  const images = call.inputs.map((v) => (v instanceof Tensor ? lastOf(v) : undefined));
  if (images.length > 0 && images.every((t) => t !== undefined)) {
    const { rank } = images[0] as Tensor;
    return toFirst(concat(images as Tensor[], lastAxis(axisOf(call, axis, rank), rank)));
  }
  return moved(call, call.values(), (...tensors) => concat(tensors, axisOf(call, axis, tensors[0]?.rank ?? 1)));
}

/** Sizes of `count` parts, the last one smaller. */
function parts(call: Call, size: number, count: number): number[] {
  if (count < 1) throw call.fail(`cannot split into ${count} parts`);
  const each = Math.ceil(size / count);
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(each, size - i * each)));
}

const cutAlong =
  (given: (call: Call) => readonly number[] | undefined, count: (call: Call) => number): Operator =>
  (call) => {
    const shape = call.shape(0);
    const axis = axisOf(call, call.wholeOf('axis', 0), shape.length);
    const lengths = given(call) ?? parts(call, shape[axis] as number, count(call));
    return movedAll(call, [call.value(0)], (x) => split(x, [...lengths], axis));
  };

const splitAttribute = (call: Call): readonly number[] | undefined =>
  call.hasAttribute('split') ? call.numbers('split') : undefined;
const splitOperand = (call: Call): readonly number[] | undefined => (call.has(1) ? call.ints(1) : undefined);

/** One dimension of a slice: where it begins, how many there are, and how far apart. */
function cut(call: Call, size: number, start: number, end: number, step: number): [number, number, number] {
  if (step === 0) throw call.fail('a step is 0');
  const clamp = (v: number, low: number, high: number): number => Math.max(low, Math.min(high, v < 0 ? v + size : v));
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const from = clamp(start, Math.max(low, 0), high);
  return [from, Math.max(0, Math.ceil((clamp(end, low, high) - from) / step)), step];
}

interface Cuts {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes?: readonly number[] | undefined;
  readonly steps?: readonly number[] | undefined;
}

function sliced(call: Call, { starts, ends, axes, steps }: Cuts): Value {
  const shape = call.shape(0);
  const begin = shape.map(() => 0);
  const size = [...shape];
  const strides = shape.map(() => 1);
  starts.forEach((start, i) => {
    const axis = axisOf(call, axes?.[i] ?? i, shape.length);
    const [from, count, step] = cut(call, shape[axis] as number, start, ends[i] as number, steps?.[i] ?? 1);
    [begin[axis], size[axis], strides[axis]] = [from, count, step];
  });
  return moved(call, [call.value(0)], (x) => takeSlice(x, begin, size, strides));
}

/** Integers that need not be exact: those that are too large are cut to the shape. */
const anyInts = (call: Call, i: number): readonly number[] | undefined =>
  call.has(i) ? Array.from(call.host(i).data) : undefined;

const slicedByAttributes: Operator = (call) =>
  sliced(call, {
    starts: call.reals('starts'),
    ends: call.reals('ends'),
    axes: call.hasAttribute('axes') ? call.numbers('axes') : undefined,
  });

const slicedByOperands: Operator = (call) =>
  sliced(call, {
    starts: anyInts(call, 1) ?? [],
    ends: anyInts(call, 2) ?? [],
    axes: anyInts(call, 3),
    steps: anyInts(call, 4),
  });

function expanded(call: Call): Value {
  const shape = commonShape(call, [call.shape(0), sizes(call, 1)]);
  checkElements(sizeOf(shape), call.where);
  return moved(call, [call.value(0)], (x) => broadcastTo(x, shape));
}

function tiled(call: Call): Value {
  const counts = call.ints(1);
  checkElements(sizeOf(call.shape(0)) * sizeOf(counts), call.where);
  return moved(call, [call.value(0)], (x) => tile(x, counts));
}

/** Opset 1: how often, along one axis. */
function tiledAlong(call: Call): Value {
  const shape = call.shape(0);
  const [count, axis] = [call.int(1), axisOf(call, call.int(2), shape.length)];
  checkElements(sizeOf(shape) * count, call.where);
  return moved(call, [call.value(0)], (x) =>
    tile(
      x,
      shape.map((_, d) => (d === axis ? count : 1)),
    ),
  );
}

interface Padding {
  /** Before each axis, then behind each. */
  readonly amounts: readonly number[];
  readonly axes?: readonly number[] | undefined;
  readonly value: number;
}

function padded(call: Call, { amounts, axes, value }: Padding): Value {
  const given = call.tensor(0);
  const mode = call.text('mode', 'constant');
  const list = (axes ?? given.shape.map((_, i) => i)).map((a) => axisOf(call, a, given.rank));
  if (amounts.length !== 2 * list.length)
    throw call.fail(`[${String(amounts)}] are not the amounts of ${list.length} axes`);
  const pairs = given.shape.map((): [number, number] => [0, 0]);
  list.forEach((axis, i) => {
    pairs[axis] = [amounts[i] as number, amounts[i + list.length] as number];
  });
  // What is negative is cut off first.
  const begin = pairs.map(([before]) => Math.max(0, -before));
  const size = given.shape.map((d, i) => {
    const [before, after] = pairs[i] as [number, number];
    return Math.max(0, d + Math.min(0, before) + Math.min(0, after));
  });
  const isCut = size.some((d, i) => d !== given.shape[i]);
  const x = isCut
    ? takeSlice(
        given,
        begin,
        size,
        given.shape.map(() => 1),
      )
    : given;
  const rest = pairs.map(([a, b]): [number, number] => [Math.max(0, a), Math.max(0, b)]);
  checkElements(sizeOf(x.shape.map((d, i) => d + (rest[i]?.[0] ?? 0) + (rest[i]?.[1] ?? 0))), call.where);
  if (mode === 'constant') return pad(x, rest, value);
  if (mode === 'reflect') return mirrorPad(x, rest, 'reflect');
  if (mode === 'edge' || mode === 'wrap') return rest.reduce((t, pair, axis) => around(t, axis, pair, mode), x);
  throw call.fail(`attribute mode must be constant, reflect, edge or wrap, got '${mode}'`);
}

/** One axis with copies of its ends, or of what is at the other end. */
function around(x: Tensor, axis: number, [before, after]: readonly [number, number], mode: 'edge' | 'wrap'): Tensor {
  const size = x.shape[axis] as number;
  if ((before === 0 && after === 0) || size === 0) return x;
  const part = (from: number, count: number): Tensor =>
    takeSlice(
      x,
      x.shape.map((_, d) => (d === axis ? from : 0)),
      x.shape.map((n, d) => (d === axis ? count : n)),
      x.shape.map(() => 1),
    );
  const copies = (t: Tensor, count: number): Tensor =>
    tile(
      t,
      x.shape.map((_, d) => (d === axis ? count : 1)),
    );
  if (mode === 'edge') {
    const list = [x];
    if (before > 0) list.unshift(copies(part(0, 1), before));
    if (after > 0) list.push(copies(part(size - 1, 1), after));
    return concat(list, axis);
  }
  const [whole, rest] = [Math.floor(before / size), before % size];
  const [wholeAfter, restAfter] = [Math.floor(after / size), after % size];
  const list: Tensor[] = [];
  if (rest > 0) list.push(part(size - rest, rest));
  list.push(copies(x, whole + 1 + wholeAfter));
  if (restAfter > 0) list.push(part(0, restAfter));
  return concat(list, axis);
}

const paddedByAttributes =
  (name: string): Operator =>
  (call) =>
    padded(call, { amounts: call.numbers(name), value: call.real('value', 0) });

const paddedByOperands: Operator = (call) =>
  padded(call, { amounts: call.ints(1), axes: call.has(3) ? call.ints(3) : undefined, value: call.number(2, 0) });

/** The type of the attribute's tensor. */
const ofValue: TypeRule = ({ attributes, outputCount }) => {
  const found = attributes.get('value:type');
  return fixed(found?.kind === 'type' ? (found.value as 'float32') : 'float32')({
    attributes,
    outputCount,
    inputs: [],
    bodies: new Map(),
  });
};

function filled(call: Call): Value {
  const shape = sizes(call, 0);
  const given = call.valueOf('value');
  if (!(given instanceof HostArray)) return fill(shape, 0, 'float32');
  if (given.exact) return integers(new Array<bigint>(sizeOf(shape)).fill(given.exact[0] as bigint), shape);
  return fill(shape, (given.data[0] ?? 0) as number, given.dtype);
}

function sequence(call: Call): Value {
  const type = outputType(call);
  const [start, limit, step] = [call.number(0), call.number(1), call.number(2)];
  const count = Math.max(0, Math.ceil((limit - start) / step));
  if (!Number.isFinite(count)) throw call.fail(`has no end: from ${start} to ${limit} by ${step}`);
  checkElements(count, call.where);
  const dtype = type ? dtypeOf(type) : 'float32';
  if (dtype === 'int32') return hostList(Array.from({ length: count }, (_, i) => start + i * step));
  return range(start, start + count * step, step, 'float32');
}

export const shapes: Definitions = {
  Shape: define(shapeOf, INT64),
  Size: define((call) => hostScalar(sizeOf(call.shape(0))), INT64),
  Reshape: define(
    { 1: reshaped((call) => call.numbers('shape')), 5: reshaped((call) => call.ints(1)) },
    { known: [1] },
  ),
  Flatten: define(flattened),
  Squeeze: define(squeezed, { known: [1] }),
  Unsqueeze: define(unsqueezed, { known: [1] }),
  Transpose: define(transposed),
  Concat: define({
    1: (call) => joined(call, call.wholeOf('axis', 1)),
    4: (call) => joined(call, call.wholeOf('axis')),
  }),
  Split: define(
    {
      1: cutAlong(
        (call) => (call.has(1) ? call.ints(1) : splitAttribute(call)),
        (call) => call.outputCount,
      ),
      2: cutAlong(splitAttribute, (call) => call.outputCount),
      13: cutAlong(splitOperand, (call) => call.outputCount),
      18: cutAlong(splitOperand, (call) => call.wholeOf('num_outputs', call.outputCount)),
    },
    { known: [1] },
  ),
  Slice: define({ 1: slicedByAttributes, 10: slicedByOperands }, { known: [1, 2, 3, 4] }),
  Expand: define({ 8: expanded }, { known: [1] }),
  Tile: define({ 1: tiledAlong, 6: tiled }, { known: [1, 2] }),
  Pad: define(
    { 1: paddedByAttributes('paddings'), 2: paddedByAttributes('pads'), 11: paddedByOperands },
    { known: [1, 2, 3] },
  ),
  ConstantOfShape: define({ 9: filled }, { known: [0], types: ofValue }),
  Range: define({ 11: sequence }, { known: [0, 1, 2], types: same() }),
};
