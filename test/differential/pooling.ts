/** Calls of the differential run: poolings, dilation, normalizations. */
import { average, largest, pooled } from '../tables/functions/windows';
import { draw } from './convolution';
import type { Call, Random, Row } from './differential';
import { type Judged, judged } from './linear';

type Drawn = ReturnType<typeof draw>;

/** A window that meets a condition. */
function drawn(r: Random, dims: number, isFit: (d: Drawn) => boolean): Drawn {
  let d = draw(r, dims);
  while (!isFit(d)) d = draw(r, dims);
  return d;
}

/** Every window sees something: positions that are rounded up may lie in the padding altogether. */
const seesAll = (d: Drawn): boolean =>
  (d.rounding === undefined || d.rounding === 'floor') &&
  (typeof d.pad !== 'number' || d.window.every((w) => w > (d.pad as number)));
const plain = (d: Drawn): boolean => seesAll(d) && d.dilations.every((v) => v === 1);

const image = (r: Random, size: readonly number[]) =>
  r.operand(r.pick([true, true, false]) ? [r.int(1, 3), ...size, r.int(1, 5)] : [...size, r.int(1, 5)]);

const planar = (r: Random, name: 'maxPool' | 'avgPool'): Call => {
  const d = drawn(r, 2, plain);
  return {
    name: d.name,
    operands: [image(r, d.size)],
    run: (kit, x) => kit[name](x, d.window, d.strides, d.pad, d.rounding),
  };
};

const spatial = (r: Random, name: 'maxPool3d' | 'avgPool3d'): Call => {
  const d = drawn(
    r,
    3,
    (v) => plain(v) && (v.pad !== 'same' || v.strides.every((s, i) => s <= (v.window[i] as number))),
  );
  return {
    name: d.name,
    operands: [image(r, d.size)],
    run: (kit, x) => kit[name](x, d.window, d.strides, d.pad, d.rounding),
  };
};

const normalizing = (name: string, x: (r: Random) => number[], of: (shape: number[], r: Random) => number[]): Row => ({
  op: name,
  count: name === 'batchNorm' ? 40 : 15,
  make(r) {
    const shape = x(r);
    const statistics = of(shape, r);
    const [hasOffset, hasScale] = [r.pick([true, false]), r.pick([true, false])];
    return {
      name: `offset ${hasOffset}, scale ${hasScale}`,
      operands: [
        r.operand(shape),
        r.operand(statistics),
        r.operand(statistics, 'float32', 0.1, 2),
        r.operand(statistics),
        r.operand(statistics),
      ],
      run: (kit, t, mean, variance, offset, scale) =>
        kit[name](t, mean, variance, hasOffset ? offset : undefined, hasScale ? scale : undefined, 0.01),
    };
  },
});

const last = (shape: readonly number[]): number[] => shape.slice(-1);

/** Three dimensions, 'same', strides beyond the window. */
const jumping = (name: 'maxPool3d' | 'avgPool3d', fold: (v: readonly number[]) => number): Row => ({
  op: `${name}, same, strides beyond the window`,
  count: 20,
  fault: 'pads by a negative number',
  truth: judged,
  make(r): Judged {
    const [window, strides] = [r.shape(3, 2), [3, r.int(2, 3), 3]];
    const x = r.operand([1, ...window.map((w) => w + r.int(1, 5)), 2]);
    return {
      name: `${window}, strides ${strides}`,
      operands: [x],
      run: (kit, t) => kit[name](t, window, strides, 'same'),
      expected: () => pooled(x, window, { strides, pad: 'same' }, fold),
    };
  },
});

export const pooling: readonly Row[] = [
  { op: 'maxPool', count: 60, make: (r) => planar(r, 'maxPool') },
  { op: 'avgPool', count: 60, make: (r) => planar(r, 'avgPool') },
  {
    op: 'pool',
    count: 60,
    make(r) {
      const d = drawn(r, 2, (v) => seesAll(v) && (v.pad === 'valid' || plain(v)));
      const type = r.pick(['max', 'avg']);
      return {
        name: `${type}, ${d.name}`,
        operands: [image(r, d.size)],
        run: (kit, x) => kit.pool(x, d.window, type, d.pad, d.dilations, d.strides),
      };
    },
  },
  {
    op: 'pool, dilated and padded',
    count: 30,
    fault: 'counts the padding as zeros, and forgets padding in numbers',
    truth: judged,
    make(r): Judged {
      const d = drawn(r, 2, (v) => seesAll(v) && v.pad !== 'valid' && v.dilations.some((k) => k > 1));
      const type = r.pick(['max', 'avg'] as const);
      const x = r.operand([1, ...d.size, 2]);
      return {
        name: `${type}, ${d.name}`,
        operands: [x],
        run: (kit, t) => kit.pool(t, d.window, type, d.pad, d.dilations, d.strides),
        expected: () => pooled(x, d.window, d.setting, type === 'max' ? largest : average),
      };
    },
  },
  { op: 'maxPool3d', count: 40, make: (r) => spatial(r, 'maxPool3d') },
  { op: 'avgPool3d', count: 40, make: (r) => spatial(r, 'avgPool3d') },
  jumping('maxPool3d', largest),
  jumping('avgPool3d', average),
  {
    op: 'maxPoolWithArgmax',
    count: 40,
    make(r) {
      const d = drawn(r, 2, plain);
      const withBatch = r.pick([true, false]);
      return {
        name: `${d.name}, ${withBatch}`,
        operands: [r.operand([r.int(1, 3), ...d.size, r.int(1, 5)])],
        run(kit, x) {
          const { result, indexes } = kit.maxPoolWithArgmax(x, d.window, d.strides, d.pad, withBatch);
          return [result, indexes];
        },
      };
    },
  },
  {
    op: 'dilation2d',
    count: 60,
    make(r) {
      const d = drawn(r, 2, (v) => seesAll(v) && typeof v.pad !== 'number');
      const c = r.int(1, 4);
      return {
        name: d.name,
        operands: [r.operand([r.int(1, 3), ...d.size, c]), r.operand([...d.window, c])],
        run: (kit, x, f) => kit.dilation2d(x, f, d.strides, d.pad, d.dilations),
      };
    },
  },
  normalizing(
    'batchNorm',
    (r) => r.shape(4, 4),
    (s, r) => r.pick([last(s), s]),
  ),
  normalizing(
    'batchNorm2d',
    (r) => r.shape(2, 5),
    (s, r) => r.pick([last(s), s]),
  ),
  normalizing(
    'batchNorm3d',
    (r) => r.shape(3, 4),
    (s, r) => r.pick([last(s), s]),
  ),
  normalizing(
    'batchNorm4d',
    (r) => r.shape(4, 4),
    (s, r) => r.pick([last(s), s]),
  ),
  {
    op: 'localResponseNormalization',
    count: 40,
    make(r) {
      const [radius, bias, alpha, beta] = [r.int(0, 4), r.float(0.5, 2), r.float(0, 2), r.pick([0.5, 0.75, 1, 0.3, 2])];
      return {
        name: `${radius}, ${bias}, ${alpha}, ${beta}`,
        operands: [r.operand(r.shape(r.int(3, 4), 6))],
        run: (kit, x) => kit.localResponseNormalization(x, radius, bias, alpha, beta),
      };
    },
  },
  {
    op: 'dropout',
    count: 10,
    make: (r) => ({ name: 'rate 0', operands: [r.operand(r.shape(2))], run: (kit, x) => kit.dropout(x, 0) }),
  },
];
