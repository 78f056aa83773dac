/** Images of other sizes: dimension by dimension, each element a weighted sum of elements that it lies between. */
import type { Call } from '../../../graph/core/call';
import type { Operator } from '../../../graph/core/registry';
import { cast } from '../../../ops/core/cast';
import { fill, tensor } from '../../../ops/create/creation';
import { gather } from '../../../ops/indexing/indexing';
import * as sg from '../../../ops/math/arithmetic';
import { pad, reshape } from '../../../ops/shape/shaping';
import { takeSlice } from '../../../ops/shape/slicing';
import { checkElements, sizeOf } from '../../../tensor/shape';
import type { Tensor } from '../../../tensor/tensor';
import { type Definitions, define } from '../define';
import { lastAxis, lastOf, toFirst } from '../layout';
import { axisOf, moved } from '../operands';

/** How all dimensions are resized. */
interface Way {
  readonly mode: string;
  readonly coordinates: string;
  readonly rounding: string;
  readonly cubic: number;
  readonly antialias: boolean;
  readonly excludeOutside: boolean;
  readonly extrapolation: number;
}

/** One dimension. */
interface Side {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  /** The part that is seen, from 0 to 1. */
  readonly region: readonly [number, number];
}

const COORDINATES: Readonly<Record<string, (i: number, side: Side) => number>> = {
  half_pixel: (i, { scale }) => (i + 0.5) / scale - 0.5,
  asymmetric: (i, { scale }) => i / scale,
  align_corners: (i, { from, scale }) => (scale * from === 1 ? 0 : (i * (from - 1)) / (scale * from - 1)),
  pytorch_half_pixel: (i, { from, scale }) => (scale * from === 1 ? -0.5 : (i + 0.5) / scale - 0.5),
  half_pixel_symmetric: (i, { from, to, scale }) => (from / 2) * (1 - to / (scale * from)) + (i + 0.5) / scale - 0.5,
  tf_half_pixel_for_nn: (i, { scale }) => (i + 0.5) / scale,
  tf_crop_and_resize: (i, { from, scale, region: [start, end] }) => {
    const width = scale * from;
    const inside = width === 1 ? ((end - start) * (from - 1)) / 2 : (i * (end - start) * (from - 1)) / (width - 1);
    return inside + start * (from - 1);
  },
};

const ROUNDINGS: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

function choice<T>(call: Call, table: Readonly<Record<string, T>>, name: string, given: string): T {
  const found = Object.hasOwn(table, given) ? table[given] : undefined;
  if (found !== undefined) return found;
  throw call.fail(`attribute ${name} must be one of ${Object.keys(table).join(', ')}, got '${given}'`);
}

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x));

