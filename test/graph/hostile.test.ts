/** Damaged and hostile graphs: a typed error, quickly, and memory as before. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import { mutations } from './mutations';
import { FLOAT, ints, reals } from './operators/case';
import { at, type GraphSpec, type NodeSpec, ours } from './support';

const x = { x: { dtype: 'float32' } } as const;
const node = (
  name: string,
  op: string,
  input: readonly string[] = [],
  attr: Record<string, unknown> = {},
): NodeSpec => ({
  name,
  op,
  input,
  attr,
});

/** A chain of `count` nodes. */
const chain = (count: number): NodeSpec[] =>
  Array.from({ length: count }, (_, i) => node(`n${i}`, 'Neg', [i ? `n${i - 1}` : 'x']));

const fn = (name: string, nodes: readonly unknown[], from: string): object => ({
  signature: { name, inputArg: [{ name: 'a', type: 'DT_FLOAT' }], outputArg: [{ name: 'b', type: 'DT_FLOAT' }] },
  nodeDef: nodes,
  ret: { b: from },
});

const LOADING: [string, GraphSpec, RegExp][] = [
  ['a cycle', { placeholders: x, nodes: [node('a', 'Neg', ['b']), node('b', 'Neg', ['a'])] }, /'[ab]' needs '[ab]'/],
  ['a node that needs itself', { nodes: [node('a', 'Neg', ['a'])] }, /not in an order/],
  ['an input that is missing', { nodes: [node('a', 'Neg', ['nowhere'])] }, /needs node 'nowhere', which is missing/],
  ['two nodes of one name', { placeholders: x, nodes: [node('x', 'Neg', ['x'])] }, /two nodes have the name 'x'/],
  ['a node without an op', { nodes: [{ name: 'a' } as NodeSpec] }, /needs a name and an op/],
  ['nodes that are no list', { nodes: [], more: { modelTopology: { node: 'x' } } }, /needs a list of nodes/],
  ['no graph', { nodes: [], more: { modelTopology: new ArrayBuffer(8) } }, /needs the graph as an object/],
  ['an input that is no name', { nodes: [node('a', 'Neg', [3 as never])] }, /input must be a list of names/],
  ['an output that is no number', { placeholders: x, nodes: [node('a', 'Neg', ['x:y'])] }, /does not name an output/],
  ['a weight that is missing', { nodes: [node('a', 'Const')] }, /no value for node 'a'/],
  [
    'attributes that are no object',
    { placeholders: x, nodes: [node('a', 'Neg', ['x'], 3 as never)] },
    /attr must be an object/,
  ],
  ['text that is not base64', { placeholders: x, nodes: [node('a', 'Neg', ['x'], { s: { s: '*' } })] }, /not base64/],
  [
    'a size that is none',
    { placeholders: { x: { dtype: 'float32', shape: [1.5] } }, nodes: [] },
    /not the size of a dimension/,
  ],
  [
    'a function without a name',
    { placeholders: x, nodes: [], functions: [{ signature: {} }] },
    /a signature with a name/,
  ],
  [
    'a loop without an end',
    {
      placeholders: x,
      nodes: [
        node('e', 'Enter', ['x'], { frame_name: at.text('f') }),
        node('m', 'Merge', ['e', 'n']),
        node('n', 'NextIteration', ['m']),
      ],
    },
    /needs one LoopCond/,
  ],
  [
    'a signature of nothing',
    { placeholders: x, nodes: [], more: { signature: { inputs: 3, outputs: {} } } },
    /signature must name its values/,
  ],
];

