/** Poolings, and their like over all of an image. */
import type { Call } from '../../../graph/core/call';
import type { Operator } from '../../../graph/core/registry';
import { planar, type Steps } from '../../../ops/conv/window';
import { apply } from '../../../ops/core/dispatch';
import { fill } from '../../../ops/create/creation';
import { range } from '../../../ops/create/sequences';
import type { PoolAttrs } from '../../../ops/descriptors/window';
import * as windows from '../../../ops/descriptors/window';
import { scatterND } from '../../../ops/indexing/indexing';
import * as sg from '../../../ops/math/arithmetic';
import { max, mean, sum } from '../../../ops/math/reduce';
import { pad, reshape, transpose } from '../../../ops/shape/shaping';
import { checkElements, sizeOf } from '../../../tensor/shape';
import type { Tensor } from '../../../tensor/tensor';
import { type Definitions, define, firstThen } from '../define';
import { toFirst, toLast } from '../layout';
import { float } from '../operands';
import { dimsOf, padsOf, perDimension, stepsOf, still } from './window';

/** How a pooling moves over an image of a call. */
interface Window {
  readonly size: readonly number[];
  readonly at: readonly Steps[];
}

function windowOf(call: Call): Window {
  const dims = dimsOf(call);
  const size = perDimension(call, 'kernel_shape', dims, 0);
  const image = call.shape(0).slice(2);
  const isUp = call.flag('ceil_mode');
  const at = stepsOf(call, image, size, isUp ? 'ceil' : 'floor').map((s, d) => {
    // A window must begin inside the image or the padding before it.
    const isOutside = isUp && (s.count - 1) * s.stride >= (image[d] as number) + s.pad[0];
    return isOutside ? { ...s, count: s.count - 1 } : s;
  });
  return { size, at };
}

type Over = (x: Tensor, attrs: PoolAttrs) => Tensor;

/** Pools [n, ..., c]: planes of the last two dimensions, then depth, so that the order in a window is that of its elements. */
function pooled(x: Tensor, { size, at }: Window, over: Over): Tensor {
  const shape = x.shape;
  const [n, c] = [shape[0] as number, shape.at(-1) as number];
  if (at.length === 1) {
    const attrs = { ...planar(still(1), at[0] as Steps), window: [1, size[0] as number] as const };
    const y = over(reshape(x, [n, 1, shape[1] as number, c]), attrs);
    return reshape(y, [n, y.shape[2] as number, c]);
  }
  const [height, width] = at.slice(-2) as [Steps, Steps];
  const plane = { ...planar(height, width), window: [size.at(-2) as number, size.at(-1) as number] as const };
  if (at.length === 2) return over(x, plane);
  const [, d, h, w] = shape as [number, number, number, number];
  const flat = over(reshape(x, [n * d, h, w, c]), plane);
  const [, oh, ow] = flat.shape as [number, number, number];
  const attrs = { ...planar(at[0] as Steps, still(oh * ow)), window: [size[0] as number, 1] as const };
  const y = over(reshape(flat, [n, d, oh * ow, c]), attrs);
  return reshape(y, [n, y.shape[1] as number, oh, ow, c]);
}

const largest: Over = (x, attrs) => apply(windows.maxPool, [x], attrs);
const average: Over = (x, attrs) => apply(windows.avgPool, [x], attrs);

/** Where in its image each element is, channels last: [1, ..., 1]. */
function places(image: readonly number[], isColumnMajor: boolean): Tensor {
  const count = sizeOf(image);
  const numbers = range(0, count, 1, 'int32');
  if (!isColumnMajor) return reshape(numbers, [1, ...image, 1]);
  const turned = [...image].reverse();
  return reshape(transpose(reshape(numbers, turned)), [1, ...image, 1]);
}

/** Positions of the maxima in the whole of x: [n, c, ...]. */
function maxima(call: Call, x: Tensor, window: Window): Tensor {
  const image = x.shape.slice(1, -1);
  const [n, c] = [x.shape[0] as number, x.shape.at(-1) as number];
  // What is carried along: the values, and their places.
  let at = sg.broadcastTo(places(image, call.wholeOf('storage_order', 0) !== 0), x.shape);
  pooled(x, window, (part, attrs) => {
    at = apply(windows.maxPoolGather, [part, reshape(at, part.shape)], attrs);
    return largest(part, attrs);
  });
  const planes = sg.mul(range(0, n * c, 1, 'int32'), fill([], sizeOf(image), 'int32'));
  const out = window.at.map(({ count }) => count);
  const first = reshape(planes, [n, c, ...out.map(() => 1)]);
  return sg.add(toFirst(reshape(at, [n, ...out, c])), first);
}

