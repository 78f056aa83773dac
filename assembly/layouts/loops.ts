/** Byte offsets of the operands of loops, from the command's start. */

/** Runs the commands at `start` (bytes from this one) `count` times; before each run every record's word is set again. */
export enum Loop {
  count = 8,
  start = 12,
  /** Number of records `LoopRecord`, which follow. */
  records = 16,
  size = 24,
}

/** In run i the word at `at` (bytes from the loop's command) is base + i * stride. */
export enum LoopRecord {
  at = 0,
  base = 4,
  stride = 8,
  size = 12,
}
