/** What counts as a plain object. */
import { expect, it } from 'vitest';
import * as sg from '../../src/index';
import { isPlainObject } from '../../src/support/plain-object';

it('objects of names and values, not those of classes', () => {
  for (const value of [{}, { a: 1 }, Object.create(null)]) expect(isPlainObject(value)).toBe(true);
  for (const value of [null, undefined, 1, 'a', [], new Map(), new (class {})(), () => 1, sg.scalar(1)])
    expect(isPlainObject(value)).toBe(false);
});

it('tensors in one without a prototype are results of tidy and of jit too', () => {
  const make = (): { y: sg.Tensor } => Object.assign(Object.create(null), { y: sg.scalar(2).square() });
  expect(sg.tidy(make).y.dataSync()[0]).toBe(4);
  expect(
    sg
      .jit((x: sg.Tensor) => Object.assign(make(), { x }))(sg.scalar(1))
      .y.dataSync()[0],
  ).toBe(4);
});
