/** Operators that are loaded when a model needs them. */
import { expect, test } from 'vitest';
import * as sg from '../../src/index';
import * as onnx from '../../src/onnx/index';
import { FAMILIES } from '../../src/onnx/operators/families';
import { definitions } from '../../src/onnx/operators/index';
import { file, longs, node, port } from './support/build';

const reversing = file({
  node: [node('ReverseSequence', ['x', 'lengths'], ['y'])],
  initializer: [longs('lengths', [1], [2])],
  input: [port('x', [2, 1])],
  output: [port('y', [2, 1])],
});
/** An operator that is not in the entry is in a branch. */
const branching = file({
  node: [
    node('If', ['isUp'], ['y'], {
      then_branch: {
        node: [node('ReverseSequence', ['x', 'lengths'], ['up'])],
        output: [port('up', [2, 1])],
      },
      else_branch: { node: [node('Neg', ['x'], ['down'])], output: [port('down', [2, 1])] },
    }),
  ],
  initializer: [longs('lengths', [1], [2])],
  input: [port('x', [2, 1]), port('isUp', [], 'bool')],
  output: [port('y', [2, 1])],
});
const run = (model: onnx.OnnxModel, more = {}): number[] => {
  const { y } = model.run({ x: sg.tensor([1, 2], [2, 1]), ...more }) as { y: onnx.OnnxTensor };
  return Array.from(y.data as Float32Array);
};

// The order matters: what one test loads is there in the next.
test('loadSync says which operators are not loaded, and how they are', () => {
  expect(() => onnx.loadSync(reversing)).toThrow(sg.StateError);
  expect(() => onnx.loadSync(reversing)).toThrow(/ReverseSequence.*await onnx\.prepare\(\).*onnx\.load/s);
  expect(() => onnx.loadSync(branching)).toThrow(/If.*ReverseSequence/s);
});

test('prepare loads the operators of one model, and no others', async () => {
  await onnx.prepare(reversing);
  const model = onnx.loadSync(reversing);
  expect(run(model)).toEqual([2, 1]);
  model.dispose();
  expect(() => onnx.loadSync(branching)).toThrow(sg.StateError);
  await expect(onnx.prepare('model.onnx' as never)).rejects.toThrow(sg.ArgumentError);
  await expect(onnx.prepare(Uint8Array.of(255, 255))).rejects.toThrow(sg.FormatError);
});

test('load and inspect load the operators of the model, those of inner graphs too', async () => {
  const { operators } = await onnx.inspect(branching);
  expect(operators.map(({ name, reason }) => [name, reason])).toEqual([
    ['If', undefined],
    ['Neg', undefined],
    ['ReverseSequence', undefined],
  ]);
  const model = await onnx.load(branching);
  expect(run(model, { isUp: { data: Uint8Array.of(1), shape: [], dtype: 'bool' } })).toEqual([2, 1]);
  model.dispose();
  onnx.loadSync(branching).dispose();
});

test('families name what they define, each operator once', async () => {
  for (const { domain, names, load } of FAMILIES) {
    const own = await load();
    expect([...names].sort(), domain).toEqual(Object.keys(own).sort());
    // Not among those of the entry, nor in another family.
    const known = definitions().get(domain) ?? {};
    for (const name of names) {
      expect(!(name in known) || known[name] === own[name], name).toBe(true);
      expect(FAMILIES.filter((f) => f.domain === domain && f.names.includes(name))).toHaveLength(1);
    }
  }
});
