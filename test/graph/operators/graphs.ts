/** Small graphs of the operators that make sense together only: loops, conditions, lists, tables. */
import { at, type GraphSpec, type Nd, type NodeSpec } from '../support';
import { bools, FLOAT, INT, ints, reals, texts } from './case';

export interface GraphCase {
  readonly name: string;
  readonly spec: GraphSpec;
  /** Sets of feeds, each of them run. */
  readonly feeds: readonly Readonly<Record<string, Nd>>[];
  readonly outputs: readonly string[];
  /** For the first feeds; without it TensorFlow.js says what is right. */
  readonly expected?: readonly Nd[];
  /** In what TensorFlow.js is wrong. */
  readonly fault?: string;
}

const node = (name: string, op: string, input: readonly string[], attr: Record<string, unknown> = {}): NodeSpec => ({
  name,
  op,
  input,
  attr,
});
const scalar = (value: number): Nd => reals([value], []);
const int = (value: number): Nd => ints([value], []);

/** A function as the library of a graph has it. */
const fn = (
  name: string,
  inputs: Record<string, string>,
  nodes: readonly NodeSpec[],
  ret: Record<string, [string, string]>,
): object => ({
  signature: {
    name,
    inputArg: Object.entries(inputs).map(([arg, type]) => ({ name: arg, type })),
    outputArg: Object.entries(ret).map(([arg, [, type]]) => ({ name: arg, type })),
  },
  nodeDef: nodes,
  ret: Object.fromEntries(Object.entries(ret).map(([arg, [from]]) => [arg, from])),
});

const F = 'DT_FLOAT';
const I = 'DT_INT32';
const V = 'DT_VARIANT';

/** x doubled while its sum is below a limit. */
const doubling = fn('double', { x: F, limit: F }, [node('y', 'AddV2', ['x', 'x'])], {
  x1: ['y:z:0', F],
  l1: ['limit', F],
});
const below = fn(
  'below',
  { x: F, limit: F },
  [
    node('axes', 'Const', [], { dtype: at.type(I) }),
    node('sum', 'Sum', ['x', 'axes:output:0']),
    node('less', 'Less', ['sum:output:0', 'limit']),
  ],
  { go: ['less:z:0', 'DT_BOOL'] },
);

/** Steps of a loop over rows of a list: state = state * 0.5 + row, kept in another list. */
const rowsBody = fn(
  'rows_body',
  { i: I, n: I, state: F, rows: V, out: V },
  [
    node('one', 'Const', [], { dtype: at.type(I) }),
    node('half', 'Const', [], { dtype: at.type(F) }),
    node('shape', 'Const', [], { dtype: at.type(I) }),
    node('row', 'TensorListGetItem', ['rows', 'i', 'shape:output:0'], { element_dtype: FLOAT }),
    node('scaled', 'Mul', ['state', 'half:output:0']),
    node('next', 'AddV2', ['scaled:z:0', 'row:item:0']),
    node('set', 'TensorListSetItem', ['out', 'i', 'next:z:0'], { element_dtype: FLOAT }),
    node('i1', 'AddV2', ['i', 'one:output:0']),
  ],
  { a: ['i1:z:0', I], b: ['n', I], c: ['next:z:0', F], d: ['rows', V], e: ['set:output_handle:0', V] },
);
const rowsCond = fn('rows_cond', { i: I, n: I, state: F, rows: V, out: V }, [node('less', 'Less', ['i', 'n'])], {
  go: ['less:z:0', 'DT_BOOL'],
});

const overRows: GraphSpec = {
  placeholders: { x: { dtype: 'float32' } },
  constants: {
    zero: int(0),
    start: reals([0, 0]),
    shape: ints([2]),
    axis: int(0),
    one: int(1),
    // In the functions.
    half: scalar(0.5),
    begin: ints([0]),
    end: ints([1]),
  },
  functions: [rowsBody, rowsCond],
  nodes: [
    node('s', 'Shape', ['x']),
    node('n', 'StridedSlice', ['s', 'begin', 'end', 'end'], { shrink_axis_mask: at.int(1) }),
    node('rows', 'TensorListFromTensor', ['x', 'shape'], { element_dtype: FLOAT }),
    node('out', 'TensorListReserve', ['shape', 'n'], { element_dtype: FLOAT }),
    node('loop', 'StatelessWhile', ['zero', 'n', 'start', 'rows', 'out'], {
      cond: at.fn('rows_cond'),
      body: at.fn('rows_body'),
    }),
    node('y', 'TensorListStack', ['loop:4', 'shape'], { element_dtype: FLOAT, num_elements: at.int(-1) }),
    node('last', 'Identity', ['loop:2']),
  ],
};

