/** Tensor handles: values in linear memory, or nodes of a graph while a function is traced. */

import { engine } from '../runtime/engine';
import { relieve, shrank } from '../runtime/pressure';
import { show } from '../support/arguments';
import { ArgumentError, DisposedError, StateError } from '../support/errors';
import type { DType, TypedArrayOf } from './dtype';
import { type Graph, type Location, type NamedOp, Node, type TensorSpec } from './graph';
import { track, untrack } from './scope';
import { type Shape, showShape, sizeOf } from './shape';
import { releaseAt, Storage } from './storage';

let nextId = 0;

/** The method that `using` calls. Engines without it (Safari): the symbol that compilers use in its place. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** Frees the memory of tensors that were garbage collected. */
const finalizer = new FinalizationRegistry<Location>((location) => {
  live.count--;
  releaseAt(location);
  shrank(engine.memory.bytesInUse);
});

/** Handles that hold memory now. */
export const live = { count: 0 };

/**
 * The form in which the numbers of a tensor are in its memory, such as small integers with scales. Ops that know the form
 * compute with it, all others with the numbers.
 */
export interface Coded {
  /** What it is called in errors. */
  readonly name: string;
  /** The numbers of a tensor of this form, in a tensor that the caller disposes of. */
  floats(place: Location, shape: Shape): Tensor;
  /** The result of an op of which operand `index` has this form; undefined if the op does not know it. */
  apply(op: NamedOp, index: number, inputs: readonly Tensor[], attrs: unknown): Tensor | undefined;
}

/**
 * An n-dimensional array of float32, int32 or bool. Its elements are stored row by row in linear memory and never
 * change (only a `Variable` changes); ops make new tensors. Its memory is freed by `dispose()`, at the end of a `tidy`
 * or `using` block, or when the handle is garbage collected.
 */
export class Tensor implements TensorSpec {
  /** Unique number, counted from 0. */
  readonly id = nextId++;
  /** Sizes of the dimensions; not to be changed. */
  readonly shape: number[];
  /** Element type: 'float32', 'int32' or 'bool'. */
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  #value: Location | Node | undefined;
  #coded: Coded | undefined;

  /** Users call `sg.tensor` and ops instead. Takes over one use of the location's storage. @hidden */
  constructor(value: Location | Node, spec: TensorSpec, coded?: Coded) {
    this.shape = spec.shape as number[];
    this.dtype = spec.dtype;
    this.size = sizeOf(spec.shape);
    this.#value = value;
    this.#coded = coded;
    if (value instanceof Node) return;
    live.count++;
    finalizer.register(this, value, this);
    track(this);
  }

  /** Number of dimensions. */
  get rank(): number {
    return this.shape.length;
  }

  /** Whether its memory was freed. */
  get isDisposed(): boolean {
    return this.#value === undefined || this.#isOver;
  }

  /** Whether a function is being traced and the tensor represents a value that is computed when its program runs. */
  get isTraced(): boolean {
    return this.#value instanceof Node && !this.#isOver;
  }

