/** Images sampled between their elements, as gathers, so that images and places are trained. */
import type { Call } from '../../../graph/core/call';
import type { Value } from '../../../graph/core/value';
import { cast } from '../../../ops/core/cast';
import { fill, tensor } from '../../../ops/create/creation';
import { range } from '../../../ops/create/sequences';
import { gather, scatterND } from '../../../ops/indexing/indexing';
import { matMul } from '../../../ops/linear/products';
import * as sg from '../../../ops/math/arithmetic';
import { max, mean } from '../../../ops/math/reduce';
import { concat, reshape, slice, transpose } from '../../../ops/shape/shaping';
import { checkElements, sizeOf } from '../../../tensor/shape';
import type { Tensor } from '../../../tensor/tensor';
import { type Definitions, define } from '../define';
import { toFirst, toLast } from '../layout';
import { float, sizes } from '../operands';
import { padsOf, perDimension, stepsOf } from './window';

const integer = (value: number): Tensor => fill([], value, 'int32');
const constant = (value: number): Tensor => fill([], value, 'float32');

/** An element along one dimension, and how much it counts. */
interface Tap {
  /** int32, inside of the dimension. */
  readonly index: Tensor;
  /** Undefined: 1. */
  readonly weight: Tensor | undefined;
}

/** Back and forth between two borders. */
function reflected(x: Tensor, low: number, high: number): Tensor {
  const width = high - low;
  if (width <= 0) return sg.add(sg.mul(x, 0), low);
  const place = sg.mod(sg.sub(x, low), constant(2 * width));
  return sg.add(sg.minimum(place, sg.sub(2 * width, place)), low);
}

/** Borders of a dimension, beyond which there is padding. */
const bordersOf = (size: number, isAligned: boolean): [number, number] =>
  isAligned ? [0, size - 1] : [-0.5, size - 0.5];

interface Sampling {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly padding: 'zeros' | 'border' | 'reflection';
  /** Whether the borders are the centers of the outermost elements. */
  readonly isAligned: boolean;
}

/** Keys' cubic convolution with a = -0.75, for distances below 1 and up to 2. */
const near = (x: Tensor): Tensor => sg.add(sg.mul(sg.mul(sg.sub(sg.mul(x, 1.25), 2.25), x), x), 1);
const far = (x: Tensor): Tensor => sg.add(sg.mul(sg.add(sg.mul(sg.add(sg.mul(x, -0.75), 3.75), x), -6), x), 3);

/** The elements around places along a dimension. */
function tapsOf(places: Tensor, size: number, { mode, padding, isAligned }: Sampling): Tap[] {
  const [low, high] = bordersOf(size, isAligned);
  let x = mode === 'nearest' ? sg.round(places) : places;
  if (padding === 'border') {
    const isOutside = sg.logicalOr(sg.less(x, low), sg.greater(x, high));
    x = sg.where(isOutside, sg.clipByValue(x, 0, size - 1), x);
  } else if (padding === 'reflection') x = reflected(x, low, high);
  const base = sg.floor(x);
  const rest = sg.sub(x, base);
  const weights =
    mode === 'nearest'
      ? [undefined]
      : mode === 'linear'
        ? [sg.sub(1, rest), rest]
        : [far(sg.add(rest, 1)), near(rest), near(sg.sub(1, rest)), far(sg.sub(2, rest))];
  const first = mode === 'cubic' ? -1 : 0;
  return weights.map((weight, k): Tap => {
    const at = k + first === 0 ? base : sg.add(base, k + first);
    const inside = padding === 'reflection' ? reflected(at, low, high) : at;
    const index = cast(sg.clipByValue(inside, 0, size - 1), 'int32');
    if (padding !== 'zeros') return { index, weight };
    const isInside = cast(sg.logicalAnd(sg.greaterEqual(at, 0), sg.lessEqual(at, size - 1)), 'float32');
    return { index, weight: weight ? sg.mul(weight, isInside) : isInside };
  });
}

/** All combinations of taps, one of each dimension. */
const combinations = (lists: readonly Tap[][]): Tap[][] =>
  lists.reduce<Tap[][]>((all, list) => all.flatMap((taps) => list.map((tap) => [...taps, tap])), [[]]);

