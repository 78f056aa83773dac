/** The values of one evaluation, and which of their tensors belong to it. */
import { Tensor } from '../../tensor/tensor';
import { Variable } from '../../tensor/variable';
import type { Plan } from './order';
import { eachTensor, mapTensors, type Value } from './value';

/**
 * Slots with values. A frame with memory of its own counts in how many slots each tensor is that was computed in it, and
 * disposes of it when that is none; tensors that were fed, and variables, are others'.
 */
export class Frame {
  readonly values: (Value | undefined)[];
  readonly #others = new Set<Tensor>();
  readonly #uses: Map<Tensor, number> | undefined;

  /** @param ownsTensors whether tensors are real, and not those of a trace */
  constructor(plan: Plan, feeds: readonly Value[], ownsTensors: boolean) {
    this.values = new Array(plan.slotCount).fill(undefined);
    this.#uses = ownsTensors ? new Map() : undefined;
    for (const [i, value] of feeds.entries()) {
      eachTensor(value, (t) => this.#others.add(t));
      this.values[plan.feeds[i] as number] = value;
    }
  }

  set(slot: number, value: Value): void {
    const before = this.values[slot];
    this.values[slot] = value;
    this.#count(value);
    this.#release(before);
  }

  /** Empties slots. */
  drop(slots: readonly number[]): void {
    for (const slot of slots) {
      const value = this.values[slot];
      this.values[slot] = undefined;
      this.#release(value);
    }
  }

  /** Puts other values in all slots. */
  replace(values: readonly (Value | undefined)[]): void {
    const before = [...this.values];
    for (const value of values) this.#count(value);
    for (let i = 0; i < this.values.length; i++) this.values[i] = values[i];
    for (const value of before) this.#release(value);
  }

  #count(value: Value | undefined): void {
    const uses = this.#uses;
    if (!uses || value === undefined) return;
    eachTensor(value, (t) => {
      if (!(t instanceof Variable) && !this.#others.has(t)) uses.set(t, (uses.get(t) ?? 0) + 1);
    });
  }

  #release(value: Value | undefined): void {
    const uses = this.#uses;
    if (!uses || value === undefined) return;
    eachTensor(value, (t) => {
      const left = (uses.get(t) ?? 0) - 1;
      if (left > 0) uses.set(t, left);
      else if (uses.delete(t)) t.dispose();
    });
  }

  /** Hands over the results; the frame disposes of all else that is its own. */
  take(slots: readonly number[]): Value[] {
    const results = slots.map((slot) => this.values[slot] as Value);
    for (const value of results) eachTensor(value, (t) => this.#uses?.delete(t));
    this.dispose();
    return results;
  }

  /** Disposes of all tensors that belong to the frame. */
  dispose(): void {
    if (this.#uses) for (const t of this.#uses.keys()) t.dispose();
    this.#uses?.clear();
  }
}

/** Results as users get them: each a tensor of its own. */
export function ownResults(results: readonly Value[], feeds: readonly Value[]): Value[] {
  const taken = new Set<Tensor>();
  for (const value of feeds) eachTensor(value, (t) => taken.add(t));
  return results.map((value) =>
    mapTensors<Tensor, Tensor>(value, (t) => {
      if (t instanceof Variable || taken.has(t)) return t.alias();
      taken.add(t);
      return t;
    }),
  );
}

/** Stands for a tensor in values that are kept for later. */
export class Hole {
  constructor(readonly index: number) {}
}

/** Values without their tensors, which are in a list. */
export class Template {
  readonly #values: readonly (Value<Tensor | Hole> | undefined)[];

  /** @param indexOf where a tensor is in the list; undefined for those that stay, such as variables */
  constructor(values: readonly (Value | undefined)[], indexOf: (t: Tensor) => number | undefined) {
    this.#values = values.map((value) => {
      if (value === undefined) return undefined;
      return mapTensors<Tensor, Tensor | Hole>(value, (t) => {
        const index = indexOf(t);
        return index === undefined ? t : new Hole(index);
      });
    });
  }

  fill(tensors: readonly Tensor[]): (Value | undefined)[] {
    return this.#values.map((value) => {
      if (value === undefined) return undefined;
      return mapTensors<Tensor | Hole, Tensor>(value, (t) => (t instanceof Tensor ? t : (tensors[t.index] as Tensor)));
    });
  }
}
