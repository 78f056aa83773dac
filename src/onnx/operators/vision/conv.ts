/** Convolutions of signals, images and volumes, in groups, and their transposes. */
import type { Call } from '../../../graph/core/call';
import { conv3d, conv3dTranspose } from '../../../ops/conv/convolution-3d';
import { planar, type Steps } from '../../../ops/conv/window';
import { apply } from '../../../ops/core/dispatch';
import { zeros } from '../../../ops/create/creation';
import * as depthwise from '../../../ops/descriptors/depthwise';
import * as windows from '../../../ops/descriptors/window';
import { add, mul, sigmoid } from '../../../ops/math/arithmetic';
import { concat, pad, reshape, slice, transpose } from '../../../ops/shape/shaping';
import { split } from '../../../ops/shape/slicing';
import { checkElements, sizeOf } from '../../../tensor/shape';
import type { Tensor } from '../../../tensor/tensor';
import { type Definitions, define } from '../define';
import { toFirst, toLast } from '../layout';
import { float } from '../operands';
import { autoPadOf, dimsOf, padsOf, perDimension, stepsOf, still } from './window';

/** ONNX' [a, b, ...window] as [...window, b, a]. */
const filterOf = (w: Tensor): Tensor => transpose(w, [...Array.from({ length: w.rank - 2 }, (_, i) => i + 2), 1, 0]);

/** A signal as an image of height 1; images and volumes as they are. */
const raised = (x: Tensor, at: number): Tensor => reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);

interface Groups {
  readonly dims: number;
  readonly groups: number;
}

/** @throws FormatError for a filter that does not fit */
function groupsOf(call: Call): Groups {
  const dims = dimsOf(call);
  const [x, w] = [call.shape(0), call.shape(1)];
  const groups = call.wholeOf('group', 1);
  if (w.length !== x.length) throw call.fail(`a filter of [${String(w)}] does not fit [${String(x)}]`);
  const kernel = perDimension(call, 'kernel_shape', dims, 0);
  if (kernel.some((k, d) => k !== 0 && k !== w[d + 2]))
    throw call.fail(`attribute kernel_shape [${String(kernel)}] is not that of the filter, [${String(w)}]`);
  if (groups < 1 || (x[1] as number) % groups || (w[0] as number) % groups)
    throw call.fail(`${x[1]} channels and ${w[0]} filters are not ${groups} groups`);
  return { dims, groups };
}

/** Runs `f` on each group of channels, which are last, with its filters. */
function grouped(x: Tensor, w: Tensor, groups: number, f: (x: Tensor, filter: Tensor) => Tensor): Tensor {
  if (groups === 1) return f(x, filterOf(w));
  const filters = split(w, groups, 0);
  const parts = split(x, groups, x.rank - 1).map((part, g) => f(part, filterOf(filters[g] as Tensor)));
  return concat(parts, x.rank - 1);
}

/** A bias for each channel, which is last. */
const biased = (call: Call, y: Tensor): Tensor => (call.has(2) ? add(y, float(call, 2)) : y);

const spatial = (x: Tensor): readonly number[] => x.shape.slice(1, -1);

/** Filters that a product computes at once; of fewer it computes as much. */
const PANEL = 16;

/** How many neighbors a filter of few channels computes at once: 1 unless that is clearly less work. */
function neighborsOf(f: Tensor, { stride, dilation, count }: Steps): number {
  const [width, filters] = [f.shape[1] as number, f.shape[3] as number];
  const neighbors = Math.min(Math.floor(PANEL / Math.max(1, filters)), count);
  const wide = width + (neighbors - 1) * stride;
  return neighbors > 1 && dilation === 1 && 1.5 * wide < neighbors * width ? neighbors : 1;
}

/**
 * A convolution of [n, h, w, c]. With few filters neighbors in a row are computed as channels of one position, by copies
 * of the filter that are moved: f[i, j - r stride, c, o] computes channel o of the neighbor r.
 */
function overPlane(x: Tensor, f: Tensor, height: Steps, width: Steps): Tensor {
  const neighbors = neighborsOf(f, width);
  if (neighbors === 1) return apply(windows.conv2d, [x, f], planar(height, width));
  const { stride, count } = width;
  const filters = f.shape[3] as number;
  const copies = Array.from({ length: neighbors }, (_, r) =>
    pad(f, [
      [0, 0],
      [r * stride, (neighbors - 1 - r) * stride],
      [0, 0],
      [0, 0],
    ]),
  );
  const positions = Math.ceil(count / neighbors);
  const steps = { ...width, stride: stride * neighbors, count: positions };
  const y = apply(windows.conv2d, [x, concat(copies, 3)], planar(height, steps));
  const [n, h] = y.shape as [number, number];
  const apart = reshape(y, [n, h, positions * neighbors, filters]);
  return positions * neighbors === count ? apart : slice(apart, [0, 0, 0, 0], [n, h, count, filters]);
}