const big = [1 << 20, 1 << 20];
const RUNNING: [string, GraphSpec, RegExp][] = [
  [
    'a shape larger than any memory',
    { constants: { s: ints([1 << 28, 1 << 28]), v: reals([1], []) }, nodes: [node('y', 'Fill', ['s', 'v'])] },
    /out of memory/,
  ],
  [
    'a negative shape',
    { constants: { s: ints([-4]), v: reals([1], []) }, nodes: [node('y', 'Fill', ['s', 'v'])] },
    /must be a shape/,
  ],
  [
    'a range without end',
    {
      constants: { a: reals([0], []), b: reals([1e30], []), c: reals([1e-30], []) },
      nodes: [node('y', 'Range', ['a', 'b', 'c'], { Tidx: FLOAT })],
    },
    /out of memory/,
  ],
  [
    'a range of NaN',
    {
      constants: { a: reals([0], []), b: reals([Number.NaN], []), c: reals([1], []) },
      nodes: [node('y', 'Range', ['a', 'b', 'c'], { Tidx: FLOAT })],
    },
    /NaN/,
  ],
  [
    'a step of 0',
    { constants: { a: ints([0], []), b: ints([5], []) }, nodes: [node('y', 'Range', ['a', 'b', 'a'])] },
    /y.*Range/,
  ],
  [
    'repetition beyond memory',
    {
      placeholders: x,
      constants: { r: ints(big.slice(0, 1)) },
      nodes: [node('t', 'Tile', ['x', 'r']), node('u', 'Tile', ['t', 'r']), node('y', 'Tile', ['u', 'r'])],
    },
    /out of memory/,
  ],
  [
    'too large a depth',
    { constants: { i: ints([1]), d: ints([2147483647], []) }, nodes: [node('y', 'OneHot', ['i', 'd'])] },
    /out of memory/,
  ],
  [
    'a list beyond bounds',
    {
      constants: { s: ints([1]), n: ints([2147483647], []) },
      nodes: [node('y', 'TensorListReserve', ['s', 'n'], { element_dtype: FLOAT })],
    },
    /longer than/,
  ],
  ['a missing operand', { placeholders: x, nodes: [node('y', 'AddV2', ['x'])] }, /input 1 is missing/],
  [
    'an attribute of another kind',
    { placeholders: x, nodes: [node('y', 'LeakyRelu', ['x'], { alpha: at.text('a') })] },
    /alpha must be a number, is a text/,
  ],
  ['a missing attribute', { placeholders: x, nodes: [node('y', 'Cast', ['x'])] }, /DstT is missing/],
  [
    'a type that tensors do not have',
    { placeholders: x, nodes: [node('y', 'Cast', ['x'], { DstT: at.type('DT_COMPLEX128') })] },
    /DT_COMPLEX128/,
  ],
  [
    'an axis outside',
    { placeholders: x, constants: { a: ints([7]) }, nodes: [node('y', 'Sum', ['x', 'a'])] },
    /axis 7/,
  ],
  [
    'an index outside',
    { placeholders: x, constants: { i: ints([9]), a: ints([0], []) }, nodes: [node('y', 'GatherV2', ['x', 'i', 'a'])] },
    /y.*|index/,
  ],
  [
    'an axis that is a fraction',
    { placeholders: x, constants: { a: reals([0.5]) }, nodes: [node('y', 'Sum', ['x', 'a'])] },
    /must be an integer, got 0.5/,
  ],
  [
    'a list for a tensor',
    {
      constants: { s: ints([1]), n: ints([2], []) },
      nodes: [node('l', 'TensorListReserve', ['s', 'n'], { element_dtype: FLOAT }), node('y', 'Neg', ['l'])],
    },
    /must be a tensor, got a list of 2 values/,
  ],
  [
    'a function that is missing',
    { placeholders: x, nodes: [node('y', 'StatelessWhile', ['x'], { cond: at.fn('c'), body: at.fn('b') })] },
    /function 'c' is missing/,
  ],
  [
    'a function that calls itself',
    {
      placeholders: x,
      functions: [
        fn(
          'f',
          [
            node('p', 'Const'),
            node('i', 'If', ['p:output:0', 'a'], { then_branch: at.fn('f'), else_branch: at.fn('f') }),
          ],
          'i:output:0',
        ),
      ],
      constants: { p: { shape: [], dtype: 'bool', values: [1] } },
      nodes: [node('y', 'If', ['p', 'x'], { then_branch: at.fn('f'), else_branch: at.fn('f') })],
    },
    /more than 64 deep/,
  ],
  [
    'a loop that never ends',
    {
      placeholders: x,
      functions: [fn('c', [node('t', 'Const')], 't:output:0'), fn('b', [], 'a')],
      constants: { t: { shape: [], dtype: 'bool', values: [1] } },
      nodes: [node('y', 'While', ['x'], { cond: at.fn('c'), body: at.fn('b') })],
    },
    /does it ever end/,
  ],
  [
    'the result of a branch that is not taken',
    {
      placeholders: x,
      constants: { p: { shape: [], dtype: 'bool', values: [1] } },
      nodes: [node('s', 'Switch', ['x', 'p']), node('y', 'Neg', ['s'])],
    },
    /branch of the graph that was not taken/,
  ],
];

