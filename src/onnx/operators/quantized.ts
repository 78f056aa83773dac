/** Numbers as integers of a few bits with a scale, and exact products of such integers. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import type { Value } from '../../graph/core/value';
import { cast } from '../../ops/core/cast';
import { fill, tensor } from '../../ops/create/creation';
import { matMul } from '../../ops/linear/products';
import * as sg from '../../ops/math/arithmetic';
import { max, min } from '../../ops/math/reduce';
import { concat, pad, reshape, slice, transpose } from '../../ops/shape/shaping';
import { takeSlice } from '../../ops/shape/slicing';
import { sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { type Definitions, define, fixed, same, type TypeRule, typeAttribute } from './define';
import { axisOf, isInteger, outputType, rangeOf } from './operands';
import { stepsOf } from './vision/window';

/** Scales or zero points in a shape that broadcasts with x: one for all, for each place of an axis, or for each block. */
function spread(call: Call, t: Tensor, shape: readonly number[]): Tensor {
  if (t.size === 1 && t.rank <= 1) return reshape(t, []);
  const axis = axisOf(call, call.wholeOf('axis', 1), shape.length);
  const block = call.wholeOf('block_size', 0);
  if (t.rank === 1 && block === 0)
    return reshape(
      t,
      shape.map((_, i) => (i === axis ? t.size : 1)),
    );
  if (t.rank !== shape.length || block < 1)
    throw call.fail(`scales [${String(t.shape)}] do not fit [${String(shape)}] in blocks of ${block}`);
  // Each block's number for all of its elements.
  const wide = t.shape.flatMap((d, i) => (i === axis ? [d, 1] : [d]));
  const repeated = sg.broadcastTo(
    reshape(t, wide),
    wide.map((d, i) => (i === axis + 1 ? block : d)),
  );
  const all = reshape(
    repeated,
    t.shape.map((d, i) => (i === axis ? d * block : d)),
  );
  return slice(
    all,
    shape.map(() => 0),
    shape,
  );
}

/** Numbers to the nearest integers of a type. */
function saturated(call: Call, x: Tensor, type: string): Tensor {
  if (!isInteger(type)) throw call.fail(`quantizes to integers, not to ${type}`);
  const [low, high] = rangeOf(type);
  return cast(sg.clipByValue(x, Number(low), Number(high)), 'int32');
}

function quantize(call: Call): Value {
  const x = cast(call.tensor(0), 'float32');
  const steps = sg.round(sg.div(x, spread(call, call.tensor(1), x.shape)));
  const moved = call.has(2) ? sg.add(steps, cast(spread(call, call.tensor(2), x.shape), 'float32')) : steps;
  return saturated(call, moved, outputType(call) ?? 'uint8');
}

function dequantize(call: Call): Value {
  const x = call.tensor(0);
  const centered = call.has(2) ? sg.sub(x, spread(call, call.tensor(2), x.shape)) : x;
  return sg.mul(cast(centered, 'float32'), spread(call, call.tensor(1), x.shape));
}

/** To uint8, with the scale and zero point that the numbers ask for. */
function quantizeDynamically(call: Call): readonly Value[] {
  const x = call.tensor(0);
  const [low, high] = [sg.minimum(min(x), 0), sg.maximum(max(x), 0)];
  const scale = sg.div(sg.sub(high, low), 255);
  const zero = sg.round(sg.clipByValue(sg.divNoNan(sg.neg(low), scale), 0, 255));
  const y = sg.clipByValue(sg.add(sg.round(sg.divNoNan(x, scale)), zero), 0, 255);
  return [cast(y, 'int32'), scale, cast(zero, 'int32')];
}

/** Integers without their zero point, which is one, or one for each row or column. */
function centered(call: Call, i: number, zero: number, axis: number): Tensor {
  const x = call.tensor(i);
  if (!call.has(zero)) return x;
  const t = call.tensor(zero);
  if (t.size === 1) return sg.sub(x, reshape(t, []));
  if (t.rank > 1) return sg.sub(x, t);
  return sg.sub(x, reshape(t, axis === -1 ? [t.size] : [t.size, ...new Array<number>(-1 - axis).fill(1)]));
}

const integerProduct: Operator = (call) => matMul(centered(call, 0, 2, -2), centered(call, 1, 3, -1));

/** Scales of a product as they multiply it: those of rows, those of columns. */
function scaleOf(call: Call, i: number, isRows: boolean): Tensor {
  const t = call.tensor(i);
  return t.size === 1 ? reshape(t, []) : t.rank === 1 && isRows ? reshape(t, [t.size, 1]) : t;
}

/** An exact sum as integers of a type. */
function requantized(call: Call, sum: Tensor, factor: Tensor, zero: number): Tensor {
  const y = sg.round(sg.mul(cast(sum, 'float32'), factor));
  const moved = call.has(zero) ? sg.add(y, cast(reshape(call.tensor(zero), []), 'float32')) : y;
  return saturated(call, moved, outputType(call) ?? 'uint8');
}

