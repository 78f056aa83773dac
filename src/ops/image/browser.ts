/** Images of the runtime as tensors and back (`sg.browser`). */

import { relieved } from '../../runtime/pressure';
import { checkWhole, show } from '../../support/arguments';
import { ArgumentError, DTypeError, RuntimeSupportError, ShapeError } from '../../support/errors';
import { showShape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import { type TensorLike, tensor, toTensor } from '../create/creation';
import { cast } from '../math/arithmetic';

/** Four bytes for each pixel: `ImageData`, or an object like it. */
export interface PixelData {
  /** Red, green, blue and alpha of each pixel, row by row. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint32Array | Int32Array;
  /** Pixels in a row. */
  readonly width: number;
  /** Number of rows. */
  readonly height: number;
}

/** A canvas of the page or off screen; only the members used here, as not every project has the browser's types. */
export interface CanvasLike {
  /** Pixels in a row. */
  width: number;
  /** Number of rows. */
  height: number;
  /** The context that draws and reads pixels. */
  getContext(kind: '2d', options?: { willReadFrequently?: boolean }): unknown;
}

/** An image, ImageBitmap, video or VideoFrame. */
export type Drawable =
  | { readonly width: number; readonly height: number }
  | { readonly videoWidth: number; readonly videoHeight: number }
  | { readonly displayWidth: number; readonly displayHeight: number };

/** What `fromPixels` reads. */
export type PixelSource = PixelData | CanvasLike | Drawable;

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Whether the runtime has the class, and this is one of it. */
function isA(name: string, value: unknown): boolean {
  const type = (globalThis as Record<string, unknown>)[name];
  return typeof type === 'function' && value instanceof type;
}

const isPixelData = (p: object): p is PixelData =>
  'data' in p &&
  ArrayBuffer.isView(p.data) &&
  !(p.data instanceof DataView) &&
  !/^Big/.test((p as PixelData).data[Symbol.toStringTag]);
const isCanvas = (p: object): p is CanvasLike => 'getContext' in p && typeof p.getContext === 'function';

function contextOf(canvas: CanvasLike, where: string): Context {
  const context = canvas.getContext('2d', { willReadFrequently: true }) as Context | null;
  if (!context) throw new RuntimeSupportError(`${where}: the canvas has no 2d context`);
  return context;
}

/** Width and height of something that can be drawn; undefined for anything else. */
function drawnSize(source: object): readonly [number, number] | undefined {
  if (isA('HTMLVideoElement', source)) {
    const video = source as HTMLVideoElement;
    return [video.videoWidth, video.videoHeight];
  }
  if (isA('VideoFrame', source)) {
    const frame = source as VideoFrame;
    return [frame.displayWidth, frame.displayHeight];
  }
  if (!isA('HTMLImageElement', source) && !isA('ImageBitmap', source)) return undefined;
  const { width, height } = source as ImageBitmap;
  return [width, height];
}

function blankCanvas(width: number, height: number): CanvasLike {
  if (typeof document !== 'undefined') return Object.assign(document.createElement('canvas'), { width, height });
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height);
  throw new RuntimeSupportError(
    'fromPixels: this runtime has no canvas to decode images with; pass {data, width, height}',
  );
}

function read(pixels: PixelSource): PixelData {
  if (typeof pixels !== 'object' || pixels === null)
    throw new ArgumentError(`fromPixels: pixels must be an image, got ${pixels === null ? 'null' : typeof pixels}`);
  if (isPixelData(pixels)) return pixels;
  const size = isCanvas(pixels) ? ([pixels.width, pixels.height] as const) : drawnSize(pixels);
  if (!size)
    throw new ArgumentError(
      'fromPixels: pixels must be {data, width, height}, a canvas, image, video, ImageBitmap or VideoFrame',
    );
  if (size[0] * size[1] === 0)
    throw new ArgumentError(`fromPixels: the image of ${size.join(' x ')} has no pixels; wait until it is loaded`);
  if (isCanvas(pixels)) return contextOf(pixels, 'fromPixels').getImageData(0, 0, ...size);
  const context = contextOf(blankCanvas(...size), 'fromPixels');
  context.drawImage(pixels as CanvasImageSource, 0, 0, ...size);
  return context.getImageData(0, 0, ...size);
}

