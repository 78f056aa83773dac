/** Non-maximum suppression: of boxes that overlap, those with the best scores. Works on values, so it cannot be traced. */

import { relieved } from '../../runtime/pressure';
import { checkFlag, checkNumber, checkWhole } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { float } from '../core/operands';
import { type TensorLike, tensor } from '../create/creation';
import { expOf } from './scalar';

interface Settings {
  readonly maxOutputSize: number;
  readonly iouThreshold: number;
  readonly scoreThreshold: number;
  /** 0: boxes that overlap too much are dropped; else their scores fade (soft NMS, Bodla et al., 2017). */
  readonly sigma: number;
}

interface Candidate {
  score: number;
  readonly box: number;
  /** Selected boxes before this one have been compared already. */
  compared: number;
}

interface Selection {
  readonly indices: number[];
  readonly scores: number[];
}

/** Intersection over union of two boxes [y1, x1, y2, x2], whose corners may be in any order. */
function overlap(boxes: ArrayLike<number>, i: number, j: number): number {
  const corner = (box: number, k: number): number => boxes[box * 4 + k] as number;
  const span = (box: number, k: number): [number, number] => {
    const [a, b] = [corner(box, k), corner(box, k + 2)];
    return [Math.min(a, b), Math.max(a, b)];
  };
  const area = (box: number): number => {
    const [[y1, y2], [x1, x2]] = [span(box, 0), span(box, 1)];
    return (y2 - y1) * (x2 - x1);
  };
  const [areaI, areaJ] = [area(i), area(j)];
  if (areaI <= 0 || areaJ <= 0) return 0;
  const common = (k: number): number => {
    const [[low, high], [otherLow, otherHigh]] = [span(i, k), span(j, k)];
    return Math.max(0, Math.min(high, otherHigh) - Math.max(low, otherLow));
  };
  const both = common(0) * common(1);
  return both / (areaI + areaJ - both);
}

/** Best last: a higher score, or, of equal ones, the box that comes first. */
const worseFirst = (a: Candidate, b: Candidate): number => a.score - b.score || b.box - a.box;

function select(boxes: ArrayLike<number>, scores: ArrayLike<number>, s: Settings): Selection {
  const candidates: Candidate[] = [];
  for (let box = 0; box < scores.length; box++) {
    const score = scores[box] as number;
    if (score > s.scoreThreshold) candidates.push({ score, box, compared: 0 });
  }
  candidates.sort(worseFirst);
  const out: Selection = { indices: [], scores: [] };
  while (out.indices.length < s.maxOutputSize) {
    const best = candidates.pop();
    if (!best) break;
    const before = best.score;
    if (!fade(boxes, best, out.indices, s)) continue;
    if (best.score === before) {
      out.indices.push(best.box);
      out.scores.push(best.score);
    } else if (best.score > s.scoreThreshold) {
      const at = candidates.findIndex((c) => worseFirst(c, best) > 0);
      candidates.splice(at < 0 ? candidates.length : at, 0, best);
    }
  }
  return out;
}

/** Lowers a candidate's score for its overlap with the boxes selected since; false if it is dropped. */
function fade(boxes: ArrayLike<number>, candidate: Candidate, selected: readonly number[], s: Settings): boolean {
  const start = candidate.compared;
  candidate.compared = selected.length;
  for (let j = selected.length - 1; j >= start; j--) {
    const iou = overlap(boxes, candidate.box, selected[j] as number);
    if (iou >= s.iouThreshold) return false;
    if (s.sigma > 0) candidate.score *= expOf((-0.5 / s.sigma) * iou * iou);
    if (candidate.score <= s.scoreThreshold) break;
  }
  return true;
}

