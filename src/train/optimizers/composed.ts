/** Optimizers whose step needs a whole variable: composed of ops, one variable after the other. */
import { StepCells } from '../../../assembly/isa';
import { abs, add, div, less, mul, sqrt, square, sub, where } from '../../ops/math/arithmetic';
import { mean, sum } from '../../ops/math/reduce';
import { addEffect } from '../../plan/effects';
import type { Effect } from '../../program/ir';
import type { Graph, Location, Node } from '../../tensor/graph';
import { type Tensor, tensorOf } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { Turn } from './clock';
import { Optimizer } from './optimizer';
import type { SlotSpec } from './slots';
import { gateOf, placed } from './slots';

/** The numbers of a step by the names of `StepCells`, as scalars. */
export type Numbers = (name: 'rate' | 'p' | 'q' | 'r' | 's' | 'e' | 'fix' | 'decay') => Tensor;

/** The result of a step: the new value of the variable, and of its slots. */
export interface Outcome {
  readonly value: Tensor;
  readonly slots: readonly Tensor[];
}

const TINY = 1.1754943508222875e-38;
/** A slot: +0 below 2^-126, as in the kernels. */
export const flushed = (x: Tensor): Tensor => where(less(abs(x), TINY), 0, x);
/** a + (b - a) part, as share a + part b. */
export const blend = (share: Tensor | number, a: Tensor, part: Tensor | number, b: Tensor): Tensor =>
  flushed(add(mul(share, a), mul(part, b)));
export const norm = (x: Tensor): Tensor => sqrt(sum(square(x)));
export const rootMeanSquare = (x: Tensor): Tensor => sqrt(mean(square(x)));

/** The direction of Adam, with the corrections of its bias as numbers: m / first over sqrt(v fix) + epsilon. */
export function moments(
  g: Tensor,
  [m, v]: readonly Tensor[],
  { beta1, beta2, epsilon }: { readonly beta1: number; readonly beta2: number; readonly epsilon: number },
  numbers: Numbers,
): { direction: Tensor; slots: Tensor[] } {
  const first = blend(beta1, m as Tensor, 1 - beta1, g);
  const second = blend(beta2, v as Tensor, 1 - beta2, square(g));
  const root = add(sqrt(mul(second, numbers('fix'))), epsilon);
  return { direction: div(mul(first, numbers('p')), root), slots: [first, second] };
}

export abstract class Composed<S = object> extends Optimizer<S> {
  protected readonly isElementwise = false;
  /** The mathematics. @param w the variable's value, after decay @internal */
  protected abstract advance(v: Variable, w: Tensor, g: Tensor, slots: readonly Tensor[], numbers: Numbers): Outcome;

  /** The number that a variable decays by, if it does. @internal */
  protected decayOf(v: Variable): 'decay' | 'e' | undefined {
    return this.settings.weightDecay !== undefined && this.decays(v) ? 'decay' : undefined;
  }

  /** A slot of the variable's shape. @internal */
  protected same(name: string, { shape }: Variable): SlotSpec {
    return { name, shape, initial: 0 };
  }

  protected update(graph: Graph, turn: Turn, v: Variable, g: Tensor, places: readonly Location[]): Node {
    const numbers: Numbers = (name) =>
      placed(graph, { storage: turn.cells, offset: StepCells[name] }, { shape: [], dtype: 'float32' });
    const node = v.node(graph, 'applyGradients');
    const before = tensorOf(node);
    const slots = this.slotsOf(v).map((spec, i) =>
      placed(graph, places[i] as Location, { shape: spec.shape, dtype: 'float32' }),
    );
    const decay = this.decayOf(v);
    const w = decay ? sub(before, mul(numbers(decay), before)) : before;
    const { value, slots: after } = this.advance(v, w, g, slots, numbers);
    const pick = (next: Tensor, old: Tensor): Node =>
      (this.isGated ? where(gateOf(graph, turn), next, old) : next).node(graph, 'applyGradients');
    after.forEach((slot, i) => {
      graph.assign(places[i] as Location, pick(slot, slots[i] as Tensor));
    });
    const stored: Effect = { location: v.location('applyGradients'), emit: () => {} };
    return addEffect(graph, `${this.className} ${v.name}`, [pick(value, before)], stored, v);
  }
}
