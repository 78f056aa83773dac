/** Sequences that are sent as they are made. */

import { show } from '../../support/arguments';
import { isPlainObject } from '../../support/plain-object';
import { parseObject } from '../protocol/json';
import { badRequest } from '../protocol/refusal';

/** What a client asks a sequence model for. */
export interface GenerateRequest {
  /** What the sequence begins with. */
  readonly text: string;
  /** Settings of the client, such as `max_tokens`; their meaning and checks are those of the model. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * Makes a sequence: yields its pieces one by one, such as characters or words. A client that leaves ends it. To refuse
 * parameters, throw an ArgumentError.
 */
export type Generate = (request: GenerateRequest) => AsyncIterable<string> | Iterable<string>;

/** Reads a request of the generate extension: `text_input`, `parameters`, and other settings beside them. @throws Refusal */
export function readGenerateRequest(body: Uint8Array): GenerateRequest & { readonly id: string | undefined } {
  const { id, text_input: text, parameters = {}, stream: _, ...others } = parseObject(body);
  if (typeof text !== 'string') throw badRequest(`text_input must be a string, got ${show(text)}`);
  if (id !== undefined && typeof id !== 'string') throw badRequest(`id must be a string, got ${show(id)}`);
  if (!isPlainObject(parameters)) throw badRequest(`parameters must be an object, got ${show(parameters)}`);
  return { id, text, parameters: { ...others, ...parameters } };
}
