/** Byte offsets of the operands of elementwise commands, from the command's start. */

/**
 * Elementwise steps over one iteration space, block by block. After the header are `inputs` records of `MapInput`,
 * then `outputs` addresses, then `steps` records of `MapStep`.
 */
export enum MapHead {
  /** Elements of the iteration space. */
  count = 8,
  /** Length of its innermost dimension. */
  inner = 12,
  /** Elements per block: whole rows if the inner dimension fits, else a part of one row. */
  block = 16,
  inputs = 20,
  outputs = 24,
  steps = 28,
  /** Dimensions outside the innermost: their sizes, slowest first, padded in front with 1. */
  d0 = 32,
  d1 = 36,
  d2 = 40,
  d3 = 44,
  d4 = 48,
  /** Bytes of this command's header. */
  size = 52,
}

export enum MapInput {
  address = 0,
  access = 4,
  s0 = 8,
  s1 = 12,
  s2 = 16,
  s3 = 20,
  s4 = 24,
  inner = 28,
  size = 32,
}

/** Operands by number: inputs first, then outputs, then temporaries. */
export enum MapStep {
  /** `Un`, or `BINARY + Bin`, or `TERNARY + Tern`. */
  code = 0,
  target = 4,
  a = 8,
  b = 12,
  c = 16,
  /** f32 parameters of the step. */
  p = 20,
  q = 24,
  /** Steps of the chain that starts here, this one included; 1: none does. */
  length = 28,
  /** As part of a chain: `Link`, and the operand that is not the result of the step before. */
  link = 32,
  other = 36,
  /** 1: the chain's step does not continue from the one before, but from `a`. */
  isLoaded = 40,
  /** 1: others than the next step read the result. */
  isStored = 44,
  size = 48,
}
