/** Descriptors of ops that draw random numbers. */
import { Distribution, Dropout, Op, Random } from '../../../assembly/isa';
import type { DType } from '../../tensor/dtype';
import type { TensorSpec } from '../../tensor/graph';
import { type Shape, sizeOf } from '../../tensor/shape';
import { first, op } from '../descriptor';
import { f32 } from '../ir';

/** Which stream of random numbers: two 32-bit words of seed, and one number for each op that draws. */
export interface RandomKey {
  readonly seed: readonly [number, number];
  readonly stream: number;
  /** The first step, 0 by default; the counter of a program, if it has one, goes on from there. */
  readonly step?: number;
}

export interface RandomAttrs extends RandomKey {
  readonly shape: Shape;
  readonly kind: Distribution;
  /** Parameters of the distribution; see `Distribution`. */
  readonly p: number;
  readonly q: number;
  readonly dtype: DType;
}

const keyOperands = (key: RandomKey): Record<string, number> => ({
  seedLo: key.seed[0],
  seedHi: key.seed[1],
  stream: key.stream,
  first: key.step ?? 0,
});

export const randomness = {
  random: op<RandomAttrs>({
    infer: (_, { shape, dtype }) => ({ shape, dtype }),
    lower(e, _, out, attrs) {
      const parameter = (value: number) => (attrs.kind === Distribution.uniformInt ? value | 0 : f32(value));
      e.command(
        Op.Random,
        Random,
        {
          out: out.ref,
          count: sizeOf(out.shape),
          kind: attrs.kind,
          p: parameter(attrs.p),
          q: parameter(attrs.q),
          ...keyOperands(attrs),
          ...(e.step ? { step: e.step } : {}),
        },
        ['out'],
      );
    },
  }),
  /** u < rate ? 0 : x / (1 - rate) */
  dropout: op<RandomKey & { readonly rate: number }>({
    infer: ([x]) => ({ shape: (x as TensorSpec).shape, dtype: 'float32' }),
    lower(e, inputs, out, attrs) {
      e.command(
        Op.Dropout,
        Dropout,
        {
          x: first(inputs).ref,
          out: out.ref,
          count: sizeOf(out.shape),
          rate: f32(attrs.rate),
          ...keyOperands(attrs),
          ...(e.step ? { step: e.step } : {}),
        },
        ['out'],
      );
    },
  }),
} as const;
