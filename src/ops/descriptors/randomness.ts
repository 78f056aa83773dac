/** Descriptors of ops that draw random numbers. */
import { Distribution, Dropout, Op, Random } from '../../../assembly/isa';
import { type Emitter, f32, type Operand, type Value } from '../../program/ir';
import type { Seed } from '../../tensor/draws';
import type { DType } from '../../tensor/dtype';
import type { TensorSpec } from '../../tensor/graph';
import { type Shape, sizeOf } from '../../tensor/shape';
import { first, op } from '../core/descriptor';

/** Which stream of random numbers: two 32-bit words of seed, and one number for each op that draws. */
export interface RandomKey {
  readonly seed: Seed;
  readonly stream: number;
  /** The first step, 0 by default; the counter of a program, if it has one, counts from there. */
  readonly step?: number;
}

export interface DrawAttrs extends RandomKey {
  /** The number of the draw in its trace; see `ProgramDraws`. */
  readonly draw?: number;
}

export interface RandomAttrs extends DrawAttrs {
  readonly shape: Shape;
  readonly kind: Distribution;
  /** Parameters of the distribution; see `Distribution`. */
  readonly p: number;
  readonly q: number;
  readonly dtype: DType;
}

function drawOperands(e: Emitter, attrs: DrawAttrs, iteration: Value | undefined): Record<string, Operand> {
  return {
    seedLo: attrs.seed[0],
    seedHi: attrs.seed[1],
    stream: attrs.stream,
    first: attrs.step ?? 0,
    ...(e.step && { step: e.step }),
    ...(attrs.draw !== undefined && e.rowsOf?.(attrs.draw)),
    ...(iteration && { iteration: iteration.ref }),
  };
}

/** Operand: the iteration, in a loop. */
export const random = op<RandomAttrs>('random', {
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
  lower(e, [iteration], out, attrs) {
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
        ...drawOperands(e, attrs, iteration),
      },
      ['out'],
    );
  },
});

/** u < rate ? 0 : x / (1 - rate). Operands: x, and the iteration in a loop. */
export const dropout = op<DrawAttrs & { readonly rate: number }>('dropout', {
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
        ...drawOperands(e, attrs, inputs[1]),
      },
      ['out'],
    );
  },
});