/** Index and weight of an element of several dimensions. */
function corner(taps: readonly Tap[], image: readonly number[]): Tap {
  return taps.reduce((a, b, d): Tap => {
    if (d === 0) return b;
    const index = sg.add(sg.mul(a.index, integer(image[d] as number)), b.index);
    const weight = a.weight && b.weight ? sg.mul(a.weight, b.weight) : (a.weight ?? b.weight);
    return { index, weight };
  }, taps[0] as Tap);
}

/**
 * Weighted sums of the elements around places.
 * @param x [n, ...image, c]
 * @param places for each dimension of the image [n, count]
 * @returns [n, count, c]
 */
function sampled(x: Tensor, places: readonly Tensor[], sampling: Sampling): Tensor {
  const [n, c] = [x.shape[0] as number, x.shape.at(-1) as number];
  const image = x.shape.slice(1, -1);
  const rows = reshape(x, [n * sizeOf(image), c]);
  const starts = sg.mul(reshape(range(0, n, 1, 'int32'), [n, 1]), integer(sizeOf(image)));
  const taps = places.map((at, d) => tapsOf(at, image[d] as number, sampling));
  const parts = combinations(taps).map((each) => {
    const { index, weight } = corner(each, image);
    const value = gather(rows, sg.add(index, starts));
    return weight ? sg.mul(value, reshape(weight, [...weight.shape, 1])) : value;
  });
  return parts.reduce((a, b) => sg.add(a, b));
}

const MODES: Readonly<Record<string, Sampling['mode']>> = {
  nearest: 'nearest',
  linear: 'linear',
  bilinear: 'linear',
  cubic: 'cubic',
  bicubic: 'cubic',
};

function samplingOf(call: Call): Sampling {
  const given = call.text('mode', 'linear');
  const mode = Object.hasOwn(MODES, given) ? MODES[given] : undefined;
  if (!mode) throw call.fail(`attribute mode must be nearest, linear or cubic, got '${given}'`);
  const padding = call.text('padding_mode', 'zeros');
  if (padding !== 'zeros' && padding !== 'border' && padding !== 'reflection')
    throw call.fail(`attribute padding_mode must be zeros, border or reflection, got '${padding}'`);
  return { mode, padding, isAligned: call.flag('align_corners') };
}

/** One coordinate of points [n, ..., k] as [n, count]. */
function coordinate(points: Tensor, k: number): Tensor {
  const rest = points.shape.slice(0, -1);
  const begin = points.shape.map((_, i) => (i === rest.length ? k : 0));
  return reshape(slice(points, begin, [...rest, 1]), [points.shape[0] as number, sizeOf(rest.slice(1))]);
}

function gridSampled(call: Call): Tensor {
  const x = toLast(float(call, 0));
  const grid = float(call, 1);
  const image = x.shape.slice(1, -1);
  const dims = image.length;
  if (grid.rank !== dims + 2 || grid.shape[0] !== x.shape[0] || grid.shape.at(-1) !== dims)
    throw call.fail(`a grid of [${String(grid.shape)}] does not fit [${String(call.shape(0))}]`);
  const sampling = samplingOf(call);
  // The last dimension comes first in a point.
  const places = image.map((size, d) => {
    const g = sg.add(coordinate(grid, dims - 1 - d), 1);
    return sampling.isAligned ? sg.mul(g, (size - 1) / 2) : sg.div(sg.sub(sg.mul(g, size), 1), 2);
  });
  const y = sampled(x, places, sampling);
  return toFirst(reshape(y, [x.shape[0] as number, ...grid.shape.slice(1, -1), x.shape.at(-1) as number]));
}

/** Places of a line in [-1, 1]. */
const lineOf = (size: number, isAligned: boolean): number[] =>
  Array.from({ length: size }, (_, i) => {
    if (!isAligned) return (2 * i + 1) / size - 1;
    return size === 1 ? -1 : (2 * i) / (size - 1) - 1;
  });