/** As TensorFlow 1 writes `while x < limit: x = x * 2; i = i + 1`, with a constant from outside. */
const frame = (name: string): Record<string, unknown> => ({
  frame_name: at.text('loop'),
  is_constant: at.flag(false),
  T: at.type(name),
});
const frames: GraphSpec = {
  placeholders: { x: { dtype: 'float32' }, limit: { dtype: 'float32' } },
  constants: { zero: int(0), one: int(1), two: scalar(2) },
  nodes: [
    node('enter_x', 'Enter', ['x'], frame(F)),
    node('enter_i', 'Enter', ['zero'], frame(I)),
    node('enter_limit', 'Enter', ['limit'], { ...frame(F), is_constant: at.flag(true) }),
    node('merge_x', 'Merge', ['enter_x', 'next_x']),
    node('merge_i', 'Merge', ['enter_i', 'next_i']),
    node('less', 'Less', ['merge_x', 'enter_limit']),
    node('cond', 'LoopCond', ['less']),
    node('switch_x', 'Switch', ['merge_x', 'cond']),
    node('switch_i', 'Switch', ['merge_i', 'cond']),
    node('id_x', 'Identity', ['switch_x:1']),
    node('id_i', 'Identity', ['switch_i:1']),
    node('twice', 'Mul', ['id_x', 'two', '^id_i']),
    node('more', 'Add', ['id_i', 'one', '^id_x']),
    node('next_x', 'NextIteration', ['twice']),
    node('next_i', 'NextIteration', ['more']),
    node('exit_x', 'Exit', ['switch_x']),
    node('exit_i', 'Exit', ['switch_i']),
  ],
};

/** A loop in a loop: rows i = 0, 1, 2 of which each adds 0 + 1 + … + i. */
const inner = (name: string, frameName: string, isConstant = false): Record<string, unknown> => ({
  frame_name: at.text(frameName),
  is_constant: at.flag(isConstant),
  T: at.type(name),
});
const nested: GraphSpec = {
  placeholders: { n: { dtype: 'int32' } },
  constants: { zero: int(0), one: int(1) },
  nodes: [
    node('ei', 'Enter', ['zero'], inner(I, 'outer')),
    node('es', 'Enter', ['zero'], inner(I, 'outer')),
    node('en', 'Enter', ['n'], inner(I, 'outer', true)),
    node('mi', 'Merge', ['ei', 'ni']),
    node('ms', 'Merge', ['es', 'ns']),
    node('less', 'Less', ['mi', 'en']),
    node('cond', 'LoopCond', ['less']),
    node('si', 'Switch', ['mi', 'cond']),
    node('ss', 'Switch', ['ms', 'cond']),
    node('ii', 'Identity', ['si:1']),
    node('is', 'Identity', ['ss:1']),
    node('izero', 'Enter', ['zero'], inner(I, 'outer', true)),
    node('ione', 'Enter', ['one'], inner(I, 'outer', true)),
    // Inside: j from 0 to i, sum += j
    node('ej', 'Enter', ['izero'], inner(I, 'inner')),
    node('et', 'Enter', ['is'], inner(I, 'inner')),
    node('em', 'Enter', ['ii'], inner(I, 'inner', true)),
    node('e1', 'Enter', ['ione'], inner(I, 'inner', true)),
    node('mj', 'Merge', ['ej', 'nj']),
    node('mt', 'Merge', ['et', 'nt']),
    node('jless', 'LessEqual', ['mj', 'em']),
    node('jcond', 'LoopCond', ['jless']),
    node('sj', 'Switch', ['mj', 'jcond']),
    node('st', 'Switch', ['mt', 'jcond']),
    node('jj', 'Identity', ['sj:1']),
    node('jt', 'Identity', ['st:1']),
    node('tsum', 'Add', ['jt', 'jj']),
    node('jnext', 'Add', ['jj', 'e1']),
    node('nj', 'NextIteration', ['jnext']),
    node('nt', 'NextIteration', ['tsum']),
    node('xj', 'Exit', ['sj']),
    node('xt', 'Exit', ['st']),
    node('inext', 'Add', ['ii', 'ione']),
    node('ni', 'NextIteration', ['inext']),
    node('ns', 'NextIteration', ['xt']),
    node('xi', 'Exit', ['si']),
    node('xs', 'Exit', ['ss']),
  ],
};

