/** The package has this file, but no types beside it. */
declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { Endpoint } from 'comlink';

  export interface NodeEndpoint {
    postMessage(message: unknown, transfer?: unknown[]): void;
    on(type: string, listener: unknown): void;
    off(type: string, listener: unknown): void;
  }
  export default function nodeEndpoint(end: NodeEndpoint): Endpoint;
}
