/** Functions that read values: results on edges, errors, and nothing left behind. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

describe('whereAsync', () => {
  it('of a scalar, of nothing, of arrays', async () => {
    const some = await sg.whereAsync(sg.scalar(true));
    expect([some.shape, some.dtype, some.size]).toEqual([[1, 0], 'int32', 0]);
    expect((await sg.whereAsync(sg.zeros([2, 3], 'bool'))).shape).toEqual([0, 2]);
    expect(
      (
        await sg.whereAsync([
          [true, false],
          [true, true],
        ])
      ).arraySync(),
    ).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
    ]);
  });

  it('needs bool', async () => {
    await expect(sg.whereAsync(sg.ones([2]))).rejects.toThrow(sg.DTypeError);
  });
});

describe('booleanMaskAsync', () => {
  it('over one and over several dimensions', async () => {
    const x = sg.tensor3d(
      Array.from({ length: 12 }, (_, i) => i),
      [2, 3, 2],
      'int32',
    );
    expect((await sg.booleanMaskAsync(x, [false, true])).arraySync()).toEqual([
      [
        [6, 7],
        [8, 9],
        [10, 11],
      ],
    ]);
    expect((await sg.booleanMaskAsync(x, [true, false, true], 1)).shape).toEqual([2, 2, 2]);
    const mask = sg.tensor2d([1, 0, 0, 0, 1, 0], [2, 3], 'bool');
    expect((await sg.booleanMaskAsync(x, mask)).arraySync()).toEqual([
      [0, 1],
      [8, 9],
    ]);
    expect((await sg.booleanMaskAsync(x, [true, false], -1)).dtype).toBe('int32');
  });

  it('refuses masks that do not fit', async () => {
    await expect(sg.booleanMaskAsync(sg.ones([2, 3]), [true, false, true])).rejects.toThrow(sg.ShapeError);
    await expect(sg.booleanMaskAsync(sg.ones([2]), sg.scalar(true))).rejects.toThrow(sg.ArgumentError);
    await expect(sg.booleanMaskAsync(sg.ones([2]), sg.ones([2]))).rejects.toThrow(sg.DTypeError);
  });
});

describe('setdiff1dAsync', () => {
  it('keeps the order, and repeats', async () => {
    const [values, places] = await sg.setdiff1dAsync([5, 1, 5, 2, 3], [2, 1]);
    expect([values.arraySync(), places.arraySync(), places.dtype]).toEqual([[5, 5, 3], [0, 2, 4], 'int32']);
  });

  it('refuses other ranks and mixed types', async () => {
    await expect(sg.setdiff1dAsync([[1]], [1])).rejects.toThrow(sg.ShapeError);
    await expect(sg.setdiff1dAsync(sg.ones([2]), sg.ones([2], 'int32'))).rejects.toThrow(sg.DTypeError);
  });
});

it('they leave nothing behind but their result', async () => {
  const x = sg.ones([2, 3]);
  const { numTensors } = sg.memory();
  const results = [
    await sg.whereAsync([true, false]),
    await sg.booleanMaskAsync(x, [true, false]),
    ...(await sg.setdiff1dAsync([1, 2], [2])),
  ];
  expect(sg.memory().numTensors).toBe(numTensors + results.length);
  sg.dispose({ results, nested: [x] });
  expect(sg.memory().numTensors).toBe(numTensors - 1);
  expect(x.isDisposed).toBe(true);
});

it('none of them can be compiled; in a gradient they read', async () => {
  const pending: Promise<unknown>[] = [];
  const f = sg.jit((x: sg.Tensor) => {
    pending.push(expect(sg.whereAsync(x.greater(0))).rejects.toThrow(sg.StateError));
    return x.sum();
  });
  f(sg.ones([2])).dispose();
  const places: Promise<sg.Tensor>[] = [];
  sg.grad((x) => {
    places.push(sg.whereAsync(x.greater(1)));
    return x.sum();
  })(sg.tensor1d([1, 2, 3]));
  expect((await Promise.all(places)).map((t) => t.arraySync())).toEqual([[[1], [2]]]);
  await Promise.all(pending);
});
