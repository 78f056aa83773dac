/** Every fault found, as one line each. */
export function findFaults(): string[];
