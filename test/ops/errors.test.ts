/** Calls that do not fit throw errors of the right class, whose message names the function. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

const of = (...shape: number[]): sg.Tensor => sg.zeros(shape);
const { ArgumentError, DTypeError, IndexError, ShapeError } = sg;

/** Function, error, call. */
type Wrong = readonly [string, new (message: string) => Error, () => unknown];

const products: readonly Wrong[] = [
  ['matMul', ShapeError, () => sg.matMul(of(2, 3), of(2, 3))],
  ['matMul', ShapeError, () => sg.matMul(of(3), of(3, 2))],
  ['matMul', ShapeError, () => sg.matMul(of(2, 2, 3), of(3, 3, 2))],
  ['dot', ShapeError, () => sg.dot(of(2, 3), of(2))],
  ['dot', ShapeError, () => sg.dot(of(1, 2, 3), of(3))],
  ['outerProduct', ShapeError, () => sg.outerProduct(of(2, 2), of(2))],
  ['einsum', ArgumentError, () => sg.einsum('ij->ik', of(2, 2))],
  ['einsum', ArgumentError, () => sg.einsum('ij->ii', of(2, 2))],
  ['einsum', ArgumentError, () => sg.einsum('ij,jk', of(2, 2))],
  ['einsum', ArgumentError, () => sg.einsum('i->j->k', of(2))],
  ['einsum', ArgumentError, () => sg.einsum('i1', of(2, 2))],
  ['einsum', ArgumentError, () => sg.einsum('i......', of(2, 2))],
  ['einsum', ArgumentError, () => sg.einsum('...i->i', of(2, 2))],
  ['einsum', ShapeError, () => sg.einsum('ijk', of(2, 2))],
  ['einsum', ShapeError, () => sg.einsum('ijk...', of(2, 2))],
  ['einsum', ShapeError, () => sg.einsum('ij,jk', of(2, 2), of(3, 2))],
  ['einsum', ShapeError, () => sg.einsum('ii', of(2, 3))],
  ['einsum', ShapeError, () => sg.einsum('ii', of(1, 3))],
  ['qr', ShapeError, () => sg.linalg.qr(of(3))],
  ['bandPart', ShapeError, () => sg.linalg.bandPart(of(3), 1, 1)],
  ['bandPart', ArgumentError, () => sg.linalg.bandPart(of(3, 3), 4, 1)],
  ['bandPart', ArgumentError, () => sg.linalg.bandPart(of(3, 3), 0.5, 1)],
  ['gramSchmidt', ShapeError, () => sg.linalg.gramSchmidt(of(3, 2))],
  ['gramSchmidt', ShapeError, () => sg.linalg.gramSchmidt([of(3), of(2)])],
  ['gramSchmidt', ShapeError, () => sg.linalg.gramSchmidt([])],
  ['fused', ArgumentError, () => sg.fused.matMul({ a: of(2, 2), b: of(2, 2), activation: 'prelu' })],
  ['fused', ArgumentError, () => sg.fused.matMul({ a: of(2, 2), b: of(2, 2), activation: 'swish' as never })],
  ['basicLSTMCell', ShapeError, () => sg.basicLSTMCell(1, of(3, 7), of(8), of(1, 1), of(1, 2), of(1, 2))],
  ['multiRNNCell', ShapeError, () => sg.multiRNNCell([(_, c, h) => [c, h]], of(1, 1), [], [])],
];

