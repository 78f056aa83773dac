/** Requests that are not served. */

/** Why a request is not served, as the client is told. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    /** The status of the answer. */
    readonly status: number,
    message: string,
    /** Headers that go with it. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** What the client asks for cannot be understood, or does not fit the model. */
export const badRequest = (message: string): Refusal => new Refusal(400, message);
