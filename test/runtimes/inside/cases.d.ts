// host/ops.mjs bundles the file unpacked.
declare module '*/onnx-cases.bin.gz' {
  const file: Uint8Array;
  export default file;
}