function quantizedProduct(call: Call): Value {
  const sum = matMul(centered(call, 0, 2, -2), centered(call, 3, 5, -1));
  const factor = sg.div(sg.mul(scaleOf(call, 1, true), scaleOf(call, 4, false)), scaleOf(call, 6, true));
  return requantized(call, sum, factor, 7);
}

/** Exact sums of products of a kernel over x, channels first: a product of matrices for each tap. */
function integerConv(call: Call, x: Tensor, kernel: Tensor): Tensor {
  const groups = call.wholeOf('group', 1);
  const [n, channels] = x.shape as [number, number];
  const [filters, depth] = kernel.shape as [number, number];
  if (groups < 1 || channels !== depth * groups || filters % groups)
    throw call.fail(`kernels [${String(kernel.shape)}] do not fit [${String(x.shape)}] in ${groups} groups`);
  const size = kernel.shape.slice(2);
  const steps = stepsOf(call, x.shape.slice(2), size);
  const positions = steps.map(({ count }) => count);
  const strides = steps.map(({ stride }) => stride);
  const dims = positions.length;
  const spatial = Array.from({ length: dims }, (_, d) => d);
  const amounts = [[0, 0], ...steps.map((s) => s.pad), [0, 0]] as [number, number][];
  const last = pad(transpose(x, [0, ...spatial.map((d) => d + 2), 1]), amounts);
  const taps = reshape(transpose(kernel, [...spatial.map((d) => d + 2), 1, 0]), [sizeOf(size), depth, filters]);
  const each = filters / groups;
  const parts = Array.from({ length: groups }, (_, g) => {
    let total: Tensor | undefined;
    for (let tap = 0; tap < sizeOf(size); tap++) {
      let rest = tap;
      const at = new Array<number>(dims);
      for (let d = dims - 1; d >= 0; d--) {
        at[d] = (rest % (size[d] as number)) * (steps[d]?.dilation ?? 1);
        rest = Math.floor(rest / (size[d] as number));
      }
      const rows = takeSlice(last, [0, ...at, g * depth], [n, ...positions, depth], [1, ...strides, 1]);
      const columns = reshape(slice(taps, [tap, 0, g * each], [1, depth, each]), [depth, each]);
      const product = matMul(reshape(rows, [-1, depth]), columns);
      total = total ? sg.add(total, product) : product;
    }
    return total ?? fill([n * sizeOf(positions), each], 0, 'int32');
  });
  const y = reshape(parts.length > 1 ? concat(parts, 1) : (parts[0] as Tensor), [n, ...positions, filters]);
  return transpose(y, [0, dims + 1, ...spatial.map((d) => d + 1)]);
}

/** A vector of one number for each filter, the first dimension of kernels. */
const perFilter = (t: Tensor, rank: number): Tensor =>
  t.size === 1 ? reshape(t, []) : reshape(t, [t.size, ...new Array<number>(Math.max(0, rank - 1)).fill(1)]);

const withoutZero = (call: Call, i: number, zero: number): Tensor => {
  const x = call.tensor(i);
  return call.has(zero) ? sg.sub(x, perFilter(call.tensor(zero), x.rank)) : sg.add(x, tensor(0, [], 'int32'));
};

const integerConvolution: Operator = (call) => integerConv(call, withoutZero(call, 0, 2), withoutZero(call, 1, 3));

function quantizedConvolution(call: Call): Value {
  const sums = integerConv(call, withoutZero(call, 0, 2), withoutZero(call, 3, 5));
  const rank = sums.rank - 1;
  const biased = call.has(8) ? sg.add(sums, perFilter(call.tensor(8), rank)) : sums;
  const one = (i: number): Tensor => reshape(call.tensor(i), []);
  const factor = sg.div(sg.mul(one(1), perFilter(call.tensor(4), rank)), one(6));
  return requantized(call, biased, factor, 7);
}

const INT32 = { types: fixed('int32') };

const quantizedType: TypeRule = ({ inputs, attributes, outputCount }) =>
  new Array(outputCount).fill(inputs[2] ?? typeAttribute(attributes, 'output_dtype') ?? 'uint8');

const scaledType: TypeRule = ({ inputs, attributes, outputCount }) =>
  new Array(outputCount).fill(typeAttribute(attributes, 'output_dtype') ?? inputs[1]);

export const quantized: Definitions = {
  QuantizeLinear: define({ 10: quantize }, { types: quantizedType }),
  DequantizeLinear: define({ 10: dequantize }, { types: scaledType, weights: [0] }),
  DynamicQuantizeLinear: define({ 11: quantizeDynamically }, { types: fixed('uint8', 'float32', 'uint8') }),
  MatMulInteger: define({ 10: integerProduct }, INT32),
  QLinearMatMul: define({ 10: quantizedProduct }, { types: same(7) }),
  ConvInteger: define({ 10: integerConvolution }, INT32),
  QLinearConv: define({ 10: quantizedConvolution }, { types: same(7) }),
};
