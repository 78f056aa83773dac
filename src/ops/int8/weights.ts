/** Weights of eight bits: tensors of which products are products of integers. */
import { engine } from '../../runtime/engine';
import type { Location, NamedOp } from '../../tensor/graph';
import { tidy } from '../../tensor/scope';
import { type Shape, sizeOf } from '../../tensor/shape';
import { Storage } from '../../tensor/storage';
import { allocate, type Coded, codedAt, handleAt, type Tensor } from '../../tensor/tensor';
import { apply } from '../core/dispatch';
import * as indexing from '../descriptors/indexing';
import * as int8 from '../descriptors/int8';
import type { MatMulAttrs } from '../descriptors/matmul';
import type { SliceAttrs } from '../descriptors/movement';
import type { WindowAttrs } from '../descriptors/window';
import { reshape, slice } from '../shape/shaping';
import { type Channels, fromIntegers, type Integers } from './channels';

/**
 * What the weights are used for: `product` for matrices and convolutions, [...k, ...n]; `depthwise` for [kh, kw, c, m];
 * `rows` for tables [n, width] whose rows are looked up.
 */
export type Int8Kind = 'product' | 'depthwise' | 'rows';

/** What there is to know of weights of eight bits, besides their integers and scales. */
export interface Int8Form {
  readonly kind: Int8Kind;
  /** Length of what shares a scale: k of a product, taps of a depthwise convolution, width of rows. */
  readonly inner: number;
  /** Number of scales. */
  readonly channels: number;
  /** Scale of the inputs; by default each row, or image, has its own. */
  readonly inputScale?: number | undefined;
}

/** The shape of the scales that are multiplied with weights of a shape as arrays broadcast. */
export function scaleShape({ kind, inner, channels }: Int8Form, shape: Shape): Shape {
  if (kind === 'rows') return [channels, 1];
  const split = shape.findIndex((_, i) => i > 0 && sizeOf(shape.slice(0, i)) === inner);
  return shape.slice(split);
}

/** How the channels follow each other in the weights' natural order. */
export const channelsOf = ({ kind, inner, channels }: Int8Form): Channels => ({
  count: channels,
  run: kind === 'rows' ? inner : 1,
});

/** Words of four integers. */
function wordsOf({ kind, inner, channels }: Int8Form): number[] {
  if (kind === 'product') return int8.panelShape(inner, channels);
  if (kind === 'depthwise') return int8.tapShape(1, inner, channels);
  return [channels, Math.ceil(inner / 4)];
}

/** Where element i of the weights is among the bytes of the words. */
function byteOf({ kind, inner, channels }: Int8Form): (i: number) => number {
  if (kind === 'rows') {
    const row = Math.ceil(inner / 4) * 4;
    return (i) => Math.floor(i / inner) * row + (i % inner);
  }
  const place = (i: number): [step: number, channel: number] => [Math.floor(i / channels), i % channels];
  if (kind === 'depthwise') {
    const width = Math.ceil(channels / 8) * 8;
    return (i) => {
      const [tap, c] = place(i);
      return tap * width + c;
    };
  }
  const pairs = Math.ceil(inner / 2);
  return (i) => {
    const [l, j] = place(i);
    return (((j >> 4) * pairs + (l >> 1)) * 16 + (j & 15)) * 2 + (l & 1);
  };
}

/** Columns [from, to) of the weights of a product. */
type Columns = readonly [from: number, to: number];

/** A part of the channels of weights: their words, scales, and the scale of the inputs, one after the other in memory. */
class Int8 implements Coded {
  readonly name = 'int8';
  readonly #columns: Columns;

  constructor(
    readonly form: Int8Form,
    columns?: Columns,
  ) {
    this.#columns = columns ?? [0, form.channels];
  }

