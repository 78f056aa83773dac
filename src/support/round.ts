/** The next multiple of `to`, from `value` up. */
export const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;
