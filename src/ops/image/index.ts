/** Functions on images (`sg.image`). */
export { flipLeftRight, grayscaleToRGB, rgbToGrayscale, threshold } from './color';
export { resizeBilinear, resizeNearestNeighbor } from './resize';
export { cropAndResize, type FillMode, rotateWithOffset, transform } from './sample';
export {
  nonMaxSuppression,
  nonMaxSuppressionAsync,
  nonMaxSuppressionPadded,
  nonMaxSuppressionPaddedAsync,
  nonMaxSuppressionWithScore,
  nonMaxSuppressionWithScoreAsync,
} from './suppression';
