/** Requests and answers as the server knows them, whatever the host. */

/** A request. */
export interface Call {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  /** A header by its name in lower case; null if it is not there. */
  header(name: string): string | null;
  /** The whole body. @throws Refusal if it has more than `most` bytes, or takes too long */
  body(most: number, milliseconds: number): Promise<Uint8Array>;
  /** Whether nobody waits for the answer any more. */
  isGone(): boolean;
}

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, bytes, or texts that are sent as they come. */
  readonly body: string | Uint8Array<ArrayBuffer> | AsyncIterable<string>;
}

/** An answer of JSON. */
export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

/** An answer without content. */
export const empty = (status: number): Answer => ({ status, headers: {}, body: '' });