  get #width(): number {
    return this.#columns[1] - this.#columns[0];
  }

  floats(place: Location, shape: Shape): Tensor {
    const out = allocate(shape, 'float32');
    const values = new Float32Array(this.form.inner * this.form.channels);
    fromIntegers(integersAt(place, this.form), channelsOf(this.form).run, values);
    const { f32 } = engine.memory;
    const at = out.address() >>> 2;
    const [from, to] = this.#columns;
    if (this.#width === this.form.channels) f32.set(values, at);
    else
      for (let l = 0; l < this.form.inner; l++)
        f32.set(values.subarray(l * this.form.channels + from, l * this.form.channels + to), at + l * this.#width);
    return out;
  }

  apply({ name: op }: NamedOp, index: number, inputs: readonly Tensor[], attrs: unknown): Tensor | undefined {
    const own = inputs[index] as Tensor;
    if (op === 'reshape') return this.#reshaped(own, (attrs as { shape: Shape }).shape);
    if (op === 'slice') return this.#sliced(own, attrs as SliceAttrs);
    if (op === 'gather' && index === 0) return this.#rows(own, inputs[1] as Tensor, attrs as indexing.IndexAttrs);
    return index === 1 ? this.#product(op, inputs[0] as Tensor, own, attrs) : undefined;
  }

  /** The same steps and channels in other dimensions. */
  #reshaped(own: Tensor, shape: Shape): Tensor | undefined {
    const isDivided =
      shape.some((_, i) => sizeOf(shape.slice(0, i)) === this.form.inner) || sizeOf(shape) === this.form.inner;
    const fits =
      this.form.kind === 'product'
        ? isDivided
        : this.form.kind === 'depthwise' || shape[shape.length - 1] === this.form.inner;
    return fits ? codedAt(own.place('reshape'), shape, this) : undefined;
  }

  /** Some of the columns of a product's weights. */
  #sliced(own: Tensor, { begin, size, strides }: SliceAttrs): Tensor | undefined {
    const last = own.rank - 1;
    const isCut = own.shape.some((d, i) => i < last && size[i] !== d);
    if (this.form.kind !== 'product' || strides || isCut || own.shape[last] !== this.#width) return undefined;
    const from = this.#columns[0] + (begin[last] as number);
    return codedAt(own.place('slice'), size, new Int8(this.form, [from, from + (size[last] as number)]));
  }

  /** Rows of a table [1, 1, n, width] by indices [1, count]. */
  #rows(own: Tensor, indices: Tensor, attrs: indexing.IndexAttrs): Tensor | undefined {
    const { kind, inner, channels } = this.form;
    if (kind !== 'rows' || own.shape.join() !== `1,1,${channels},${inner}`) return undefined;
    return tidy(() => {
      const { words, scale } = partsAt(own.place('gather'), this.form);
      const width = words.shape[1] as number;
      const [w, s] = [
        apply(indexing.gather, [reshape(words, [1, 1, channels, width]), indices], attrs),
        apply(indexing.gather, [reshape(scale, [1, 1, channels, 1]), indices], attrs),
      ];
      const lead = w.shape.slice(0, -1);
      return apply(int8.int8Rows, [w, reshape(s, lead)], { width: inner });
    });
  }

  #product(op: string, x: Tensor, own: Tensor, attrs: unknown): Tensor | undefined {
    const { kind, inner } = this.form;
    const { shape } = own;
    const last = shape[shape.length - 1] as number;
    if (kind === 'depthwise') {
      const [kh, kw, c, m] = shape as [number, number, number, number];
      if (op !== 'depthwiseConv2d' || kh * kw !== inner) return undefined;
      return this.#convolution(int8.int8DepthwiseConv2d, x, own, attrs as WindowAttrs, int8.tapShape(kh, kw, c * m));
    }
    if (kind !== 'product' || last !== this.#width || sizeOf(shape.slice(0, -1)) !== inner) return undefined;
    if (op === 'conv2d') return this.#convolution(int8.int8Conv2d, x, own, attrs as WindowAttrs);
    const { transposeA, transposeB } = attrs as MatMulAttrs;
    if (op !== 'matMul' || shape.length !== 2 || transposeA || transposeB || x.shape[x.rank - 1] !== inner)
      return undefined;
    return this.#columnwise(own, (parts, channels, isGiven) =>
      apply(int8.int8MatMul, [x, ...parts], { channels, isGiven }),
    );
  }

  #convolution(
    op: typeof int8.int8Conv2d,
    x: Tensor,
    own: Tensor,
    { strides, dilations, padHeight, padWidth, positions }: WindowAttrs,
    shape?: Shape,
  ): Tensor | undefined {
    const [kh, kw, c] = own.shape as [number, number, number];
    if (own.rank !== 4 || x.shape[3] !== c) return undefined;
    const moves = { strides, dilations, padHeight, padWidth, positions, window: [kh, kw] as const };
    return this.#columnwise(own, ([words, ...rest], channels, isGiven) =>
      apply(op, [x, shape ? reshape(words as Tensor, shape) : (words as Tensor), ...rest], {
        ...moves,
        channels,
        isGiven,
      }),
    );
  }

  /** A product with the panels that the columns are in, and of its result the columns. */
  #columnwise(own: Tensor, product: (parts: Tensor[], channels: number, isGiven: boolean) => Tensor): Tensor {
    const [from, to] = this.#columns;
    return tidy(() => {
      const first = from - (from % 16);
      const { words, scale, inputScale } = partsAt(own.place('product'), this.form, [first, to]);
      const y = product([words, scale, ...(inputScale ? [inputScale] : [])], to - first, inputScale !== undefined);
      if (first === from) return y;
      const lead = y.shape.slice(0, -1);
      return slice(y, [...lead.map(() => 0), from - first], [...lead, to - from]);
    });
  }
}