function convolved(x: Tensor, f: Tensor, at: readonly Steps[]): Tensor {
  const [first, second] = at as [Steps, Steps];
  if (at.length === 1) {
    const y = overPlane(raised(x, 1), raised(f, 0), still(1), first);
    return reshape(y, [y.shape[0] as number, ...y.shape.slice(2)]);
  }
  if (at.length === 2) return overPlane(x, f, first, second);
  return conv3d(
    x,
    f,
    at.map(({ stride }) => stride),
    at.map(({ pad: pads }) => pads),
    'NDHWC',
    at.map(({ dilation }) => dilation),
  );
}

/** Each channel by filters of its own: [n, ..., c] -> [n, ..., c m]; undefined if there is no such op. */
function eachChannel(x: Tensor, w: Tensor, at: readonly Steps[]): Tensor | undefined {
  const channels = x.shape.at(-1) as number;
  if (at.length > 2) return undefined;
  const [m, window] = [(w.shape[0] as number) / channels, w.shape.slice(2)];
  const order = window.map((_, i) => i + 2);
  const f = transpose(reshape(w, [channels, m, ...window]), [...order, 0, 1]);
  const [first, second] = at as [Steps, Steps];
  if (at.length === 2) return apply(depthwise.depthwiseConv2d, [x, f], planar(first, second));
  const y = apply(depthwise.depthwiseConv2d, [raised(x, 1), raised(f, 0)], planar(still(1), first));
  return reshape(y, [y.shape[0] as number, ...y.shape.slice(2)]);
}

function conv(call: Call): Tensor {
  const { groups } = groupsOf(call);
  const [x, w] = [toLast(float(call, 0)), float(call, 1)];
  const channels = x.shape.at(-1) as number;
  if ((w.shape[1] as number) * groups !== channels)
    throw call.fail(`a filter of [${String(w.shape)}] in ${groups} groups does not fit ${channels} channels`);
  const at = stepsOf(call, spatial(x), w.shape.slice(2));
  const own = groups > 1 && groups === channels ? eachChannel(x, w, at) : undefined;
  return toFirst(biased(call, own ?? grouped(x, w, groups, (part, f) => convolved(part, f, at))));
}

/** How a transposed convolution writes along a dimension. */
interface Spread {
  readonly stride: number;
  readonly dilation: number;
  /** Elements that are cut off at the beginning. */
  readonly before: number;
  /** Elements that are computed. */
  readonly size: number;
  /** Zeros behind them: an output padding beyond what the filter reaches. */
  readonly zeros: number;
}

/** Padding for a size that is stated: the whole is cut to it at both ends. */
function cutTo(total: number, isUpper: boolean): [number, number] {
  const all = Math.max(0, total);
  const [less, more] = [Math.floor(all / 2), Math.ceil(all / 2)];
  return isUpper ? [less, more] : [more, less];
}

function spreads(call: Call, size: readonly number[], window: readonly number[]): Spread[] {
  const dims = size.length;
  const [strides, dilations] = [perDimension(call, 'strides', dims), perDimension(call, 'dilations', dims)];
  const auto = autoPadOf(call);
  const isSame = auto === 'SAME_UPPER' || auto === 'SAME_LOWER';
  const pads = padsOf(call, dims);
  const extra = perDimension(call, 'output_padding', dims, 0);
  const stated = call.numbers('output_shape', []);
  if (stated.length > 0 && stated.length !== dims)
    throw call.fail(`attribute output_shape must have ${dims} numbers, got [${String(stated)}]`);
  return size.map((length, d) => {
    const [stride, dilation] = [strides[d] as number, dilations[d] as number];
    const full = stride * (length - 1) + ((window[d] as number) - 1) * dilation + 1;
    const added = extra[d] as number;
    const wanted = stated[d] ?? (isSame ? length * stride : undefined);
    const isAuto = isSame || (wanted !== undefined && !call.hasAttribute('pads'));
    const [before, after] = isAuto
      ? cutTo(full + added - (wanted as number), auto === 'SAME_UPPER')
      : (pads[d] as readonly [number, number]);
    const out = wanted ?? full + added - before - after;
    if (out < 0) throw call.fail(`padding ${before}, ${after} cuts off all of ${full} elements in dimension ${d}`);
    const room = Math.max(0, full - before);
    return { stride, dilation, before, size: Math.min(out, room), zeros: Math.max(0, out - room) };
  });
}

/** Taps apart from each other: [..., k, ...] -> [..., (k - 1) dilation + 1, ...]. */
function dilated(f: Tensor, dilations: readonly number[]): Tensor {
  return dilations.reduce((t, dilation, d) => {
    if (dilation === 1) return t;
    const [outer, k, inner] = [t.shape.slice(0, d), t.shape[d] as number, t.shape.slice(d + 1)];
    const apart = reshape(t, [...outer, k, 1, ...inner]);
    const wide = pad(
      apart,
      apart.shape.map((_, i) => (i === d + 1 ? [0, dilation - 1] : [0, 0])),
    );
    const size = [...outer, (k - 1) * dilation + 1, ...inner];
    return slice(
      reshape(wide, [...outer, k * dilation, ...inner]),
      size.map(() => 0),
      size,
    );
  }, f);
}

