/** Pictures of a camera (`sg.data.webcam`). */
import { tensor } from '../ops/create/creation';
import { type Drawable, fromPixels } from '../ops/image/browser';
import { cropAndResize } from '../ops/image/sample';
import { cast } from '../ops/math/arithmetic';
import { expandDims, squeeze } from '../ops/shape/shaping';
import { ArgumentError, RuntimeSupportError } from '../support/errors';
import * as is from '../support/settings';
import { tidy } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

/** The members of a video element that are used. */
export interface VideoLike {
  /** Width of the element. */
  width: number;
  /** Height of the element. */
  height: number;
  /** Width of the pictures. */
  readonly videoWidth: number;
  /** Height of the pictures. */
  readonly videoHeight: number;
  /** The stream that is shown. */
  srcObject: unknown;
  /** Called when the size of the pictures is known. */
  onloadedmetadata: unknown;
  /** Starts the video. */
  play(): unknown;
}

/** Which camera, and what becomes of its pictures. */
export interface WebcamConfig {
  /** The camera in front ('user', default) or behind ('environment'). */
  facingMode?: 'user' | 'environment';
  /** One camera among several, as `navigator.mediaDevices.enumerateDevices` names it; by default any that faces as wanted. */
  deviceId?: string;
  /** Width of the tensors, given together with `resizeHeight`; default the width of the video element, if there is one. */
  resizeWidth?: number;
  /** Height of the tensors; default the height of the video element, if there is one. */
  resizeHeight?: number;
  /** Cuts the middle out instead of shrinking the whole picture; false by default. */
  centerCrop?: boolean;
}

interface Stream {
  getTracks(): readonly { stop(): void }[];
}

/** What the runtime has of a page. */
interface Page {
  readonly document?: { createElement(name: 'video'): VideoLike };
  readonly navigator?: { readonly mediaDevices?: { getUserMedia(wanted: object): Promise<Stream> } };
}

const SETTINGS = {
  facingMode: is.choice(['user', 'environment'], 'user'),
  deviceId: is.text(),
  resizeWidth: is.count(),
  resizeHeight: is.count(),
  centerCrop: is.flag(false),
} satisfies is.TableOf<WebcamConfig>;

/** The video that pictures are read from: the caller's, or a hidden one. */
function videoOf(given: VideoLike | null | undefined, size: readonly [number, number] | undefined): VideoLike {
  if (given !== null && given !== undefined) {
    if (typeof given !== 'object' || typeof given.play !== 'function')
      throw new ArgumentError('webcam: webcamVideoElement must be a video element');
    return given;
  }
  const { document } = globalThis as Page;
  if (!document) throw new RuntimeSupportError('webcam: this runtime has no page, hence no camera');
  if (!size) throw new ArgumentError('webcam: give a video element, or resizeWidth and resizeHeight');
  const video = document.createElement('video');
  [video.height, video.width] = size;
  return video;
}

/** [1, 4], the part of a picture that is kept, in shares of its size: all of it, or the middle. */
function cropBox(video: VideoLike, [height, width]: readonly [number, number], isCentered: boolean): Tensor {
  if (!isCentered) return tensor([[0, 0, 1, 1]]);
  const start = (kept: number, all: number): number => Math.max(0, (1 - kept / all) / 2);
  const [top, left] = [start(height, video.height || video.videoHeight), start(width, video.width || video.videoWidth)];
  return tensor([[top, left, 1 - top, 1 - left]]);
}

/** A running camera: pictures are captured on request. */
export class Webcam {
  readonly #video: VideoLike;
  readonly #stream: Stream;
  /** [height, width] of the tensors. */
  readonly #size: readonly [number, number] | undefined;
  readonly #isCentered: boolean;
  #isOver = false;

  /** @internal */
  constructor(video: VideoLike, stream: Stream, size: readonly [number, number] | undefined, isCentered: boolean) {
    this.#video = video;
    this.#stream = stream;
    this.#size = size;
    this.#isCentered = isCentered;
  }

  /**
   * The present picture.
   * @returns [height, width, 3]: int32, or float32 where it was resized; null after `stop`
   */
  async capture(): Promise<Tensor | null> {
    return this.#isOver ? null : this.#picture();
  }

  /** `capture`, as a result of an iterator. */
  async next(): Promise<IteratorResult<Tensor, null>> {
    return this.#isOver ? { value: null, done: true } : { value: this.#picture(), done: false };
  }

  /** Turns the camera off. Twice is once. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const track of this.#stream.getTracks()) track.stop();
    this.#video.srcObject = null;
  }

  /** Captures pictures one after the other, until the camera is stopped. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  #picture(): Tensor {
    const size = this.#size;
    return tidy(() => {
      const picture = fromPixels(this.#video as Drawable);
      if (!size || (picture.shape[0] === size[0] && picture.shape[1] === size[1])) return picture;
      const box = cropBox(this.#video, size, this.#isCentered);
      return squeeze(cropAndResize(expandDims(cast(picture, 'float32')), box, tensor([0], [1], 'int32'), size), [0]);
    });
  }
}

/**
 * Starts a camera of the page, as TensorFlow.js does it.
 * @param webcamVideoElement where the pictures are shown; without it none are, and a size must be given.
 * @returns the camera; call `capture` for each picture, and `stop` at the end
 * @throws ArgumentError; RuntimeSupportError where there is no camera, or the user refuses it
 * @example
 * // In a page
 * const video = document.querySelector('video');
 * const camera = await sg.data.webcam(video, { resizeWidth: 224, resizeHeight: 224 });
 * const picture = await camera.capture(); // [224, 224, 3]
 * camera.stop();
 */
export async function webcam(
  webcamVideoElement?: VideoLike | null,
  webcamConfig?: WebcamConfig | null,
): Promise<Webcam> {
  const { facingMode, deviceId, resizeWidth, resizeHeight, centerCrop } = is.checked('webcam', SETTINGS, webcamConfig);
  if ((resizeWidth === undefined) !== (resizeHeight === undefined))
    throw new ArgumentError('webcam: resizeWidth and resizeHeight are given together');
  const size = resizeWidth && resizeHeight ? ([resizeHeight, resizeWidth] as const) : undefined;
  const video = videoOf(webcamVideoElement, size);
  const cameras = (globalThis as Page).navigator?.mediaDevices;
  if (!cameras) throw new RuntimeSupportError('webcam: this runtime has no cameras; pages need https, or localhost');
  const wanted = { deviceId, facingMode, width: video.width || undefined, height: video.height || undefined };
  const stream = await cameras.getUserMedia({ video: wanted }).catch((cause: Error) => {
    throw new RuntimeSupportError(`webcam: the camera was refused: ${cause.message}`, { cause });
  });
  const isKnown = new Promise<void>((resolve) => {
    video.onloadedmetadata = () => resolve();
  });
  video.srcObject = stream;
  await Promise.all([isKnown, video.play()]);
  return new Webcam(video, stream, size, centerCrop);
}
