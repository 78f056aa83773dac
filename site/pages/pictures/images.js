/** Pictures as squares of pixels. */
import { SIZE } from './training.js';

/** The middle of a picture on a canvas of SIZE x SIZE, and its pixels. */
export function square(canvas, source, width, height) {
  canvas.width = SIZE;
  canvas.height = SIZE;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const side = Math.min(width, height);
  context.drawImage(source, (width - side) / 2, (height - side) / 2, side, side, 0, 0, SIZE, SIZE);
  return context.getImageData(0, 0, SIZE, SIZE).data;
}

/** @throws Error naming the file, if it is no picture */
export async function fromFile(canvas, file) {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name} is not a picture that this browser can read`);
  });
  const pixels = square(canvas, bitmap, bitmap.width, bitmap.height);
  bitmap.close();
  return pixels;
}

export const hasCamera = () => navigator.mediaDevices?.getUserMedia !== undefined;

/** Starts the camera, once. Returns a function that takes a picture. */
export async function camera(video) {
  if (!video.srcObject) {
    video.hidden = false;
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
    await video.play();
  }
  return (canvas) => square(canvas, video, video.videoWidth, video.videoHeight);
}
