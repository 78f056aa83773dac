/** Optimizers that are one kernel: every element is changed by its own gradient. Kernels: `assembly/train/update.ts`. */

import { Op, Update } from '../../../assembly/isa';
import { addEffect } from '../../plan/effects';
import type { Effect, Emitter, Ref, Value } from '../../program/ir';
import type { Graph, Location, Node } from '../../tensor/graph';
import type { Storage } from '../../tensor/storage';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { Arena } from './arena';
import type { Turn } from './clock';
import { Optimizer } from './optimizer';
import type { SlotSpec } from './slots';

/** Nanoseconds of an element, where it is not one; see `program/chunks.ts`. */
const NANOSECONDS: Readonly<Partial<Record<Op, number>>> = {
  [Op.Sgd]: 0.2,
  [Op.Momentum]: 0.3,
  [Op.Adagrad]: 0.6,
  [Op.Adadelta]: 1.5,
  [Op.Adamax]: 0.8,
  [Op.Lion]: 0.5,
  [Op.Ftrl]: 5,
};
const WRITES = ['param', 'slotA', 'slotB', 'slotC'];

export abstract class Elementwise<S = object> extends Optimizer<S> {
  protected readonly isElementwise = true;
  /** The kernel. @internal */
  protected abstract readonly op: Op;
  /** Variant of the kernel. @internal */
  protected readonly flag: boolean = false;
  /** Names of the slots, up to three, each of the shape of its variable. @internal */
  protected abstract readonly slotNames: readonly string[];
  /** First value of the slots. @internal */
  protected readonly initial: number = 0;

  protected slotsOf({ shape }: Variable): SlotSpec[] {
    return this.slotNames.map((name, i) => ({ name, shape, initial: i ? 0 : this.initial }));
  }

  #emit(e: Emitter, turn: Turn, param: Ref, grad: Ref, count: number, slots: readonly Ref[], decays: boolean): void {
    const [slotA, slotB, slotC] = slots.slice(0, this.slotNames.length);
    const operands = {
      param,
      grad,
      count,
      step: this.cells(e, turn),
      flag: this.flag ? 1 : 0,
      decays: decays ? 1 : 0,
      ...(slotA && { slotA }),
      ...(slotB && { slotB }),
      ...(slotC && { slotC }),
    };
    e.command(this.op, Update, operands, WRITES, 0, NANOSECONDS[this.op] ?? 1);
  }

  protected override decays(v: Variable): boolean {
    return this.settings.weightDecay !== undefined && super.decays(v);
  }

  protected override emitArena(e: Emitter, turn: Turn, arena: Arena, block: Storage, slots: readonly Location[]): void {
    const average = slots[slots.length - 1];
    for (const { param, offset, count, of } of arena.runs((v) => this.decays(v))) {
      const part = (place: Location, label: string): Ref => ({ buffer: e.fixed(place, label), offset });
      const weights = { buffer: e.fixed(param, 'parameters'), offset: 0 };
      const grad = part({ storage: block, offset: 0 }, 'gradients');
      const own = slots.map((s, i) => part(s, `slot ${i}`));
      this.#emit(e, turn, weights, grad, count, own, of);
      if (this.settings.useEma && average) this.emitAverage(e, turn, weights, part(average, 'averages'), count);
    }
  }

  protected update(graph: Graph, turn: Turn, v: Variable, gradient: Tensor, slots: readonly Location[]): Node {
    const location = v.location('applyGradients');
    const effect: Effect = {
      location,
      emit: (e, [, grad], out) => {
        const places = slots.map((s, k) => ({ buffer: e.fixed(s, `slot ${k}`), offset: 0 }));
        this.#emit(e, turn, out.ref, (grad as Value).ref, v.size, places, this.decays(v));
      },
    };
    const operands = [v.node(graph, 'applyGradients'), gradient.node(graph, 'applyGradients')];
    return addEffect(graph, `${this.className} ${v.name}`, operands, effect, v);
  }
}