/** The steps whose transpose writes this. */
const stepOf = ({ stride, dilation, before }: Spread, count: number): Steps => ({
  stride,
  dilation,
  pad: [before, 0],
  count,
});

function spreadOut(x: Tensor, f: Tensor, to: readonly Spread[]): Tensor {
  const at = to.map((s, d) => stepOf(s, x.shape[d + 1] as number));
  const [first, second] = at as [Steps, Steps];
  const [h, w] = to.map(({ size }) => size) as [number, number];
  if (to.length === 1) {
    const attrs = { ...planar(still(1), first), inputSize: [1, h] as const };
    const y = apply(windows.conv2dInputGrad, [raised(x, 1), raised(f, 0)], attrs);
    return reshape(y, [y.shape[0] as number, ...y.shape.slice(2)]);
  }
  if (to.length === 2)
    return apply(windows.conv2dInputGrad, [x, f], { ...planar(first, second), inputSize: [h, w] as const });
  const apart = dilated(
    f,
    to.map(({ dilation }) => dilation),
  );
  const pairs = to.map((s, d): [number, number] => {
    const full = s.stride * ((x.shape[d + 1] as number) - 1) + (apart.shape[d] as number);
    return [s.before, full - s.before - s.size];
  });
  const shape = [x.shape[0] as number, ...to.map(({ size }) => size), f.shape.at(-2) as number];
  return conv3dTranspose(
    x,
    apart,
    shape,
    to.map(({ stride }) => stride),
    pairs,
  );
}

/** Each channel by a filter of its own. */
function spreadChannels(x: Tensor, w: Tensor, to: readonly Spread[]): Tensor {
  const f = transpose(w, [2, 3, 0, 1]);
  const at = to.map((s, d) => stepOf(s, x.shape[d + 1] as number));
  const [h, width] = to.map(({ size }) => size) as [number, number];
  const attrs = { ...planar(at[0] as Steps, at[1] as Steps), inputSize: [h, width] as const };
  return apply(depthwise.depthwiseConv2dInputGrad, [x, f], attrs);
}

function convTransposed(call: Call): Tensor {
  const { dims, groups } = groupsOf(call);
  const [x, w] = [toLast(float(call, 0)), float(call, 1)];
  const channels = x.shape.at(-1) as number;
  if (w.shape[0] !== channels) throw call.fail(`a filter of [${String(w.shape)}] does not fit ${channels} channels`);
  const to = spreads(call, spatial(x), w.shape.slice(2));
  const filters = (w.shape[1] as number) * groups;
  checkElements((x.shape[0] as number) * filters * sizeOf(to.map(({ size, zeros }) => size + zeros)), call.where);
  const isEach = dims === 2 && groups > 1 && groups === channels && w.shape[1] === 1;
  const y = isEach ? spreadChannels(x, w, to) : grouped(x, w, groups, (part, f) => spreadOut(part, f, to));
  const isShort = to.some(({ zeros }) => zeros > 0);
  const whole = isShort ? pad(y, [[0, 0], ...to.map(({ zeros }): [number, number] => [0, zeros]), [0, 0]]) : y;
  return toFirst(biased(call, whole));
}

/** Each channel of a signal by a filter of its own that sees what was before, and what it will see next time. */
function causal(call: Call): readonly Tensor[] {
  const [x, w] = [float(call, 0), float(call, 1)];
  const [n, channels] = x.shape as [number, number];
  const k = w.shape[2] as number;
  if (x.rank !== 3 || w.rank !== 3 || w.shape[0] !== channels || w.shape[1] !== 1)
    throw call.fail(`a filter of [${String(w.shape)}] does not fit [${String(x.shape)}]`);
  const activation = call.text('activation', 'none');
  if (!['none', 'silu', 'swish'].includes(activation))
    throw call.fail(`attribute activation must be none, silu or swish, got '${activation}'`);
  const before = call.has(3) ? float(call, 3) : zeros([n, channels, k - 1]);
  const seen = k > 1 ? concat([before, x], 2) : x;
  const at = stepsOf(call, seen.shape.slice(2), [k]);
  const y = toFirst(biased(call, eachChannel(toLast(seen), w, at) as Tensor));
  const state = slice(seen, [0, 0, (seen.shape[2] as number) - (k - 1)], [n, channels, k - 1]);
  return [activation === 'none' ? y : mul(y, sigmoid(y)), state];
}

export const convolutions: Definitions = {
  Conv: define(conv, { weights: [1, 2] }),
  ConvTranspose: define(convTransposed, { weights: [1, 2] }),
  CausalConvWithState: define({ 27: causal }, { weights: [1, 2] }),
};
