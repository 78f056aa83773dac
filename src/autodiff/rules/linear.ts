/** Gradients of products, convolutions and poolings. */

import { pairAt } from '../../ops/conv/window';
import { apply } from '../../ops/core/dispatch';
import type { LinearOps } from '../../ops/core/table';
import * as depthwise from '../../ops/descriptors/depthwise';
import { type MatMulAttrs, PLAIN } from '../../ops/descriptors/matmul';
import * as windows from '../../ops/descriptors/window';
import { matMul } from '../../ops/linear/products';
import { reshape } from '../../ops/shape/shaping';
import { sizeOf } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { one, type RulesOf, unbroadcast } from '../rule';

const filterSize = (f: Tensor) => ({ window: pairAt(f.shape, 0), multiplier: f.shape[3] as number });

/** The rows of all matrices of a batch, as one matrix. */
const tall = (t: Tensor): Tensor => reshape(t, [sizeOf(t.shape.slice(0, -1)), t.shape[t.rank - 1] as number]);

type Operands = readonly (Tensor | undefined)[];

/** Of matrices of integers too, whose gradients are floats. */
const productGrads = (g: Tensor, [a, b]: Operands, { transposeA, transposeB }: MatMulAttrs) => [
  () =>
    unbroadcast(
      transposeA ? matMul(b as Tensor, g, transposeB, true) : matMul(g, b as Tensor, false, !transposeB),
      (a as Tensor).shape,
    ),
  () => {
    // A matrix that all products share: the sum over them is one product of all their rows.
    const [x, y] = (b as Tensor).rank === 2 && !transposeA ? [tall(a as Tensor), tall(g)] : [a as Tensor, g];
    return unbroadcast(
      transposeB ? matMul(y, x, true, transposeA) : matMul(x, y, !transposeA, false),
      (b as Tensor).shape,
    );
  },
];

export const linearRules: RulesOf<LinearOps> = {
  matMul: (g, inputs, _, attrs) => productGrads(g, inputs, attrs),
  matMulInt: (g, inputs) => productGrads(g, inputs, PLAIN),
  conv2d: (g, [x, f], _, attrs) => [
    () => apply(windows.conv2dInputGrad, [g, f as Tensor], { ...attrs, inputSize: pairAt((x as Tensor).shape, 1) }),
    () => apply(windows.conv2dFilterGrad, [x as Tensor, g], { ...attrs, window: pairAt((f as Tensor).shape, 0) }),
  ],
  // Both gradients of a convolution are linear in each operand, and their gradients are convolutions again.
  conv2dInputGrad: (g, [dy, f], _, { inputSize: __, ...attrs }) => [
    () => apply(windows.conv2d, [g, f as Tensor], attrs),
    () => apply(windows.conv2dFilterGrad, [g, dy as Tensor], { ...attrs, window: pairAt((f as Tensor).shape, 0) }),
  ],
  conv2dFilterGrad: (g, [x, dy], _, { window: __, ...attrs }) => [
    () => apply(windows.conv2dInputGrad, [dy as Tensor, g], { ...attrs, inputSize: pairAt((x as Tensor).shape, 1) }),
    () => apply(windows.conv2d, [x as Tensor, g], attrs),
  ],
  depthwiseConv2d: (g, [x, f], _, attrs) => [
    () =>
      apply(depthwise.depthwiseConv2dInputGrad, [g, f as Tensor], {
        ...attrs,
        inputSize: pairAt((x as Tensor).shape, 1),
      }),
    () => apply(depthwise.depthwiseConv2dFilterGrad, [x as Tensor, g], { ...attrs, ...filterSize(f as Tensor) }),
  ],
  depthwiseConv2dInputGrad: (g, [dy, f], _, { inputSize: __, ...attrs }) => [
    () => apply(depthwise.depthwiseConv2d, [g, f as Tensor], attrs),
    () => apply(depthwise.depthwiseConv2dFilterGrad, [g, dy as Tensor], { ...attrs, ...filterSize(f as Tensor) }),
  ],
  depthwiseConv2dFilterGrad: (g, [x, dy], _, { window: __, multiplier: ___, ...attrs }) => [
    () =>
      apply(depthwise.depthwiseConv2dInputGrad, [dy as Tensor, g], {
        ...attrs,
        inputSize: pairAt((x as Tensor).shape, 1),
      }),
    () => apply(depthwise.depthwiseConv2d, [x as Tensor, g], attrs),
  ],
  maxPool: one((g, x, _, attrs) => apply(windows.maxPoolGrad, [x, g], attrs)),
  maxPoolGrad: (g, [x], _, attrs) => [null, () => apply(windows.maxPoolGather, [x as Tensor, g], attrs)],
  maxPoolGather: (g, [x], _, attrs) => [null, () => apply(windows.maxPoolGrad, [x as Tensor, g], attrs)],
  avgPool: one((g, x, _, attrs) => apply(windows.avgPoolGrad, [g], { ...attrs, inputSize: pairAt(x.shape, 1) })),
  avgPoolGrad: one((g, _, __, { inputSize: ___, ...attrs }) => apply(windows.avgPool, [g], attrs)),
};
