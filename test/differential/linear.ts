/** Calls of the differential run: products, einsum, decompositions, recurrent cells. */
import { type Nd, matMul as reference } from '../tables/gradients/float64';
import type { Call, Kit, Random, Row } from './differential';

/** A call that knows what it should give. */
export type Judged = Call & { readonly expected: () => Nd };
/** The truth of rows where TensorFlow.js is wrong. */
export const judged = (call: Call): Nd => (call as Judged).expected();

const ACTIVATIONS = ['linear', 'relu', 'relu6', 'elu', 'leakyrelu', 'sigmoid', 'prelu'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** What a fused function gets besides its operands. */
export const fusion = (
  r: Random,
): { activation: Activation; hasBias: boolean; name: string; args: (bias: unknown, alpha: unknown) => object } => {
  const activation = r.pick(ACTIVATIONS);
  const hasBias = r.pick([true, false]);
  return {
    activation,
    hasBias,
    name: `${activation}, bias ${hasBias}`,
    args: (bias, alpha) => ({
      activation,
      bias: hasBias ? bias : undefined,
      preluActivationWeights: activation === 'prelu' ? alpha : undefined,
      leakyreluAlpha: 0.3,
    }),
  };
};

const EQUATIONS = [
  'ij,jk->ik',
  'ij,jk->ki',
  'ij,kj->ik',
  'bij,bjk->bik',
  'bij,bkj->bki',
  'i,i->',
  'i,j->ij',
  'bi,bi->b',
  'bi,bi->ib',
  'ij->ji',
  'ij->i',
  'ijk->',
  'ijk->ki',
  'ijk,j->ik',
  'bqhd,bkhd->bhqk',
  'ij,ij->ij',
] as const;

const product = (r: Random, dtype: 'float32' | 'int32'): Call => {
  const [m, n, k] = [r.int(1, 9), r.int(1, 9), r.int(1, 9)];
  const [a, b] = [r.pick([false, true]), r.pick([false, true])];
  const batch = r.shape(r.int(0, 2), 3);
  const operand = (shape: number[]) => r.operand(shape, dtype, -9, 9);
  return {
    name: `transposeA ${a}, transposeB ${b}`,
    operands: [operand([...batch, ...(a ? [k, m] : [m, k])]), operand([...batch, ...(b ? [n, k] : [k, n])])],
    run: (kit, x, y) => kit.matMul(x, y, a, b),
  };
};

export const linear: readonly Row[] = [
  { op: 'matMul', count: 200, make: (r) => product(r, 'float32') },
  { op: 'matMul of integers', count: 40, make: (r) => product(r, 'int32') },
  {
    op: 'matMul of batches that broadcast',
    count: 60,
    fault: 'pairs wrong batches where both operands broadcast, or a dimension in the middle does',
    truth: judged,
    make(r): Judged {
      const batch = r.shape(2, 3);
      const one = (): number[] => batch.map((d) => r.pick([d, d, 1]));
      const [x, y] = [r.operand([...one(), 2, 3]), r.operand([...one(), 3, 2])];
      return { name: '', operands: [x, y], run: (kit, a, b) => kit.matMul(a, b), expected: () => reference(x, y) };
    },
  },
  {
    op: 'dot',
    make(r) {
      const [m, n, k] = [r.int(1, 9), r.int(1, 9), r.int(1, 9)];
      const dtype = r.pick(['float32', 'int32'] as const);
      return {
        name: '',
        operands: [r.operand(r.pick([[k], [m, k]]), dtype, -9, 9), r.operand(r.pick([[k], [k, n]]), dtype, -9, 9)],
        run: (kit, a, b) => kit.dot(a, b),
      };
    },
  },
  {
    op: 'outerProduct',
    count: 20,
    make: (r) => ({
      name: '',
      operands: [r.operand(r.shape(1, 9)), r.operand(r.shape(1, 9))],
      run: (kit, a, b) => kit.outerProduct(a, b),
    }),
  },
  {
    op: 'einsum',
    count: 80,
    make(r) {
      const equation = r.pick(EQUATIONS);
      const lengths = new Map<string, number>();
      const shapes = (equation.split('->')[0] as string).split(',').map((term) =>
        [...term].map((letter) => {
          if (!lengths.has(letter)) lengths.set(letter, r.int(1, 5));
          return lengths.get(letter) as number;
        }),
      );
      return {
        name: equation,
        operands: shapes.map((s) => r.operand(s)),
        run: (kit, ...xs) => kit.einsum(equation, ...xs),
      };
    },
  },
  {
    op: 'einsum of all elements',
    count: 10,
    fault: 'leaves the second operand unsummed if the first is summed altogether',
    truth: judged,
    make(r): Judged {
      const [x, y] = [r.operand(r.shape(2)), r.operand(r.shape(2))];
      const sum = (a: Nd): number => a.data.reduce((s, v) => s + v, 0);
      return {
        name: 'ij,kl->',
        operands: [x, y],
        run: (kit, a, b) => kit.einsum('ij,kl->', a, b),
        expected: () => ({ shape: [], data: Float64Array.of(sum(x) * sum(y)) }),
      };
    },
  },
  {
    op: 'linalg.qr',
    count: 60,
    bound: 2e-5,
    make(r) {
      const full = r.pick([false, true]);
      const n = r.int(1, 6);
      const shape = r.pick([
        [n, n],
        [n, r.int(1, 6)],
        [r.int(1, 3), n, n],
      ]);
      return {
        name: `fullMatrices ${full}`,
        operands: [r.operand(shape)],
        run: (kit, x) => kit.linalg.qr(x, full),
      };
    },
  },
  {
    op: 'linalg.bandPart',
    count: 40,
    make(r) {
      const [m, n] = [r.int(1, 6), r.int(1, 6)];
      const [lower, upper] = [r.int(-1, m), r.int(-1, n)];
      return {
        name: `${lower}, ${upper}`,
        operands: [r.operand([...r.shape(r.int(0, 2), 3), m, n], r.pick(['float32', 'int32'] as const), -9, 9)],
        run: (kit, x) => kit.linalg.bandPart(x, lower, upper),
      };
    },
  },
  {
    op: 'linalg.gramSchmidt',
    bound: 1e-4,
    make(r) {
      const n = r.int(2, 6);
      return {
        name: '',
        operands: [r.operand([r.int(1, n - 1), n])],
        run: (kit, x) => kit.linalg.gramSchmidt(x),
      };
    },
  },
  {
    op: 'fused.matMul',
    count: 60,
    make(r) {
      const [m, n, k] = [r.int(1, 9), r.int(1, 9), r.int(1, 9)];
      const f = fusion(r);
      const [a, b] = [r.pick([false, true]), r.pick([false, true])];
      return {
        name: `${f.name}, transposeA ${a}, transposeB ${b}`,
        operands: [
          r.operand(a ? [k, m] : [m, k]),
          r.operand(b ? [n, k] : [k, n]),
          r.operand([n]),
          r.operand([n], 'float32', 0.1, 0.5),
        ],
        run: (kit: Kit, x, y, bias, alpha) =>
          kit.fused.matMul({ a: x, b: y, transposeA: a, transposeB: b, ...f.args(bias, alpha) }),
      };
    },
  },
  {
    op: 'basicLSTMCell',
    count: 20,
    make(r) {
      const [n, features, units] = [r.int(1, 4), r.int(1, 5), r.int(1, 5)];
      const forget = r.float(0, 2);
      return {
        name: `forgetBias ${forget}`,
        operands: [
          r.operand([features + units, 4 * units]),
          r.operand([4 * units]),
          r.operand([n, features]),
          r.operand([n, units]),
          r.operand([n, units]),
        ],
        run: (kit, kernel, bias, data, c, h) => kit.basicLSTMCell(kit.scalar(forget), kernel, bias, data, c, h),
      };
    },
  },
  {
    op: 'multiRNNCell',
    count: 10,
    make(r) {
      const [n, units] = [r.int(1, 4), r.int(1, 5)];
      return {
        name: '',
        operands: [
          r.operand([2 * units, 4 * units]),
          r.operand([4 * units]),
          r.operand([n, units]),
          r.operand([n, units]),
          r.operand([n, units]),
        ],
        run(kit, kernel, bias, data, c, h) {
          const cell = (x: unknown, state: unknown, hidden: unknown) =>
            kit.basicLSTMCell(kit.scalar(1), kernel, bias, x, state, hidden);
          const [newC, newH] = kit.multiRNNCell([cell, cell], data, [c, h], [h, c]);
          return [...newC, ...newH];
        },
      };
    },
  },
];
