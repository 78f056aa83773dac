/** The namespace `sg.signal`: frames of a signal, and windows to weight them. */

import { engine } from '../../runtime/engine';
import { checkFlag, checkNumber, checkWhole } from '../../support/arguments';
import { ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { checkElements, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { type TensorLike, tensor, toTensor, zeros } from '../create/creation';
import { gather } from '../indexing/indexing';
import { pad } from '../shape/shaping';

/**
 * Pieces of a signal, each `frameStep` elements after the one before.
 * @param signal [samples].
 * @param padEnd whether frames that start inside the signal and end after it are included; default false.
 * @param padValue value of the elements after the signal; default 0.
 * @returns [frames, frameLength]; no frames if the signal is too short
 * @throws ShapeError unless the signal has rank 1; ArgumentError
 * @example
 * sg.signal.frame([1, 2, 3, 4], 2, 2).arraySync(); // [[1, 2], [3, 4]]
 */
export function frame(
  signal: TensorLike,
  frameLength: number,
  frameStep: number,
  padEnd?: boolean,
  padValue?: number | null,
): Tensor {
  checkWhole(frameLength, 'signal.frame', 'frameLength', 1);
  checkWhole(frameStep, 'signal.frame', 'frameStep', 1);
  const isPadded = checkFlag(padEnd, 'signal.frame', 'padEnd');
  const behindValue = checkNumber(padValue, 'signal.frame', 'padValue', 0);
  return tidy(() => {
    const x = toTensor(signal, 'signal.frame', 'signal');
    if (x.rank !== 1) throw new ShapeError(`signal.frame: signal must have rank 1, got ${showShape(x.shape)}`);
    const room = isPadded ? x.size - 1 : x.size - frameLength;
    const count = room < 0 ? 0 : Math.floor(room / frameStep) + 1;
    if (count === 0) return zeros([0, frameLength], x.dtype);
    const behind = Math.max(0, (count - 1) * frameStep + frameLength - x.size);
    checkElements(count * frameLength, 'signal.frame');
    const places = Int32Array.from(
      { length: count * frameLength },
      (_, i) => Math.floor(i / frameLength) * frameStep + (i % frameLength),
    );
    return gather(behind ? pad(x, [[0, behind]], behindValue) : x, tensor(places, [count, frameLength], 'int32'));
  });
}

/** a - b cos(2 pi i / n), periodic for even lengths and symmetric for odd ones, as TensorFlow.js has it. */
function cosineWindow(where: string, windowLength: number, a: number, b: number): Tensor {
  checkElements(checkWhole(windowLength, where, 'windowLength', 1), where);
  const period = windowLength % 2 === 0 ? windowLength : windowLength - 1;
  const values = Float32Array.from({ length: windowLength }, (_, i) =>
    period === 0 ? 1 : a - b * engine.scalars.cosPi((2 * i) / period),
  );
  return tensor(values);
}

/**
 * The Hann window: 0.5 - 0.5 cos(2π i / n) for i from 0 to n - 1.
 * @returns float32, [windowLength]
 * @throws ArgumentError unless windowLength is an integer
 * @example
 * sg.signal.hannWindow(4).dataSync(); // [0, 0.5, 1, 0.5]
 */
export const hannWindow = (windowLength: number): Tensor => cosineWindow('signal.hannWindow', windowLength, 0.5, 0.5);

/**
 * The Hamming window: 0.54 - 0.46 cos(2π i / n) for i from 0 to n - 1.
 * @returns float32, [windowLength]
 * @throws ArgumentError unless windowLength is an integer
 * @example
 * sg.signal.hammingWindow(4).dataSync(); // [0.08, 0.54, 1, 0.54]
 */
export const hammingWindow = (windowLength: number): Tensor =>
  cosineWindow('signal.hammingWindow', windowLength, 0.54, 0.46);
