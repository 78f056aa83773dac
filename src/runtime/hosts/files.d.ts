declare module '*/samegrad.wasm' {
  const base64: string;
  export default base64;
}
declare module '*/samegrad-threads.wasm' {
  const base64: string;
  export default base64;
}
declare module 'samegrad.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