/** Runs one of two branches. */
const branches: GraphSpec = {
  placeholders: { p: { dtype: 'bool' }, x: { dtype: 'float32' } },
  constants: { two: scalar(2) },
  nodes: [
    node('switch', 'Switch', ['x', 'p']),
    node('no', 'Neg', ['switch']),
    node('yes', 'Mul', ['switch:1', 'two']),
    node('deep', 'Sqrt', ['yes']),
    node('merge', 'Merge', ['no', 'deep']),
  ],
};

const conditional = (op: string): GraphSpec => ({
  placeholders: { p: { dtype: 'bool' }, x: { dtype: 'float32' } },
  functions: [
    fn('then', { x: F }, [node('y', 'Square', ['x'])], { out: ['y:y:0', F] }),
    fn('else', { x: F }, [node('y', 'Neg', ['x'])], { out: ['y:y:0', F] }),
  ],
  nodes: [
    node('if', op, ['p', 'x'], { then_branch: at.fn('then'), else_branch: at.fn('else') }),
    node('y', 'Abs', ['if']),
  ],
});

const element = { element_dtype: FLOAT };
const lists: GraphSpec = {
  placeholders: { x: { dtype: 'float32' } },
  constants: {
    shape: ints([2]),
    any: ints([-1, 2]),
    unknown: int(-1),
    two: int(2),
    zero: int(0),
    four: int(4),
    order: ints([2, 0, 1]),
    some: ints([2, 0]),
    lengths: ints([1, 2]),
  },
  nodes: [
    node('empty', 'EmptyTensorList', ['shape', 'unknown'], element),
    node('parts', 'Unpack', ['x'], { axis: at.int(0), num: at.int(3) }),
    node('push0', 'TensorListPushBack', ['empty', 'parts'], element),
    node('push1', 'TensorListPushBack', ['push0', 'parts:2'], element),
    node('pop', 'TensorListPopBack', ['push1', 'shape'], element),
    node('popped', 'Identity', ['pop:1']),
    node('stack', 'TensorListStack', ['pop', 'shape'], { ...element, num_elements: at.int(1) }),
    node('length', 'TensorListLength', ['push1']),
    node('from', 'TensorListFromTensor', ['x', 'shape'], element),
    node('gather', 'TensorListGather', ['from', 'some', 'shape'], element),
    node('scatter', 'TensorListScatter', ['x', 'order', 'shape'], element),
    node('scattered', 'TensorListStack', ['scatter', 'shape'], { ...element, num_elements: at.int(3) }),
    node('scatter2', 'TensorListScatterV2', ['x', 'order', 'shape', 'four'], element),
    node('scattered2', 'TensorListStack', ['scatter2', 'shape'], { ...element, num_elements: at.int(4) }),
    node('split', 'TensorListSplit', ['x', 'any', 'lengths'], element),
    node('concat', 'TensorListConcat', ['split'], { ...element, element_shape: at.shape(-1, 2) }),
    node('concat2', 'TensorListConcatV2', ['split', 'any', 'lengths'], { ...element, element_shape: at.shape(-1, 2) }),
    node('resize', 'TensorListResize', ['from', 'two']),
    node('resized', 'TensorListStack', ['resize', 'shape'], { ...element, num_elements: at.int(2) }),
  ],
};

