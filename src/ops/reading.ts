/** Methods that read and print tensors. Programs that only predict have no others: their ops are functions. */
import { ArgumentError } from '../support/errors';
import { INSPECT } from '../support/inspect';
import type { Shape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { print, showTensor } from './core/printing';

/** A number, or arrays of numbers nested to any depth. */
export type Nested = number | Nested[];

/** Methods that read and print tensors. */
export interface Reading {
  /** Nested arrays of the elements. */
  arraySync<T extends Nested = Nested>(): T;
  /** `arraySync`, as a promise. */
  array<T extends Nested = Nested>(): Promise<T>;
  /** The elements as bytes: four for each float32 or int32, one for each bool. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Equal for tensors that share their memory: clones and results of `reshape`. */
  readonly dataId: object;
  /** Prints the elements to the console; `verbose` adds type, rank and shape. */
  print(verbose?: boolean): void;
  /** The elements as a string; `verbose` adds type, rank and shape. */
  toString(verbose?: boolean): string;
}

declare module '../tensor/tensor' {
  interface Tensor extends Reading {}
}

function nest(values: ArrayLike<number>, shape: Shape, depth: number, at: number): [Nested, number] {
  if (depth === shape.length) return [values[at] as number, at + 1];
  const out: Nested[] = [];
  for (let i = 0; i < (shape[depth] as number); i++) {
    const [value, next] = nest(values, shape, depth + 1, at);
    out.push(value);
    at = next;
  }
  return [out, at];
}

Object.assign(Tensor.prototype, {
  arraySync(this: Tensor): Nested {
    return nest(this.dataSync(), this.shape, 0, 0)[0];
  },
  async array(this: Tensor): Promise<Nested> {
    return nest(await this.data(), this.shape, 0, 0)[0];
  },
  async bytes(this: Tensor): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array((await this.data()).buffer);
  },
  print(this: Tensor, verbose?: boolean): void {
    print(this, verbose);
  },
  toString(this: Tensor, verbose?: boolean): string {
    return showTensor(this, verbose);
  },
});

Object.defineProperty(Tensor.prototype, 'dataId', {
  get(this: Tensor): object {
    return this.isTraced ? this : this.location('dataId').storage;
  },
});

// `t > 2` or `-t` would compare and compute with NaN. Strings work: `${t}`, and 'loss ' + t, which + cannot tell from t + 1.
Object.defineProperty(Tensor.prototype, Symbol.toPrimitive, {
  value(this: Tensor, hint: string): string {
    if (hint !== 'number') return this.isDisposed ? 'Tensor (disposed of)' : this.toString();
    throw new ArgumentError(
      'a tensor is not a number: compare and compute with its methods, t.greater(2), t.add(1), t.neg(); or read its value, t.dataSync()[0]',
    );
  },
});

Object.defineProperty(Tensor.prototype, INSPECT, {
  value(this: Tensor): string {
    return this.isDisposed ? 'Tensor (disposed of)' : showTensor(this, true);
  },
});
