/** Modules that only some runtimes have. Their names are not literals, so bundlers neither resolve nor include them. */

const load = (name: string): Promise<unknown> =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ String(name)) as Promise<unknown>;

/** A package that only Node needs, if it is installed. */
export const loadPackage = load as <T>(name: string) => Promise<T>;

/** A built-in module of Node, Deno and Bun. @throws in other runtimes */
export async function loadBuiltin<T>(name: string): Promise<T> {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return (process?.getBuiltinModule?.(name) ?? (await load(name))) as T;
}