const array = {
  dtype: FLOAT,
  element_shape: at.shape(2),
  dynamic_size: at.flag(false),
  identical_element_shapes: at.flag(true),
  clear_after_read: at.flag(false),
  tensor_array_name: at.text('a'),
};
const arrays: GraphSpec = {
  placeholders: { x: { dtype: 'float32' } },
  constants: {
    three: int(3),
    zero: int(0),
    two: int(2),
    order: ints([2, 0, 1]),
    lengths: ints([1, 2]),
    some: ints([0, 2]),
  },
  nodes: [
    node('a', 'TensorArrayV3', ['three'], array),
    node('scatter', 'TensorArrayScatterV3', ['a', 'order', 'x', 'a:1'], { T: FLOAT }),
    node('read', 'TensorArrayReadV3', ['a', 'zero', 'scatter'], { dtype: FLOAT }),
    node('gather', 'TensorArrayGatherV3', ['a', 'some', 'scatter'], { dtype: FLOAT, element_shape: at.shape(2) }),
    node('size', 'TensorArraySizeV3', ['a', 'scatter']),
    node('b', 'TensorArrayV3', ['two'], {
      ...array,
      element_shape: at.unknownShape,
      identical_element_shapes: at.flag(false),
      tensor_array_name: at.text('b'),
    }),
    node('split', 'TensorArraySplitV3', ['b', 'x', 'lengths', 'b:1'], { T: FLOAT }),
    node('concat', 'TensorArrayConcatV3', ['b', 'split'], { dtype: FLOAT }),
    node('c', 'TensorArrayV3', ['two'], { ...array, tensor_array_name: at.text('c') }),
    node('doubled', 'AddV2', ['read', 'read']),
    node('w0', 'TensorArrayWriteV3', ['c', 'zero', 'read', 'c:1'], { T: FLOAT }),
    node('one', 'Sub', ['two', 'one_']),
    node('one_', 'Sub', ['three', 'two']),
    node('w1', 'TensorArrayWriteV3', ['c', 'one', 'doubled', 'w0'], { T: FLOAT }),
    node('both', 'TensorArrayGatherV3', ['c', 'pair', 'w1'], { dtype: FLOAT, element_shape: at.shape(2) }),
    node('pair', 'Pack', ['zero', 'one'], { axis: at.int(0) }),
    node('closed', 'TensorArrayCloseV3', ['c', '^both']),
  ],
};

const table = {
  key_dtype: at.type('DT_STRING'),
  value_dtype: at.type('DT_INT32'),
  shared_name: at.text(''),
  use_node_name_sharing: at.flag(true),
};
const tables = (
  suffix: string,
  fill: string,
  keys: Nd,
  values: Nd,
  other: Nd,
  types: Record<string, unknown>,
): GraphSpec => ({
  placeholders: { x: { dtype: keys.dtype } },
  constants: { keys, values, other },
  nodes: [
    node('table', `HashTable${suffix}`, [], { ...table, ...types }),
    node('import', fill, ['table', 'keys', 'values'], {}),
    node('found', `LookupTableFind${suffix}`, ['table', 'x', 'other', '^import'], {}),
    node('size', `LookupTableSize${suffix}`, ['table', '^found'], {}),
  ],
});

const x32: Nd = reals([1, 2, 3, 4, 5, 6], [3, 2]);
const numbersToFloats = { key_dtype: INT, value_dtype: FLOAT };

