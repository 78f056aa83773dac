/**
 * Ops whose rows are in one place: all that tests know of an op is its entry here. (Ops that share operands with their kin
 * have theirs in the tables of kernels and gradients.)
 */
import * as sg from '../../src/index';
import { type Args, f } from '../fuzz/recipes/recipe';
import { recurrence } from '../reference/cumulative';
import type { Case as GradientCase } from './gradients/case';
import { given, show } from './gradients/case';
import { alongAxis, layouts as smooth } from './gradients/cumulative';
import type { Nd } from './gradients/float64';
import { at, type Case, row, x } from './kernels/case';
import { layouts } from './kernels/cumulative';

export interface OpRows {
  /** The kernel bit for bit: eagerly, compiled, between guards, with threads. */
  readonly bits: readonly Case[];
  /** The function and its gradients against float64. */
  readonly gradients: readonly GradientCase[];
  /** The public function, and arguments that it takes. */
  readonly call: readonly [name: string, args: Args];
}

export const opRows = {
  recurrence: {
    bits: layouts.flatMap(({ shape, axis }) =>
      [false, true].flatMap((reverse) =>
        (['float', 'wild'] as const).map((kind) =>
          row('recurrence', [x(kind, ...shape), x(kind, ...shape)], { axis, reverse }, (inputs, attrs) =>
            recurrence(at(inputs, 0), at(inputs, 1), attrs),
          ),
        ),
      ),
    ),
    gradients: smooth.flatMap(([shape, axis]) =>
      [false, true].map((reverse) => ({
        name: `${show(shape)} along ${axis}${reverse ? ', reverse' : ''}`,
        inputs: [given(82, shape), given(83, shape)],
        run: (a, b) => sg.linearRecurrence(a as sg.Tensor, b as sg.Tensor, axis, reverse),
        reference: (a, b) =>
          alongAxis(b as Nd, axis, reverse, (line, at) => {
            const y: number[] = [];
            line.forEach((v, i) => {
              y.push(v + (i ? ((a as Nd).data[at[i] as number] as number) * (y[i - 1] as number) : 0));
            });
            return y;
          }),
      })),
    ),
    call: ['linearRecurrence', () => [f(3), f(3), 0, true]],
  },
} satisfies Readonly<Record<string, OpRows>>;
