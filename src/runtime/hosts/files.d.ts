declare module '*.wasm.js' {
  const text: string;
  export default text;
}
declare module 'samegrad.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
declare module 'samegrad-predict.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
