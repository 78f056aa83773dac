/** Products that grow by one factor a step: the same bits however a step is reached. */
export class Running {
  #t = 0;
  #value = 1;

  /** @param factor of step t, from 1 on */
  constructor(readonly factor: (t: number) => number) {}

  /** factor(1) factor(2) ... factor(t) */
  at(t: number): number {
    if (t < this.#t) [this.#t, this.#value] = [0, 1];
    while (this.#t < t) this.#value *= this.factor(++this.#t);
    return this.#value;
  }
}

/** Powers of a number, by repeated multiplication. */
export const powersOf = (base: number): Running => new Running(() => base);
