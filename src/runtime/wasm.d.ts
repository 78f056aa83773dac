/** Where the compiled modules come from; each build puts one of `hosts/` in its place. */
declare module '#wasm' {
  /** The module with unshared memory, as bytes or already compiled. */
  export const plain: Uint8Array<ArrayBuffer> | WebAssembly.Module;
  /** The module with shared memory; undefined where the runtime has no threads. */
  export const threaded: (() => Promise<Uint8Array<ArrayBuffer>>) | undefined;
}
