/** Rows of activation functions. */
import * as sg from '../../../src/index';
import { type Nd, zip } from '../gradients/float64';
import type { FunctionCase, FunctionTable } from './case';
import { as, avoiding, BIG, binary, bools, given, ints, list, PAIRS, unary } from './operands';

type Tensor = sg.Tensor;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const SCALE = 1.0507009873554805;
const ALPHA = 1.6732632423543772;

/** The normal distribution function, by integration of its density from 0 (Simpson). */
function normal(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  const n = 2000;
  const density = (t: number): number => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < n; i++) sum += (i % 2 ? 4 : 2) * density((x * i) / n);
  return 0.5 + (sum * x) / (3 * n);
}

const gelu = (x: number): number => x * normal(x);
const geluTanh = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

interface Activation {
  readonly run: (x: Tensor) => Tensor;
  readonly f: (x: number) => number;
  readonly kinks?: readonly number[];
  readonly what?: string;
}

/** So large that what is not chosen overflows: values and gradients stay finite. */
const FAR = list([-1000, -200, -100, -30, 30, 100, 200, 1000]);

const rows = ({ run, f, kinks = [], what = '' }: Activation): FunctionCase[] => [
  ...unary(
    (x) => run(x as Tensor),
    f,
    'float32',
    [[], [9], [2, 1, 3], [0]].map((s) => avoiding(1, s, kinks)),
    { what },
  ),
  ...unary((x) => run(x as Tensor), f, 'float32', [FAR, ints(2, [5], 1, 5)], { what: `${what} far out` }),
  ...unary((x) => run(x as Tensor), f, 'float32', [bools(3, [3])], { what, gradient: false }),
];

const tables: Readonly<Record<string, readonly Activation[]>> = {
  elu: [
    { run: sg.elu, f: (x) => (x > 0 ? x : Math.expm1(x)) },
    { run: (x) => x.elu(0.5), f: (x) => (x > 0 ? x : 0.5 * Math.expm1(x)), kinks: [0], what: 'alpha 0.5' },
  ],
  selu: [
    { run: sg.selu, f: (x) => SCALE * (x > 0 ? x : ALPHA * Math.expm1(x)), kinks: [0] },
    { run: (x) => x.selu(), f: (x) => SCALE * (x > 0 ? x : ALPHA * Math.expm1(x)), kinks: [0], what: 'method' },
  ],
  gelu: [
    { run: (x) => sg.gelu(x), f: gelu },
    { run: (x) => x.gelu(true), f: geluTanh, what: 'approximate' },
  ],
  mish: [
    { run: sg.mish, f: (x) => x * Math.tanh(softplus(x)) },
    { run: (x) => x.mish(), f: (x) => x * Math.tanh(softplus(x)), what: 'method' },
  ],
  swish: [
    { run: sg.swish, f: (x) => x * sigmoid(x) },
    { run: (x) => x.swish(), f: (x) => x * sigmoid(x), what: 'method' },
  ],
  silu: [{ run: sg.silu, f: (x) => x * sigmoid(x) }],
  hardSigmoid: [
    { run: sg.hardSigmoid, f: (x) => Math.min(Math.max(x / 6 + 0.5, 0), 1) },
    {
      run: (x) => sg.tidy(() => x.mul(4).hardSigmoid()),
      f: (x) => Math.min(Math.max((x * 4) / 6 + 0.5, 0), 1),
      kinks: [-0.75, 0.75],
      what: 'method',
    },
  ],
  logSigmoid: [
    { run: sg.logSigmoid, f: (x) => -softplus(-x) },
    { run: (x) => x.logSigmoid(), f: (x) => -softplus(-x), what: 'method' },
  ],
};

const relu6 = (x: number): number => Math.min(Math.max(x, 0), 6);
const prelu = (x: number, alpha: number): number => (x > 0 ? x : x * alpha);

export const activationFunctions: FunctionTable = {
  ...Object.fromEntries(Object.entries(tables).map(([name, list]) => [name, list.flatMap(rows)])),
  relu6: [
    ...unary((x) => sg.relu6(x as Tensor), relu6, 'float32', [
      avoiding(4, [2, 5], [0]),
      given(5, [7], 5, 5.9),
      list([6.5, 7, 100, -5]),
      list([]),
    ]),
    ...unary((x) => (x as Tensor).relu6(), relu6, 'int32', [BIG, ints(6, [2, 3])]),
    ...unary((x) => sg.relu6(x as Tensor), relu6, 'bool', [bools(7, [3])]),
  ],
  prelu: [
    ...binary((x, a) => sg.prelu(x as Tensor, a as Tensor), prelu, 'float32', [
      ...PAIRS.map(([a, b]) => [avoiding(8, a, [0]), given(9, b)] as const),
      [FAR, list([0.5, 0, -2, 0.1, 0.5, 0, -2, 0.1])],
      [ints(10, [4], 1, 9), given(11, [])],
    ]),
    {
      name: 'infinite where alpha does not count: its gradient stays 0',
      inputs: [list([0.5, -0.25])],
      run: (alpha) =>
        sg.tidy(() =>
          sg
            .prelu([Number.POSITIVE_INFINITY, -3], alpha as Tensor)
            .mul([0, 1])
            .slice(1, 1),
        ),
      reference: (alpha) =>
        as({ shape: [1], data: zip(alpha as Nd, list([0, -3]), (a, x) => a * x).data.slice(1) }, 'float32'),
    },
  ],
};
