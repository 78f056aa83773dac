/** Functions of one's own as ops. */
import { checkFunction, checkSettings } from '../support/arguments';
import { ArgumentError } from '../support/errors';
import { tidy } from '../tensor/scope';

/**
 * Makes a function that disposes of its temporary tensors when it returns, like the library's own functions.
 * @param f an object with the function alone, under its name; a trailing underscore is removed.
 * @throws ArgumentError unless f holds exactly one function
 * @example
 * const norm = sg.op({ norm_: (x) => x.square().sum().sqrt() });
 * norm(sg.tensor1d([3, 4])).dataSync(); // [5]
 */
export function op<F extends (...args: never[]) => unknown>(f: Readonly<Record<string, F>>): F {
  const entries = Object.entries(checkSettings(f, 'op', 'f'));
  const [name, fn] = entries[0] ?? [];
  if (entries.length !== 1 || name === undefined)
    throw new ArgumentError(`op: f must hold one function under its name, got ${entries.length} properties`);
  checkFunction(fn, 'op', `f.${name}`);
  const own = name.replace(/_$/, '');
  const scoped = (...args: never[]): unknown => tidy(own, () => (fn as F)(...args));
  Object.defineProperty(scoped, 'name', { value: own });
  return scoped as F;
}
