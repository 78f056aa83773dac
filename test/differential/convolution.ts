/** Calls of the differential run: convolutions. */
import { convolve, type Setting, wayOf } from '../tables/functions/windows';
import type { Call, Kit, Random, Row } from './differential';
import { fusion, type Judged, judged } from './linear';

/** A window over an image, square where TensorFlow.js needs that for padding in numbers. */
interface Drawn {
  readonly size: number[];
  readonly window: number[];
  readonly strides: number[];
  readonly dilations: number[];
  readonly pad: 'valid' | 'same' | number;
  readonly rounding: 'floor' | 'round' | 'ceil' | undefined;
  readonly setting: Setting;
  readonly name: string;
}

/** @param wild with what TensorFlow.js gets wrong: padding in numbers for windows that are not square. */
export function draw(r: Random, dims: number, wild = false): Drawn {
  const kind = wild ? 'number' : r.pick(['valid', 'same', 'number'] as const);
  const isSquare = kind === 'number' && !wild;
  const spread = <T>(one: () => T): T[] => {
    const first = one();
    return Array.from({ length: dims }, () => (isSquare ? first : one()));
  };
  const window = spread(() => r.int(1, 3));
  const isDilated = r.pick([true, false, false]);
  const strides = isDilated ? new Array<number>(dims).fill(1) : spread(() => r.int(1, 3));
  const dilations = isDilated ? spread(() => r.int(1, 3)) : new Array<number>(dims).fill(1);
  const size = window.map((w, d) => (w - 1) * (dilations[d] as number) + r.int(1, 6));
  const pad = kind === 'number' ? r.int(0, 2) : kind;
  const rounding = kind === 'number' ? r.pick([undefined, 'floor', 'round', 'ceil'] as const) : undefined;
  return {
    size,
    window,
    strides,
    dilations,
    pad,
    rounding,
    setting: { strides, dilations, pad, rounding },
    name: `window ${window}, strides ${strides}, pad ${pad}, dilations ${dilations}, ${rounding}`,
  };
}

/** An image of [batch, ...size, channels], now and then without its batch. */
const image = (r: Random, size: readonly number[], c: number) =>
  r.operand(r.pick([true, true, false]) ? [r.int(1, 3), ...size, c] : [...size, c]);

const planar = (r: Random, name: 'conv2d' | 'depthwiseConv2d'): Call => {
  const d = draw(r, 2);
  const c = r.int(1, 6);
  return {
    name: d.name,
    operands: [image(r, d.size, c), r.operand([...d.window, c, r.int(1, 4)])],
    run: (kit, x, f) => kit[name](x, f, d.strides, d.pad, 'NHWC', d.dilations, d.rounding),
  };
};

/** Dilations take part only in what is neither strided nor transposed. */
function undilated(r: Random, dims: number): Drawn {
  let d = draw(r, dims);
  while (d.dilations.some((v) => v > 1)) d = draw(r, dims);
  return d;
}

function transposed(r: Random, dims: 2 | 3): Call {
  let d = undilated(r, dims);
  // Positions that are rounded up have no room in TensorFlow.js' gradients.
  while (d.rounding === 'ceil' || d.rounding === 'round') d = undilated(r, dims);
  const [n, c, oc] = [r.int(1, 2), r.int(1, 4), r.int(1, 4)];
  const counts = wayOf(d.size, d.window, d.setting).map((w) => w.count);
  const shape = [n, ...d.size, c];
  return {
    name: `${d.name} to [${shape}]`,
    operands: [r.operand([n, ...counts, oc]), r.operand([...d.window, c, oc])],
    run: (kit, y, f) =>
      dims === 2
        ? kit.conv2dTranspose(y, f, shape, d.strides, d.pad, d.rounding)
        : kit.conv3dTranspose(y, f, shape, d.strides, d.pad),
  };
}

/** A volume without what TensorFlow.js gets wrong: 'same' with strides beyond the window, padding for windows not cubic. */
function volume(r: Random): Drawn {
  const isFine = (d: Drawn): boolean =>
    d.rounding === undefined &&
    (d.pad !== 'same' || d.strides.every((s, i) => s <= (d.window[i] as number))) &&
    (typeof d.pad !== 'number' || d.dilations.every((v) => v === 1));
  let d = draw(r, 3);
  while (!isFine(d)) d = draw(r, 3);
  return d;
}

const fused = (r: Random, name: 'conv2d' | 'depthwiseConv2d'): Call => {
  const d = draw(r, 2);
  const [c, m] = [r.int(1, 5), r.int(1, 4)];
  const oc = name === 'conv2d' ? m : c * m;
  const f = fusion(r);
  return {
    name: `${d.name}, ${f.name}`,
    operands: [
      image(r, d.size, c),
      r.operand([...d.window, c, m]),
      r.operand([oc]),
      r.operand([oc], 'float32', 0.1, 0.5),
    ],
    run: (kit: Kit, x, filter, bias, alpha) =>
      kit.fused[name]({
        x,
        filter,
        strides: d.strides,
        pad: d.pad,
        dilations: d.dilations,
        dimRoundingMode: d.rounding,
        ...f.args(bias, alpha),
      }),
  };
};

