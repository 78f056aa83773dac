/** Strings, sequences, values that may be missing, and classical models. */
import { expect, test } from 'vitest';
import * as onnx from '../../src/onnx/index';
import type { AttributeProto, NodeProto } from '../../src/onnx/proto/schema';
import { AttributeType } from '../../src/onnx/proto/schema';
import { file, longs, node, port } from './support/build';

await onnx.prepare();

const texts = (data: readonly string[], shape = [data.length]): onnx.OnnxTensor => ({ data, shape, dtype: 'string' });
const floats = (data: readonly number[], shape = [data.length]): onnx.OnnxTensor => ({
  data: Float32Array.from(data),
  shape,
  dtype: 'float32',
});
const ML = {
  opsetImport: [
    { domain: '', version: 20 },
    { domain: 'ai.onnx.ml', version: 3 },
  ],
};

const strings = (name: string, values: readonly string[]): AttributeProto => ({
  name,
  strings: values.map((v) => new TextEncoder().encode(v)),
  type: AttributeType.strings,
});
const reals = (name: string, values: readonly number[]): AttributeProto => ({
  name,
  floats: [...values],
  type: AttributeType.floats,
});
const withLists = (made: NodeProto, ...lists: readonly AttributeProto[]): NodeProto => ({
  ...made,
  attribute: [...(made.attribute ?? []), ...lists],
});

/** All outputs of nodes for feeds; `more` are those of them that are not named y. */
function run(
  nodes: readonly NodeProto[],
  feeds: Readonly<Record<string, onnx.OnnxInput>>,
  types: Readonly<Record<string, 'string' | 'float32' | 'int64'>>,
  outputs = ['y'],
): Record<string, onnx.OnnxTensor | onnx.OnnxTensor[]> {
  const model = onnx.loadSync(
    file(
      {
        node: [...nodes],
        input: Object.entries(types).map(([name, type]) => port(name, undefined, type)),
        output: outputs.map((name) => port(name, undefined)),
        initializer: [longs('one', [], [1])],
      },
      20,
      ML,
    ),
  );
  const once = model.run(feeds);
  // Compiled, it computes the same.
  expect(model.run(feeds)).toEqual(once);
  model.dispose();
  return once;
}

test('strings are joined, split, matched and normalized', () => {
  const types = { a: 'string', b: 'string' } as const;
  const feeds = { a: texts(['x', 'yy'], [2, 1]), b: texts(['1', '2']) };
  expect(run([node('StringConcat', ['a', 'b'], ['y'])], feeds, types).y).toEqual(
    texts(['x1', 'x2', 'yy1', 'yy2'], [2, 2]),
  );
  const words = { a: texts(['one, two', ' three  four five']) };
  expect(run([node('StringSplit', ['a'], ['y', 'n'], { maxsplit: 1 })], words, { a: 'string' }, ['y', 'n'])).toEqual({
    y: texts(['one,', 'two', 'three', 'four five'], [2, 2]),
    n: { data: BigInt64Array.of(2n, 2n), shape: [2], dtype: 'int64' },
  });
  expect(run([node('StringSplit', ['a'], ['y'], { delimiter: ', ' })], words, { a: 'string' }).y).toEqual(
    texts(['one', 'two', ' three  four five', ''], [2, 2]),
  );
  const mails = { a: texts(['a@b.c', 'nobody']) };
  expect(run([node('RegexFullMatch', ['a'], ['y'], { pattern: '\\w+@\\w+\\.\\w' })], mails, { a: 'string' }).y).toEqual(
    {
      data: Uint8Array.of(1, 0),
      shape: [2],
      dtype: 'bool',
    },
  );
  const normalize = withLists(
    node('StringNormalizer', ['a'], ['y'], { case_change_action: 'UPPER' }),
    strings('stopwords', ['The']),
  );
  expect(run([normalize], { a: texts(['the', 'cat']) }, { a: 'string' }).y).toEqual(texts(['CAT']));
  expect(run([normalize], { a: texts(['the']) }, { a: 'string' }).y).toEqual(texts(['']));
});

