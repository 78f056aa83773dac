/** Names as users write them: `categoricalCrossentropy` and `categorical_crossentropy` mean the same. */
import { show } from './arguments';
import { ArgumentError } from './errors';

/** Known names, which editors complete, and any other: spellings with underscores, and names that users registered. */
export type OpenName<Name extends string> = Name | (string & {});

/** Underscores between words, and upper case, are ignored. */
const plain = (name: string): string => name.replace(/([a-z0-9])_(?=[a-z0-9])/gi, '$1').toLowerCase();

/**
 * Number of mistakes between two names: letters added, left out, replaced, or swapped with the next one (optimal string
 * alignment; Damerau, 1964).
 */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] as number;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const least = Math.min(at(i, j - 1) + 1, at(i - 1, j) + 1, at(i - 1, j - 1) + (isSame ? 0 : 1));
      row.push(isSwap ? Math.min(least, at(i - 2, j - 2) + 1) : least);
    }
  }
  return at(a.length, b.length);
}

/** 'lr' for learningRate */
const initials = (name: string): string => name.replace(/(?!^)[a-z0-9]+/g, '').toLowerCase();

/** Length of the shortest name that is searched for inside others. */
const SHORTEST = 3;

/**
 * The known name that was probably meant, if any: the same except for its spelling, a few mistakes away, or one that
 * contains the name; the first of several.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const own = plain(name);
  const all = known.map((k) => ({ k, far: distance(own, plain(k)) })).sort((a, b) => a.far - b.far);
  if (all[0] && all[0].far <= Math.max(1, name.length / 4)) return all[0].k;
  const find = (isMeant: (k: string) => boolean): string | undefined => known.find((k) => isMeant(k));
  const longer = own.length >= SHORTEST ? find((k) => plain(k).includes(own)) : undefined;
  return find((k) => initials(k) === own) ?? longer ?? find((k) => own.includes(plain(k)));
}

const guess = (name: unknown, likely: readonly string[]): string | undefined => {
  const near = typeof name === 'string' ? nearest(name, likely) : undefined;
  return near === undefined ? undefined : `'${near}'`;
};

/** `unknown setting 'untis'; did you mean 'units'? known are units, activation` */
export function unknown(
  where: string,
  what: string,
  name: unknown,
  known: readonly string[],
  likely = known,
  meant = guess(name, likely),
): Error {
  return new ArgumentError(
    `${where}: unknown ${what} ${show(name)}; ${meant ? `did you mean ${meant}? ` : ''}known are ${known.join(', ')}`,
  );
}

/** 'a', 'b' or 'c' */
const anyOf = (names: readonly string[]): string =>
  names
    .map((name) => `'${name}'`)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' or ');

/**
 * The entry of a table by its name, in either spelling.
 * @param families names that several entries share, such as crossentropy, and the entries to choose from
 * @throws ArgumentError that lists the known names
 */
export function lookUp<T>(
  table: Readonly<Record<string, T>>,
  name: string,
  what: string,
  where: string,
  families: Readonly<Record<string, readonly string[]>> = {},
): T {
  const known = Object.keys(table);
  const key = typeof name === 'string' ? known.find((k) => plain(k) === plain(name)) : undefined;
  if (key === undefined) {
    const family = typeof name === 'string' ? Object.keys(families).find((k) => plain(k) === plain(name)) : undefined;
    throw unknown(where, what, name, known, known, family === undefined ? undefined : anyOf(families[family] ?? []));
  }
  return table[key] as T;
}
