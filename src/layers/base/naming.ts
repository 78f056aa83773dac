/** Names of layers that were not given one. */

const counters = new Map<string, number>();

/** `max_pooling2d` for MaxPooling2D. */
const snakeCase = (className: string): string =>
  className
    .replace(/[A-Z]+(?![a-z])|[A-Z]/g, (s, at: number) => (at ? '_' : '') + s.toLowerCase())
    .replace(/(\d)_d/g, '$1d');

/** `max_pooling2d`, then `max_pooling2d_1`, … for class MaxPooling2D. */
export function uniqueName(className: string): string {
  const base = snakeCase(className);
  const count = counters.get(base) ?? 0;
  counters.set(base, count + 1);
  return count ? `${base}_${count}` : base;
}
