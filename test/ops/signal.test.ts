/** Frames of signals and windows. */
import { expect, test } from 'vitest';
import * as sg from '../../src/index';

test('frames', () => {
  const { frame } = sg.signal;
  expect(frame([1, 2, 3, 4, 5], 3, 2).arraySync()).toEqual([
    [1, 2, 3],
    [3, 4, 5],
  ]);
  expect(frame([1, 2, 3, 4, 5], 3, 2, true, 9).arraySync()).toEqual([
    [1, 2, 3],
    [3, 4, 5],
    [5, 9, 9],
  ]);
  expect(frame([1, 2], 3, 1).shape).toEqual([0, 3]);
  expect(frame(sg.tensor1d([1, 2, 3], 'int32'), 2, 1).dtype).toBe('int32');
  expect(() => frame([1, 2, 3], 2, 0)).toThrow(sg.ArgumentError);
  expect(() => frame([[1, 2]], 1, 1)).toThrow(sg.ShapeError);
});

test('frames have a gradient: an element counts once for each frame', () => {
  const gradient = sg.grad((x) => sg.signal.frame(x, 3, 1, true).sum());
  expect(gradient(sg.tensor1d([1, 1, 1, 1])).arraySync()).toEqual([1, 2, 3, 3]);
});

test('windows', () => {
  const close = (actual: sg.Tensor, expected: number[]): void =>
    expect([...actual.dataSync()].map((v) => Math.round(v * 1e6) / 1e6)).toEqual(expected);
  close(sg.signal.hannWindow(7), [0, 0.25, 0.75, 1, 0.75, 0.25, 0]);
  close(sg.signal.hannWindow(6), [0, 0.25, 0.75, 1, 0.75, 0.25]);
  close(sg.signal.hammingWindow(3), [0.08, 1, 0.08]);
  close(sg.signal.hannWindow(1), [1]);
  expect(() => sg.signal.hannWindow(0)).toThrow(sg.ArgumentError);
});
