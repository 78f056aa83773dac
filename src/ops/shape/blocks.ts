/** Exchanges between blocks of space, depth and batch. */
import { checkChoice, checkList, checkPairs, checkWholes, isWhole, show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { type Shape, showShape, sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { type TensorLike, withOperand } from '../create/creation';
import { pad, reshape, slice, transpose } from './shaping';
import { withRank } from './slicing';

/**
 * Moves depth into blocks of space: [batch, height, width, depth] becomes
 * [batch, height · blockSize, width · blockSize, depth / blockSize²].
 * @param dataFormat 'NHWC' (default), or 'NCHW' with the depth before height and width.
 * @throws ShapeError unless x has rank 4; ArgumentError unless blockSize² divides the depth
 * @example
 * sg.depthToSpace(sg.ones([1, 2, 2, 8]), 2).shape; // [1, 4, 4, 2]
 */
export function depthToSpace(x: TensorLike, blockSize: number, dataFormat?: 'NHWC' | 'NCHW' | null): Tensor {
  return withRank(x, 4, 'depthToSpace', (t) => {
    const isLast = checkChoice(dataFormat, 'depthToSpace', 'dataFormat', ['NHWC', 'NCHW'], 'NHWC') === 'NHWC';
    const [n, a, b, c] = t.shape as [number, number, number, number];
    const [h, w, depth] = isLast ? [a, b, c] : [b, c, a];
    if (!isWhole(blockSize, 2) || depth % (blockSize * blockSize) !== 0) {
      throw new ArgumentError(
        `depthToSpace: blockSize must be an integer >= 2 whose square divides the depth ${depth}, got ${show(blockSize)}`,
      );
    }
    const d = depth / (blockSize * blockSize);
    return tidy(() =>
      isLast
        ? reshape(transpose(reshape(t, [n, h, w, blockSize, blockSize, d]), [0, 1, 3, 2, 4, 5]), [
            n,
            h * blockSize,
            w * blockSize,
            d,
          ])
        : reshape(transpose(reshape(t, [n, blockSize, blockSize, d, h, w]), [0, 3, 4, 1, 5, 2]), [
            n,
            d,
            h * blockSize,
            w * blockSize,
          ]),
    );
  });
}

/** Common checks; `amounts` are paddings or crops. */
function checkBlocks(
  where: string,
  shape: Shape,
  block: readonly number[],
  amounts: readonly (readonly number[])[],
  argument: string,
): void {
  checkWholes(checkList(block, where, 'blockShape'), where, 'blockShape', 1);
  if (shape.length < 1 + block.length) {
    throw new ShapeError(
      `${where}: blockShape [${String(block)}] must have positive integers, for dimensions after the first of ${showShape(shape)}`,
    );
  }
  checkPairs(amounts, where, argument, block.length);
}

/**
 * Pads dimensions 1 to M with zeros, cuts them into blocks, and moves the positions within a block into the batch:
 * [batch, s1, …, sM, …] becomes [batch Π blockShape, (s1 + paddings) / blockShape[0], …].
 * @param paddings [before, after] for each of the M dimensions.
 * @throws ArgumentError; ShapeError unless the blocks divide the padded dimensions
 * @example
 * sg.spaceToBatchND(sg.ones([1, 4, 4, 3]), [2, 2], [[0, 0], [0, 0]]).shape; // [4, 2, 2, 3]
 */
export function spaceToBatchND(
  x: TensorLike,
  blockShape: readonly number[],
  paddings: readonly (readonly number[])[],
): Tensor {
  return withOperand(x, 'spaceToBatchND', (t) => {
    checkBlocks('spaceToBatchND', t.shape, blockShape, paddings, 'paddings');
    const m = blockShape.length;
    const around = t.shape.map((_, i): readonly [number, number] => {
      const [before = 0, after = 0] = (i > 0 ? paddings[i - 1] : undefined) ?? [];
      return [before, after];
    });
    const padded = t.shape.map((d, i) => around[i]?.reduce((sum, p) => sum + p, d) ?? d);
    const [batch = 0, ...rest] = padded;
    if (blockShape.some((b, i) => (rest[i] as number) % b !== 0)) {
      throw new ShapeError(
        `spaceToBatchND: blockShape [${String(blockShape)}] must divide the padded dimensions of ${showShape(padded)}`,
      );
    }
    const counts = blockShape.map((b, i) => (rest[i] as number) / b);
    const inner = rest.slice(m);
    const cut = [batch, ...blockShape.flatMap((b, i) => [counts[i] as number, b]), ...inner];
    const order = [
      ...blockShape.map((_, i) => 2 * i + 2),
      0,
      ...blockShape.map((_, i) => 2 * i + 1),
      ...inner.map((_, i) => 1 + 2 * m + i),
    ];
    return tidy(() =>
      reshape(transpose(reshape(pad(t, around), cut), order), [batch * sizeOf(blockShape), ...counts, ...inner]),
    );
  });
}

/**
 * The inverse of `spaceToBatchND`: moves positions within blocks back from the batch, then cuts `crops[i] = [before,
 * after]` elements off dimension i + 1.
 * @throws ArgumentError; ShapeError unless Π blockShape divides the batch
 * @example
 * sg.batchToSpaceND(sg.ones([4, 2, 2, 3]), [2, 2], [[0, 0], [0, 0]]).shape; // [1, 4, 4, 3]
 */
export function batchToSpaceND(
  x: TensorLike,
  blockShape: readonly number[],
  crops: readonly (readonly number[])[],
): Tensor {
  return withOperand(x, 'batchToSpaceND', (t) => {
    checkBlocks('batchToSpaceND', t.shape, blockShape, crops, 'crops');
    const m = blockShape.length;
    const [rows = 0, ...rest] = t.shape;
    const blocks = sizeOf(blockShape);
    if (rows % blocks !== 0) {
      throw new ShapeError(
        `batchToSpaceND: the product ${blocks} of blockShape [${String(blockShape)}] must divide the batch ${rows}`,
      );
    }
    const inner = rest.slice(m);
    const cut = [...blockShape, rows / blocks, ...rest];
    const order = [m, ...blockShape.flatMap((_, i) => [m + 1 + i, i]), ...inner.map((_, i) => 1 + 2 * m + i)];
    const whole = [rows / blocks, ...blockShape.map((b, i) => b * (rest[i] as number)), ...inner];
    const crop = (i: number): readonly number[] => (i > 0 ? crops[i - 1] : undefined) ?? [0, 0];
    const size = whole.map((d, i) => d - (crop(i)[0] as number) - (crop(i)[1] as number));
    if (size.some((d) => d < 0))
      throw new ArgumentError(`batchToSpaceND: crops ${show(crops)} exceed ${showShape(whole)}`);
    return tidy(() =>
      slice(
        reshape(transpose(reshape(t, cut), order), whole),
        whole.map((_, i) => crop(i)[0] as number),
        size,
      ),
    );
  });
}
