/**
 * How much is tested of what has no end, such as random programs, and in how many runtimes: all of it with
 * SAMEGRAD_TESTS=all in the environment, as in CI; a share of it otherwise, so that all tests take a few minutes.
 */
export const isAll = process.env.SAMEGRAD_TESTS === 'all';

/** The first number with SAMEGRAD_TESTS=all, else the second. */
export const effort = (all: number, share: number): number => (isAll ? all : share);
