/** Rows of products, einsum, decompositions, fused products and recurrent cells. */
import * as sg from '../../../src/index';
import { given } from '../gradients/case';
import { at, build, map, matMul, type Nd, nd, type Shape, sizeOf, zip } from '../gradients/float64';
import type { FunctionCase, FunctionTable, Operand } from './case';

type Tensor = sg.Tensor;

/** Integers of [-5, 5]. */
export const ints = (seed: number, shape: Shape): Operand => ({
  ...map(given(seed, shape, -5, 5), Math.round),
  dtype: 'int32',
});
const show = (...shapes: Shape[]): string => shapes.map((s) => `[${s}]`).join(', ');
export const typed = (x: Nd, dtype: Operand['dtype']): Operand => ({ ...x, dtype });

const products: FunctionCase[] = (
  [
    [[2, 3], [3, 4], false, false],
    [[3, 2], [3, 4], true, false],
    [[2, 3], [4, 3], false, true],
    [[3, 2], [4, 3], true, true],
    [[2, 1, 2, 3], [3, 3, 2], false, false],
    [[3, 2], [2, 3, 3], true, true],
    [[1, 17], [17, 1], false, false],
    [[0, 3], [3, 2], false, false],
    [[2, 0], [0, 3], false, false],
    [[2, 2, 0], [2, 0, 3], false, false],
  ] as const
).map(([a, b, ta, tb]) => ({
  name: `${show(a, b)}, ${ta}, ${tb}`,
  inputs: [given(1, a), given(2, b)],
  run: (x, y) => sg.matMul(x as Tensor, y as Tensor, ta, tb),
  reference: (x, y) => typed(matMul(x as Nd, y as Nd, ta, tb), 'float32'),
}));

const dots: FunctionCase[] = (
  [
    [[4], [4]],
    [[3], [3, 2]],
    [[2, 3], [3]],
    [
      [2, 3],
      [3, 5],
    ],
    [[0], [0]],
  ] as const
).map(([a, b]) => ({
  name: show(a, b),
  inputs: [given(3, a), given(4, b)],
  run: (x, y) => (x as Tensor).dot(y as Tensor),
  reference: (x, y) => {
    const product = matMul(
      { shape: [a.length === 1 ? 1 : a[0], a[a.length - 1] as number], data: (x as Nd).data },
      { shape: [b[0], b.length === 1 ? 1 : (b[1] as number)], data: (y as Nd).data },
    );
    return typed({ shape: [...a.slice(0, -1), ...b.slice(1)], data: product.data }, 'float32');
  },
}));

/** Every assignment of the letters, term by term; ellipses are written out as letters before. */
function einsumOf(equation: string, xs: readonly Nd[], length: Readonly<Record<string, number>>): Nd {
  const [left, right] = equation.split('->') as [string, string];
  const terms = left.split(',');
  const letters = Object.keys(length);
  const out = new Float64Array(sizeOf([...right].map((l) => length[l] as number)));
  build(
    letters.map((l) => length[l] as number),
    (index) => {
      const value = (l: string): number => index[letters.indexOf(l)] as number;
      const term = terms.reduce((p, t, i) => {
        const x = xs[i] as Nd;
        const place = [...t].map((l, d) => (x.shape[d] === 1 ? 0 : value(l)));
        return p * at(x, place);
      }, 1);
      const to = [...right].reduce((o, l) => o * (length[l] as number) + value(l), 0);
      out[to] = (out[to] as number) + term;
      return 0;
    },
  );
  return nd(
    [...right].map((l) => length[l] as number),
    out,
  );
}

