// The GEMM microkernel alone, on panels that stay in the L1 cache: the speed that products are measured against.
import { Keep, tiles } from '../../assembly/gemm/tile';

/** `count` tiles of 2 x 16, each a fold of k steps over one packed panel. */
export function microkernel(count: i32, k: i32): void {
  const a: usize = 4096,
    b = a + ((<usize>k) << 3),
    c = b + ((<usize>k) << 6);
  for (let i = 0; i < count; i++) {
    tiles<Keep>(1, a, (<usize>k) << 2, 4, 0, b, 64, k, 1, c, 64, true, 0);
  }
}