  /** Whether the tensor was made by a function whose trace is over, and not kept. */
  get #isOver(): boolean {
    return this.#value instanceof Node && this.#value.graph.isOver;
  }

  /** The form of the numbers, if it is not one word each. @internal */
  get coded(): Coded | undefined {
    return this.#coded;
  }

  /** Where the numbers are, in whatever form. @throws DisposedError @internal */
  place(where: string): Location {
    if (!(this.#value instanceof Node) && this.#value) return this.#value;
    throw this.#disposed(where);
  }

  /** The numbers of a coded tensor, in a tensor that the caller disposes of. @internal */
  #decoded(coded: Coded, where: string): Tensor {
    return coded.floats(this.place(where), this.shape);
  }

  /**
   * Where the value is. A traced value is computed now where that can be done: everywhere but in compiled functions and
   * steps of loops.
   * @throws DisposedError; StateError if it is not known before the program runs
   * @internal
   */
  location(where = 'tensor'): Location {
    const value = this.#value;
    if (value === undefined) throw this.#disposed(where);
    if (this.#coded)
      throw new StateError(
        `${where}: the numbers of this ${showShape(this.shape)} tensor are kept as ${this.#coded.name} and cannot be changed or shared; dataSync reads them`,
      );
    if (!(value instanceof Node)) return value;
    if (value.graph.isOver) throw this.#disposed(where);
    const { present } = value.graph;
    if (present) return present.valueOf(value);
    throw new StateError(
      `${where}: the value of this ${showShape(this.shape)} tensor is not known yet: it belongs to a function that is compiled (sg.jit, a model's step, a step of a loop) and runs later; return it, or compute with ops`,
    );
  }

  /** Where the value that the caller sees now is; see `Variable`. @internal */
  protected seen(where: string): Location {
    return this.location(where);
  }

  /** Byte address of the first element. @internal */
  address(where?: string): number {
    const { storage, offset } = this.location(where);
    return storage.address + offset;
  }

  /** The node that represents this tensor in `graph`. @internal */
  node(graph: Graph, where: string): Node {
    const value = this.#value;
    if (value === undefined || this.#isOver) throw this.#disposed(where);
    if (this.#coded) return consume(this.#decoded(this.#coded, where), (t) => t.node(graph, where));
    const isOwn = value instanceof Node && value.graph === graph;
    // In the body of a loop: a value from outside of it.
    if (graph.parent && !isOwn) return graph.capture(this.node(graph.parent, where));
    if (!(value instanceof Node)) return graph.constant(value, this);
    if (!isOwn)
      throw new StateError(`${where}: a tensor of another trace was used; pass it as an argument or return it`);
    return value;
  }

  /** The graph of a traced tensor. @internal */
  get graph(): Graph | undefined {
    return this.#value instanceof Node && !this.#isOver ? this.#value.graph : undefined;
  }

  /**
   * A copy of the elements, row by row.
   * @throws DisposedError; StateError in a compiled function, where values are not known yet
   * @example
   * sg.tensor([[1, 2], [3, 4]]).dataSync(); // [1, 2, 3, 4]
   */
  dataSync<D extends DType = DType>(): TypedArrayOf[D] {
    if (this.#coded) return consume(this.#decoded(this.#coded, 'dataSync'), (t) => t.dataSync<D>());
    const { storage, offset } = this.seen('dataSync');
    const start = (storage.address + offset) >>> 2;
    const end = start + this.size;
    const { memory } = engine;
    if (this.dtype === 'float32') return memory.f32.slice(start, end) as TypedArrayOf[D];
    if (this.dtype === 'int32') return memory.i32.slice(start, end) as TypedArrayOf[D];
    return Uint8Array.from(memory.i32.subarray(start, end)) as TypedArrayOf[D];
  }

  /**
   * `dataSync`, as a promise.
   * @throws as `dataSync`; the promise is rejected
   */
  async data<D extends DType = DType>(): Promise<TypedArrayOf[D]> {
    const values = this.dataSync<D>();
    await relieve();
    return values;
  }

  /** Frees the memory. Calling it again does nothing. */
  dispose(): void {
    const value = this.#value;
    this.#value = undefined;
    if (value === undefined || value instanceof Node) return;
    live.count--;
    finalizer.unregister(this);
    untrack(this);
    releaseAt(value);
  }

  [DISPOSE](): void {
    this.dispose();
  }

  /** Another handle to the same elements, in another shape of the same size if one is given. @internal */
  alias(shape: Shape = this.shape, dtype: DType = this.dtype): Tensor {
    const value = this.#value;
    if (value === undefined || this.#isOver) throw this.#disposed('alias');
    if (this.#coded) return codedAt(this.place('alias'), shape, this.#coded);
    const shared = value instanceof Node ? value : value.storage.part(value.offset, sizeOf(shape) * 4);
    return new Tensor(shared, { shape, dtype });
  }

  #disposed(where: string): DisposedError {
    const why = this.#isOver ? ' when the function that made it ended; return it, or keep it with sg.keep' : '';
    return new DisposedError(`${where}: the tensor of shape ${showShape(this.shape)} was disposed of${why}`);
  }

  /** Called by `keep`: a tensor of a trace that runs immediately keeps its value. @internal */
  outlive(): void {
    if (this.#value instanceof Node) this.#value.graph.present?.keep(this);
  }

  /** The tensor's value, now that it is known; takes over one use of the storage. @internal */
  settle(location: Location): void {
    this.#value = location;
    live.count++;
    finalizer.register(this, location, this);
  }

  /** For variables: ops see the numbers through this form. @internal */
  protected seeThrough(coded: Coded | undefined): void {
    this.#coded = coded;
  }

  /** For variables: puts another value in place of this one's; takes over one use of the storage. @internal */
  protected replace(location: Location, coded?: Coded): void {
    const value = this.#value;
    if (value === undefined) throw this.#disposed('assign');
    finalizer.unregister(this);
    finalizer.register(this, location, this);
    this.#value = location;
    this.#coded = coded;
    if (!(value instanceof Node)) releaseAt(value);
  }
}

/** The only input of the layer whose `call` is running. */
let onlyInput: Tensor | undefined;

/** A node of a graph as a tensor of its trace. */
export const tensorOf = (node: Node): Tensor => new Tensor(node, node);

/**
 * Runs `fn`, the `call` of a layer, while the layer's only input also supports `input[0]`: layers written for
 * TensorFlow.js, whose models pass lists of inputs, read the first.
 */
export function withOnlyInput<T>(input: Tensor | undefined, fn: () => T): T {
  const outer = onlyInput;
  onlyInput = input;
  try {
    return fn();
  } finally {
    onlyInput = outer;
  }
}

// Not declared in the class: by their types, tensors have no elements by index.
Object.defineProperty(Tensor.prototype, 0, {
  get(this: Tensor): Tensor {
    if (this === onlyInput) return this;
    throw new ArgumentError(
      `tensor[0]: tensors have no elements by index; use slice, gather or arraySync. Only the single input of a layer's call may be read like a list of one`,
    );
  },
});

/** The tensor itself. @throws DisposedError */
export function alive<T extends Tensor>(x: T, where: string): T {
  if (x.isDisposed) x.location(where);
  return x;
}

/** An argument that has to be a tensor. @throws ArgumentError, DisposedError */
export function checkTensor(x: unknown, where: string, argument: string, hint = ''): Tensor {
  if (x instanceof Tensor) return alive(x, where);
  throw new ArgumentError(`${where}: ${argument} must be a tensor, got ${show(x)}${hint && `; ${hint}`}`);
}

/** A tensor with a copy of another one's elements, for values that will change in place. */
export function duplicate(from: Tensor): Tensor {
  if (from.coded) return from.coded.floats(from.place('duplicate'), from.shape);
  const start = from.address('duplicate') >>> 2;
  const out = allocate(from.shape, from.dtype);
  engine.memory.u32.copyWithin(out.address() >>> 2, start, start + from.size);
  return out;
}

/** A tensor of the given spec with new memory, its content unspecified. */
export function allocate(shape: Shape, dtype: DType): Tensor {
  return new Tensor({ storage: new Storage(sizeOf(shape) * 4), offset: 0 }, { shape, dtype });
}

/** A tensor on memory that exists already. */
export const handleAt = ({ storage, offset }: Location, spec: TensorSpec): Tensor =>
  new Tensor({ storage: storage.retain(), offset }, spec);

/** A tensor whose numbers are in memory in a form of their own. */
export const codedAt = ({ storage, offset }: Location, shape: Shape, coded: Coded): Tensor =>
  new Tensor({ storage: storage.retain(), offset }, { shape, dtype: 'float32' }, coded);

/** A copy of what is in memory. */
export const copyAt = (place: Location, spec: TensorSpec): Tensor => consume(handleAt(place, spec), duplicate);

/** What a function makes of a tensor, which is disposed of then. (`using` would bring its helpers into every bundle.) */
export function consume<T>(t: Tensor, make: (t: Tensor) => T): T {
  try {
    return make(t);
  } finally {
    t.dispose();
  }
}
