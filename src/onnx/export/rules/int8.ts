/** Products with weights of eight bits: x is rounded to integers, and products of integers are added up exactly. */
import type { AttrsOf, Int8Ops } from '../../../ops/core/table';
import type { Int8ConvAttrs } from '../../../ops/descriptors/int8';
import { type Int8Kind, integersOf } from '../../../ops/int8/weights';
import { type Call, fixed, isOpen, NoForm, type Num, Operand, type RulesOf, type Value } from '../call';
import { int, type Stored } from '../graph';
import type { Sized } from '../numbers';
import type { Step } from '../unify';
import { channelsLast, TO_FIRST, windowAttributes } from './windows';

type Rules = RulesOf<Int8Ops>;
type Attrs = Sized<AttrsOf<'int8MatMul'>>;

/** What the words of weights are made of. @throws NoForm for weights that are computed */
function storedIn(words: Value): () => Stored {
  if (!words.stored) throw new NoForm('its weights are computed; in ONNX they are stored integers');
  return words.stored;
}

/** The integers of stored words, in the order of the weights. */
function integers(
  c: Call,
  words: Value,
  kind: Int8Kind,
  inner: number,
  channels: number,
  shape: readonly number[],
): Value {
  const stored = storedIn(words);
  return c.graph.stored(words.name, shape, 'int8', () => {
    const { buffer, byteOffset, byteLength } = stored();
    return integersOf(new Int8Array(buffer, byteOffset, byteLength), { kind, inner, channels });
  });
}

/** x as whole numbers in float32, and its scale: given, or the greatest |x| / 127 along axes. */
function rounded(c: Call<Attrs>, x: Value, axes: readonly number[]): { q: Value; scale: Value } {
  const { graph } = c;
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const spec = { shape: kept, type: 'float32' } as const;
  const scale = c.attrs.isGiven ? c.value(3) : measured(c, x, axes, kept);
  // Rows of zeros have the scale 0.
  const isZero = graph.node('Equal', [scale, c.float(0)], { shape: scale.shape, type: 'bool' });
  const divisor = graph.node('Where', [isZero, c.float(1), scale], c.attrs.isGiven ? scale : spec);
  const whole = graph.node('Round', [graph.node('Div', [x, divisor], x)], x);
  return { q: graph.node('Clip', [whole, c.float(-127), c.float(127)], x), scale };
}

function measured(c: Call, x: Value, axes: readonly number[], kept: readonly Num[]): Value {
  const { graph } = c;
  const spec = { shape: kept, type: 'float32' } as const;
  const greatest = graph.node('ReduceMax', [graph.node('Abs', [x], x), graph.integers(axes)], spec);
  return graph.node('Div', [greatest, c.float(127)], spec);
}

/**
 * Sums of products, back in float32. The scales are multiplied one after the other: onnxruntime takes a product of scales
 * here for that of a whole tensor, and rows have their own.
 */
function scaled(c: Call, sums: Value, x: Value, channels: Value): Value {
  const spec = { shape: sums.shape, type: 'float32' } as const;
  return c.graph.node('Mul', [c.graph.node('Mul', [c.cast(sums, 'float32'), x], spec), channels], spec);
}

const int8MatMul: Rules['int8MatMul'] = (c) => {
  const x = c.value(0);
  const channels = fixed(c.attrs.channels);
  const k = fixed(x.shape[x.rank - 1] as Num);
  const w = integers(c, c.value(1), 'product', k, channels, [k, channels]);
  const { q, scale } = rounded(c, x, [x.rank - 1]);
  const sums = c.node('MatMulInteger', [c.cast(q, 'int8'), w], [], { type: 'int32' });
  return new Operand(scaled(c, sums, scale, c.value(2)));
};

/**
 * ConvInteger takes unsigned integers in some runtimes only: whole numbers are folded in float32 instead, which is exact
 * up to sums of 2²⁴, a thousand products of the largest integers.
 */
function convolution(c: Call<Sized<Int8ConvAttrs>>, isDepthwise: boolean): Operand {
  const { graph } = c;
  const x = graph.value(c.operand(0).permuted(TO_FIRST));
  const [kh, kw] = c.attrs.window.map(fixed) as [number, number];
  const channels = fixed(c.attrs.channels);
  const inputs = fixed(x.shape[1] as Num);
  const shape = isDepthwise ? [kh, kw, 1, channels] : [kh, kw, inputs, channels];
  const inner = isDepthwise ? kh * kw : kh * kw * inputs;
  const w = integers(c, c.value(1), isDepthwise ? 'depthwise' : 'product', inner, channels, shape);
  const filter = c.cast(graph.value(new Operand(w).permuted([3, 2, 0, 1])), 'float32');
  const { q, scale } = rounded(c, x, [1, 2, 3]);
  const attributes = windowAttributes(c.operand(0).shape, [kh, kw], c.attrs);
  if (isDepthwise) attributes.push(int('group', inputs));
  const out = TO_FIRST.map((i) => c.shape[i] as Num);
  const sums = c.node('Conv', [q, filter], attributes, { shape: out });
  const own = graph.reshape(c.value(2), [channels, 1, 1]);
  return channelsLast(scaled(c, sums, scale, own));
}

/** Rows of a table: looked up as integers, then scaled. */
const int8Rows: Rules['int8Rows'] = (c) => {
  const { graph } = c;
  const [rows, scales] = c.step.inputs as [Step, Step];
  const [table, indices] = rows.inputs as [Step, Step];
  const n = table.shape[2] as Num;
  const words = c.of(table).base;
  if (rows.op !== 'gather' || isOpen(n)) throw new NoForm('rows of int8 that are no table');
  const width = fixed(c.attrs.width);
  const w = integers(c, words, 'rows', width, n, [n, width]);
  const at = graph.reshape(c.graph.value(c.of(indices)), c.shape.slice(0, -1));
  const found = c.cast(c.node('Gather', [w, at], [], { type: 'int8' }), 'float32');
  return c.result('Mul', [found, graph.reshape(graph.value(c.of(scales)), [...c.shape.slice(0, -1), 1])]);
};

export const int8Rules: Rules = {
  int8MatMul,
  int8Conv2d: (c) => convolution(c, false),
  int8DepthwiseConv2d: (c) => convolution(c, true),
  int8Rows,
};