describe.each([['loading'], ['running']])('%s', (phase) => {
  const cases = phase === 'loading' ? LOADING : RUNNING;
  test.each(cases)('%s', (_, spec, message) => {
    const before = sg.memory();
    const start = performance.now();
    const run = (): void => {
      const model = ours(spec);
      try {
        if (phase === 'running')
          sg.tidy(() => model.execute(spec.placeholders ? { x: sg.tensor1d([1, -2]) } : {}, 'y'));
      } finally {
        model.dispose();
      }
    };
    expect(run).toThrow(message);
    expect(run).toThrow(sg.SamegradError);
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(sg.memory().numTensors).toBe(before.numTensors);
  });
});

test('all operators that do not run are listed at once, with the reason', () => {
  const spec: GraphSpec = {
    placeholders: x,
    nodes: [node('a', 'Quux', ['x']), node('b', 'SimpleMLCreateModelResource', ['a']), node('c', 'constructor', ['b'])],
  };
  expect(() => ours(spec)).toThrow(sg.RuntimeSupportError);
  expect(() => ours(spec)).toThrow(
    /3 operators.*Quux \(node 'a'\): unknown; SimpleML.*decision forests.*constructor \(node 'c'\)/,
  );
});

test('long chains and wide sums are no matter', () => {
  const wide = Array.from({ length: 400 }, () => 'n9999');
  const model = ours({ placeholders: x, nodes: [...chain(10_000), node('y', 'AddN', wide)] });
  expect([...(model.execute({ x: sg.tensor1d([1, 2]) }, 'y') as sg.Tensor).dataSync()]).toEqual([400, 800]);
  model.dispose();
});

test('names are data: __proto__ and its like name nodes, functions and attributes as others do', () => {
  const parsed = JSON.parse('{"__proto__": {"b": true}, "T": {"type": "DT_FLOAT"}}') as Record<string, unknown>;
  const model = ours({
    placeholders: JSON.parse('{"__proto__": {"dtype": "float32"}}') as never,
    nodes: [node('constructor', 'Neg', ['__proto__'], parsed), node('toString', 'Identity', ['constructor'])],
  });
  expect(model.inputNodes).toEqual(['__proto__']);
  expect(({} as { b?: unknown }).b).toBeUndefined();
  expect([...(model.predict(sg.tensor1d([1])) as sg.Tensor).dataSync()]).toEqual([-1]);
  model.dispose();
});

describe('mutated graphs', () => {
  const { log } = console;
  beforeAll(() => {
    console.log = () => undefined;
  });
  afterAll(() => {
    console.log = log;
  });
  test('end in typed errors or in results, quickly, and hold no memory', () => {
    const before = sg.memory();
    const kinds = { ran: 0, refused: 0, wrong: 0 };
    mutations(11, 3000, (outcome, took, name, topology) => {
      kinds[outcome.kind]++;
      if (outcome.kind === 'wrong') throw new Error(`${name}: ${JSON.stringify(topology)}`, { cause: outcome.error });
      if (took > 5000) throw new Error(`${name} took ${took} ms: ${JSON.stringify(topology)}`);
    });
    expect(kinds.ran).toBeGreaterThan(300);
    expect(kinds.refused).toBeGreaterThan(1000);
    expect(sg.memory().numTensors).toBe(before.numTensors);
  });
});
