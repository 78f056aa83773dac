/** The order of the examples in an epoch. */
import { permutationOf } from '../../ops/create/random';
import { engine } from '../../runtime/engine';
import { untracked } from '../../tensor/scope';
import { Storage } from '../../tensor/storage';

/** Number of the first stream of random numbers for orders, one for each epoch. */
const STREAM = 0x80000000;

/** Indices of the examples in linear memory, where the steps read them. */
export class Order {
  readonly #storage: Storage;

  constructor(readonly count: number) {
    this.#storage = untracked(() => new Storage(count * 4, 'training'));
  }

  address(first: number): number {
    return this.#storage.address + first * 4;
  }

  /** A new order. It depends only on seed and epoch, so that a training can be continued later. */
  shuffle(seed: readonly [number, number], epoch: number): void {
    const order = permutationOf({ seed, stream: STREAM + epoch }, this.count);
    engine.memory.i32.set(order, this.#storage.address >>> 2);
  }

  dispose(): void {
    this.#storage.release();
  }
}