export const graphs: GraphCase[] = [
  {
    name: 'a loop of which only the values tell the end',
    spec: {
      placeholders: { x: { dtype: 'float32' }, limit: { dtype: 'float32' } },
      constants: { axes: ints([0]) },
      functions: [doubling, below],
      nodes: [
        node('loop', 'While', ['x', 'limit'], { cond: at.fn('below'), body: at.fn('double') }),
        node('y', 'Neg', ['loop']),
      ],
    },
    feeds: [
      { x: reals([1, 2]), limit: scalar(10) },
      { x: reals([1, 2]), limit: scalar(1) },
      { x: reals([0.5, 1, 0.25]), limit: scalar(100) },
    ],
    outputs: ['y', 'loop'],
  },
  {
    name: 'a loop over rows that are in a list',
    spec: overRows,
    feeds: [{ x: x32 }, { x: reals([1, 2], [1, 2]) }, { x: x32 }],
    outputs: ['y', 'last'],
  },
  {
    name: 'a loop of TensorFlow 1',
    spec: frames,
    feeds: [
      { x: scalar(1), limit: scalar(100) },
      { x: scalar(7), limit: scalar(5) },
      { x: scalar(3), limit: scalar(20) },
    ],
    outputs: ['exit_x', 'exit_i'],
  },
  {
    name: 'a loop of TensorFlow 1 in another',
    spec: nested,
    feeds: [{ n: int(4) }, { n: int(0) }],
    outputs: ['xs', 'xi'],
    expected: [int(10), int(4)],
    fault: 'fails on loops in loops',
  },
  {
    name: 'a condition of TensorFlow 1',
    spec: branches,
    feeds: [
      { p: bools([1], []), x: reals([2, 8]) },
      { p: bools([0], []), x: reals([2, 8]) },
    ],
    outputs: ['merge'],
  },
  ...['If', 'StatelessIf'].map(
    (op): GraphCase => ({
      name: op,
      spec: conditional(op),
      feeds: [
        { p: bools([1], []), x: reals([2, -3]) },
        { p: bools([0], []), x: reals([2, -3]) },
      ],
      outputs: ['y', 'if'],
    }),
  ),
  {
    name: 'lists of tensors',
    spec: lists,
    feeds: [{ x: x32 }],
    outputs: ['popped', 'stack', 'length', 'gather', 'scattered', 'scattered2', 'concat', 'concat2', 'resized'],
    fault: 'does not split lists whose items differ in length',
    expected: [
      reals([5, 6]),
      reals([1, 2], [1, 2]),
      int(2),
      reals([5, 6, 1, 2], [2, 2]),
      reals([3, 4, 5, 6, 1, 2], [3, 2]),
      reals([3, 4, 5, 6, 1, 2, 0, 0], [4, 2]),
      x32,
      x32,
      reals([1, 2, 3, 4], [2, 2]),
    ],
  },
  {
    name: 'arrays of tensors of TensorFlow 1',
    spec: arrays,
    feeds: [{ x: x32 }],
    outputs: ['read', 'gather', 'size', 'concat', 'both'],
    expected: [reals([3, 4]), reals([3, 4, 1, 2], [2, 2]), int(3), x32, reals([3, 4, 6, 8], [2, 2])],
    fault: 'fails on arrays of unknown shape',
  },
  {
    name: 'a table of strings',
    spec: tables('', 'LookupTableImport', texts(['a', '__proto__', 'c']), ints([1, 2, 3]), int(-1), {}),
    feeds: [{ x: texts(['c', 'b', '__proto__']) }, { x: texts(['a']) }],
    outputs: ['found', 'size'],
    expected: [ints([3, -1, 2]), int(3)],
  },
  ...(['InitializeTable', 'InitializeTableV2', 'LookupTableImportV2'] as const).map(
    (fill): GraphCase => ({
      name: `a table of numbers, ${fill}`,
      spec: tables('V2', fill, ints([5, 6]), reals([0.5, 0.25]), scalar(9), numbersToFloats),
      feeds: [{ x: ints([6, 7]) }, { x: ints([5, 5, 5]) }],
      outputs: ['found', 'size'],
      expected: [reals([0.25, 9]), int(2)],
    }),
  ),
  {
    name: 'names for values',
    spec: {
      placeholders: { x: { dtype: 'float32' } },
      constants: { one: scalar(1) },
      nodes: [
        node('n', 'NoOp', []),
        node('id', 'Identity', ['x', '^n']),
        node('ids', 'IdentityN', ['id', 'one']),
        node('snap', 'Snapshot', ['ids:1']),
        node('stop', 'StopGradient', ['ids']),
        node('default', 'PlaceholderWithDefault', ['one'], { dtype: FLOAT, shape: at.shape() }),
        node('assert', 'Assert', ['x', 'x']),
        node('y', 'AddV2', ['stop', 'snap', '^assert']),
        node('z', 'Sub', ['y', 'default']),
      ],
    },
    feeds: [{ x: reals([1, 2]) }, { x: reals([1, 2]), default: scalar(5) }],
    outputs: ['y', 'z'],
    expected: [reals([2, 3]), reals([1, 2])],
    fault: 'does not know Assert',
  },
];
