/** Searches in ascending numbers. */

/** Index of the first number that is not below a given one. */
export function firstFrom(numbers: readonly number[], least: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether an integer is between two others. */
export function isAnyBetween(numbers: readonly number[], from: number, to: number): boolean {
  return (numbers[firstFrom(numbers, from + 1)] ?? to) < to;
}
