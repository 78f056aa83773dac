/** What this runtime has to keep models in. */
import { RuntimeSupportError } from '../../support/errors';

/** Whether this runtime has a file system. */
export const hasFiles = (): boolean => {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
};

/** @throws RuntimeSupportError for what only browsers have */
export function browserThing<T>(name: string, where: string): T {
  const thing = (globalThis as Record<string, unknown>)[name];
  if (thing === undefined || thing === null)
    throw new RuntimeSupportError(`${where}: this runtime has no ${name}; use a path, a handler of sg.io, or bytes`);
  return thing as T;
}
