/** JSON of requests, within bounds: what would take far more memory than its text is refused before it is parsed. */
import { isPlainObject } from '../../support/plain-object';
import { badRequest } from './refusal';

/** Objects in a request, and how deep it is nested, at most. */
const MOST_OBJECTS = 10_000;
const DEEPEST = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Counts what stands outside of strings. @throws Refusal */
function checkStructure(bytes: Uint8Array): void {
  let depth = 0;
  let objects = 0;
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i];
    if (c === QUOTE) {
      for (i++; i < bytes.length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++;
    } else if (c === 0x7b || c === 0x5b) {
      if (c === 0x7b) objects++;
      if (++depth > DEEPEST || objects > MOST_OBJECTS)
        throw badRequest(`the request is nested too deep, or has more than ${MOST_OBJECTS} objects`);
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The object that bytes are the text of; an empty one for none. @throws Refusal */
export function parseObject(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length === 0) return {};
  checkStructure(bytes);
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch {
    // What engines say of it differs.
    throw badRequest('the request is not valid JSON in UTF-8');
  }
  if (!isPlainObject(value)) throw badRequest('the request must be an object of JSON');
  return value as Record<string, unknown>;
}
