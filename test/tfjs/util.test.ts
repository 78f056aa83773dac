/** The helpers of `sg.util`: the values that programs for TensorFlow.js expect. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';

const { util } = sg;

describe('shapes', () => {
  test('sizes, strides and places', () => {
    expect(util.sizeFromShape([2, 3, 4])).toBe(24);
    expect(util.sizeFromShape([])).toBe(1);
    expect(util.isScalarShape([])).toBe(true);
    expect(util.isScalarShape([1])).toBe(false);
    expect(util.sizeToSquarishShape(11)).toEqual([4, 3]);
    expect(util.sizeToSquarishShape(35)).toEqual([6, 6]);
    expect(util.computeStrides([2, 3, 4])).toEqual([12, 4]);
    expect(util.locToIndex([1, 2, 3], 3, [12, 4])).toBe(23);
    expect(util.indexToLoc(23, 3, [12, 4])).toEqual([1, 2, 3]);
    expect(util.indexToLoc(5, 1, [])).toEqual([5]);
    expect(util.indexToLoc(0, 0, [])).toEqual([]);
  });

  test('a size that is left open', () => {
    expect(util.inferFromImplicitShape([2, -1, 4], 24)).toEqual([2, 3, 4]);
    expect(() => util.inferFromImplicitShape([2, -1], 5)).toThrow(sg.ShapeError);
    expect(() => util.inferFromImplicitShape([-1, -1], 4)).toThrow(sg.ShapeError);
  });

  test('axes', () => {
    expect(util.parseAxisParam(null, [3, 1, 2])).toEqual([0, 1, 2]);
    expect(util.parseAxisParam([-1, -3], [3, 1, 2])).toEqual([2, 0]);
    expect(() => util.parseAxisParam(-4, [3, 1, 2])).toThrow(sg.ArgumentError);
    expect(util.squeezeShape([1, 3, 1])).toEqual({ newShape: [3], keptDims: [1] });
    expect(util.squeezeShape([1, 3, 1], [])).toEqual({ newShape: [3], keptDims: [1] });
    expect(util.squeezeShape([1, 3, 1], 0)).toEqual({ newShape: [3, 1], keptDims: [1, 2] });
    expect(() => util.squeezeShape([1, 3, 1], [1])).toThrow(sg.ShapeError);
    expect(util.nearestDivisor(12, 5)).toBe(6);
    expect(() => util.nearestDivisor(12, 13)).toThrow(sg.ArgumentError);
  });
});

describe('arrays', () => {
  test('flatten takes leaves of every kind', () => {
    expect(util.flatten([new Float32Array([1, 2]), 3, [4, [5]]])).toEqual([1, 2, 3, 4, 5]);
    expect(util.flatten([['a', ['b']], 'c'])).toEqual(['a', 'b', 'c']);
    expect(util.flatten([[new Uint8Array([1])]], [], true)).toEqual([new Uint8Array([1])]);
    expect(util.flatten({ 0: 1, 1: 2, [-1]: 3 })).toEqual([1, 2]);
  });

  test('nested and typed arrays', () => {
    expect(util.toNestedArray([2, 2], new Float32Array([1, 2, 3, 4]))).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(util.toNestedArray([], [7])).toBe(7);
    expect(util.toNestedArray([2, 0], [])).toEqual([]);
    expect(() => util.toNestedArray([2, 2], [1])).toThrow(sg.ShapeError);
    expect(util.makeOnesTypedArray(2, 'int32')).toEqual(new Int32Array([1, 1]));
    expect(util.makeZerosTypedArray(1)).toEqual(new Float32Array(1));
    expect(util.makeZerosNestedTypedArray([1, 2])).toEqual([[0, 0]]);
    expect(util.toTypedArray([[1, 2.5]], 'float32')).toEqual(new Float32Array([1, 2.5]));
    expect(util.toTypedArray([true, false], 'bool')).toEqual(new Uint8Array([1, 0]));
    expect(() => util.toTypedArray(['a'] as never, 'float32')).toThrow(sg.DTypeError);
    expect(() => util.makeZerosTypedArray(1, 'complex64' as never)).toThrow(sg.DTypeError);
    expect(util.arraysEqual([1, 2], [1, 2])).toBe(true);
    expect(util.arraysEqual([1, 2], [1])).toBe(false);
    expect(util.isTypedArray(new Float32Array(1))).toBe(true);
    expect(util.isTypedArray(new BigInt64Array(1))).toBe(false);
    expect(util.inferDtype([[true]])).toBe('bool');
    expect(util.inferDtype('a')).toBe('string');
    expect(util.decodeString(util.encodeString('ä'))).toBe('ä');
    expect(util.bytesFromStringArray([util.encodeString('ä'), util.encodeString('b')])).toBe(3);
  });
});

describe('numbers', () => {
  test('arithmetic', () => {
    expect(util.tanh(0)).toBe(0);
    for (const x of [-20, -1.5, 0.1, 3]) expect(util.tanh(x)).toBeCloseTo(Math.tanh(x), 14);
    expect(util.distSquared([1, 2], [4, 6])).toBe(25);
    expect(() => util.distSquared([1], [1, 2])).toThrow(sg.ArgumentError);
    expect(util.clamp(0, 5, 3)).toBe(3);
    expect(util.sum([1, 2, 3])).toBe(6);
    expect(util.nearestLargerEven(3)).toBe(4);
    expect(util.rightPad('a', 3)).toBe('a  ');
    const first = util.now();
    expect(util.now()).toBeGreaterThanOrEqual(first);
  });

  test('shuffles are permutations that the seed determines', () => {
    const draw = (): [number[], number[], number[]] => {
      sg.setSeed(3);
      const one = Array.from({ length: 100 }, (_, i) => i);
      util.shuffle(one);
      const [a, b] = [Array.from({ length: 50 }, (_, i) => i), Array.from({ length: 50 }, (_, i) => 2 * i)];
      util.shuffleCombo(a, b);
      expect(b).toEqual(a.map((x) => 2 * x));
      return [one, a, [...util.createShuffledIndices(20), util.randUniform(2, 3)]];
    };
    const [one, two, rest] = draw();
    const ascending = (x: number, y: number): number => x - y;
    expect([...one].sort(ascending)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(one).not.toEqual([...one].sort(ascending));
    expect([...two].sort(ascending)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(rest.slice(0, 20).sort(ascending)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(rest[20]).toBeGreaterThanOrEqual(2);
    expect(rest[20]).toBeLessThan(3);
    expect(draw()).toEqual([one, two, draw()[2]]);
    expect(() => util.shuffleCombo([1], [1, 2])).toThrow(sg.ArgumentError);
  });

  test('draws take no part in a trace', () => {
    const shuffled = sg.jit((x: sg.Tensor) => x.mul(util.createShuffledIndices(4).length));
    expect(shuffled(sg.scalar(2)).dataSync()[0]).toBe(8);
  });
});

test('assertions throw the errors of the library', () => {
  expect(() => util.assert(false, () => 'no')).toThrow(new sg.ArgumentError('no'));
  expect(() => util.assert(true, () => 'no')).not.toThrow();
  expect(() => util.assertShapesMatch([1], [2], 'here:')).toThrow(/^here: shapes \[1\] and \[2\] must match/);
  expect(() => util.assertNonNull(null)).toThrow(sg.ArgumentError);
  expect(() => util.assertNonNegativeIntegerDimensions([1, -1])).toThrow(sg.ShapeError);
});

test('a condition is asked for again until it holds or the tries are used up', async () => {
  let count = 0;
  await util.repeatedTry(() => ++count === 3);
  expect(count).toBe(3);
  await expect(
    util.repeatedTry(
      () => false,
      () => 0,
      2,
    ),
  ).rejects.toThrow(sg.ArgumentError);
});
