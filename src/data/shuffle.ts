/** A stream in another order, with a buffer of a given length. */

import { uniformOf } from '../ops/create/random';
import type { RandomKey } from '../ops/descriptors/randomness';
import { untracked } from '../tensor/scope';
import { release } from './element';
import type { Stream } from './streams';

const CHUNK = 1024;

/** An endless stream of numbers in [0, 1) from a key; each thousand uses another high word of the seed. */
function* numbers({ seed: [low, high], stream }: RandomKey): Generator<number, never> {
  for (let chunk = 0; ; chunk++) {
    const drawn = untracked(() => uniformOf({ seed: [low, (high + chunk) >>> 0], stream }, [CHUNK]));
    const values = drawn.dataSync<'float32'>();
    drawn.dispose();
    yield* values;
  }
}

/** Each element is drawn from the buffer; the next of the source takes its place. */
export async function* shuffled<T>(source: Stream<T>, size: number, key: RandomKey): Stream<T> {
  const random = numbers(key);
  const buffer: T[] = [];
  const at = (): number => Math.floor(random.next().value * buffer.length);
  try {
    for await (const x of source) {
      if (buffer.length < size) {
        buffer.push(x);
        continue;
      }
      const i = at();
      const out = buffer[i] as T;
      buffer[i] = x;
      yield out;
    }
    while (buffer.length) {
      const i = at();
      const out = buffer[i] as T;
      buffer[i] = buffer[buffer.length - 1] as T;
      buffer.pop();
      yield out;
    }
  } finally {
    release(buffer);
  }
}