/** Keys' cubic convolution. */
function cubic(given: number, a: number): number {
  const x = Math.abs(given);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/** Elements that each element of the result is made of: `count` of them, with weights. */
interface Taps {
  readonly count: number;
  readonly indices: readonly Int32Array[];
  readonly weights: readonly Float64Array[];
  /** Positions outside of the image, which get the value for extrapolation. */
  readonly outside: Uint8Array;
}

function tapsOf(call: Call, way: Way, side: Side): Taps {
  const { from, to } = side;
  const place = choice(call, COORDINATES, 'coordinate_transformation_mode', way.coordinates);
  const outside = new Uint8Array(to);
  const clamp = (i: number): number => Math.max(0, Math.min(from - 1, i));
  const at = Array.from({ length: to }, (_, i) => {
    const x = place(i, side);
    if (way.coordinates === 'tf_crop_and_resize' && (x < 0 || x > from - 1)) outside[i] = 1;
    return x;
  });
  if (way.mode === 'nearest') {
    const round = choice(call, ROUNDINGS, 'nearest_mode', way.rounding);
    return { count: 1, indices: [Int32Array.from(at, (x) => clamp(round(x)))], weights: [], outside };
  }
  const reach = way.mode === 'cubic' ? 2 : 1;
  const narrow = way.antialias ? Math.min(side.scale, 1) : 1;
  const first = Math.floor(-reach / narrow) + 1;
  const count = 2 - 2 * first;
  checkElements(count * to, call.where);
  const indices = Array.from({ length: count }, () => new Int32Array(to));
  const weights = Array.from({ length: count }, () => new Float64Array(to));
  at.forEach((x, o) => {
    const base = Math.floor(x);
    let total = 0;
    for (let k = 0; k < count; k++) {
      const i = base + first + k;
      const distance = (i - x) * narrow;
      const weight = way.mode === 'cubic' ? cubic(distance, way.cubic) : triangle(distance);
      const isUsed = !way.excludeOutside || (i >= 0 && i < from);
      (indices[k] as Int32Array)[o] = clamp(i);
      (weights[k] as Float64Array)[o] = isUsed ? weight : 0;
      if (isUsed) total += weight;
    }
    if (way.excludeOutside || way.antialias) for (const list of weights) list[o] = (list[o] as number) / total;
  });
  return { count, indices, weights, outside };
}

/** A vector along an axis. */
const alongAxis = (values: ArrayLike<number>, axis: number, rank: number): Tensor =>
  tensor(Float64Array.from(values), [values.length, ...new Array<number>(rank - 1 - axis).fill(1)], 'float32');

/** Each element of a whole number of times. */
function repeated(x: Tensor, axis: number, times: number): Tensor {
  const [before, after] = [x.shape.slice(0, axis + 1), x.shape.slice(axis + 1)];
  const wide = sg.broadcastTo(reshape(x, [...before, 1, ...after]), [...before, times, ...after]);
  return reshape(wide, [...x.shape.slice(0, axis), (x.shape[axis] as number) * times, ...after]);
}

function resizedAlong(call: Call, x: Tensor, way: Way, side: Side): Tensor {
  const { axis, from, to } = side;
  const taps = tapsOf(call, way, side);
  const used = taps.indices.flatMap((_, k) => (taps.weights[k]?.every((w) => w === 0) ? [] : [k]));
  const pick = (k: number): Tensor => gather(x, tensor(taps.indices[k] as Int32Array), axis);
  let y: Tensor | undefined;
  const [only] = taps.indices as [Int32Array];
  if (taps.weights.length === 0) {
    const times = to / from;
    const isRepeated = Number.isInteger(times) && only.every((i, o) => i === Math.floor(o / times));
    y = isRepeated ? repeated(x, axis, times) : pick(0);
  } else {
    for (const k of used) {
      const weights = taps.weights[k] as Float64Array;
      const part = weights.every((w) => w === 1) ? pick(k) : sg.mul(pick(k), alongAxis(weights, axis, x.rank));
      y = y ? sg.add(y, part) : part;
    }
  }
  const result = y ?? sg.mul(pick(0), 0);
  if (!taps.outside.includes(1)) return result;
  const isOutside = sg.greater(alongAxis(taps.outside, axis, x.rank), 0);
  return sg.where(isOutside, fill([], way.extrapolation, 'float32'), result);
}

/** Whether nothing changes along a dimension. */
const isStill = ({ from, to, scale, region }: Side): boolean =>
  from === to && scale === 1 && region[0] === 0 && region[1] === 1;

function resizedAll(call: Call, way: Way, sides: readonly Side[]): Tensor {
  const given = call.tensor(0);
  const shape = [...given.shape];
  for (const { axis, to } of sides) shape[axis] = to;
  checkElements(sizeOf(shape), call.where);
  if (sizeOf(given.shape) === 0 || sizeOf(shape) === 0) return fill(shape, 0, given.dtype);
  const isExact = way.mode === 'nearest' && way.coordinates !== 'tf_crop_and_resize';
  const last = lastOf(given);
  let x = isExact ? (last ?? given) : cast(last ?? given, 'float32');
  for (const side of sides) {
    const axis = last ? lastAxis(side.axis, given.rank) : side.axis;
    if (!isStill(side)) x = resizedAlong(call, x, way, { ...side, axis });
  }
  const y = x.dtype === given.dtype ? x : cast(sg.round(x), given.dtype);
  return last ? toFirst(y) : y;
}

const MODES = ['nearest', 'linear', 'cubic'];

function wayOf(call: Call, coordinates: string): Way {
  const mode = call.text('mode', 'nearest');
  if (!MODES.includes(mode)) throw call.fail(`attribute mode must be one of ${MODES.join(', ')}, got '${mode}'`);
  return {
    mode,
    coordinates: call.text('coordinate_transformation_mode', coordinates),
    rounding: call.text('nearest_mode', 'round_prefer_floor'),
    cubic: call.real('cubic_coeff_a', -0.75),
    antialias: call.flag('antialias'),
    excludeOutside: call.flag('exclude_outside'),
    extrapolation: call.real('extrapolation_value', 0),
  };
}

/** An operand that has elements. */
const filled = (call: Call, i: number): number[] | undefined => {
  const data = call.has(i) ? Array.from(call.host(i).data) : [];
  return data.length > 0 ? data : undefined;
};

/** Sizes that keep the relation of the sides: all are scaled alike. */
function keepingRatio(call: Call, sizes: readonly number[], from: readonly number[]): number[] | undefined {
  const policy = call.text('keep_aspect_ratio_policy', 'stretch');
  if (policy === 'stretch') return undefined;
  const scales = sizes.map((to, i) => to / (from[i] as number));
  if (policy === 'not_larger') return scales.map(() => Math.min(...scales));
  if (policy === 'not_smaller') return scales.map(() => Math.max(...scales));
  throw call.fail(`attribute keep_aspect_ratio_policy must be stretch, not_larger or not_smaller, got '${policy}'`);
}

function resize(call: Call): Tensor {
  const shape = call.shape(0);
  const axes = call
    .numbers(
      'axes',
      shape.map((_, i) => i),
    )
    .map((a) => axisOf(call, a, shape.length));
  const [scales, sizes] = [filled(call, 2), filled(call, 3)];
  const given = sizes ?? scales;
  if (!given || given.length !== axes.length)
    throw call.fail(`needs scales or sizes of ${axes.length} dimensions, got [${String(given ?? [])}]`);
  const from = axes.map((a) => shape[a] as number);
  const kept = sizes && keepingRatio(call, sizes, from);
  const region = filled(call, 1);
  const way = wayOf(call, 'half_pixel');
  const isCropped = way.coordinates === 'tf_crop_and_resize' && region !== undefined;
  const sides = axes.map((axis, i): Side => {
    const length = from[i] as number;
    const scale = kept?.[i] ?? (sizes ? (sizes[i] as number) / length : (scales?.[i] as number));
    const to = kept ? Math.floor(scale * length + 0.5) : sizes ? (sizes[i] as number) : Math.floor(length * scale);
    if (!(scale >= 0) || !Number.isSafeInteger(to)) throw call.fail(`cannot resize ${length} elements by ${scale}`);
    const seen = isCropped ? ([region[i], region[i + axes.length]] as [number, number]) : ([0, 1] as const);
    return { axis, from: length, to, scale, region: seen };
  });
  return resizedAll(call, way, sides);
}

/** Sizes by scales alone. */
const scaled =
  (coordinates: string, scalesOf: (call: Call) => readonly number[], rounding?: string): Operator =>
  (call) => {
    const scales = scalesOf(call);
    const shape = call.shape(0);
    if (scales.length !== shape.length) throw call.fail(`needs ${shape.length} scales, got [${String(scales)}]`);
    const sides = shape.map((from, axis): Side => {
      const scale = scales[axis] as number;
      if (!(scale > 0)) throw call.fail(`a scale must be positive, got ${scale}`);
      return { axis, from, to: Math.floor(from * scale), scale, region: [0, 1] };
    });
    const way = wayOf(call, coordinates);
    return resizedAll(call, { ...way, rounding: rounding ?? way.rounding }, sides);
  };

const scalesOperand = (call: Call): readonly number[] => Array.from(call.host(1).data);

/** Cut or filled with zeros around the center. */
function centered(call: Call): ReturnType<Operator> {
  const shape = call.shape(0);
  const axes = call
    .numbers(
      'axes',
      shape.map((_, i) => i),
    )
    .map((a) => axisOf(call, a, shape.length));
  const wanted = call.ints(1);
  if (wanted.length !== axes.length || wanted.some((d) => d < 0))
    throw call.fail(`[${String(wanted)}] are not the sizes of ${axes.length} axes`);
  const target = [...shape];
  axes.forEach((axis, i) => {
    target[axis] = wanted[i] as number;
  });
  checkElements(sizeOf(target), call.where);
  const begin = shape.map((d, i) => Math.max(0, Math.floor((d - (target[i] as number)) / 2)));
  const size = shape.map((d, i) => Math.min(d, target[i] as number));
  const around = target.map((d, i): [number, number] => {
    const missing = d - (size[i] as number);
    return [Math.floor(missing / 2), Math.ceil(missing / 2)];
  });
  const cut = (x: Tensor): Tensor =>
    takeSlice(
      x,
      begin,
      size,
      size.map(() => 1),
    );
  if (around.every(([a, b]) => a + b === 0)) return moved(call, [call.value(0)], cut);
  return pad(cut(call.tensor(0)), around);
}

export const resizing: Definitions = {
  Resize: define({ 10: scaled('asymmetric', scalesOperand, 'floor'), 11: resize }, { known: [1, 2, 3] }),
  Upsample: define(
    {
      1: scaled('asymmetric', (call) => [1, 1, call.real('height_scale'), call.real('width_scale')], 'floor'),
      7: scaled('asymmetric', (call) => call.reals('scales'), 'floor'),
      9: scaled('asymmetric', scalesOperand, 'floor'),
    },
    { known: [1] },
  ),
  CenterCropPad: define({ 18: centered }, { known: [1] }),
};
