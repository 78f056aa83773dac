/** Names as users write them: `categoricalCrossentropy` and `categorical_crossentropy` mean the same. */
import { show } from '../runtime/arguments';
import { ArgumentError } from '../runtime/errors';

/** Only an underscore between two words is a matter of spelling. */
const plain = (name: string): string => name.replace(/([a-z0-9])_(?=[a-z0-9])/gi, '$1').toLowerCase();

/** Letters to add, take away or replace to get from one name to the other (Levenshtein, 1966). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const [left, above, corner] = [next[j - 1], row[j], row[j - 1]] as [number, number, number];
      next.push(Math.min(left + 1, above + 1, corner + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** Of what may have been meant, what comes nearest, if anything comes near. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const all = known.map((k) => ({ k, far: distance(plain(name), plain(k)) })).sort((a, b) => a.far - b.far);
  return all[0] && all[0].far <= Math.max(1, name.length / 4) ? all[0].k : undefined;
}

/** The entry of a table by its name, in either spelling. @throws ArgumentError that lists what is known */
export function lookUp<T>(table: Readonly<Record<string, T>>, name: string, what: string, where: string): T {
  const known = Object.keys(table);
  const isName = typeof name === 'string';
  const key = isName ? known.find((k) => plain(k) === plain(name)) : undefined;
  if (key !== undefined) return table[key] as T;
  const meant = isName ? nearest(name, known) : undefined;
  throw new ArgumentError(
    `${where}: unknown ${what} ${show(name)}; ${meant ? `did you mean '${meant}'? ` : ''}known are ${known.join(', ')}`,
  );
}
