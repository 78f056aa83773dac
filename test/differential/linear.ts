/** Calls of the differential run: products, convolutions, poolings. */
import type { Row } from './differential';

export const linear: readonly Row[] = [
  {
    op: 'matMul',
    count: 200,
    make(r) {
      const [m, n, k] = [r.int(1, 9), r.int(1, 9), r.int(1, 9)];
      const [a, b] = [r.pick([false, true]), r.pick([false, true])];
      const batch = r.shape(r.int(0, 2), 3);
      return {
        name: `transposeA ${a}, transposeB ${b}`,
        operands: [r.operand([...batch, ...(a ? [k, m] : [m, k])]), r.operand([...batch, ...(b ? [n, k] : [k, n])])],
        run: (kit, x, y) => kit.matMul(x, y, a, b),
      };
    },
  },
];
