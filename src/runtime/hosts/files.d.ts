declare module '*/samegrad.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
declare module '*/samegrad-threads.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
declare module 'samegrad.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