/** Grids for `GridSample`: what affine maps make of all places of an image. */
function affineGrid(call: Call): Tensor {
  const theta = float(call, 0);
  const size = sizes(call, 1);
  const image = size.slice(2);
  const dims = image.length;
  if (theta.rank !== 3 || theta.shape[1] !== dims || theta.shape[2] !== dims + 1)
    throw call.fail(`maps of [${String(theta.shape)}] do not fit an image of [${String(size)}]`);
  const lines = image.map((d) => lineOf(d, call.flag('align_corners')));
  const count = sizeOf(image);
  checkElements(count * (dims + 1), call.where);
  const base = new Float64Array(count * (dims + 1)).fill(1);
  for (let p = 0; p < count; p++) {
    let rest = p;
    for (let d = dims - 1; d >= 0; d--) {
      const length = image[d] as number;
      base[p * (dims + 1) + (dims - 1 - d)] = lines[d]?.[rest % length] as number;
      rest = Math.floor(rest / length);
    }
  }
  const n = theta.shape[0] as number;
  const points = sg.broadcastTo(tensor(base, [1, count, dims + 1], 'float32'), [n, count, dims + 1]);
  return reshape(matMul(points, theta, false, true), [n, ...image, dims]);
}

/** How regions are cut into bins with points. */
interface Bins {
  readonly scale: number;
  readonly offset: number;
  readonly output: number;
  readonly points: number;
}

/** Places of the points of all bins along a dimension: [regions, output points]. */
function binPoints(low: Tensor, high: Tensor, { scale, offset, output, points }: Bins): Tensor {
  const start = sg.sub(sg.mul(low, scale), offset);
  const length = sg.sub(sg.sub(sg.mul(high, scale), offset), start);
  const bin = sg.div(offset === 0 ? sg.maximum(length, 1) : length, output);
  const at = Float64Array.from({ length: output * points }, (_, i) => (i + 0.5) / points);
  return sg.add(start, sg.mul(bin, tensor(at, [1, at.length], 'float32')));
}

/** Two taps of a place; what is more than one element outside counts nothing. */
function regionTaps(places: Tensor, size: number): Tap[] {
  const isInside = cast(sg.logicalAnd(sg.greaterEqual(places, -1), sg.lessEqual(places, size)), 'float32');
  const x = sg.clipByValue(places, 0, size - 1);
  const base = sg.minimum(sg.floor(x), Math.max(0, size - 2));
  const rest = sg.sub(x, base);
  return [sg.sub(1, rest), rest].map((weight, k): Tap => {
    const index = cast(sg.minimum(sg.add(base, k), size - 1), 'int32');
    return { index, weight: sg.mul(weight, isInside) };
  });
}

interface Regions {
  /** [n h w, c] */
  readonly rows: Tensor;
  readonly image: readonly [number, number];
  /** [regions, 4] and [regions] */
  readonly boxes: Tensor;
  readonly batches: Tensor;
  /** Whether the first element begins half an element before 0. */
  readonly isHalf: boolean;
}

/** [regions, output height, output width, c] */
function aligned(
  call: Call,
  { rows, image, boxes, batches, isHalf }: Regions,
  points: readonly [number, number],
): Tensor {
  const count = boxes.shape[0] as number;
  const output = [call.wholeOf('output_height', 1), call.wholeOf('output_width', 1)] as const;
  const samples = output[0] * points[0] * output[1] * points[1];
  if (!(samples >= 0) || output[0] < 0) throw call.fail(`cannot make regions of [${String(output)}]`);
  checkElements(count * samples * (rows.shape[1] as number), call.where);
  const offset = isHalf ? 0.5 : 0;
  const column = (k: number): Tensor => slice(boxes, [0, k], [count, 1]);
  const taps = image.map((size, d) => {
    const bins = {
      scale: call.real('spatial_scale', 1),
      offset,
      output: output[d] as number,
      points: points[d] as number,
    };
    return regionTaps(binPoints(column(1 - d), column(3 - d), bins), size);
  }) as [Tap[], Tap[]];
  const [height, width] = output.map((n, d) => n * (points[d] as number)) as [number, number];
  const c = rows.shape[1] as number;
  const start = reshape(sg.mul(cast(batches, 'int32'), integer(sizeOf(image))), [count, 1, 1]);
  const parts = taps[0].flatMap((y) =>
    taps[1].map((x) => {
      const down = (t: Tensor): Tensor => reshape(t, [count, height, 1]);
      const along = (t: Tensor): Tensor => reshape(t, [count, 1, width]);
      const index = sg.add(sg.add(sg.mul(down(y.index), integer(image[1])), along(x.index)), start);
      const weight = sg.mul(down(y.weight as Tensor), along(x.weight as Tensor));
      return sg.mul(gather(rows, index), reshape(weight, [count, height, width, 1]));
    }),
  );
  const isMax = call.text('mode', 'avg') === 'max';
  const points6 = (t: Tensor): Tensor => reshape(t, [count, output[0], points[0], output[1], points[1], c]);
  if (isMax) return max(points6(parts.reduce((a, b) => sg.maximum(a, b))), [2, 4]);
  return mean(points6(parts.reduce((a, b) => sg.add(a, b))), [2, 4]);
}

