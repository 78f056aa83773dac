/** What an object holds in its properties. */

/** The elements of a list, a Map, a Set, or a plain object; undefined for anything else. */
function elements(value: object): Iterable<unknown> | undefined {
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? properties(value) : undefined;
}

/** The values of all own properties, whatever their names; getters are not run. */
const properties = (object: object): unknown[] =>
  Reflect.ownKeys(object).map((key) => Object.getOwnPropertyDescriptor(object, key)?.value);

/**
 * Objects of a class that are properties of another object, or entries of lists, Maps, Sets and plain objects there, each
 * once, in the order of the properties. Private fields (`#name`) cannot be seen.
 */
export function heldIn<T extends object>(holder: object, kind: abstract new (...args: never[]) => T): T[] {
  const found = new Set<T>();
  const seen = new Set<object>([holder]);
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    if (value instanceof kind) {
      found.add(value);
      return;
    }
    const inner = elements(value);
    if (!inner) return;
    seen.add(value);
    for (const element of inner) visit(element);
  };
  for (const value of properties(holder)) visit(value);
  return [...found];
}
