/** GraphModel as TensorFlow.js' users know it: names, inputs, outputs, memory. */
import { expect, test } from 'vitest';
import * as sg from '../../src/index';
import { FLOAT, ints, reals } from './operators/case';
import { at, type GraphSpec, ours, theirs } from './support';

const dense: GraphSpec = {
  placeholders: { a: { dtype: 'float32', shape: [-1, 3] }, b: { dtype: 'float32', shape: [-1, 2] } },
  constants: {
    kernel: reals([1, 0, 0, 1, 1, 1], [3, 2]),
    bias: reals([0.5, -0.5]),
    factor: reals([2], []),
    axis: ints([1], []),
  },
  nodes: [
    { name: 'product', op: 'MatMul', input: ['a', 'kernel'], attr: { T: FLOAT } },
    { name: 'sum', op: 'BiasAdd', input: ['product', 'bias'], attr: { T: FLOAT } },
    { name: 'both', op: 'AddV2', input: ['sum', 'b'], attr: { T: FLOAT } },
    { name: 'scaled', op: 'Mul', input: ['both', 'factor'], attr: { T: FLOAT } },
    { name: 'y', op: 'Relu', input: ['scaled'], attr: { T: FLOAT } },
    { name: 'parts', op: 'Unpack', input: ['y'], attr: { axis: at.int(1), num: at.int(2) } },
    { name: 'first', op: 'Identity', input: ['parts'] },
    { name: 'second', op: 'Identity', input: ['parts:1'] },
  ],
  more: {
    signature: {
      inputs: {
        left: { name: 'a:0', dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '-1' }, { size: '3' }] } },
        right: { name: 'b:0', dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '-1' }, { size: '2' }] } },
      },
      outputs: { one: { name: 'first:0' }, two: { name: 'second:0' } },
    },
    userDefinedMetadata: { author: 'me' },
  },
};
const a = (): sg.Tensor => sg.tensor2d([[1, 2, 3]]);
const b = (): sg.Tensor => sg.tensor2d([[10, 20]]);
const numbers = (t: unknown): number[] => [...(t as sg.Tensor).dataSync()];

test('what it says of itself is what TensorFlow.js says', async () => {
  const model = ours(dense);
  const other = await theirs(dense);
  expect(model.inputNodes).toEqual(other.inputNodes);
  expect(model.outputNodes).toEqual(other.outputNodes);
  expect(model.inputs.map(({ name, shape, dtype }) => ({ name, shape: shape?.map((d) => d ?? -1), dtype }))).toEqual(
    other.inputs.map(({ name, shape, dtype }) => ({
      name: name === 'a' ? 'left' : name === 'b' ? 'right' : name,
      shape,
      dtype,
    })),
  );
  expect(model.modelVersion).toBe(other.modelVersion);
  expect(model.modelSignature).toEqual(other.modelSignature);
  expect(model.metadata).toEqual(other.metadata);
  expect(Object.keys(model.weights).sort()).toEqual(Object.keys(other.weights).sort());
  expect(numbers(model.weights.bias?.[0])).toEqual([0.5, -0.5]);
  model.dispose();
});

test('inputs in their order or by name; outputs as a list, by name, of inner nodes', async () => {
  const model = ours(dense);
  const wanted = [[29], [49]];
  const list = model.predict([a(), b()]) as sg.Tensor[];
  expect(list.map(numbers)).toEqual(wanted);
  expect((model.predict({ right: b(), left: a() }) as sg.Tensor[]).map(numbers)).toEqual(wanted);
  expect(((await model.predictAsync([a(), b()])) as sg.Tensor[]).map(numbers)).toEqual(wanted);
  expect(numbers(model.execute([a(), b()], 'two'))).toEqual([49]);
  expect((model.execute([a(), b()], ['sum', 'parts:1']) as sg.Tensor[]).map(numbers)).toEqual([[4.5, 4.5], [49]]);
  expect(numbers(await model.executeAsync({ left: a() }, 'sum'))).toEqual([4.5, 4.5]);
  // The value of an inner node may be given: what is before it is not computed.
  expect(numbers(model.execute({ both: sg.tensor2d([[1, -1]]) }, 'y'))).toEqual([2, 0]);
  const { one } = model.run({ left: a(), right: b() }, ['one']);
  expect(numbers(one)).toEqual([29]);
  model.dispose();
});

test('outputs are named where the file names them', () => {
  const model = ours({ ...dense, more: { ...dense.more, userDefinedMetadata: { structuredOutputKeys: ['p', 'q'] } } });
  const found = model.predict([a(), b()]) as Record<string, sg.Tensor>;
  expect(Object.keys(found)).toEqual(['p', 'q']);
  expect(numbers(found.q)).toEqual([49]);
  expect(model.modelStructuredOutputKeys).toEqual(['p', 'q']);
  model.dispose();
});

