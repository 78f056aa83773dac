/** Functions that wait, read values or speak to the runtime: no rows, as they can neither be traced nor differentiated. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { tensorOf } from '../tables/functions/checks';
import { boxesOf } from '../tables/functions/image';

describe('non-maximum suppression, as promises', () => {
  const { boxes, scores } = boxesOf(5, 10);
  const given = (): [sg.Tensor, sg.Tensor] => [tensorOf(boxes), tensorOf(scores)];

  it('gives what the functions that do not wait give', async () => {
    const [b, s] = given();
    const plain = sg.image.nonMaxSuppression(b, s, 6, 0.4, 0.1).dataSync();
    expect((await sg.image.nonMaxSuppressionAsync(b, s, 6, 0.4, 0.1)).dataSync()).toEqual(plain);
    const scored = await sg.image.nonMaxSuppressionWithScoreAsync(b, s, 6, 0.4, 0.1, 0.5);
    const own = sg.image.nonMaxSuppressionWithScore(b, s, 6, 0.4, 0.1, 0.5);
    expect(scored.selectedIndices.dataSync()).toEqual(own.selectedIndices.dataSync());
    expect(scored.selectedScores.dataSync()).toEqual(own.selectedScores.dataSync());
    const padded = await sg.image.nonMaxSuppressionPaddedAsync(b, s, 8, 0.1, 0, true);
    expect(padded.selectedIndices.shape).toEqual([8]);
    expect(padded.validOutputs.dataSync()).toEqual(
      sg.image.nonMaxSuppressionPadded(b, s, 8, 0.1, 0, true).validOutputs.dataSync(),
    );
  });

  it('takes arrays, whose tensors do not stay behind', () => {
    const before = sg.memory().numTensors;
    const kept = sg.image.nonMaxSuppression(
      [
        [0, 0, 1, 1],
        [0, 0, 1, 0.9],
        [2, 2, 1, 1],
      ],
      [0.5, 0.9, 0.1],
      3,
    );
    expect([...kept.dataSync()]).toEqual([1, 2]);
    kept.dispose();
    expect(sg.memory().numTensors).toBe(before);
  });

  it('rejects what does not fit, and being compiled', async () => {
    const [b, s] = given();
    expect(() => sg.image.nonMaxSuppression(b, [1, 2], 3)).toThrow(sg.ShapeError);
    expect(() => sg.image.nonMaxSuppression(b, s, 3, 1.5)).toThrow(sg.ArgumentError);
    expect(() => sg.image.nonMaxSuppressionWithScore(b, s, 3, 0.5, 0, 2)).toThrow(sg.ArgumentError);
    expect(() => sg.image.nonMaxSuppression(b, s, -1)).toThrow(sg.ArgumentError);
    await expect(sg.image.nonMaxSuppressionAsync(s, s, 3)).rejects.toThrow(sg.ShapeError);
    expect(() => sg.jit((x: sg.Tensor) => sg.image.nonMaxSuppression(x, s, 3))(b as sg.Tensor)).toThrow(sg.StateError);
  });
});

describe('browser', () => {
  const pixels = { width: 2, height: 1, data: Uint8ClampedArray.of(1, 2, 3, 4, 250, 251, 252, 253) };

  it('fromPixels takes the first channels', async () => {
    expect(sg.browser.fromPixels(pixels).arraySync()).toEqual([
      [
        [1, 2, 3],
        [250, 251, 252],
      ],
    ]);
    expect(sg.browser.fromPixels(pixels, 1).arraySync()).toEqual([[[1], [250]]]);
    const all = await sg.browser.fromPixelsAsync({ ...pixels, data: new Uint8Array(pixels.data) }, 4);
    expect(all.dtype).toBe('int32');
    expect([...all.dataSync()]).toEqual([...pixels.data]);
  });

  it('fromPixels reads canvases, and what is drawn to one, where the runtime has them', () => {
    const drawn: unknown[] = [];
    const context = {
      drawImage: (...args: unknown[]) => drawn.push(...args),
      getImageData: (_x: number, _y: number, width: number, height: number) => ({ ...pixels, width, height }),
    };
    class Bitmap {
      readonly width = 2;
      readonly height = 1;
    }
    class Canvas {
      constructor(
        readonly width: number,
        readonly height: number,
      ) {}
      getContext = () => context;
    }
    const runtime = globalThis as Record<string, unknown>;
    runtime.ImageBitmap = Bitmap;
    runtime.OffscreenCanvas = Canvas;
    try {
      const canvas = new Canvas(2, 1);
      expect([...sg.browser.fromPixels(canvas, 1).dataSync()]).toEqual([1, 250]);
      expect(() => sg.browser.fromPixels(new Canvas(0, 1))).toThrow(sg.ArgumentError);
      const bitmap = new Bitmap();
      expect([...sg.browser.fromPixels(bitmap, 1).dataSync()]).toEqual([1, 250]);
      expect(drawn).toEqual([bitmap, 0, 0, 2, 1]);
    } finally {
      delete runtime.ImageBitmap;
      delete runtime.OffscreenCanvas;
    }
  });

  it('fromPixels rejects anything else', () => {
    expect(() => sg.browser.fromPixels(pixels, 5)).toThrow(sg.ArgumentError);
    expect(() => sg.browser.fromPixels({ ...pixels, width: 3 })).toThrow(sg.ShapeError);
    expect(() => sg.browser.fromPixels({} as never)).toThrow(sg.ArgumentError);
    expect(() => sg.browser.fromPixels(null as never)).toThrow(sg.ArgumentError);
  });

  it('toPixels gives bytes of red, green, blue and alpha', async () => {
    const gray = await sg.browser.toPixels(sg.tensor2d([[0, 0.5, 1]]));
    expect(gray).toBeInstanceOf(Uint8ClampedArray);
    expect([...gray]).toEqual([0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255]);
    expect([...(await sg.browser.toPixels(sg.browser.fromPixels(pixels, 4)))]).toEqual([...pixels.data]);
    expect([...(await sg.browser.toPixels(sg.browser.fromPixels(pixels, 3)))]).toEqual([
      1, 2, 3, 255, 250, 251, 252, 255,
    ]);
    expect([...(await sg.browser.toPixels([[[7], [8]]]))]).toEqual([7, 7, 7, 255, 8, 8, 8, 255]);
  });

  it('toPixels draws to a canvas', async () => {
    let put: { data: Uint8ClampedArray; width: number; height: number } | undefined;
    const canvas = {
      width: 0,
      height: 0,
      getContext: () => ({
        putImageData: (image: typeof put) => {
          put = image;
        },
      }),
    };
    const runtime = globalThis as Record<string, unknown>;
    runtime.ImageData = class {
      constructor(
        readonly data: Uint8ClampedArray,
        readonly width: number,
        readonly height: number,
      ) {}
    };
    try {
      const bytes = await sg.browser.toPixels(sg.browser.fromPixels(pixels, 4), canvas as never);
      expect([canvas.width, canvas.height]).toEqual([2, 1]);
      expect(put).toMatchObject({ data: bytes, width: 2, height: 1 });
    } finally {
      delete runtime.ImageData;
    }
  });

  it('toPixels rejects other shapes, types and values, and leaves nothing behind', async () => {
    const before = sg.memory().numTensors;
    await expect(sg.browser.toPixels([[[1, 2]]])).rejects.toThrow(sg.ShapeError);
    await expect(sg.browser.toPixels([[300]])).rejects.toThrow(sg.ArgumentError);
    const x = sg.tensor2d([[1.5]]);
    await expect(sg.browser.toPixels(x)).rejects.toThrow(sg.ArgumentError);
    const b = sg.tensor2d([[true]]);
    await expect(sg.browser.toPixels(b)).rejects.toThrow(sg.DTypeError);
    sg.dispose([x, b]);
    expect(sg.memory().numTensors).toBe(before);
  });
});

describe('methods', () => {
  const image = tensorOf({
    shape: [1, 4, 4, 2],
    data: Float64Array.from({ length: 32 }, (_, i) => ((i * 7) % 11) - 5),
  });
  const square = image.reshape([4, 8]);
  const filter = sg.ones([2, 2, 2, 3]);
  const depth = sg.ones([2, 2, 2, 1]);

  it.each([
    ['avgPool', () => [image.avgPool(2, 1, 'same'), sg.avgPool(image, 2, 1, 'same')]],
    ['batchNorm', () => [image.batchNorm([1, 2], [3, 4]), sg.batchNorm(image, [1, 2], [3, 4])]],
    [
      'conv1d',
      () => {
        const [signal, taps] = [image.reshape([4, 4, 2]), sg.ones([3, 2, 1])];
        return [signal.conv1d(taps, 1, 'valid'), sg.conv1d(signal, taps, 1, 'valid')];
      },
    ],
    ['conv2d', () => [image.conv2d(filter, 1, 'same'), sg.conv2d(image, filter, 1, 'same')]],
    [
      'conv2dTranspose',
      () => {
        const wide = sg.ones([2, 2, 3, 2]);
        const shape = [1, 8, 8, 3];
        return [image.conv2dTranspose(wide, shape, 2, 'same'), sg.conv2dTranspose(image, wide, shape, 2, 'same')];
      },
    ],
    ['depthwiseConv2d', () => [image.depthwiseConv2d(depth, 1, 'same'), sg.depthwiseConv2d(image, depth, 1, 'same')]],
    [
      'dilation2d',
      () => [image.dilation2d(sg.ones([2, 2, 2]), 1, 'same'), sg.dilation2d(image, sg.ones([2, 2, 2]), 1, 'same')],
    ],
    ['dot', () => [square.dot(sg.ones([8])), sg.dot(square, sg.ones([8]))]],
    [
      'localResponseNormalization',
      () => [image.localResponseNormalization(1, 2), sg.localResponseNormalization(image, 1, 2)],
    ],
    ['matMul', () => [square.matMul(square, false, true), sg.matMul(square, square, false, true)]],
    ['maxPool', () => [image.maxPool([2, 1], 2, 'valid'), sg.maxPool(image, [2, 1], 2, 'valid')]],
    ['pool', () => [image.pool(2, 'avg', 'valid', 2), sg.pool(image, 2, 'avg', 'valid', 2)]],
    ['resizeBilinear', () => [image.resizeBilinear([3, 5]), sg.image.resizeBilinear(image, [3, 5])]],
    [
      'resizeNearestNeighbor',
      () => [image.resizeNearestNeighbor([3, 5]), sg.image.resizeNearestNeighbor(image, [3, 5])],
    ],
    [
      'separableConv2d',
      () => {
        const point = sg.ones([1, 1, 2, 4]);
        return [image.separableConv2d(depth, point, 1, 'same'), sg.separableConv2d(image, depth, point, 1, 'same')];
      },
    ],
  ] as const)('%s gives what the function gives', (_, both) => {
    const [method, fn] = both() as [sg.Tensor, sg.Tensor];
    expect(method.shape).toEqual(fn.shape);
    expect(method.dataSync()).toEqual(fn.dataSync());
  });
});
