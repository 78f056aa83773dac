/** Errors on their way between threads: they keep their class. */
import * as errors from '../support/errors';

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

export const failureOf = (error: unknown): Failure =>
  error instanceof Error
    ? { name: error.name, message: error.message, stack: error.stack }
    : { name: 'Error', message: String(error), stack: undefined };

const typed = errors as unknown as Readonly<Record<string, typeof errors.SamegradError | undefined>>;
const builtIn: Readonly<Record<string, ErrorConstructor>> = { TypeError, RangeError, SyntaxError };

export function errorOf({ name, message, stack }: Failure): Error {
  const error = new (typed[name] ?? builtIn[name] ?? Error)(message);
  if (error.name !== name) error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