test.each<[string, (model: ReturnType<typeof ours>) => unknown, new (...args: never[]) => Error, RegExp]>([
  [
    'another number of inputs',
    (m) => m.predict([a()]),
    sg.ArgumentError,
    /takes 2 inputs \(\['left', 'right'\]\), got 1/,
  ],
  ['no tensor', (m) => m.predict(3 as never), sg.ArgumentError, /inputs must be a tensor/],
  ['another shape', (m) => m.predict([b(), b()]), sg.ShapeError, /'left' must be \[null, 3\], got \[1, 2\]/],
  ['another type', (m) => m.predict([a().toInt(), b()]), sg.DTypeError, /'left' must be float32, got int32/],
  ['a missing input', (m) => m.execute({ left: a() }, 'y'), sg.ArgumentError, /'b' is missing/],
  ['an unknown output', (m) => m.execute([a(), b()], 'nothing'), sg.ArgumentError, /no node 'nothing'/],
  [
    'an output that a node does not have',
    (m) => m.execute([a(), b()], 'y:3'),
    sg.FormatError,
    /'y' \(Relu\): has 1 outputs/,
  ],
  ['an unknown input', (m) => m.execute({ up: a() }, 'y'), sg.ArgumentError, /no node 'up'/],
  ['__proto__', (m) => m.execute([a(), b()], '__proto__'), sg.ArgumentError, /no node/],
])('%s is an error that says so, and leaves nothing behind', (_, call, type, message) => {
  const model = ours(dense);
  const before = sg.memory();
  sg.tidy(() => {
    expect(() => call(model)).toThrow(type);
    expect(() => call(model)).toThrow(message);
  });
  expect(sg.memory().numTensors).toBe(before.numTensors);
  expect(numbers((model.predict([a(), b()]) as sg.Tensor[])[0])).toEqual([29]);
  model.dispose();
});

test('an error names the node and its operator', () => {
  const model = ours(dense);
  expect(() => model.execute({ product: sg.ones([2, 5]) }, 'sum')).toThrow(/node 'sum' \(BiasAdd\): .*add/);
  model.dispose();
});

test('results are tensors of their own; nothing else is left behind', () => {
  const before = sg.memory();
  const model = ours({
    ...dense,
    nodes: [
      ...dense.nodes,
      { name: 'same', op: 'Identity', input: ['a'] },
      { name: 'weight', op: 'Identity', input: ['bias'] },
    ],
  });
  const [x, y] = [a(), b()];
  const held = sg.memory().numTensors;
  const results = model.execute([x, y], ['same', 'same', 'weight', 'y', 'y', 'factor', 'axis']) as sg.Tensor[];
  expect(sg.memory().numTensors).toBe(held + results.length);
  expect(new Set([x, ...results]).size).toBe(results.length + 1);
  x.dispose();
  (results[0] as sg.Tensor).dispose();
  expect(numbers(results[1])).toEqual([1, 2, 3]);
  expect(numbers(results[2])).toEqual([0.5, -0.5]);
  expect(numbers(results[5])).toEqual([2]);
  for (const t of [...results, y]) t.dispose();
  expect(numbers(model.weights.bias?.[0])).toEqual([0.5, -0.5]);
  model.dispose();
  model.dispose();
  expect(sg.memory().numTensors).toBe(before.numTensors);
  expect(sg.memory().numDataBuffers).toBe(before.numDataBuffers);
  expect(() => model.predict([a(), b()])).toThrow(sg.DisposedError);
});

test('other shapes are other programs; a variable may be an input', () => {
  const model = ours(dense);
  for (const rows of [1, 4, 2, 4]) {
    const [y] = model.predict([sg.ones([rows, 3]), sg.ones([rows, 2])]) as [sg.Tensor];
    expect(y.shape).toEqual([rows]);
    expect(numbers(y)).toEqual(new Array(rows).fill(7));
  }
  const v = sg.variable(sg.ones([1, 3]));
  expect(numbers(model.execute([v, sg.ones([1, 2])], 'one'))).toEqual([7]);
  v.assign(sg.zeros([1, 3]));
  expect(numbers(model.execute([v, sg.ones([1, 2])], 'one'))).toEqual([3]);
  model.dispose();
});

test('a weight that is set counts from the next call on, a number that programs hold too', () => {
  const model = ours(dense);
  const one = (): number => numbers(model.execute([a(), b()], 'one'))[0] as number;
  expect(one()).toBe(29);
  model.weights.bias?.[0]?.assign(sg.tensor1d([1.5, 0]));
  expect(one()).toBe(31);
  model.weights.factor?.[0]?.assign(sg.scalar(1));
  expect(one()).toBe(15.5);
  model.dispose();
});

test('inside functions that are compiled or differentiated it is part of them', () => {
  const model = ours(dense);
  const f = sg.jit((x: sg.Tensor, y: sg.Tensor) => (model.execute([x, y], 'y') as sg.Tensor).sum());
  expect(numbers(f(a(), b()))).toEqual([78]);
  expect(numbers(f(sg.zeros([1, 3]), b()))).toEqual([60]);
  const g = sg.grad((x) => (model.execute([x, b()], 'y') as sg.Tensor).sum());
  expect(numbers(g(a()))).toEqual([2, 2, 4]);
  model.dispose();
});

