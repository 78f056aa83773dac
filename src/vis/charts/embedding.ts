/** Points of many dimensions in two. */
import type { TensorLike } from '../../ops/create/creation';
import { PCA } from '../../preprocessing/pca';
import { within } from '../../support/arguments';
import { ShapeError } from '../../support/errors';
import { showShape } from '../../tensor/shape';
import { numbersOf } from '../numbers';
import type { Picture } from '../picture';
import { drawPoints, type ScatterOptions } from './scatter';

/**
 * Embeddings, codes or any points in two dimensions. Those of more dimensions are shown along their first two principal
 * components (`sg.preprocessing.pca`), PC 1 and PC 2, with their shares of the variance at the axes.
 * @param points [n, dimensions], at least two
 * @returns a specification of Vega-Lite
 * @throws ShapeError for another shape, and for labels of another number; ArgumentError for settings out of range, and
 * for NaN where there are more than two dimensions
 * @example
 * const points = sg.randomNormal([50, 8], 0, 1, 'float32', 3);
 * const picture = vis.embedding(points, { labels: Array.from({ length: 50 }, (_, i) => i % 3) });
 * picture.data.values.length; // 50
 */
export function embedding(points: TensorLike, options?: ScatterOptions | null): Picture {
  const where = 'embedding';
  const { shape } = numbersOf(points, where, 'points', [2], '[n, dimensions]');
  const dimensions = shape[1] as number;
  if (dimensions < 2) throw new ShapeError(`${where}: points must have at least 2 dimensions, got ${showShape(shape)}`);
  if (dimensions === 2)
    return drawPoints(where, points, { xLabel: 'dimension 1', yLabel: 'dimension 2', ...options }, 'Embedding');
  const pca = within(where, () => new PCA({ nComponents: 2 }).fit(points));
  const [first, second] = (pca.explainedVarianceRatio as [number, number]).map((v) => `${(100 * v).toFixed(1)} %`);
  const flat = pca.transform(points);
  try {
    const title = 'Embedding: principal components';
    const labels = { xLabel: `PC 1 (${first})`, yLabel: `PC 2 (${second})` };
    return drawPoints(where, flat, { ...labels, ...options }, title);
  } finally {
    flat.dispose();
  }
}
