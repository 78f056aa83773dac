/** Blue for values above zero, orange for those below, white for zero (Okabe and Ito's colours). */
const HIGH = [0, 114, 178];
const LOW = [213, 94, 0];

/** The colour of a value in [-1, 1], as [r, g, b]. */
export function colorOf(value) {
  const t = Math.min(1, Math.abs(value));
  return (value < 0 ? LOW : HIGH).map((c) => Math.round(255 + (c - 255) * t));
}

export const cssOf = (value) => `rgb(${colorOf(value).join(' ')})`;

/** Draws values in [-1, 1], row by row, on a canvas of as many pixels. */
export function paint(canvas, values, from, size, scale) {
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext('2d');
  const image = context.createImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    image.data.set(colorOf(scale(values[from + i])), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
