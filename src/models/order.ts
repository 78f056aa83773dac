/** The order in which an epoch takes the examples. */
import { uniformOf } from '../ops/random';
import { engine } from '../runtime/engine';
import { tidy, untracked } from '../tensor/scope';
import { Storage } from '../tensor/storage';

/** Streams of random numbers from here on belong to orders, one for each epoch. */
const STREAM = 0x80000000;

/** Numbers of examples in linear memory, where the steps read them. */
export class Order {
  readonly #storage: Storage;

  constructor(readonly count: number) {
    this.#storage = untracked(() => new Storage(count * 4));
  }

  address(first: number): number {
    return this.#storage.address + first * 4;
  }

  /** Fisher and Yates' shuffle; it depends on seed and epoch alone, so that a training can go on later. */
  shuffle(seed: readonly [number, number], epoch: number): void {
    const { count } = this;
    const u = tidy(() => uniformOf({ seed, stream: STREAM + epoch }, [count]).dataSync<'float32'>());
    const { i32 } = engine.memory;
    const at = this.#storage.address >>> 2;
    for (let i = 0; i < count; i++) i32[at + i] = i;
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor((u[i] as number) * (i + 1));
      const swap = i32[at + i] as number;
      i32[at + i] = i32[at + j] as number;
      i32[at + j] = swap;
    }
  }

  dispose(): void {
    this.#storage.release();
  }
}