/** Checks the arguments, and selects. */
function suppress(
  where: string,
  boxes: TensorLike,
  scores: TensorLike,
  maxOutputSize: number,
  iouThreshold: number | null | undefined,
  scoreThreshold: number | null | undefined,
  softNmsSigma?: number | null,
): Selection & { readonly most: number } {
  checkWhole(maxOutputSize, where, 'maxOutputSize');
  const share = (value: number | null | undefined, initial: number, name: string): number => {
    const given = checkNumber(value, where, name, initial);
    if (given >= 0 && given <= 1) return given;
    throw new ArgumentError(`${where}: ${name} must be in [0, 1], got ${given}`);
  };
  return tidy(() => {
    const b = float(boxes, where, 'boxes');
    const s = float(scores, where, 'scores');
    if (b.rank !== 2 || b.shape[1] !== 4 || s.rank !== 1 || s.shape[0] !== b.shape[0])
      throw new ShapeError(
        `${where}: boxes must be [numBoxes, 4] and scores [numBoxes], got ${showShape(b.shape)} and ${showShape(s.shape)}`,
      );
    const most = Math.min(maxOutputSize, b.shape[0] as number);
    const found = select(b.dataSync(), s.dataSync(), {
      maxOutputSize: most,
      iouThreshold: share(iouThreshold, 0.5, 'iouThreshold'),
      scoreThreshold: checkNumber(scoreThreshold, where, 'scoreThreshold', Number.NEGATIVE_INFINITY),
      sigma: share(softNmsSigma, 0, 'softNmsSigma'),
    });
    return { ...found, most };
  });
}

const indicesOf = (indices: readonly number[]): Tensor => tensor(Int32Array.from(indices));

/**
 * Selects boxes in descending order of score and drops those that overlap a better one.
 * @param boxes [numBoxes, 4], each [y1, x1, y2, x2].
 * @param scores [numBoxes].
 * @param maxOutputSize how many are kept at most.
 * @param iouThreshold boxes whose overlap (intersection over union) with a better one exceeds it are dropped; default
 *   0.5.
 * @param scoreThreshold boxes whose score is not above it are dropped; default -Infinity.
 * @returns indices of the boxes that are kept, best first: int32, [kept]
 * @throws ShapeError, ArgumentError; StateError in a compiled function
 * @example
 * const boxes = [[0, 0, 1, 1], [0, 0, 1, 0.9], [2, 2, 3, 3]];
 * sg.image.nonMaxSuppression(boxes, [0.5, 0.9, 0.7], 3).dataSync(); // [1, 2]
 */
export function nonMaxSuppression(
  boxes: TensorLike,
  scores: TensorLike,
  maxOutputSize: number,
  iouThreshold?: number | null,
  scoreThreshold?: number | null,
): Tensor {
  return indicesOf(suppress('nonMaxSuppression', boxes, scores, maxOutputSize, iouThreshold, scoreThreshold).indices);
}

/**
 * `nonMaxSuppression`, as a promise.
 * @throws as `nonMaxSuppression`; the promise is rejected
 * @example
 * (await sg.image.nonMaxSuppressionAsync([[0, 0, 1, 1], [2, 2, 3, 3]], [0.5, 0.7], 3)).dataSync(); // [1, 0]
 */
export async function nonMaxSuppressionAsync(
  boxes: TensorLike,
  scores: TensorLike,
  maxOutputSize: number,
  iouThreshold?: number | null,
  scoreThreshold?: number | null,
): Promise<Tensor> {
  return relieved(nonMaxSuppression(boxes, scores, maxOutputSize, iouThreshold, scoreThreshold));
}

/**
 * `nonMaxSuppression` that also returns scores; with `softNmsSigma` > 0 the scores of boxes that overlap better ones
 * are lowered by exp(-iou² / (2 sigma)) (Bodla et al., 2017).
 * @param softNmsSigma default 0.
 * @returns selectedIndices (int32) and selectedScores, both [kept]
 * @throws as `nonMaxSuppression`
 * @example
 * const boxes = [[0, 0, 1, 1], [2, 2, 3, 3]];
 * sg.image.nonMaxSuppressionWithScore(boxes, [0.5, 0.7], 3).selectedScores.dataSync(); // [0.7, 0.5]
 */