test('sequences are made, changed and joined again', () => {
  const types = { a: 'float32', b: 'float32' } as const;
  const feeds = { a: floats([1, 2]), b: floats([3, 4]) };
  const both = node('SequenceConstruct', ['a', 'b'], ['s']);
  expect(run([both, node('ConcatFromSequence', ['s'], ['y'], { axis: 0, new_axis: 1 })], feeds, types).y).toEqual(
    floats([1, 2, 3, 4], [2, 2]),
  );
  const changed = [
    both,
    node('SequenceInsert', ['s', 'b'], ['t']),
    node('SequenceErase', ['t', 'one'], ['u']),
    node('SequenceLength', ['u'], ['n']),
    node('SequenceAt', ['u', 'one'], ['y']),
  ];
  expect(run(changed, feeds, types, ['y', 'n', 'u'])).toEqual({
    y: floats([3, 4]),
    n: { data: BigInt64Array.of(2n), shape: [], dtype: 'int64' },
    u: [floats([1, 2]), floats([3, 4])],
  });
  // A sequence that is fed.
  const joined = node('ConcatFromSequence', ['a'], ['y'], { axis: 0 });
  expect(run([joined], { a: [floats([1]), floats([2, 3])] }, { a: 'float32' }).y).toEqual(floats([1, 2, 3]));
  const parts = node('SplitToSequence', ['a', 'one'], ['y'], { axis: 0 });
  expect(run([parts], { a: floats([7, 8]) }, { a: 'float32' }).y).toEqual([floats([7]), floats([8])]);
});

test('a value that is missing says so', () => {
  const nodes = [
    node('Optional', ['a'], ['here']),
    node('Optional', [], ['gone']),
    node('OptionalHasElement', ['here'], ['y']),
    node('OptionalHasElement', ['gone'], ['n']),
    node('OptionalGetElement', ['here'], ['z']),
  ];
  const out = run(nodes, { a: floats([5]) }, { a: 'float32' }, ['y', 'n', 'z']);
  expect(out).toEqual({
    y: { data: Uint8Array.of(1), shape: [], dtype: 'bool' },
    n: { data: Uint8Array.of(0), shape: [], dtype: 'bool' },
    z: floats([5]),
  });
});

test('trees vote for classes, whose labels are strings', () => {
  const tree = withLists(
    node(
      'TreeEnsembleClassifier',
      ['a'],
      ['label', 'y'],
      {
        nodes_treeids: [0, 0, 0],
        nodes_nodeids: [0, 1, 2],
        nodes_featureids: [1, 0, 0],
        nodes_truenodeids: [1, 0, 0],
        nodes_falsenodeids: [2, 0, 0],
        class_treeids: [0, 0, 0],
        class_nodeids: [1, 2, 2],
        class_ids: [0, 1, 2],
      },
      'ai.onnx.ml',
    ),
    strings('nodes_modes', ['BRANCH_LEQ', 'LEAF', 'LEAF']),
    strings('classlabels_strings', ['low', 'middle', 'high']),
    reals('nodes_values', [0.1, 0, 0]),
    reals('class_weights', [1, 0.25, 0.75]),
  );
  const rows = { a: floats([9, 0.1, 9, 0.2], [2, 2]) };
  expect(run([tree], rows, { a: 'float32' }, ['label', 'y'])).toEqual({
    label: texts(['low', 'high']),
    y: floats([1, 0, 0, 0, 0.25, 0.75], [2, 3]),
  });
});

test('features are scaled, normalized, and classified by a line', () => {
  const nodes = [
    withLists(node('Scaler', ['a'], ['s'], {}, 'ai.onnx.ml'), reals('offset', [1, 2]), reals('scale', [2, 0.5])),
    node('Normalizer', ['s'], ['n'], { norm: 'L1' }, 'ai.onnx.ml'),
    withLists(
      node('LinearClassifier', ['n'], ['label', 'y'], { classlabels_ints: [10, 20] }, 'ai.onnx.ml'),
      reals('coefficients', [1, -1]),
      reals('intercepts', [0.25]),
    ),
  ];
  // Scaled to [4, 2] and [0, 3], normalized to [2/3, 1/3] and [0, 1].
  const out = run(nodes, { a: floats([3, 6, 1, 8], [2, 2]) }, { a: 'float32' }, ['label', 'y']);
  expect(out.label).toEqual({ data: BigInt64Array.of(20n, 10n), shape: [2], dtype: 'int64' });
  const { data } = out.y as onnx.OnnxTensor;
  [-7 / 12, 7 / 12, 0.75, -0.75].forEach((v, i) => expect(data[i]).toBeCloseTo(v, 6));
});