/** The equation, shapes, lengths, and the same equation written out where the first one is short. */
const EINSUMS: readonly (readonly [string, readonly Shape[], Record<string, number>, string?])[] = [
  [
    'ij,jk->ik',
    [
      [2, 3],
      [3, 4],
    ],
    { i: 2, j: 3, k: 4 },
  ],
  [
    'ij,jk',
    [
      [2, 3],
      [3, 4],
    ],
    { i: 2, j: 3, k: 4 },
    'ij,jk->ik',
  ],
  ['ba', [[2, 3]], { a: 3, b: 2 }, 'ba->ab'],
  [
    'bij, bjk -> bik',
    [
      [2, 2, 3],
      [2, 3, 2],
    ],
    { b: 2, i: 2, j: 3, k: 2 },
    'bij,bjk->bik',
  ],
  [
    'bji,bkj->bki',
    [
      [2, 3, 2],
      [2, 4, 3],
    ],
    { b: 2, i: 2, j: 3, k: 4 },
  ],
  ['ii->', [[4, 4]], { i: 4 }],
  ['ii', [[3, 3]], { i: 3 }, 'ii->'],
  ['ii->i', [[3, 3]], { i: 3 }],
  ['iji->j', [[3, 2, 3]], { i: 3, j: 2 }],
  ['iii->i', [[2, 2, 2]], { i: 2 }],
  [
    'biij,bj->ib',
    [
      [2, 3, 3, 2],
      [2, 2],
    ],
    { b: 2, i: 3, j: 2 },
  ],
  ['ij->', [[2, 3]], { i: 2, j: 3 }],
  ['ijk->kj', [[2, 3, 4]], { i: 2, j: 3, k: 4 }],
  ['ij->ij', [[2, 3]], { i: 2, j: 3 }],
  ['i,i->', [[5], [5]], { i: 5 }],
  ['i,j->ij', [[2], [3]], { i: 2, j: 3 }],
  ['i,j->ji', [[2], [3]], { i: 2, j: 3 }],
  [
    'bi,bi->b',
    [
      [3, 4],
      [3, 4],
    ],
    { b: 3, i: 4 },
  ],
  [
    'bi,bi->bi',
    [
      [3, 2],
      [3, 2],
    ],
    { b: 3, i: 2 },
  ],
  [
    'ij,kl->',
    [
      [2, 2],
      [3, 2],
    ],
    { i: 2, j: 2, k: 3, l: 2 },
  ],
  [
    'ij,jk,kl->il',
    [
      [2, 3],
      [3, 2],
      [2, 2],
    ],
    { i: 2, j: 3, k: 2, l: 2 },
  ],
  [
    'ij,jk,ki->',
    [
      [2, 3],
      [3, 2],
      [2, 2],
    ],
    { i: 2, j: 3, k: 2 },
  ],
  ['i,i,i->i', [[3], [3], [3]], { i: 3 }],
  ['a,b,c,d->dbca', [[2], [2], [1], [3]], { a: 2, b: 2, c: 1, d: 3 }],
  [
    '...ij,...jk->...ik',
    [
      [2, 3, 2, 3],
      [3, 3, 2],
    ],
    { x: 2, y: 3, i: 2, j: 3, k: 2 },
    'xyij,yjk->xyik',
  ],
  [
    '...ij,...jk->...ik',
    [
      [2, 1, 2, 3],
      [3, 3, 2],
    ],
    { x: 2, y: 3, i: 2, j: 3, k: 2 },
    'xyij,yjk->xyik',
  ],
  ['i...->...i', [[2, 3, 4]], { i: 2, x: 3, y: 4 }, 'ixy->xyi'],
  ['...i,i', [[2, 3, 4], [4]], { i: 4, x: 2, y: 3 }, 'xyi,i->xy'],
  [
    'i...,i...->...',
    [
      [2, 3],
      [2, 1],
    ],
    { i: 2, x: 3 },
    'ix,ix->x',
  ],
  ['...ii->...', [[2, 3, 3]], { x: 2, i: 3 }, 'xii->x'],
  [
    'ij,ij->ij',
    [
      [1, 3],
      [2, 1],
    ],
    { i: 2, j: 3 },
  ],
  [
    'ij,jk->ik',
    [
      [2, 1],
      [3, 4],
    ],
    { i: 2, j: 3, k: 4 },
  ],
  [
    'ij,jk->ik',
    [
      [2, 0],
      [0, 3],
    ],
    { i: 2, j: 0, k: 3 },
  ],
  [
    'bqhd,bkhd->bhqk',
    [
      [2, 3, 2, 4],
      [2, 2, 2, 4],
    ],
    { b: 2, q: 3, h: 2, d: 4, k: 2 },
  ],
  [
    'bhqk,bkhd->bqhd',
    [
      [2, 2, 3, 2],
      [2, 2, 2, 3],
    ],
    { b: 2, q: 3, h: 2, d: 3, k: 2 },
  ],
  ['->', [[]], {}],
  [',ij->ji', [[], [2, 3]], { i: 2, j: 3 }],
];

const einsums: FunctionCase[] = EINSUMS.map(([equation, shapes, length, full]) => ({
  name: `${equation} ${show(...shapes)}`,
  inputs: shapes.map((s, i) => given(5 + i, s)),
  run: (...xs) => sg.einsum(equation, ...xs),
  reference: (...xs) => typed(einsumOf(full ?? equation, xs, length), 'float32'),
}));

