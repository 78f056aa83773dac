/** Calls of the differential run: functions on images. */
import { at, build, type Nd } from '../tables/gradients/float64';
import type { Call, Kit, Random, Row } from './differential';
import { type Judged, judged } from './linear';

const resizing = (r: Random, name: 'resizeBilinear' | 'resizeNearestNeighbor'): Call => {
  const size = [r.int(1, 9), r.int(1, 9)];
  const [corners, half] = r.pick([
    [false, false],
    [true, false],
    [false, true],
  ]);
  const dtype = name === 'resizeNearestNeighbor' ? r.pick(['float32', 'int32'] as const) : 'float32';
  return {
    name: `to [${size}], ${corners}, ${half}`,
    operands: [r.operand(r.shape(r.int(3, 4), 6), dtype, -9, 9)],
    run: (kit, x) => kit.image[name](x, size, corners, half),
  };
};

/** Near the identity, so that most pixels lie inside. */
const matrices = (r: Random, n: number) => {
  const noise = r.operand([n, 8], 'float32', -0.3, 0.3);
  const base = [1, 0, r.float(-1, 1), 0, 1, r.float(-1, 1), 0, 0];
  return { ...noise, data: noise.data.map((v, i) => Math.fround((base[i % 8] as number) + (i % 8 > 5 ? v / 10 : v))) };
};

const transforming = (r: Random, n: number): Call => {
  const method = r.pick(['nearest', 'bilinear']);
  const mode = r.pick(['constant', 'reflect', 'wrap', 'nearest']);
  const fill = r.float();
  const size = r.pick([undefined, [r.int(1, 6), r.int(1, 6)]]);
  return {
    name: `${method}, ${mode}, ${fill}, [${size}]`,
    operands: [r.operand([n, r.int(2, 6), r.int(2, 6), r.int(1, 3)]), matrices(r, r.pick([1, n]))],
    run: (kit, x, t) => kit.image.transform(x, t, method, mode, fill, size),
  };
};

/** Boxes whose corners stand in any order, and scores that differ. */
const boxes = (r: Random) => {
  const n = r.int(1, 12);
  return [r.operand([n, 4], 'float32', 0, 1), r.operand([n], 'float32', 0, 1)];
};

type Choose = (kit: Kit, b: unknown, s: unknown, ...rest: number[]) => unknown;

const suppressing = (op: string, choose: Choose): Row => ({
  op,
  count: 30,
  make(r) {
    const [most, iou, score] = [r.int(1, 12), r.float(0.1, 0.9), r.pick([Number.NEGATIVE_INFINITY, 0.3])];
    return {
      name: `${most}, ${iou}, ${score}`,
      operands: boxes(r),
      run: (kit, b, s) => choose(kit, b, s, most, iou, score) as never,
    };
  },
});