function maxPooled(call: Call): readonly Tensor[] {
  const given = call.tensor(0);
  const x = toLast(float(call, 0));
  const window = windowOf(call);
  const y = sg.cast(toFirst(pooled(x, window, largest)), given.dtype);
  return call.outputCount > 1 ? [y, maxima(call, x, window)] : [y];
}

/** Zeros around [n, ..., c], and windows that do not see beyond them. */
function widened(x: Tensor, { size, at }: Window, pads: readonly (readonly [number, number])[]): [Tensor, Window] {
  const wide = pads.some(([a, b]) => a + b > 0) ? pad(x, [[0, 0], ...pads, [0, 0]]) : x;
  return [wide, { size, at: at.map((s) => ({ ...s, pad: [0, 0] })) }];
}

/** What a window sees around the image: its padding, or all that it needs. */
function around(call: Call, window: Window, isAll: boolean): readonly (readonly [number, number])[] {
  const image = call.shape(0).slice(2);
  const isStated = (call.text('auto_pad', 'NOTSET') || 'NOTSET') === 'NOTSET';
  const stated = isStated && !isAll ? padsOf(call, image.length) : undefined;
  return window.at.map((s, d): readonly [number, number] => {
    if (stated) return stated[d] as readonly [number, number];
    const reach = (s.count - 1) * s.stride + ((window.size[d] as number) - 1) * s.dilation + 1;
    return [s.pad[0], Math.max(0, reach - s.pad[0] - (image[d] as number))];
  });
}

function averaged(call: Call): Tensor {
  const x = toLast(float(call, 0));
  const window = windowOf(call);
  if (!call.flag('count_include_pad')) return toFirst(pooled(x, window, average));
  const [wide, own] = widened(x, window, around(call, window, false));
  return toFirst(pooled(wide, own, average));
}

function powerPooled(call: Call): Tensor {
  const p = call.real('p', 2);
  const powers = sg.pow(sg.abs(toLast(float(call, 0))), p);
  const window = windowOf(call);
  const [wide, own] = widened(powers, window, around(call, window, true));
  // The mean of all elements times their number.
  const total = sg.mul(pooled(wide, own, average), sizeOf(window.size));
  return toFirst(sg.pow(total, 1 / p));
}

/** Over all of an image, which has its channels last, whether or not it is traced: sums depend on the order. */
const overAll =
  (f: (x: Tensor, axes: readonly number[], call: Call) => Tensor): Operator =>
  (call) => {
    const x = toLast(call.tensor(0));
    return toFirst(
      f(
        x,
        x.shape.flatMap((_, i) => (i > 0 && i < x.rank - 1 ? [i] : [])),
        call,
      ),
    );
  };

function powerOverAll(x: Tensor, axes: readonly number[], call: Call): Tensor {
  const p = call.real('p', 2);
  return sg.pow(sum(sg.pow(sg.abs(x), p), axes, true), 1 / p);
}

/** Values back where a pooling found them. */
function unpooled(call: Call): Tensor {
  const x = call.tensor(0);
  const dims = dimsOf(call);
  const size = perDimension(call, 'kernel_shape', dims, 0);
  const strides = perDimension(call, 'strides', dims);
  const pads = padsOf(call, dims);
  const shape = [
    ...x.shape.slice(0, 2),
    ...size.map((k, d) => {
      const [before, after] = pads[d] as readonly [number, number];
      return ((x.shape[d + 2] as number) - 1) * (strides[d] as number) - before - after + k;
    }),
  ];
  const wanted = call.has(2) ? call.ints(2) : shape;
  if (wanted.length !== shape.length || wanted.some((d, i) => d < (shape[i] as number)))
    throw call.fail(`an output of [${String(wanted)}] is smaller than [${String(shape)}]`);
  checkElements(sizeOf(wanted), call.where);
  const at = reshape(sg.cast(call.tensor(1), 'int32'), [x.size, 1]);
  const y = reshape(scatterND(at, reshape(x, [x.size]), [sizeOf(shape)]), shape);
  return pad(
    y,
    wanted.map((d, i): [number, number] => [0, d - (shape[i] as number)]),
  );
}

export const poolings: Definitions = {
  MaxPool: define(maxPooled, { types: firstThen('int64') }),
  AveragePool: define(averaged),
  LpPool: define(powerPooled),
  GlobalMaxPool: define(overAll((x, axes) => max(x, axes, true))),
  GlobalAveragePool: define(overAll((x, axes) => mean(x, axes, true))),
  GlobalLpPool: define(overAll(powerOverAll)),
  MaxUnpool: define({ 9: unpooled }, { known: [2] }),
};