/** QR of one matrix by reflections that take the diagonal to the other side of zero. */
function householder(a: Nd, full: boolean): [Nd, Nd] {
  const [m, n] = a.shape as [number, number];
  const r = Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_x, j) => at(a, [i, j])));
  const q = Array.from({ length: m }, (_, i) => Array.from({ length: m }, (_x, j) => (i === j ? 1 : 0)));
  for (let j = 0; j < Math.min(m, n); j++) {
    const x = r.slice(j).map((row) => row[j] as number);
    const norm = Math.sqrt(x.reduce((s, v) => s + v * v, 0));
    if (norm === 0) continue;
    const v = [...x];
    v[0] = (x[0] as number) + ((x[0] as number) > 0 ? norm : -norm);
    const vv = v.reduce((s, e) => s + e * e, 0);
    for (const target of [r, q]) {
      for (let k = 0; k < (target[0] as number[]).length; k++) {
        let dot = 0;
        v.forEach((e, i) => {
          dot += e * ((target[j + i] as number[])[k] as number);
        });
        v.forEach((e, i) => {
          const row = target[j + i] as number[];
          row[k] = (row[k] as number) - (2 * dot * e) / vv;
        });
      }
    }
  }
  const k = full ? m : Math.min(m, n);
  return [
    build([m, k], ([i, j]) => (q[j as number] as number[])[i as number] as number),
    build([k, n], ([i, j]) =>
      (i as number) > (j as number) ? 0 : ((r[i as number] as number[])[j as number] as number),
    ),
  ];
}

const decomposed: FunctionCase[] = (
  [
    [[3, 3], false],
    [[4, 2], false],
    [[4, 2], true],
    [[2, 4], false],
    [[2, 4], true],
    [[1, 1], false],
    [[1, 3], false],
    [[3, 1], true],
    [[2, 2, 3, 2], false],
    [[2, 3, 2], true],
    [[0, 3, 2], false],
    [[0, 2], false],
  ] as const
).flatMap(([shape, full]): FunctionCase[] => {
  const parts = (x: Nd): Operand[] => {
    const [m, n] = shape.slice(-2) as [number, number];
    const lead = shape.slice(0, -2);
    const all = Array.from({ length: sizeOf(lead) }, (_, b) =>
      householder(nd([m, n], x.data.subarray(b * m * n, (b + 1) * m * n)), full),
    );
    const k = full ? m : Math.min(m, n);
    const join = (which: 0 | 1, size: Shape): Operand =>
      typed(
        nd(
          [...lead, ...size],
          all.flatMap((p) => [...p[which].data]),
        ),
        'float32',
      );
    return [join(0, [m, k]), join(1, [k, n])];
  };
  return [
    {
      name: `[${shape}] ${full}`,
      inputs: [given(7, shape)],
      run: (x) => sg.linalg.qr(x as Tensor, full),
      reference: (x) => parts(x as Nd),
      tolerance: 5e-6,
    },
  ];
});

/** q r is x even where columns depend on each other or are zero. */
const singular: FunctionCase = {
  name: 'a column of zeros',
  inputs: [nd([3, 3], [0, 1, 2, 0, 3, 4, 0, 5, 6])],
  run: (x) =>
    sg.tidy(() => {
      const [q, r] = sg.linalg.qr(x as Tensor);
      return [sg.matMul(q, r), sg.matMul(q, q, true)];
    }),
  reference: (x) => [x as Nd, build([3, 3], ([i, j]) => (i === j ? 1 : 0))],
  gradient: false,
};

const bands: FunctionCase[] = (
  [
    [[3, 4], 1, 1],
    [[3, 4], 0, -1],
    [[4, 3], -1, 0],
    [[3, 3], 0, 0],
    [[2, 3, 3], 2, 0],
    [[2, 2, 3], -1, -1],
    [[3, 0], 1, 0],
  ] as const
).map(([shape, lower, upper]) => ({
  name: `[${shape}] ${lower}, ${upper}`,
  inputs: [given(8, shape)],
  run: (x) => sg.linalg.bandPart(x as Tensor, lower, upper),
  reference: (x) =>
    typed(
      build(shape, (index) => {
        const [i, j] = index.slice(-2) as [number, number];
        const isIn = (lower < 0 || i - j <= lower) && (upper < 0 || j - i <= upper);
        return isIn ? at(x as Nd, index) : 0;
      }),
      'float32',
    ),
}));

