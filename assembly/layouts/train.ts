/** Byte offsets of the operands of what changes parameters, counts and gathers over steps, from the command's start. */

/** An optimizer over one contiguous run of parameters. */
export enum Update {
  param = 8,
  grad = 12,
  count = 16,
  /** Laid out like the parameters. */
  slotA = 20,
  slotB = 24,
  slotC = 28,
  /** Address of `StepCells`. */
  step = 32,
  /** See each kernel. */
  flag = 36,
  /** Whether weights decay. */
  decays = 40,
  size = 44,
}

/** Numbers that the host writes before each run for the commands of one step; f32 unless stated otherwise. */
export enum StepCells {
  /** u32; 0: nothing changes, as gradients are only gathered. */
  gate = 0,
  /** The factor of each weight that is subtracted from it before the update. */
  decay = 4,
  /** Share of itself that a running average keeps. */
  average = 8,
  /** u32: whether weights become their averages. */
  overwrite = 12,
  /** Numbers of the optimizer; see each kernel. */
  rate = 16,
  p = 20,
  q = 24,
  r = 28,
  s = 32,
  e = 36,
  fix = 40,
  size = 48,
}

/** Adds one to a u32. */
export enum Count {
  cell = 8,
  size = 12,
}

/** state[k] += scale values[i][k] weights[i], and state[width] += scale weights[i], in f64, i ascending. */
export enum Accumulate {
  values = 8,
  /** 0: all one. */
  weights = 12,
  /** width + 1 f64 cells */
  state = 16,
  rows = 20,
  width = 24,
  /** f64 */
  scale = 32,
  size = 40,
}

/** state[indices[i]] += weights[i], in f64, i ascending. */
export enum Tally {
  indices = 8,
  weights = 12,
  state = 16,
  count = 20,
  limit = 24,
  size = 28,
}

/** Appends rows to a log. */
export enum Append {
  values = 8,
  /** Address of the log's head: the address of its rows (u32), and their number (u32). */
  head = 12,
  rows = 16,
  width = 20,
  size = 24,
}

/** The sum of blocks, in the order of a binary tree. */
export enum SumTree {
  /** Address of a `TreeBlock` for each block. */
  table = 8,
  blocks = 12,
  /** Elements of a block. */
  count = 16,
  out = 20,
  /** Whether elements are f64, not f32. */
  isDouble = 24,
  size = 28,
}

export enum TreeBlock {
  address = 0,
  /** How many times the two last sums become one after it. */
  additions = 4,
  size = 8,
}
