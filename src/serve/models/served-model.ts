/** A model while it is served: its queue, and the requests that use it. */
import type { Generate } from './generation';
import type { Queue } from './queue';
import type { Servable } from './servable';

/** What a served model is made of. */
export interface ServedParts {
  readonly name: string;
  readonly servable: Servable;
  readonly queue: Queue;
  readonly generate: Generate | undefined;
  /** Whether the server has loaded it, and so disposes of it. */
  readonly isOwned: boolean;
  /** Milliseconds for which texts are generated when the model is served no more. */
  readonly grace: number;
}

export class ServedModel {
  readonly version = '1';
  /** Requests that are not answered yet. */
  #open = 0;
  #retired: number | undefined;
  #whenUnused: (() => void)[] = [];

  constructor(readonly parts: ServedParts) {}

  get name(): string {
    return this.parts.name;
  }

  /** A request begins to use it; `leave` must follow. */
  enter(): void {
    this.#open++;
  }

  leave(): void {
    if (--this.#open === 0) for (const resolve of this.#whenUnused.splice(0)) resolve();
  }

  /** Runs a request that uses the model. */
  async use<T>(run: () => Promise<T>): Promise<T> {
    this.enter();
    try {
      return await run();
    } finally {
      this.leave();
    }
  }

  /** Whether texts that are still being generated have to end. */
  get isOver(): boolean {
    return this.#retired !== undefined && performance.now() - this.#retired > this.parts.grace;
  }

  /** It gets no more requests: resolves when those that it has are answered, and it is disposed of. */
  async retire(): Promise<void> {
    this.#retired = performance.now();
    if (this.#open > 0) await new Promise<void>((resolve) => this.#whenUnused.push(resolve));
    const { isOwned, servable } = this.parts;
    if (isOwned) servable.dispose?.();
  }
}