const regionsAligned =
  (initial: string) =>
  (call: Call): Tensor => {
    const x = toLast(float(call, 0));
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const boxes = float(call, 1);
    if (x.rank !== 4 || boxes.rank !== 2 || boxes.shape[1] !== 4 || call.shape(2)[0] !== boxes.shape[0])
      throw call.fail(`boxes [${String(boxes.shape)}] do not fit [${String(call.shape(0))}]`);
    const isHalf = call.text('coordinate_transformation_mode', initial) === 'half_pixel';
    const regions: Regions = {
      rows: reshape(x, [n * h * w, c]),
      image: [h, w],
      boxes,
      batches: call.tensor(2),
      isHalf,
    };
    const ratio = call.wholeOf('sampling_ratio', 0);
    if (ratio > 0) return toFirst(aligned(call, regions, [ratio, ratio]));
    // As many points as a bin has elements, which differs from region to region.
    const numbers = call.data(1).data;
    const count = boxes.shape[0] as number;
    const scale = call.real('spatial_scale', 1);
    const output = [call.wholeOf('output_height', 1), call.wholeOf('output_width', 1)] as const;
    const pointsOf = (r: number, d: number): number => {
      const length = ((numbers[4 * r + 3 - d] as number) - (numbers[4 * r + 1 - d] as number)) * scale;
      return Math.max(1, Math.ceil((isHalf ? length : Math.max(length, 1)) / (output[d] as number)));
    };
    if (output.some((n) => n < 0)) throw call.fail(`cannot make regions of [${String(output)}]`);
    if (count === 0) return fill([0, c, ...output], 0, 'float32');
    const each = Array.from({ length: count }, (_, r) =>
      aligned(call, { ...regions, boxes: slice(boxes, [r, 0], [1, 4]), batches: slice(regions.batches, [r], [1]) }, [
        pointsOf(r, 0),
        pointsOf(r, 1),
      ]),
    );
    return toFirst(each.length > 1 ? concat(each, 0) : (each[0] as Tensor));
  };

/** Columns of windows added up to the image that they are of. */
function fromColumns(call: Call): Value {
  const x = float(call, 0);
  const [image, block] = [sizes(call, 1), sizes(call, 2)];
  const dims = image.length;
  const strides = perDimension(call, 'strides', dims);
  const dilations = perDimension(call, 'dilations', dims);
  const pads = padsOf(call, dims);
  const counts = image.map((size, d) => {
    const [before, after] = pads[d] as readonly [number, number];
    const extent = ((block[d] as number) - 1) * (dilations[d] as number) + 1;
    return Math.floor((size + before + after - extent) / (strides[d] as number)) + 1;
  });
  const [n, depth, columns] = x.shape as [number, number, number];
  const taps = sizeOf(block);
  if (x.rank !== 3 || block.length !== dims || taps < 1 || depth % taps || columns !== sizeOf(counts))
    throw call.fail(`columns [${String(x.shape)}] are not blocks of [${String(block)}] in [${String(image)}]`);
  const c = depth / taps;
  const whole = sizeOf(image);
  checkElements((whole + 1) * n * c, call.where);
  // What lies in the padding is added to an element behind the image.
  const target = Int32Array.from({ length: taps * columns }, (_, i) => {
    let [tap, column, place, step] = [Math.floor(i / columns), i % columns, 0, 1];
    for (let d = dims - 1; d >= 0; d--) {
      const [size, k, count] = [image[d] as number, block[d] as number, counts[d] as number];
      const at = (column % count) * (strides[d] as number) + (tap % k) * (dilations[d] as number);
      const inside = at - (pads[d]?.[0] ?? 0);
      if (inside < 0 || inside >= size) return whole;
      place += inside * step;
      step *= size;
      [tap, column] = [Math.floor(tap / k), Math.floor(column / count)];
    }
    return place;
  });
  const rows = reshape(transpose(reshape(x, [n, c, taps, columns]), [2, 3, 0, 1]), [taps * columns, n * c]);
  const sums = scatterND(tensor(target, [target.length, 1], 'int32'), rows, [whole + 1, n * c]);
  return reshape(transpose(slice(sums, [0, 0], [whole, n * c])), [n, c, ...image]);
}

