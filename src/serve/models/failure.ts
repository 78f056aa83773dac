/** What models do wrong, and what is told of it. */
import {
  ArgumentError,
  DTypeError,
  IndexError,
  OutOfMemoryError,
  SamegradError,
  ShapeError,
} from '../../support/errors';
import { Refusal } from '../protocol/refusal';
import type { Feeds, Servable } from './servable';

/** Errors of inputs: the client has to change them. */
const OF_INPUTS = [ShapeError, DTypeError, ArgumentError, IndexError];

/** The refusal that a client gets for an error of a model. Messages of other errors are for the log alone. */
export function failureOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { message } = error as Error;
  const told = (status: number, text: string): Refusal => Object.assign(new Refusal(status, text), { cause: error });
  if (OF_INPUTS.some((type) => error instanceof type)) return told(400, message);
  if (error instanceof OutOfMemoryError) return told(503, 'the request needs more memory than there is');
  return told(500, error instanceof SamegradError ? message : 'the model failed');
}

/** @throws Error unless the results are what the model says of its outputs */
export function checkResults(servable: Servable, results: Feeds, rows: number | undefined): void {
  for (const { name } of servable.outputs) {
    const shape = results[name]?.shape;
    if (shape === undefined) throw new Error(`the model did not return its output '${name}'`);
    if (rows !== undefined && shape[0] !== rows)
      throw new Error(`output '${name}' has the shape [${shape.join(', ')}] for ${rows} rows`);
  }
}
