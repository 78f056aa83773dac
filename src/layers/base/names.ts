/** Classes and functions of users by the names that settings hold. */
import { checkText } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';

// biome-ignore lint/complexity/noBannedTypes: any class or function
type Named = Function & { readonly className?: string };

const known = new Map<string, Named>();
const names = new Map<unknown, string>();

/** Registers a class or a function. @throws ArgumentError if it has no name */
export function register(thing: Named, packageName?: string, name?: string): void {
  const own =
    typeof thing === 'function' && (name ?? (Object.hasOwn(thing, 'className') ? thing.className : thing.name));
  if (own) checkText(own, 'registerClass', 'name');
  if (packageName) checkText(packageName, 'registerClass', 'packageName');
  if (!own) throw new ArgumentError('registerClass: needs a class or a function, with a name');
  const full = packageName ? `${packageName}>${own}` : own;
  known.set(full, thing);
  names.set(thing, full);
}

/** The class or function that was registered under a name. */
export const registered = (name: string): unknown => known.get(name);

/** The full name of the one thing of some kind that was registered under a name, whatever its package is. */
export function fullNameOf(name: string, isMeant: (thing: unknown) => boolean): string | undefined {
  const found = [...known].filter(([full, thing]) => full.slice(full.indexOf('>') + 1) === name && isMeant(thing));
  return found.length === 1 ? found[0]?.[0] : undefined;
}

/** The name that something was registered by. */
export const nameOf = (thing: unknown): string | undefined => names.get(thing);

/** The name of an object's class in settings: the registered name, its own `className`, or the name of the class. */
export function classNameOf(object: object): string {
  const { className } = object as { className?: unknown };
  const cls = object.constructor as Named;
  return nameOf(cls) ?? (typeof className === 'string' ? className : (cls.className ?? cls.name));
}
