import { at } from '../support';
import { bools, type Case, FLOAT, flags, INT, ints, real, reals, texts, whole } from './case';

const unary = (op: string, low = -2, high = 2): Case => ({
  op,
  inputs: [real([2, 3, 4], low, high)],
  attr: { T: FLOAT },
});
const binary = (op: string, low = -2, high = 2): Case[] => [
  { op, inputs: [real([2, 3], low, high), real([3], low, high)], attr: { T: FLOAT } },
  { op, inputs: [real([2, 1, 2], low, high), real([3, 1], low, high)], attr: { T: FLOAT } },
];
const integers = (op: string): Case => ({ op, inputs: [whole([2, 3]), ints([1, 2, 5])], attr: { T: INT } });
const comparison = (op: string): Case[] => [
  { op, inputs: [real([2, 3]), real([3])] },
  { op, inputs: [whole([4, 3], -1, 1), whole([3], -1, 1)] },
];

export const math: Case[] = [
  ...['Add', 'AddV2', 'Sub', 'Mul', 'Maximum', 'Minimum', 'SquaredDifference'].flatMap((op) => [
    ...binary(op),
    integers(op),
  ]),
  ...['RealDiv', 'Div', 'DivNoNan', 'FloorDiv', 'Mod', 'FloorMod'].flatMap((op) => binary(op, 0.3, 3)),
  integers('FloorDiv'),
  integers('FloorMod'),
  ...binary('Pow', 0.2, 2),
  { op: 'Pow', inputs: [real([2, 3], -2, 2), reals([2], [])] },
  ...binary('Atan2'),
  ...binary('Prelu'),
  { op: 'AddN', inputs: [real([2, 3]), real([2, 3]), real([2, 3])] },
  { op: 'BiasAdd', inputs: [real([1, 2, 2, 3]), real([3])], attr: { data_format: at.text('NHWC') } },
  {
    op: 'BiasAdd',
    inputs: [reals([1, 2, 3, 4], [1, 2, 2]), reals([10, 20])],
    attr: { data_format: at.text('NCHW') },
    fault: 'takes the bias for one of the last dimension',
    expected: [reals([11, 12, 23, 24], [1, 2, 2])],
  },
  ...[
    'Abs',
    'Ceil',
    'Floor',
    'Neg',
    'Relu',
    'Sign',
    'Square',
    'Exp',
    'Expm1',
    'Sigmoid',
    'Sin',
    'Sinh',
    'Softplus',
    'Cos',
    'Cosh',
    'Tanh',
    'Atan',
    'Asinh',
    'Elu',
    'Selu',
    'Erf',
    'Round',
  ].map((op) => unary(op)),
  ...['Log', 'Rsqrt', 'Sqrt', 'Reciprocal', 'Log1p'].map((op) => unary(op, 0.1, 3)),
  ...['Acos', 'Asin', 'Atanh'].map((op) => unary(op, -0.95, 0.95)),
  unary('Tan', -1.2, 1.2),
  unary('Acosh', 1.1, 4),
  unary('Relu6', -2, 9),
  { op: 'LeakyRelu', inputs: [real([2, 3])], attr: { alpha: at.real(0.3) } },
  { op: 'LeakyRelu', inputs: [real([2, 3])] },
  { op: 'ClipByValue', inputs: [real([2, 3]), reals([-1], []), reals([0.5], [])] },
  ...['IsNan', 'IsInf', 'IsFinite'].map(
    (op): Case => ({ op, inputs: [reals([1, Number.NaN, Number.POSITIVE_INFINITY, -0, Number.NEGATIVE_INFINITY])] }),
  ),
  ...['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'].flatMap(comparison),
  {
    op: 'Equal',
    inputs: [texts(['a', 'b']), texts(['b'])],
    expected: [bools([0, 1])],
    fault: 'does not compare strings',
  },
  { op: 'LogicalAnd', inputs: [flags([4, 3]), flags([3])] },
  { op: 'LogicalOr', inputs: [flags([4, 3]), flags([3])] },
  { op: 'LogicalNot', inputs: [flags([4, 3])] },
  { op: 'BitwiseAnd', inputs: [ints([12, 10]), ints([10, 6])], expected: [ints([8, 2])], fault: 'misses its operands' },
  {
    op: 'Select',
    inputs: [bools([1, 0]), reals([1, 2, 3, 4], [2, 2]), reals([5, 6, 7, 8], [2, 2])],
    fault: 'does not choose rows',
    expected: [reals([1, 2, 7, 8], [2, 2])],
  },
  { op: 'Select', inputs: [flags([2, 3]), real([2, 3]), real([2, 3])] },
  { op: 'SelectV2', inputs: [flags([2, 1]), real([2, 3]), real([3])] },
  { op: 'Cast', inputs: [real([2, 3])], attr: { DstT: INT } },
  { op: 'Cast', inputs: [whole([2, 3])], attr: { DstT: at.type('DT_BOOL') } },
  { op: 'Cast', inputs: [flags([2, 3])], attr: { DstT: FLOAT } },
  { op: 'Cast', inputs: [whole([2, 3])], attr: { DstT: at.type('DT_INT64') } },
  {
    op: 'FakeQuantWithMinMaxVars',
    inputs: [reals([-2, -0.4, 0.3, 0.9, 3]), reals([-1], []), reals([1], [])],
    attr: { num_bits: at.int(2) },
    fault: 'does not quantize',
    expected: [reals([-4 / 3, -2 / 3, 0, 2 / 3, 2 / 3])],
  },
];

/** A complex operand of two real ones, and its parts after an operator. */
const complex: Pick<Case, 'before' | 'takes'> = {
  before: [{ name: 'c', op: 'Complex', input: ['in0', 'in1'], attr: { T: FLOAT } }],
  takes: ['c'],
};
const parts: Pick<Case, 'after' | 'results'> = {
  after: [
    { name: 're', op: 'Real', input: ['x'] },
    { name: 'im', op: 'Imag', input: ['x'] },
  ],
  results: ['re', 'im'],
};

export const spectral: Case[] = [
  { op: 'ComplexAbs', inputs: [real([2, 3]), real([2, 3])], ...complex },
  { op: 'Real', inputs: [real([2, 3]), real([2, 3])], ...complex },
  { op: 'Imag', inputs: [real([2, 3]), real([2, 3])], ...complex },
  { op: 'Complex', inputs: [real([2, 3]), real([2, 3])], ...parts },
  ...[8, 7].flatMap((n): Case[] => [
    { op: 'FFT', inputs: [real([2, n]), real([2, n])], ...complex, ...parts },
    { op: 'IFFT', inputs: [real([2, n]), real([2, n])], ...complex, ...parts },
    { op: 'RFFT', inputs: [real([2, n]), { ...ints([n]), isStored: true }], ...parts },
  ]),
  {
    op: 'RFFT',
    inputs: [reals([1, 2], [1, 2]), { ...ints([4]), isStored: true }],
    ...parts,
    fault: 'takes no length',
    expected: [reals([3, 1, -1], [1, 3]), reals([0, -2, 0], [1, 3])],
  },
  {
    op: 'IRFFT',
    inputs: [real([2, 5]), real([2, 5]), { ...ints([8]), isStored: true }],
    ...complex,
    takes: ['c', 'in2'],
  },
];
