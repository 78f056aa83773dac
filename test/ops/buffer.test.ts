/** Buffers, variables from tensors, and reading tensors. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

describe('TensorBuffer', () => {
  it('finds places', () => {
    const b = sg.buffer([2, 3, 4]);
    expect([b.rank, b.size, b.dtype, [...b.strides]]).toEqual([3, 24, 'float32', [12, 4]]);
    for (let i = 0; i < b.size; i++) expect(b.locToIndex(b.indexToLoc(i))).toBe(i);
    expect(b.indexToLoc(17)).toEqual([1, 1, 1]);
  });

  it('of rank 0 and 1', () => {
    const scalar = sg.buffer([], 'int32');
    scalar.set(3);
    expect([scalar.get(), scalar.get(0), scalar.toTensor().arraySync(), scalar.indexToLoc(0)]).toEqual([3, 3, 3, []]);
    const vector = sg.buffer([2]);
    vector.set(5, 1);
    expect([vector.get(), vector.get(1)]).toEqual([0, 5]);
  });

  it('holds the type of its elements', () => {
    const flags = sg.buffer([2], 'bool');
    flags.set(7, 0);
    flags.set(false, 1);
    expect(flags.values).toEqual(Uint8Array.of(1, 0));
    expect(sg.buffer([1], 'int32').values).toBeInstanceOf(Int32Array);
  });

  it('takes given values over, and hands out copies', () => {
    const values = Float32Array.of(1, 2);
    const b = new sg.TensorBuffer([2], 'float32', values);
    const t = b.toTensor();
    b.set(9, 0);
    expect([values[0], t.arraySync()]).toEqual([9, [1, 2]]);
  });

  it('refuses what does not fit', () => {
    const b = sg.buffer([2, 3]);
    expect(() => b.set(1, 0)).toThrow(sg.ArgumentError);
    expect(() => b.get(2, 0)).toThrow(sg.IndexError);
    expect(() => b.get(0, -1)).toThrow(sg.IndexError);
    expect(() => b.set(1, 0, 0.5)).toThrow(sg.IndexError);
    expect(() => sg.buffer([3], 'float32', Float32Array.of(1))).toThrow(sg.ShapeError);
    expect(() => sg.buffer([1], 'string' as never)).toThrow(sg.DTypeError);
    expect(() => sg.buffer([-1])).toThrow(sg.ShapeError);
  });

  it('of a tensor is a copy of its elements', async () => {
    const t = sg.tensor2d([1, 2, 3, 4], [2, 2], 'int32');
    const b = t.bufferSync();
    b.set(9, 1, 1);
    expect([b.get(0, 1), t.dataSync()[3], (await t.buffer()).get(1, 1)]).toEqual([2, 4, 4]);
  });
});

it('a variable from a tensor', () => {
  const t = sg.tensor1d([1, 2]);
  const v = t.variable(false, 'named', 'int32');
  expect([v instanceof sg.Variable, v.trainable, v.name, v.dtype, v.arraySync()]).toEqual([
    true,
    false,
    'named',
    'int32',
    [1, 2],
  ]);
  v.dispose();
  expect(t.arraySync()).toEqual([1, 2]);
});

it('clones live on their own', () => {
  const t = sg.tensor1d([1, 2]);
  const c = sg.clone(t);
  t.dispose();
  expect(c.arraySync()).toEqual([1, 2]);
  const named = sg.ensureShape(c, [null]);
  named.dispose();
  expect(c.isDisposed).toBe(false);
});

it('nested arrays of all types', async () => {
  expect(sg.tensor2d([[1], [0]], undefined, 'bool').arraySync()).toEqual([[1], [0]]);
  expect(await sg.tensor3d([[[1.5]]]).array()).toEqual([[[1.5]]]);
  expect(sg.zeros([2, 0]).arraySync()).toEqual([[], []]);
  expect(sg.scalar(3, 'int32').arraySync()).toBe(3);
});
