// Results as text.

const SHADES = ' .:-=+*#%@';

/** Rows: the digit shown; columns: the digit predicted. */
export function confusionMatrix(labels, predicted) {
  const counts = Array.from({ length: 10 }, () => new Array(10).fill(0));
  labels.forEach((label, i) => {
    counts[label][predicted[i]]++;
  });
  const row = (head, cells) => `${String(head).padStart(9)} |${cells.map((c) => String(c).padStart(6)).join('')}`;
  return [
    row('predicted', [...counts.keys()]),
    '-'.repeat(71),
    ...counts.map((cells, digit) => row(digit, cells)),
  ].join('\n');
}

/** Images of values in [0, 1] side by side, every second row left out: characters are twice as high as wide. */
function drawImages(images, indices) {
  const lines = [];
  for (let y = 0; y < 28; y += 2) {
    const line = indices.map((i) =>
      Array.from(
        { length: 28 },
        (_, x) => SHADES[Math.floor(images[i * 784 + y * 28 + x] * 0.999 * SHADES.length)],
      ).join(''),
    );
    lines.push(line.join(' '));
  }
  return lines.join('\n');
}

/** Images with what they are and what they were taken for. */
export function drawDigits(images, labels, predicted, indices) {
  const captions = indices.map((i) => `#${i}: is ${labels[i]}, predicted ${predicted[i]}`.padEnd(28));
  return `${drawImages(images, indices)}\n${captions.join(' ')}`;
}