const LINEAR: Sampling = { mode: 'linear', padding: 'zeros', isAligned: true };

/** A convolution whose filter looks at places that are moved by offsets. */
function deformed(call: Call): Tensor {
  const x = toLast(float(call, 0));
  const w = float(call, 1);
  const image = x.shape.slice(1, -1);
  const dims = image.length;
  const [n, c] = [x.shape[0] as number, x.shape.at(-1) as number];
  const [groups, parts] = [call.wholeOf('group', 1), call.wholeOf('offset_group', 1)];
  const window = w.shape.slice(2);
  const taps = sizeOf(window);
  const filters = w.shape[0] as number;
  const at = stepsOf(call, image, window);
  const out = at.map(({ count }) => count);
  const count = sizeOf(out);
  if (groups < 1 || parts < 1 || c % parts || (w.shape[1] as number) * groups !== c || filters % groups)
    throw call.fail(`a filter of [${String(w.shape)}] does not fit ${c} channels in ${groups} and ${parts} groups`);
  const offsets = reshape(float(call, 2), [n, parts, taps, dims, count]);
  const masks = call.has(4) ? reshape(float(call, 4), [n, parts, taps * count, 1]) : undefined;
  // Where the filter looks without offsets, along each dimension: [taps, count].
  const still = at.map((s, d) => {
    const [inner, innerOut] = [sizeOf(window.slice(d + 1)), sizeOf(out.slice(d + 1))];
    const data = Float64Array.from({ length: taps * count }, (_, i) => {
      const tap = Math.floor(Math.floor(i / count) / inner) % (window[d] as number);
      const place = Math.floor((i % count) / innerOut) % s.count;
      return place * s.stride - s.pad[0] + tap * s.dilation;
    });
    return tensor(data, [1, taps, count], 'float32');
  });
  const each = c / parts;
  const seen = Array.from({ length: parts }, (_, p) => {
    const own = slice(x, [...x.shape.slice(0, -1).map(() => 0), p * each], [...x.shape.slice(0, -1), each]);
    const places = still.map((base, d) => {
      const moved = reshape(slice(offsets, [0, p, 0, d, 0], [n, 1, taps, 1, count]), [n, taps, count]);
      return reshape(sg.add(base, moved), [n, taps * count]);
    });
    const values = sampled(own, places, LINEAR);
    if (!masks) return values;
    return sg.mul(values, reshape(slice(masks, [0, p, 0, 0], [n, 1, taps * count, 1]), [n, taps * count, 1]));
  });
  const values = reshape(seen.length > 1 ? concat(seen, 2) : (seen[0] as Tensor), [n, taps, count, c]);
  const depth = c / groups;
  const products = Array.from({ length: groups }, (_, g) => {
    const columns = transpose(slice(values, [0, 0, 0, g * depth], [n, taps, count, depth]), [0, 2, 1, 3]);
    const own = slice(
      w,
      [(g * filters) / groups, ...w.shape.slice(1).map(() => 0)],
      [filters / groups, ...w.shape.slice(1)],
    );
    const kernel = reshape(transpose(reshape(own, [filters / groups, depth, taps]), [2, 1, 0]), [taps * depth, -1]);
    return matMul(reshape(columns, [n * count, taps * depth]), kernel);
  });
  const y = products.length > 1 ? concat(products, 1) : (products[0] as Tensor);
  const biased = call.has(3) ? sg.add(y, float(call, 3)) : y;
  return toFirst(reshape(biased, [n, ...out, filters]));
}

export const sampling: Definitions = {
  GridSample: define({ 16: gridSampled }),
  AffineGrid: define({ 20: affineGrid }, { known: [1] }),
  RoiAlign: define({ 10: regionsAligned('output_half_pixel'), 16: regionsAligned('half_pixel') }),
  Col2Im: define({ 18: fromColumns }, { known: [1, 2] }),
  DeformConv: define({ 19: deformed }, { weights: [1, 3] }),
};
