/** Numbers of which the least is taken first. */
export class MinHeap {
  readonly #items: number[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** All of them, in no order. */
  get items(): readonly number[] {
    return this.#items;
  }

  /** The least; there must be one. */
  get least(): number {
    return this.#items[0] as number;
  }

  push(value: number): void {
    const items = this.#items;
    let at = items.push(value) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent] as number;
      if (above <= value) break;
      items[at] = above;
      at = parent;
    }
    items[at] = value;
  }

  /** Takes the least one out. */
  pop(): void {
    const items = this.#items;
    const value = items.pop() as number;
    if (items.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && (items[child + 1] as number) < (items[child] as number)) child++;
      const below = items[child] as number;
      if (below >= value) break;
      items[at] = below;
      at = child;
    }
    items[at] = value;
  }
}
