/** What layers return for placeholders is known to the compiler. */
import { expect, expectTypeOf, it } from 'vitest';
import * as sg from '../../src/index';

const x = sg.input({ shape: [4, 3] });

it('a layer of one output returns one placeholder', () => {
  expectTypeOf(sg.layers.dense({ units: 2 }).apply(x)).toEqualTypeOf<sg.SymbolicTensor>();
  expectTypeOf(sg.layers.add().apply([x, x])).toEqualTypeOf<sg.SymbolicTensor>();
  expectTypeOf(sg.layers.lambda((t) => t.square()).apply(x)).toEqualTypeOf<sg.SymbolicTensor>();
  expect(sg.layers.dense({ units: 2 }).apply(x).shape).toEqual([null, 4, 2]);
  // @ts-expect-error: one placeholder is no list
  expect(() => [...sg.layers.dense({ units: 2 }).apply(x)]).toThrow(TypeError);
});

it('returnState of a recurrent layer makes it a list', () => {
  expectTypeOf(sg.layers.lstm({ units: 2 }).apply(x)).toEqualTypeOf<sg.SymbolicTensor>();
  const returnState: boolean = x.rank === 3;
  expectTypeOf(sg.layers.gru({ units: 2, returnState }).apply(x)).toEqualTypeOf<sg.SymbolicOutput>();
  const [y, h, c] = sg.layers.lstm({ units: 2, returnState: true }).apply(x);
  expectTypeOf(y).toEqualTypeOf<sg.SymbolicTensor | undefined>();
  expect([y, h, c].map((t) => t?.shape)).toEqual([
    [null, 2],
    [null, 2],
    [null, 2],
  ]);
});

it('mergeMode null of a bidirectional layer makes it a list', () => {
  const layer = sg.layers.simpleRNN({ units: 2 });
  expectTypeOf(sg.layers.bidirectional({ layer }).apply(x)).toEqualTypeOf<sg.SymbolicTensor>();
  expectTypeOf(sg.layers.bidirectional({ layer, mergeMode: 'sum' }).apply(x)).toEqualTypeOf<sg.SymbolicTensor>();
  const both = sg.layers.bidirectional({ layer, mergeMode: null }).apply(x);
  expectTypeOf(both).toEqualTypeOf<sg.SymbolicTensor[]>();
  expect(both).toHaveLength(2);
});

it('attention that is asked for its weights returns a list', () => {
  const layer = sg.layers.multiHeadAttention({ numHeads: 1, keyDim: 2 });
  expectTypeOf(layer.apply([x, x])).toEqualTypeOf<sg.SymbolicTensor>();
  const scored = layer.apply([x, x], { returnAttentionScores: true });
  expectTypeOf(scored).toEqualTypeOf<sg.SymbolicTensor[]>();
  expect(scored).toHaveLength(2);
});

it('of any layer it may be either', () => {
  const layer: sg.Layer = sg.layers.flatten();
  expectTypeOf(layer.apply(x)).toEqualTypeOf<sg.SymbolicOutput>();
  expectTypeOf(sg.sequential({ layers: [sg.layers.flatten()] }).apply(x)).toEqualTypeOf<sg.SymbolicTensor>();
});

it('settings of optimizers are typed, and so are their positions', () => {
  // @ts-expect-error: there is no fifth argument
  sg.train.adam(0.001, 0.9, 0.999, 1e-7, 'zzz');
  // @ts-expect-error: a letter is missing
  expect(() => sg.train.adam({ bet1: 0.9 })).toThrow(/beta1/);
});
