/** What all processes have to agree on before they train together. */
import { drawFrom, randomOf } from '../../io/model/random';
import type { Model } from '../../models/model';
import { engine } from '../../runtime/engine';
import { untracked } from '../../tensor/scope';
import { type Held, Storage } from '../../tensor/storage';
import type { World } from '../world';
import { pack, unpack } from './pack';
import type { Trainable } from './trainable';

/** Words of the answers that all ranks get: whether, and the learning rate. */
const ANSWER = 4;

export class SharedState implements Held {
  readonly #answer = untracked(() => new Storage(ANSWER * 4, 'training'));

  constructor(
    readonly world: World,
    readonly trainer: Trainable,
  ) {}

  get #model(): Model {
    return this.trainer.model;
  }

  /** What the first rank says; of the others nothing counts. */
  #ask(first: number, second: number): readonly [number, number] {
    const { address } = this.#answer;
    engine.memory.f64.set([first, second], address >>> 3);
    this.world.broadcast(address, ANSWER, 0);
    const { f64 } = engine.memory;
    return [f64[address >>> 3] as number, f64[(address >>> 3) + 1] as number];
  }

  /** Whether the first rank ends the training; all take over its learning rate. */
  agree(ends: boolean): boolean {
    if (this.world.size === 1) return ends;
    const { optimizer } = this.trainer.settled('distribute');
    const [answer, rate] = this.#ask(Number(ends), optimizer.learningRate);
    if (rate !== optimizer.learningRate) optimizer.learningRate = rate;
    return answer === 1;
  }

  /** @returns whether random numbers have changed, which programs hold the seeds of */
  share(isChanged: boolean): boolean {
    const { world } = this;
    if (world.size === 1) return false;
    const isFirst = world.rank === 0;
    const own =
      isChanged && isFirst
        ? pack({ state: this.#model.trainingState(), random: randomOf(this.#model) })
        : new Uint32Array(0);
    const [words] = this.#ask(own.length, 0);
    if (words === 0) return false;
    const block = untracked(() => new Storage(words * 4, 'training'));
    try {
      const start = block.address >>> 2;
      engine.memory.u32.set(own, start);
      world.broadcast(block.address, words, 0);
      return !isFirst && this.#take(engine.memory.u32.slice(start, start + words));
    } finally {
      block.release();
    }
  }

  #take(words: Uint32Array): boolean {
    const { state, random } = unpack(words) as {
      state: ReturnType<Model['trainingState']>;
      random: ReturnType<typeof randomOf>;
    };
    const before = JSON.stringify(randomOf(this.#model));
    drawFrom('distribute', this.#model, random);
    this.#model.restoreTraining(state);
    return before !== JSON.stringify(random);
  }

  release(): void {
    this.#answer.release();
  }
}
