/** Natural mistakes, and what the error says to write instead. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

const x = sg.ones([2, 3]);
const y = sg.ones([2, 1]);
const wrong = (value: unknown): never => value as never;

function model(): sg.Sequential {
  const made = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [3] })] });
  made.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return made;
}

const mistakes: readonly [string, () => unknown, RegExp][] = [
  [
    'sizes one by one',
    () => (x.reshape as (...n: unknown[]) => unknown)(3, 2),
    /reshape.*got 3; pass one list: \[3, …\]/,
  ],
  ['axes one by one', () => (x.transpose as (...n: unknown[]) => unknown)(1, 0), /transpose.*pass one list: \[1, …\]/],
  [
    'tensors one by one',
    () => sg.concat(wrong(x), wrong(x)),
    /concat.*got a tensor of float32 \[2, 3\]; .*\[a, b, …\]/,
  ],
  ['one tensor to stack', () => sg.stack(wrong(x)), /stack.*\[a, b, …\]/],
  ['no place', () => (x.slice as () => unknown)(), /slice: begin must be a list/],
  ['a number to print', () => sg.print(wrong(3)), /print: x must be a tensor, got 3; console\.log/],
  ['too many elements', () => sg.range(0, 1e12), /range: out of memory: 1000000000000 elements/],
  ['an array for a variable', () => sg.variable(wrong([1, 2])), /variable\(sg\.tensor\(\[1, 2\]\)\)/],
  ['an array to assign', () => sg.variable(x).assign(wrong([1])), /assign.*got \[1\]; sg\.tensor makes one/],
  [
    'null in an array',
    () =>
      sg.tensor([
        [1, 2],
        [3, wrong(null)],
      ]),
    /tensor: values\[1\]\[1\] must be a number or boolean, got null/,
  ],
  [
    'a hole in an operand',
    () => sg.add([1, wrong(undefined)], 2),
    /add: a\[1\] must be a number or boolean, got undefined/,
  ],
  ['a BigInt', () => sg.tensor([1, wrong(2n)]), /values\[1\] is the BigInt 2n; Number\(x\)/],
  ['BigInts', () => sg.tensor1d(wrong(new BigInt64Array(2))), /tensor1d: values holds BigInts/],
  [
    'a shape that the nesting contradicts',
    () =>
      sg.tensor2d(
        [
          [1, 2],
          [3, 4],
        ],
        [4, 1],
      ),
    /tensor2d: values of shape \[2, 2\] do not fit the shape \[4, 1\]/,
  ],
  ['a comparison with a number', () => wrong(x) > 2, /t\.greater\(2\)/],
  ['a sign', () => -wrong(x), /t\.neg\(\)/],
  ['no equation', () => sg.einsum(wrong(x), x), /einsum: equation must be a string such as 'ij,jk->ik', got a tensor/],
  ['no function', () => sg.grad(wrong(x)), /grad: f must be a function, for instance \(x\) => x/],
  ['an async function in tidy', () => sg.tidy(async () => x), /tidy: the function returned a promise/],
  [
    'arrays to fit',
    () => model().fit(wrong([[1, 2, 3]]), wrong([[1]])),
    /fit: x must be one tensor, got an array; make a tensor of it first: sg\.tensor\(x\)/,
  ],
  [
    'labels to fit',
    () => model().fit(x, wrong([1, 2])),
    /fit: y must be one tensor, got an array; make a tensor of it first: sg\.tensor\(y\)/,
  ],
  [
    'a typed array to fit',
    () => model().fit(x, wrong(new Float32Array(3))),
    /fit: y must be one tensor, got an array; make a tensor of it first: sg\.tensor\(y\)/,
  ],
  [
    'labels of text to fit',
    () => model().fit(x, wrong(['a'])),
    /fit: y must be one tensor, got an array of strings; use sg\.preprocessing\.labelEncoder\(\)/,
  ],
  [
    'cells of text to fit',
    () => model().fit(wrong([['1', 'b']]), y),
    /fit: x must be one tensor, got an array of strings; sg\.preprocessing has encoders/,
  ],
  ['no targets', () => model().fit(x, wrong(undefined)), /fit: y must be one tensor, got undefined; write fit\(x, y\)/],
  [
    'a data set to fit',
    () => model().fit(wrong(sg.data.array([1])), y),
    /fit: takes tensors, got a data set; write model\.fitDataset\(dataset\)/,
  ],
  ['a data set to predict', () => model().predict(wrong(sg.data.array([1]))), /predict: takes tensors, got a data set/],
  ['a list of class weights', () => model().fit(x, y, { classWeight: wrong([1, 2]) }), /write \{ 0: 1, 1: 2 \}/],
  ['no loss', () => model().compile(wrong({ optimizer: 'sgd' })), /compile: loss is missing; name one/],
  ['no settings', () => model().compile(wrong(undefined)), /compile: needs settings, for instance/],
  ['no weights', () => model().setWeights(wrong(undefined)), /weights must be a list of tensors, got undefined/],
  ['arrays as weights', () => model().setWeights(wrong([[[1], [2], [3]], [4]])), /weights\[0\] must be a tensor/],
];

describe('what to write instead', () => {
  it.each(mistakes)('%s', async (_, call, text) => {
    const error = await (async () => call())().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(sg.SamegradError);
    expect((error as Error).message).toMatch(text);
  });
});

describe('null is as left out', () => {
  it('for element types, dilations, names, axes and settings', () => {
    expect(sg.zeros([1], null).dtype).toBe('float32');
    expect(sg.tensor([1, 2], null, null).shape).toEqual([2]);
    expect(sg.conv2d(sg.ones([1, 4, 4, 1]), sg.ones([2, 2, 1, 1]), 1, 'same', null, null).shape).toEqual([1, 4, 4, 1]);
    expect(sg.variable(x, null, null, null).trainable).toBe(true);
    expect(sg.sum(x, null).shape).toEqual([]);
    expect(model().predict(x, null).shape).toEqual([2, 1]);
  });
});

it('numbers are truth values where plain arrays of them are given to logical functions', () => {
  expect(sg.logicalAnd([1, 0, 2], [1, 1, 0]).dataSync()).toEqual(Uint8Array.from([1, 0, 0]));
  expect(() => sg.logicalNot(x)).toThrow(sg.DTypeError);
});

it('a tensor is a text where a text is made', () => {
  expect(`${sg.scalar(2)}`).toBe('Tensor\n    2');
  expect(['loss ', sg.scalar(2)].join('')).toBe('loss Tensor\n    2');
});
