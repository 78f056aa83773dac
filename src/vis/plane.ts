/** Functions of two variables over a grid, as images behind a plot. */
import type { Spec } from './picture';
import { type Pixels, pngURL } from './png';

/** The part of the plane that is drawn. */
export interface Plane {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** Places of the pixels of a grid, row by row from above: the centres of the pixels. */
export function gridPoints({ x, y }: Plane, columns: number, rows: number): Float32Array {
  const points = new Float32Array(2 * columns * rows);
  for (let j = 0, at = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      points[at++] = x[0] + ((x[1] - x[0]) * (i + 0.5)) / columns;
      points[at++] = y[1] - ((y[1] - y[0]) * (j + 0.5)) / rows;
    }
  return points;
}

/** An axis that shows the plane exactly. */
export const planeAxis = (field: string, title: string, domain: readonly [number, number]): Spec => ({
  field,
  type: 'quantitative',
  title,
  scale: { domain: [...domain], nice: false, zero: false },
  axis: { grid: false },
});

/** Pixels that fill a plot. @param size of the plot; by default that of a picture of one plot */
export const planeImage = (pixels: Pixels, smooth: boolean, size?: { width: number; height: number }): Spec => {
  const side = (name: 'width' | 'height', part: string): Spec | number =>
    size ? size[name] / (part ? 2 : 1) : { expr: `${name}${part}` };
  const mark = {
    type: 'image',
    aria: false,
    aspect: false,
    smooth,
    width: side('width', ''),
    height: side('height', ''),
  };
  return {
    data: { values: [{ url: pngURL(pixels) }] },
    mark,
    encoding: { x: { value: side('width', ' / 2') }, y: { value: side('height', ' / 2') }, url: { field: 'url' } },
  };
};
