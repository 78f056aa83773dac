/** sin, cos and exp of one number of the host, from + - * / alone: the same bits in every engine. */

/** π/2 in two parts; the first has 33 significant bits, so that small multiples of it are exact. */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;

/** Σ over n of the terms that `next` makes one from another, until they no longer count. */
function series(first: number, next: (term: number, n: number) => number): number {
  let sum = first;
  let term = first;
  for (let n = 1; n < 40; n++) {
    term = next(term, n);
    if (sum + term === sum) break;
    sum += term;
  }
  return sum;
}

/** Sine and cosine, exact to the last bits while |x| is below a million. */
export function sinCos(x: number): [number, number] {
  const turns = Math.round(x / (HALF_PI_HIGH + HALF_PI_LOW));
  const r = x - turns * HALF_PI_HIGH - turns * HALF_PI_LOW;
  const square = r * r;
  const sin = series(r, (term, n) => (-term * square) / (2 * n * (2 * n + 1)));
  const cos = series(1, (term, n) => (-term * square) / ((2 * n - 1) * 2 * n));
  const quarter = ((turns % 4) + 4) % 4;
  if (quarter === 0) return [sin, cos];
  if (quarter === 1) return [cos, -sin];
  return quarter === 2 ? [-sin, -cos] : [-cos, sin];
}

/** eˣ for x <= 0. */
export function expOf(x: number): number {
  if (x < -745) return 0;
  const halvings = Math.round(-x / Math.LN2);
  const r = x + halvings * Math.LN2;
  let y = series(1, (term, n) => (term * r) / n);
  for (let i = 0; i < halvings; i++) y *= 0.5;
  return y;
}
