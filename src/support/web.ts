/** Types of the web platform; `never` in projects whose libraries do not declare them. */

type Instance<Name extends string> = typeof globalThis extends { readonly [K in Name]: { prototype: infer T } }
  ? T
  : never;

/** A `URL`. */
export type WebURL = Instance<'URL'>;
/** A `Request`. */
export type WebRequest = Instance<'Request'>;
/** A `Response`. */
export type WebResponse = Instance<'Response'>;
/** A `Blob` or `File`. */
export type WebBlob = Instance<'Blob'>;
/** A `ReadableStream`. */
export type WebStream = Instance<'ReadableStream'>;
/** The settings of `fetch`. */
export type WebRequestInit = typeof globalThis extends { fetch: (input: never, init?: infer Init) => unknown }
  ? Init
  : never;
