/** Modules that only some runtimes have. Bundlers neither look for them nor pack them: their names are no literals. */

const load = (name: string): Promise<unknown> =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ String(name)) as Promise<unknown>;

/** A package for Node alone, if it is installed. */
export const loadPackage = load as <T>(name: string) => Promise<T>;

/** A module of Node, which Deno and Bun have too. @throws where there is none */
export async function loadBuiltin<T>(name: string): Promise<T> {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return (process?.getBuiltinModule?.(name) ?? (await load(name))) as T;
}
