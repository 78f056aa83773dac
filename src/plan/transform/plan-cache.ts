/** Plans by the form of the trace that they are for. */
import { reserves } from '../../runtime/reserves';
import type { Form } from './form';

/** Plans that are kept; of more, the least recently used one is dropped. Their workspaces are released before. */
const KEPT = 128;

interface Kept {
  readonly form: Form;
  dispose(): void;
}

/** When memory is short, all but the plan used last go. */
export class PlanCache<P extends Kept> {
  readonly #byHash = new Map<number, P[]>();
  /** All plans, the one that was used longest ago first. */
  readonly #all = new Set<P>();

  constructor() {
    reserves.watch(this);
  }

  /** The plan for a trace of this form. */
  find(form: Form): P | undefined {
    const list = this.#byHash.get(form.hash);
    if (!list) return undefined;
    for (const plan of list) {
      if (!form.equals(plan.form)) continue;
      this.#all.delete(plan);
      this.#all.add(plan);
      return plan;
    }
    return undefined;
  }

  /** Keeps a plan that `find` did not know. */
  add(plan: P): void {
    const list = this.#byHash.get(plan.form.hash);
    if (list) list.push(plan);
    else this.#byHash.set(plan.form.hash, [plan]);
    this.#all.add(plan);
    this.#keep(KEPT);
  }

  shrink(): void {
    this.#keep(1);
  }

  clear(): void {
    this.#keep(0);
  }

  get size(): number {
    return this.#all.size;
  }

  #keep(count: number): void {
    for (const plan of this.#all) {
      if (this.#all.size <= count) return;
      this.#drop(plan);
    }
  }

  #drop(plan: P): void {
    const left = (this.#byHash.get(plan.form.hash) as P[]).filter((p) => p !== plan);
    if (left.length) this.#byHash.set(plan.form.hash, left);
    else this.#byHash.delete(plan.form.hash);
    this.#all.delete(plan);
    plan.dispose();
  }
}