export function nonMaxSuppressionWithScore(
  boxes: TensorLike,
  scores: TensorLike,
  maxOutputSize: number,
  iouThreshold?: number | null,
  scoreThreshold?: number | null,
  softNmsSigma?: number | null,
): { selectedIndices: Tensor; selectedScores: Tensor } {
  const found = suppress(
    'nonMaxSuppressionWithScore',
    boxes,
    scores,
    maxOutputSize,
    iouThreshold,
    scoreThreshold,
    softNmsSigma,
  );
  return {
    selectedIndices: indicesOf(found.indices),
    selectedScores: tensor(Float32Array.from(found.scores)),
  };
}

/**
 * `nonMaxSuppressionWithScore`, as a promise.
 * @throws as `nonMaxSuppression`; the promise is rejected
 * @example
 * const { selectedIndices } = await sg.image.nonMaxSuppressionWithScoreAsync([[0, 0, 1, 1]], [0.5], 3);
 * selectedIndices.dataSync(); // [0]
 */
export async function nonMaxSuppressionWithScoreAsync(
  boxes: TensorLike,
  scores: TensorLike,
  maxOutputSize: number,
  iouThreshold?: number | null,
  scoreThreshold?: number | null,
  softNmsSigma?: number | null,
): Promise<{ selectedIndices: Tensor; selectedScores: Tensor }> {
  return relieved(nonMaxSuppressionWithScore(boxes, scores, maxOutputSize, iouThreshold, scoreThreshold, softNmsSigma));
}

/**
 * `nonMaxSuppression` whose result can be padded with zeros to a length that does not depend on the scores:
 * min(maxOutputSize, numBoxes).
 * @param padToMaxOutputSize default false.
 * @returns selectedIndices (int32) and validOutputs, an int32 scalar: how many of them are valid
 * @throws as `nonMaxSuppression`
 * @example
 * const { validOutputs } = sg.image.nonMaxSuppressionPadded([[0, 0, 1, 1], [0, 0, 1, 1]], [0.5, 0.7], 2, 0.5, 0, true);
 * validOutputs.arraySync(); // 1
 */
export function nonMaxSuppressionPadded(
  boxes: TensorLike,
  scores: TensorLike,
  maxOutputSize: number,
  iouThreshold?: number | null,
  scoreThreshold?: number | null,
  padToMaxOutputSize?: boolean,
): { selectedIndices: Tensor; validOutputs: Tensor } {
  const isPadded = checkFlag(padToMaxOutputSize, 'nonMaxSuppressionPadded', 'padToMaxOutputSize');
  const { indices, most } = suppress(
    'nonMaxSuppressionPadded',
    boxes,
    scores,
    maxOutputSize,
    iouThreshold,
    scoreThreshold,
  );
  const missing = isPadded ? most - indices.length : 0;
  return {
    selectedIndices: indicesOf([...indices, ...new Array<number>(missing).fill(0)]),
    validOutputs: tensor(indices.length, [], 'int32'),
  };
}

/**
 * `nonMaxSuppressionPadded`, as a promise.
 * @throws as `nonMaxSuppression`; the promise is rejected
 * @example
 * const { selectedIndices } = await sg.image.nonMaxSuppressionPaddedAsync([[0, 0, 1, 1]], [0.5], 3);
 * selectedIndices.dataSync(); // [0]
 */
export async function nonMaxSuppressionPaddedAsync(
  boxes: TensorLike,
  scores: TensorLike,
  maxOutputSize: number,
  iouThreshold?: number | null,
  scoreThreshold?: number | null,
  padToMaxOutputSize?: boolean,
): Promise<{ selectedIndices: Tensor; validOutputs: Tensor }> {
  return relieved(
    nonMaxSuppressionPadded(boxes, scores, maxOutputSize, iouThreshold, scoreThreshold, padToMaxOutputSize),
  );
}
