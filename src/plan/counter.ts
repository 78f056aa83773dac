/** A counter of the runs of programs, which the programs themselves advance. */
import { engine } from '../runtime/engine';
import type { Location } from '../tensor/graph';
import { untracked } from '../tensor/scope';
import { type Held, releaseWith, Storage } from '../tensor/storage';

/** The number of the runs that are made now, if somebody else counts them. */
let given: number | undefined;

/** Runs `fn` while runs of functions of `jit` have a certain number, and are not counted. */
export function withRunNumber<T>(number: number, fn: () => T): T {
  const before = given;
  given = number >>> 0;
  try {
    return fn();
  } finally {
    given = before;
  }
}

/** It is in linear memory from when a program needs it there until `release`, and lasts beyond that. */
export class Counter {
  #count = 0;
  readonly #held: Held[] = [];
  #storage: Storage | undefined;

  /** @param owner when it is garbage collected, so is the memory */
  constructor(owner: object) {
    releaseWith(owner, this.#held);
  }

  get location(): Location {
    if (!this.#storage) {
      this.#storage = untracked(() => new Storage(4, 'programs'));
      this.#held.push(this.#storage);
      engine.memory.u32[this.#storage.address >>> 2] = this.#count;
    }
    return { storage: this.#storage, offset: 0 };
  }

  /** Runs a program that counts here, with the number that `withRunNumber` has set, if any. */
  run(program: { run(): void }): void {
    const cell = this.location.storage.address >>> 2;
    const own = engine.memory.u32[cell] as number;
    if (given !== undefined) engine.memory.u32[cell] = given;
    try {
      program.run();
    } finally {
      if (given !== undefined) engine.memory.u32[cell] = own;
    }
  }

  /** Frees the memory when no program that counts is left. */
  release(): void {
    if (!this.#storage) return;
    this.#count = engine.memory.u32[this.#storage.address >>> 2] as number;
    this.#storage = undefined;
    for (const held of this.#held.splice(0)) held.release();
  }
}