export const convolution: readonly Row[] = [
  {
    op: 'conv1d',
    count: 40,
    make(r) {
      let d = draw(r, 1);
      while (d.pad !== 'valid' && d.pad !== 'same') d = draw(r, 1);
      const c = r.int(1, 5);
      return {
        name: d.name,
        operands: [image(r, d.size, c), r.operand([...d.window, c, r.int(1, 4)])],
        run: (kit, x, f) => kit.conv1d(x, f, d.strides[0], d.pad, 'NWC', d.dilations[0]),
      };
    },
  },
  {
    op: 'conv1d with padding in numbers',
    count: 20,
    fault: 'pads the height of 1 as well, and cannot take the rows away again',
    truth: judged,
    make(r): Judged {
      let d = draw(r, 1);
      while (typeof d.pad !== 'number' || d.pad === 0) d = draw(r, 1);
      const c = r.int(1, 3);
      const [x, f] = [r.operand([r.int(1, 2), ...d.size, c]), r.operand([...d.window, c, 2])];
      return {
        name: d.name,
        operands: [x, f],
        run: (kit, t, w) => kit.conv1d(t, w, d.strides[0], d.pad, 'NWC', d.dilations[0], d.rounding),
        expected: () => convolve(x, f, d.setting),
      };
    },
  },
  { op: 'conv2d', count: 80, make: (r) => planar(r, 'conv2d') },
  {
    op: 'conv2d with padding in numbers, not square',
    count: 40,
    fault: 'takes the height of the window for its width',
    truth: judged,
    make(r): Judged {
      const d = draw(r, 2, true);
      const c = r.int(1, 3);
      const [x, f] = [r.operand([1, ...d.size, c]), r.operand([...d.window, c, 2])];
      return {
        name: d.name,
        operands: [x, f],
        run: (kit, t, w) => kit.conv2d(t, w, d.strides, d.pad, 'NHWC', d.dilations, d.rounding),
        expected: () => convolve(x, f, d.setting),
      };
    },
  },
  { op: 'depthwiseConv2d', count: 80, make: (r) => planar(r, 'depthwiseConv2d') },
  {
    op: 'separableConv2d',
    count: 40,
    make(r) {
      let d = draw(r, 2);
      while (d.rounding !== undefined) d = draw(r, 2);
      const [c, m] = [r.int(1, 4), r.int(1, 3)];
      return {
        name: d.name,
        operands: [image(r, d.size, c), r.operand([...d.window, c, m]), r.operand([1, 1, c * m, r.int(1, 4)])],
        run: (kit, x, f, p) => kit.separableConv2d(x, f, p, d.strides, d.pad, d.dilations),
      };
    },
  },
  { op: 'conv2dTranspose', count: 60, make: (r) => transposed(r, 2) },
  {
    op: 'conv3d',
    count: 60,
    make(r) {
      const d = volume(r);
      const c = r.int(1, 3);
      return {
        name: d.name,
        operands: [image(r, d.size, c), r.operand([...d.window, c, r.int(1, 3)])],
        run: (kit, x, f) => kit.conv3d(x, f, d.strides, d.pad, 'NDHWC', d.dilations),
      };
    },
  },
  {
    op: 'conv3d, same, strides beyond the window',
    count: 20,
    fault: 'pads by a negative number',
    truth: judged,
    make(r): Judged {
      const [window, strides] = [r.shape(3, 2), [3, r.int(2, 3), 3]];
      const size = window.map((w) => w + r.int(1, 5));
      const setting: Setting = { strides, pad: 'same' };
      const [x, f] = [r.operand([1, ...size, 1]), r.operand([...window, 1, 2])];
      return {
        name: `strides ${strides}`,
        operands: [x, f],
        run: (kit, t, w) => kit.conv3d(t, w, strides, 'same'),
        expected: () => convolve(x, f, setting),
      };
    },
  },
  {
    op: 'conv3dTranspose',
    count: 40,
    make(r) {
      let call = transposed(r, 3);
      // As for conv3d.
      const strides = (c: Call): boolean => c.name.includes('pad same') && /strides [^p]*[23]/.test(c.name);
      while (strides(call)) call = transposed(r, 3);
      return call;
    },
  },
  { op: 'fused.conv2d', count: 60, make: (r) => fused(r, 'conv2d') },
  { op: 'fused.depthwiseConv2d', count: 60, make: (r) => fused(r, 'depthwiseConv2d') },
];