/** Bytes of the words; the scales follow, then the scale of the inputs. */
const wordBytes = (form: Int8Form): number => sizeOf(wordsOf(form)) * 4;

interface Parts {
  readonly words: Tensor;
  readonly scale: Tensor;
  readonly inputScale: Tensor | undefined;
}

/** The parts as tensors of their own; `from` is the first column of a panel. */
function partsAt({ storage, offset }: Location, form: Int8Form, [from, to]: Columns = [0, form.channels]): Parts {
  const [panels, ...rest] = wordsOf(form) as [number, ...number[]];
  const isPart = form.kind === 'product';
  const at = (more: number, shape: Shape, dtype: 'int32' | 'float32'): Tensor =>
    handleAt({ storage, offset: offset + more }, { shape, dtype });
  const skipped = isPart ? (from / 16) * sizeOf(rest) * 4 : 0;
  return {
    words: at(skipped, isPart ? [Math.ceil((to - from) / 16), ...rest] : [panels, ...rest], 'int32'),
    scale: at(wordBytes(form) + from * 4, [to - from], 'float32'),
    inputScale: form.inputScale === undefined ? undefined : at(wordBytes(form) + form.channels * 4, [1], 'float32'),
  };
}

/** The integers in memory, in the natural order of the weights. */
function integersAt({ storage, offset }: Location, form: Int8Form): Integers {
  const start = storage.address + offset;
  const bytes = new Int8Array(engine.memory.f32.buffer, start, wordBytes(form));
  const at = (start + wordBytes(form)) >>> 2;
  return { data: integersOf(bytes, form), scales: engine.memory.f32.slice(at, at + form.channels) };
}

/** The integers of words, in the natural order of the weights. */
export function integersOf(bytes: Int8Array, form: Int8Form): Int8Array {
  const place = byteOf(form);
  return Int8Array.from({ length: form.inner * form.channels }, (_, i) => bytes[place(i)] as number);
}

/** Puts integers, in the natural order of the weights, into memory as products read them. */
export function encodeInt8({ data, scales }: Integers, form: Int8Form): { location: Location; coded: Coded } {
  const bytes = wordBytes(form);
  const storage = new Storage(bytes + (form.channels + 1) * 4, 'variables');
  const words = new Int8Array(engine.memory.f32.buffer, storage.address, bytes).fill(0);
  const place = byteOf(form);
  for (let i = 0; i < data.length; i++) words[place(i)] = data[i] as number;
  const at = (storage.address + bytes) >>> 2;
  engine.memory.f32.set(scales, at);
  engine.memory.f32[at + form.channels] = form.inputScale ?? 0;
  return { location: { storage, offset: 0 }, coded: new Int8(form) };
}

/** Form and integers of weights of eight bits; undefined for other tensors. */
export function int8Of(t: Tensor): { form: Int8Form; integers: Integers } | undefined {
  const { coded } = t;
  return coded instanceof Int8 ? { form: coded.form, integers: integersAt(t.place('int8'), coded.form) } : undefined;
}