export const image: readonly Row[] = [
  { op: 'image.resizeBilinear', count: 60, make: (r) => resizing(r, 'resizeBilinear') },
  { op: 'image.resizeNearestNeighbor', count: 60, make: (r) => resizing(r, 'resizeNearestNeighbor') },
  {
    op: 'image.flipLeftRight',
    count: 20,
    make: (r) => ({ name: '', operands: [r.operand(r.shape(4))], run: (kit, x) => kit.image.flipLeftRight(x) }),
  },
  {
    op: 'image.grayscaleToRGB',
    count: 20,
    make: (r) => ({
      name: '',
      operands: [r.operand([...r.shape(r.int(1, 3)), 1], r.pick(['float32', 'int32'] as const), 0, 255)],
      run: (kit, x) => kit.image.grayscaleToRGB(x),
    }),
  },
  {
    op: 'image.rgbToGrayscale',
    make: (r) => ({
      name: '',
      operands: [r.operand([...r.shape(r.int(1, 4)), 3], r.pick(['float32', 'int32'] as const), 0, 255)],
      run: (kit, x) => kit.image.rgbToGrayscale(x),
    }),
  },
  {
    op: 'image.threshold',
    make(r) {
      const [method, inverted, value] = [r.pick(['binary', 'otsu']), r.pick([true, false]), r.float(0.2, 0.8)];
      return {
        name: `${method}, ${inverted}, ${value}`,
        operands: [r.operand([r.int(2, 6), r.int(2, 6), r.pick([1, 3])], 'int32', 0, 255)],
        run: (kit, x) => kit.image.threshold(x, method, inverted, value),
      };
    },
  },
  {
    op: 'image.cropAndResize',
    count: 60,
    bound: 1e-5,
    make(r) {
      const [n, m] = [r.int(1, 3), r.int(1, 4)];
      const size = [r.int(1, 6), r.int(1, 6)];
      const [method, fill] = [r.pick(['bilinear', 'nearest']), r.float()];
      return {
        name: `[${size}], ${method}, ${fill}`,
        operands: [
          r.operand([n, r.int(1, 6), r.int(1, 6), r.int(1, 3)]),
          r.operand([m, 4], 'float32', -0.3, 1.3),
          r.operand([m], 'int32', 0, n - 1),
        ],
        run: (kit, x, b, i) => kit.image.cropAndResize(x, b, i, size, method, fill),
      };
    },
  },
  { op: 'image.transform', count: 60, bound: 1e-5, make: (r) => transforming(r, 1) },
  {
    op: 'image.transform of several images',
    count: 20,
    bound: 1e-5,
    fault: 'leaves all images but the first unchanged',
    truth: judged,
    make(r): Judged {
      // Shifts by whole pixels, whose truth is plain.
      const [n, h, w] = [r.int(2, 3), r.int(2, 5), r.int(2, 5)];
      const x = r.operand([n, h, w, 2]);
      const shifts = Array.from({ length: n }, () => [r.int(-2, 2), r.int(-2, 2)] as const);
      const t = {
        shape: [n, 8],
        dtype: 'float32' as const,
        data: Float64Array.from(shifts.flatMap(([dx, dy]) => [1, 0, dx, 0, 1, dy, 0, 0])),
      };
      return {
        name: JSON.stringify(shifts),
        operands: [x, t],
        run: (kit, a, b) => kit.image.transform(a, b, 'nearest', 'constant', -1),
        expected: (): Nd =>
          build([n, h, w, 2], (index) => {
            const [image, row, column, channel] = index as [number, number, number, number];
            const [dx, dy] = shifts[image] as readonly [number, number];
            const [y, x2] = [row + dy, column + dx];
            return y < 0 || y >= h || x2 < 0 || x2 >= w ? -1 : at(x, [image, y, x2, channel]);
          }),
      };
    },
  },
  {
    op: 'image.rotateWithOffset',
    count: 40,
    make(r) {
      const c = r.pick([1, 3, 4]);
      const fill = c === 1 ? r.float() : [1, 2, 3];
      const [radians, center] = [r.float(-7, 7), r.pick([0.5, 0.2, [0.3, 0.8]])];
      return {
        name: `${radians}, ${fill}, ${center}`,
        operands: [r.operand([r.int(1, 3), r.int(1, 6), r.int(1, 6), c])],
        run: (kit, x) => kit.image.rotateWithOffset(x, radians, fill, center),
      };
    },
  },
  suppressing('image.nonMaxSuppression', (kit, b, s, ...rest) => kit.image.nonMaxSuppression(b, s, ...rest)),
  suppressing('image.nonMaxSuppressionAsync', (kit, b, s, ...rest) => kit.image.nonMaxSuppressionAsync(b, s, ...rest)),
  suppressing('image.nonMaxSuppressionWithScore', (kit, b, s, ...rest) => {
    const kept = kit.image.nonMaxSuppressionWithScore(b, s, ...rest, 0.5);
    return [kept.selectedIndices, kept.selectedScores];
  }),
  suppressing('image.nonMaxSuppressionPadded', (kit, b, s, ...rest) => {
    const kept = kit.image.nonMaxSuppressionPadded(b, s, ...rest, true);
    return [kept.selectedIndices, kept.validOutputs];
  }),
  {
    op: 'browser.fromPixels',
    count: 10,
    make(r) {
      const [width, height, channels] = [r.int(1, 5), r.int(1, 5), r.pick([1, 3, 4])];
      const data = Uint8Array.from({ length: width * height * 4 }, () => r.int(0, 255));
      return {
        name: `${width} x ${height}, ${channels}`,
        operands: [],
        run: (kit) => kit.browser.fromPixels({ data, width, height }, channels),
      };
    },
  },
];