/**
 * The pixels of an image.
 * @param pixels `ImageData` or an object {data, width, height} with four bytes for each pixel; where the runtime has
 * them, a canvas, image, video, ImageBitmap or VideoFrame.
 * @param numChannels 1 to 4, of red, green, blue, alpha; default 3.
 * @returns int32, [height, width, numChannels], values of 0 to 255
 * @throws ArgumentError, ShapeError; RuntimeSupportError where the runtime cannot decode images
 * @example
 * const pixels = { data: new Uint8Array([255, 128, 0, 255]), width: 1, height: 1 };
 * sg.browser.fromPixels(pixels).arraySync(); // [[[255, 128, 0]]]
 */
export function fromPixels(pixels: PixelSource, numChannels?: number | null): Tensor {
  const channels = checkWhole(numChannels ?? 3, 'fromPixels', 'numChannels', 1, 4);
  const { data, width, height } = read(pixels);
  checkWhole(width, 'fromPixels', 'width');
  checkWhole(height, 'fromPixels', 'height');
  if (data.length !== width * height * 4)
    throw new ShapeError(
      `fromPixels: an image of ${width} x ${height} has ${width * height * 4} bytes of red, green, blue and alpha, got ${data.length}`,
    );
  const values = new Int32Array(width * height * channels);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < channels; c++) values[i * channels + c] = data[i * 4 + c] as number;
  return tensor(values, [height, width, channels]);
}

/**
 * `fromPixels`, as a promise.
 * @throws as `fromPixels`; the promise is rejected
 * @example
 * const pixels = { data: new Uint8Array([255, 128, 0, 255]), width: 1, height: 1 };
 * (await sg.browser.fromPixelsAsync(pixels, 1)).arraySync(); // [[[255]]]
 */
export async function fromPixelsAsync(pixels: PixelSource, numChannels?: number | null): Promise<Tensor> {
  return relieved(fromPixels(pixels, numChannels));
}

/** Values of 0 to 255 of an image. @throws ArgumentError for values outside */
function levels(img: Tensor): Float32Array | Int32Array {
  const data = img.dataSync() as Float32Array | Int32Array;
  const most = img.dtype === 'float32' ? 1 : 255;
  const wrong = data.findIndex((v) => !(v >= 0 && v <= most));
  if (wrong >= 0)
    throw new ArgumentError(
      `toPixels: ${img.dtype} values must be in [0, ${most}], element ${wrong} is ${data[wrong]}`,
    );
  return img.dtype === 'float32' ? data.map((v) => Math.round(v * 255)) : data;
}

/**
 * An image as bytes of red, green, blue and alpha, also drawn to a canvas if one is given.
 * @param img [height, width] or [height, width, channels] with 1, 3 or 4 channels; float32 of 0 to 1, or int32 of 0 to
 *   255.
 * @param canvas is resized to the image; default: none.
 * @throws ShapeError, DTypeError; ArgumentError for values out of range
 * @example
 * Array.from(await sg.browser.toPixels(sg.tensor([[1, 0.5]]))); // [255, 255, 255, 255, 128, 128, 128, 255]
 */
export async function toPixels(img: TensorLike, canvas?: CanvasLike | null): Promise<Uint8ClampedArray> {
  const given = toTensor(img, 'toPixels', 'img');
  // As TF.js: numbers of an array are levels of 0 to 255.
  const t = img instanceof Tensor ? given : cast(given, 'int32');
  try {
    if (canvas !== undefined && canvas !== null && !(typeof canvas === 'object' && isCanvas(canvas)))
      throw new ArgumentError(`toPixels: canvas must be an HTML canvas or OffscreenCanvas, got ${show(canvas)}`);
    const [height = 0, width = 0, depth = 1] = t.shape;
    if ((t.rank !== 2 && t.rank !== 3) || ![1, 3, 4].includes(depth))
      throw new ShapeError(
        `toPixels: img must be [height, width] or [height, width, 1, 3 or 4], got ${showShape(t.shape)}`,
      );
    if (t.dtype === 'bool') throw new DTypeError('toPixels: img must be float32 or int32, got bool');
    const values = levels(t);
    const bytes = new Uint8ClampedArray(width * height * 4).fill(255);
    for (let i = 0; i < width * height; i++)
      for (let c = 0; c < Math.max(3, depth); c++)
        bytes[i * 4 + c] = values[i * depth + (depth === 1 ? 0 : c)] as number;
    if (canvas) {
      canvas.width = width;
      canvas.height = height;
      contextOf(canvas, 'toPixels').putImageData(new ImageData(bytes, width, height), 0, 0);
    }
    return await relieved(bytes);
  } finally {
    if (t !== img) t.dispose();
    if (given !== img) given.dispose();
  }
}
