/** Boxes: of those that overlap, the one with the best score. */
import type { Call } from '../../../graph/core/call';
import { tensor } from '../../../ops/create/creation';
import type { Tensor } from '../../../tensor/tensor';
import { type Definitions, define, fixed } from '../define';

/** Lowest and highest corner: [y1, x1, y2, x2]. */
type Box = readonly [number, number, number, number];

function boxAt(data: ArrayLike<number>, at: number, isCentered: boolean): Box {
  const [a, b, c, d] = [0, 1, 2, 3].map((k) => data[at + k] as number) as [number, number, number, number];
  // [x center, y center, width, height]
  if (isCentered) return [b - d / 2, a - c / 2, b + d / 2, a + c / 2];
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}

/** Intersection over union. */
function overlap(a: Box, b: Box): number {
  const area = ([y1, x1, y2, x2]: Box): number => (y2 - y1) * (x2 - x1);
  const [areaA, areaB] = [area(a), area(b)];
  if (areaA <= 0 || areaB <= 0) return 0;
  const both = [0, 1].reduce((product, k) => {
    const common = Math.min(a[k + 2] as number, b[k + 2] as number) - Math.max(a[k] as number, b[k] as number);
    return product * Math.max(0, common);
  }, 1);
  return both / (areaA + areaB - both);
}

/** [selected, 3]: batch, class, box. */
function suppressed(call: Call): Tensor {
  const [boxes, scores] = [call.data(0), call.data(1)];
  const [batch = 0, classes = 0, count = 0] = scores.shape;
  if (boxes.shape.length !== 3 || boxes.shape[2] !== 4 || scores.shape.length !== 3 || boxes.shape[1] !== count)
    throw call.fail(`boxes [${String(boxes.shape)}] and scores [${String(scores.shape)}] do not fit each other`);
  const isCentered = call.flag('center_point_box');
  const [most, threshold] = [call.int(2, 0), call.number(3, 0)];
  const least = call.number(4, Number.NEGATIVE_INFINITY);
  const found: number[] = [];
  for (let b = 0; b < batch; b++) {
    const all = Array.from({ length: count }, (_, i) => boxAt(boxes.data, (b * count + i) * 4, isCentered));
    for (let c = 0; c < classes; c++) {
      const score = (i: number): number => scores.data[(b * classes + c) * count + i] as number;
      const order = all.map((_, i) => i).filter((i) => score(i) > least);
      order.sort((i, j) => score(j) - score(i) || i - j);
      const chosen: number[] = [];
      for (const i of order) {
        if (chosen.length >= most) break;
        if (chosen.every((j) => overlap(all[i] as Box, all[j] as Box) <= threshold)) chosen.push(i);
      }
      for (const i of chosen) found.push(b, c, i);
    }
  }
  return tensor(Int32Array.from(found), [found.length / 3, 3], 'int32');
}

export const detection: Definitions = {
  NonMaxSuppression: define({ 10: suppressed }, { known: [2, 3, 4], types: fixed('int64') }),
};