function gramSchmidt(rows: readonly (readonly number[])[]): number[][] {
  const ys: number[][] = [];
  for (const row of rows) {
    let x = [...row];
    for (const y of ys) {
      const dot = y.reduce((s, v, i) => s + v * (x[i] as number), 0);
      x = x.map((v, i) => v - dot * (y[i] as number));
    }
    const norm = Math.sqrt(x.reduce((s, v) => s + v * v, 0));
    ys.push(x.map((v) => v / norm));
  }
  return ys;
}
const rowsOf = (x: Nd): number[][] =>
  Array.from({ length: x.shape[0] as number }, (_, i) => [
    ...x.data.subarray(i * (x.shape[1] as number), (i + 1) * (x.shape[1] as number)),
  ]);

const orthonormal: FunctionCase[] = [
  ...(
    [
      [2, 2],
      [1, 3],
      [2, 4],
      [3, 3],
    ] as const
  ).map((shape) => ({
    name: `[${shape}]`,
    inputs: [given(9, shape)],
    run: (x: Tensor) => sg.linalg.gramSchmidt(x),
    reference: (x: Nd) => typed(nd(shape, gramSchmidt(rowsOf(x)).flat()), 'float32'),
    tolerance: 5e-6,
  })),
  {
    name: 'vectors',
    inputs: [given(10, [3]), given(11, [3])],
    run: (...xs) => sg.linalg.gramSchmidt(xs),
    reference: (...xs) => gramSchmidt(xs.map((x) => [...x.data])).map((y) => nd([3], y)),
  },
];