test('random numbers are others in each call, and the same after the same seed', () => {
  const spec = (op: string, attr: Record<string, unknown>): GraphSpec => ({
    constants: { shape: ints([50]) },
    nodes: [{ name: 'r', op, input: ['shape'], attr: { dtype: FLOAT, T: FLOAT, ...attr } }],
  });
  for (const op of ['RandomStandardNormal', 'RandomUniform', 'TruncatedNormal']) {
    sg.setSeed(3);
    const model = ours(spec(op, {}));
    const [p, q] = [numbers(model.execute({}, 'r')), numbers(model.execute({}, 'r'))];
    expect(p).not.toEqual(q);
    if (op === 'RandomUniform') expect(p.every((v) => v >= 0 && v < 1)).toBe(true);
    sg.setSeed(3);
    const again = ours(spec(op, {}));
    expect([numbers(again.execute({}, 'r')), numbers(again.execute({}, 'r'))]).toEqual([p, q]);
    const seeded = ours(spec(op, { seed: at.int(7), seed2: at.int(1) }));
    expect(numbers(seeded.execute({}, 'r'))).toEqual(numbers(seeded.execute({}, 'r')));
  }
  const whole = ours(spec('RandomUniformInt', { minval: at.int(2), maxval: at.int(5) }));
  expect(new Set(numbers(whole.execute({}, 'r')))).toEqual(new Set([2, 3, 4]));
  const drawn = ours({
    placeholders: { logits: { dtype: 'float32' } },
    constants: { count: ints([40], []) },
    nodes: [{ name: 'r', op: 'Multinomial', input: ['logits', 'count'], attr: { T: FLOAT } }],
  });
  expect(new Set(numbers(drawn.execute({ logits: sg.tensor2d([[0, -100, 0]]) }, 'r')))).toEqual(new Set([0, 2]));
});

test('a table that an initializer fills is an input that nobody has to give', () => {
  const entry = (name: string): object => ({ name, dtype: 'DT_RESOURCE', resourceId: '9' });
  const model = ours({
    placeholders: { x: { dtype: 'int32' } },
    constants: { keys: ints([4, 5]), values: reals([40, 50]), other: reals([-1], []) },
    nodes: [
      { name: 'handle', op: 'Placeholder', attr: { dtype: at.type('DT_RESOURCE') } },
      { name: 'y', op: 'LookupTableFindV2', input: ['handle', 'x', 'other'] },
    ],
    more: {
      signature: {
        inputs: { x: { name: 'x:0', dtype: 'DT_INT32' }, table: entry('handle:0') },
        outputs: { y: { name: 'y:0' } },
      },
      modelInitializer: {
        node: [
          { name: 'keys', op: 'Const', attr: {} },
          { name: 'values', op: 'Const', attr: {} },
          { name: 't', op: 'HashTableV2', attr: {} },
          { name: 'fill', op: 'LookupTableImportV2', input: ['t', 'keys', 'values'], attr: {} },
          { name: 'out', op: 'Identity', input: ['t', '^fill'], attr: {} },
        ],
      },
      initializerSignature: { outputs: { out: entry('out:0') } },
    },
  });
  expect(model.inputNodes).toEqual(['x']);
  expect(numbers(model.predict(sg.tensor1d([5, 6, 4], 'int32')))).toEqual([50, -1, 40]);
  model.dispose();
});

test('strings go in and come out by run', () => {
  const model = ours({
    placeholders: { x: { dtype: 'string' } },
    nodes: [
      {
        name: 'y',
        op: 'StaticRegexReplace',
        input: ['x'],
        attr: { pattern: at.text('a'), rewrite: at.text('b'), replace_global: at.flag(true) },
      },
    ],
  });
  const x = { dtype: 'string', shape: [2], data: ['banana', 'c'] } as const;
  expect(model.run({ x }).y).toEqual({ dtype: 'string', shape: [2], data: ['bbnbnb', 'c'] });
  expect(() => model.predict(x)).toThrow(sg.DTypeError);
  model.dispose();
});

test('Print prints, and passes its input on', () => {
  const model = ours({
    placeholders: { x: { dtype: 'float32' } },
    nodes: [{ name: 'y', op: 'Print', input: ['x', 'x'], attr: { message: at.text('seen'), summarize: at.int(2) } }],
  });
  const lines: unknown[][] = [];
  const { log } = console;
  console.log = (...args: unknown[]) => lines.push(args);
  try {
    for (const x of [sg.tensor1d([1, 2, 3]), sg.tensor1d([4, 5, 6])])
      expect(numbers(model.predict(x))).toEqual(numbers(x));
  } finally {
    console.log = log;
  }
  expect(lines).toEqual([
    ['seen', [1, 2]],
    ['seen', [4, 5]],
  ]);
  model.dispose();
});

test('on the console it is one line', () => {
  const model = ours(dense);
  const shown = (model as unknown as Record<symbol, () => string>)[Symbol.for('nodejs.util.inspect.custom')];
  expect(shown?.call(model)).toBe('GraphModel left, right -> one, two, 9 parameters');
  model.dispose();
});
