/** Names as users write them: `categoricalCrossentropy` and `categorical_crossentropy` mean the same. */
import { ArgumentError } from '../runtime/errors';

/** Only an underscore between two words is a matter of spelling. */
const plain = (name: string): string => name.replace(/([a-z0-9])_(?=[a-z0-9])/gi, '$1').toLowerCase();

/** The entry of a table by its name, in either spelling. @throws ArgumentError that lists what is known */
export function lookUp<T>(table: Readonly<Record<string, T>>, name: string, what: string, where: string): T {
  const key = typeof name === 'string' ? Object.keys(table).find((k) => plain(k) === plain(name)) : undefined;
  if (key === undefined)
    throw new ArgumentError(`${where}: unknown ${what} '${String(name)}'; known are ${Object.keys(table).join(', ')}`);
  return table[key] as T;
}