const image4 = (): sg.Tensor => of(1, 4, 4, 2);
const windows: readonly Wrong[] = [
  ['conv1d', ShapeError, () => sg.conv1d(of(1, 2, 3, 4), of(1, 3, 2), 1, 'same')],
  ['conv1d', ShapeError, () => sg.conv1d(of(1, 2, 3), of(3, 3, 2), 1, 'valid')],
  [
    'conv1d',
    ArgumentError,
    () =>
      sg.conv1d(of(1, 2, 3), of(1, 3, 2), 1, [
        [1, 1],
        [0, 0],
        [0, 0],
      ]),
  ],
  ['conv2d', ShapeError, () => sg.conv2d(image4(), of(3, 3, 2), 1, 'same')],
  ['conv2d', ShapeError, () => sg.conv2d(image4(), of(3, 3, 3, 2), 1, 'same')],
  ['conv2d', ShapeError, () => sg.conv2d(image4(), of(5, 5, 2, 2), 1, 'valid')],
  ['conv2d', ShapeError, () => sg.conv2d(of(4, 4), of(3, 3, 2, 2), 1, 'same')],
  ['conv2d', ArgumentError, () => sg.conv2d(image4(), of(3, 3, 2, 2), 0, 'same')],
  ['conv2d', ArgumentError, () => sg.conv2d(image4(), of(3, 3, 2, 2), [1, 2, 3], 'same')],
  ['conv2d', ArgumentError, () => sg.conv2d(image4(), of(3, 3, 2, 2), 1, 'full' as never)],
  ['conv2d', ArgumentError, () => sg.conv2d(image4(), of(3, 3, 2, 2), 1, -1)],
  [
    'conv2d',
    ArgumentError,
    () =>
      sg.conv2d(image4(), of(3, 3, 2, 2), 1, [
        [1, 0],
        [0, 0],
        [0, 0],
        [0, 0],
      ]),
  ],
  ['conv2d', ArgumentError, () => sg.conv2d(image4(), of(3, 3, 2, 2), 1, 'same', 'NDHWC')],
  ['conv2d', ArgumentError, () => sg.conv2d(image4(), of(3, 3, 2, 2), 1, 'same', 'NHWC', 1, 'floor')],
  ['conv2d', ArgumentError, () => sg.conv2d(image4(), of(3, 3, 2, 2), 1, 1, 'NHWC', 1, 'up' as never)],
  ['depthwiseConv2d', ShapeError, () => sg.depthwiseConv2d(image4(), of(3, 3, 3, 1), 1, 'same')],
  ['depthwiseConv2d', ShapeError, () => sg.depthwiseConv2d(image4(), of(3, 3, 2), 1, 'same')],
  ['separableConv2d', ShapeError, () => sg.separableConv2d(image4(), of(3, 3, 2, 2), of(1, 1, 3, 2), 1, 'same')],
  ['separableConv2d', ShapeError, () => sg.separableConv2d(image4(), of(3, 3, 2, 2), of(2, 1, 4, 2), 1, 'same')],
  ['conv2dTranspose', ShapeError, () => sg.conv2dTranspose(image4(), of(3, 3, 1, 2), [1, 9, 8, 1], 2, 'same')],
  ['conv2dTranspose', ShapeError, () => sg.conv2dTranspose(image4(), of(3, 3, 1, 2), [1, 8, 8, 2], 2, 'same')],
  ['conv2d', ShapeError, () => sg.conv2d(image4(), of(0, 3, 2, 2), 1, 'same')],
  ['dilation2d', ShapeError, () => sg.dilation2d(image4(), of(2, 0, 2), 1, 'same')],
  ['conv3d', ShapeError, () => sg.conv3d(image4(), of(1, 1, 1, 3, 1), 1, 'same')],
  ['conv3d', ShapeError, () => sg.conv3d(image4(), of(3, 3, 2, 2), 1, 'same')],
  ['conv3dTranspose', ShapeError, () => sg.conv3dTranspose(image4(), of(1, 1, 1, 1, 2), [1, 5, 4, 1], 1, 'same')],
  ['maxPool', ShapeError, () => sg.maxPool(image4(), 5, 1, 'valid')],
  ['maxPool', ArgumentError, () => sg.maxPool(image4(), 0, 1, 'valid')],
  ['avgPool', ArgumentError, () => sg.avgPool(image4(), 2, 1.5, 'valid')],
  ['pool', ArgumentError, () => sg.pool(image4(), 2, 'sum' as never, 'valid')],
  ['maxPool3d', ShapeError, () => sg.maxPool3d(of(4, 4, 2), 2, 1, 'valid')],
  ['avgPool3d', ArgumentError, () => sg.avgPool3d(of(1, 4, 4, 4, 2), [2, 2], 1, 'valid')],
  ['maxPoolWithArgmax', ShapeError, () => sg.maxPoolWithArgmax(image4(), 5, 1, 'valid')],
  ['dilation2d', ShapeError, () => sg.dilation2d(image4(), of(2, 2, 3), 1, 'same')],
  ['batchNorm2d', ShapeError, () => sg.batchNorm2d(of(2, 2, 2), of(2), of(2))],
  ['batchNorm3d', ShapeError, () => sg.batchNorm3d(of(2, 2, 2), of(2, 2), of(2))],
  ['batchNorm4d', ShapeError, () => sg.batchNorm4d(image4(), of(2), of(2), of(2, 2))],
  ['localResponseNormalization', ShapeError, () => sg.localResponseNormalization(of(2, 2))],
  ['localResponseNormalization', ArgumentError, () => sg.localResponseNormalization(image4(), 1.5)],
  ['dropout', ArgumentError, () => sg.dropout(of(2), 1)],
];