export const ACTIVATE: Readonly<Record<string, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(0, x),
  relu6: (x) => Math.min(6, Math.max(0, x)),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  leakyrelu: (x) => (x < 0 ? 0.3 * x : x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

const fusedProducts: FunctionCase[] = [
  ...Object.entries(ACTIVATE).flatMap(([activation, f]) =>
    [true, false].map((hasBias): FunctionCase => {
      const inputs = [given(12, [3, 5], -3, 3), given(13, [5, 4]), ...(hasBias ? [given(14, [4])] : [])];
      return {
        name: `${activation}${hasBias ? ' with bias' : ''}`,
        inputs,
        run: (a, b, bias) =>
          sg.fused.matMul({
            a: a as Tensor,
            b: b as Tensor,
            bias,
            activation: activation as sg.fused.FusedActivation,
            leakyreluAlpha: 0.3,
          }),
        reference: (a, b, bias) => {
          const product = matMul(a as Nd, b as Nd);
          return typed(map(bias ? zip(product, bias, (x, y) => x + y) : product, f), 'float32');
        },
      };
    }),
  ),
  {
    name: 'prelu, transposed, batches',
    inputs: [given(15, [2, 4, 3]), given(16, [5, 4]), given(17, [5]), given(18, [5], 0.1, 0.5)],
    run: (a, b, bias, alpha) =>
      sg.fused.matMul({
        a: a as Tensor,
        b: b as Tensor,
        transposeA: true,
        transposeB: true,
        bias,
        activation: 'prelu',
        preluActivationWeights: alpha,
      }),
    reference: (a, b, bias, alpha) => {
      const z = zip(matMul(a as Nd, b as Nd, true, true), bias as Nd, (x, y) => x + y);
      return typed(
        build(z.shape, (i) => (at(z, i) < 0 ? at(alpha as Nd, i) : 1) * at(z, i)),
        'float32',
      );
    },
  },
];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function lstm(forget: number, kernel: Nd, bias: Nd, data: Nd, c: Nd, h: Nd): [Nd, Nd] {
  const units = c.shape[1] as number;
  const joined = build([data.shape[0] as number, (data.shape[1] as number) + units], ([i, j]) =>
    (j as number) < (data.shape[1] as number)
      ? at(data, [i as number, j as number])
      : at(h, [i as number, (j as number) - (data.shape[1] as number)]),
  );
  const gates = zip(matMul(joined, kernel), bias, (x, y) => x + y);
  const gate = (i: readonly number[], k: number): number => at(gates, [i[0] as number, (i[1] as number) + k * units]);
  const newC = build(
    c.shape,
    (i) => sigmoid(gate(i, 0)) * Math.tanh(gate(i, 1)) + at(c, i) * sigmoid(forget + gate(i, 2)),
  );
  return [newC, build(c.shape, (i) => Math.tanh(at(newC, i)) * sigmoid(gate(i, 3)))];
}

const cells: FunctionCase[] = [
  {
    name: '3 features, 2 units',
    inputs: [given(20, [5, 8]), given(21, [8]), given(22, [2, 3]), given(23, [2, 2]), given(24, [2, 2])],
    run: (kernel, bias, data, c, h) =>
      sg.basicLSTMCell(1, kernel as Tensor, bias as Tensor, data as Tensor, c as Tensor, h as Tensor),
    reference: (kernel, bias, data, c, h) => lstm(1, kernel as Nd, bias as Nd, data as Nd, c as Nd, h as Nd),
  },
];

const stacked: FunctionCase[] = [
  {
    name: 'two cells',
    inputs: [given(25, [5, 8]), given(26, [4, 8]), given(27, [2, 3]), given(28, [2, 2]), given(29, [2, 2])],
    run: (first, second, data, c, h) => {
      const cell =
        (kernel: Tensor): sg.LSTMCellFunc =>
        (x, state, hidden) =>
          sg.basicLSTMCell(0.5, kernel, [0, 0, 0, 0, 0, 0, 0, 0], x, state, hidden);
      const [newC, newH] = sg.multiRNNCell(
        [cell(first as Tensor), cell(second as Tensor)],
        data as Tensor,
        [c as Tensor, h as Tensor],
        [h as Tensor, c as Tensor],
      );
      return [...newC, ...newH];
    },
    reference: (first, second, data, c, h) => {
      const bias = nd([8], new Float64Array(8));
      const [c1, h1] = lstm(0.5, first as Nd, bias, data as Nd, c as Nd, h as Nd);
      const [c2, h2] = lstm(0.5, second as Nd, bias, h1, h as Nd, c as Nd);
      return [c1, c2, h1, h2];
    },
  },
];

const whole: FunctionCase[] = [
  {
    name: 'int32',
    inputs: [ints(31, [3, 4]), ints(32, [4, 2])],
    run: (a, b) => sg.matMul(a as Tensor, b as Tensor),
    reference: (a, b) => typed(matMul(a as Nd, b as Nd), 'int32'),
  },
  {
    name: 'int32 and float32',
    inputs: [ints(31, [3, 4]), given(32, [4, 2])],
    run: (a, b) => sg.matMul(a as Tensor, b as Tensor),
    reference: (a, b) => typed(matMul(a as Nd, b as Nd), 'float32'),
  },
];

export const linearFunctions: FunctionTable = {
  matMul: [...products, ...whole],
  dot: [
    ...dots,
    {
      name: 'int32',
      inputs: [ints(33, [4]), ints(34, [4])],
      run: (a, b) => sg.dot(a as Tensor, b as Tensor),
      reference: (a, b) => ({
        shape: [],
        dtype: 'int32',
        data: Float64Array.of((a as Nd).data.reduce((s, v, i) => s + v * ((b as Nd).data[i] as number), 0)),
      }),
    },
  ],
  outerProduct: (
    [
      [[3], [4]],
      [[1], [2]],
      [[0], [2]],
    ] as const
  ).map(([a, b]) => ({
    name: show(a, b),
    inputs: [given(35, a), given(36, b)],
    run: (x, y) => sg.outerProduct(x as Tensor, y as Tensor),
    reference: (x, y) =>
      build([a[0], b[0]], ([i, j]) => at(x as Nd, [i as number]) * at(y as Nd, [j as number])) as Operand,
  })),
  einsum: [
    ...einsums,
    {
      name: 'int32',
      inputs: [ints(37, [3, 3]), ints(38, [3])],
      run: (a, b) => sg.einsum('ij,j->i', a as Tensor, b as Tensor),
      reference: (a, b) => typed(einsumOf('ij,j->i', [a as Nd, b as Nd], { i: 3, j: 3 }), 'int32'),
    },
  ],
  'linalg.qr': [...decomposed, singular],
  'linalg.bandPart': [
    ...bands,
    {
      name: 'int32, limits in tensors',
      inputs: [ints(39, [4, 4]), { ...nd([], [1]), dtype: 'int32' }, { ...nd([], [-1]), dtype: 'int32' }],
      run: (x, lower, upper) => sg.linalg.bandPart(x as Tensor, lower as Tensor, upper as Tensor),
      reference: (x) =>
        typed(
          build([4, 4], (i) => ((i[0] as number) - (i[1] as number) <= 1 ? at(x as Nd, i) : 0)),
          'int32',
        ),
    },
  ],
  'linalg.gramSchmidt': orthonormal,
  'fused.matMul': fusedProducts,
  basicLSTMCell: cells,
  multiRNNCell: stacked,
};
