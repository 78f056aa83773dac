// Where the compiled modules come from; each build puts one of `hosts/` in the place of each.

/** All kernels, with unshared memory. */
declare module '#kernels' {
  /** As bytes, or already compiled. */
  export const kernels: Uint8Array<ArrayBuffer> | WebAssembly.Module;
}
/** The kernels that predictions need, with unshared memory. */
declare module '#kernels-predict' {
  export const kernels: Uint8Array<ArrayBuffer> | WebAssembly.Module;
}
/** All kernels, with shared memory. */
declare module '#kernels-threads' {
  /** Undefined where the runtime has no threads. */
  export const threaded: (() => Promise<Uint8Array<ArrayBuffer>>) | undefined;
}