const boxes = (): sg.Tensor => of(2, 4);
const images: readonly Wrong[] = [
  ['resizeBilinear', ShapeError, () => sg.image.resizeBilinear(of(4, 4), [2, 2])],
  ['resizeBilinear', ArgumentError, () => sg.image.resizeBilinear(image4(), [0, 2])],
  ['resizeBilinear', ArgumentError, () => sg.image.resizeBilinear(image4(), [2, 2], true, true)],
  ['resizeNearestNeighbor', DTypeError, () => sg.image.resizeNearestNeighbor(sg.zeros([1, 2, 2, 1], 'bool'), [3, 3])],
  ['resample', ShapeError, () => sg.image.resizeBilinear(of(1, 0, 4, 2), [2, 2])],
  ['flipLeftRight', ShapeError, () => sg.image.flipLeftRight(of(4, 4, 3))],
  ['grayscaleToRGB', ShapeError, () => sg.image.grayscaleToRGB(image4())],
  ['rgbToGrayscale', ShapeError, () => sg.image.rgbToGrayscale(image4())],
  ['threshold', ShapeError, () => sg.image.threshold(of(4, 4, 2))],
  ['threshold', DTypeError, () => sg.image.threshold(sg.zeros([4, 4, 1], 'bool'))],
  ['threshold', ArgumentError, () => sg.image.threshold(of(4, 4, 1), 'mean' as never)],
  ['cropAndResize', ShapeError, () => sg.image.cropAndResize(image4(), of(2, 3), [0, 0], [2, 2])],
  ['cropAndResize', ArgumentError, () => sg.image.cropAndResize(image4(), boxes(), [0, 0], [0, 2])],
  ['cropAndResize', ArgumentError, () => sg.image.cropAndResize(image4(), boxes(), [0, 0], [2, 2], 'cubic' as never)],
  ['cropAndResize: boxInd', IndexError, () => sg.image.cropAndResize(image4(), boxes(), [0, 1], [2, 2])],
  ['transform', ShapeError, () => sg.image.transform(image4(), of(2, 8))],
  ['transform', ArgumentError, () => sg.image.transform(image4(), of(1, 8), 'cubic' as never)],
  ['transform', ArgumentError, () => sg.image.transform(image4(), of(1, 8), 'nearest', 'zero' as never)],
  ['rotateWithOffset', ShapeError, () => sg.image.rotateWithOffset(of(4, 4, 3), 1)],
  ['rotateWithOffset', ArgumentError, () => sg.image.rotateWithOffset(image4(), Number.NaN)],
  ['rotateWithOffset', ArgumentError, () => sg.image.rotateWithOffset(image4(), 1, [1, 2, 3])],
];

describe.each([
  ['products', products],
  ['windows', windows],
  ['images', images],
] as const)('%s', (_, rows) => {
  it.each(rows.map(([name, error, call], i) => [`${name}, ${i}`, name, error, call] as const))(
    '%s',
    (_name, name, error, call) => {
      expect(call).toThrow(error);
      expect(call).toThrow(name);
    },
  );

  it('leave nothing behind', () => {
    for (const [, , call] of rows) {
      const operands = sg.memory().numTensors;
      sg.tidy(() => {
        expect(call).toThrow();
      });
      expect(sg.memory().numTensors).toBe(operands);
    }
  });
});
