/** Variables: tensors whose value changes in place. */
import { engine } from '../runtime/engine';
import { DTypeError, ShapeError } from '../support/errors';
import type { DType } from './dtype';
import { currentGraph, type Graph, type Location, type Node, rootOf, type TensorSpec } from './graph';
import { type Shape, sameShape, showShape } from './shape';
import { type Coded, checkTensor, consume, duplicate, Tensor, tensorOf } from './tensor';

/** Incremented when any variable moves: programs that hold addresses of variables compare it. */
export const placement = { version: 0 };

/** Incremented when any variable is frozen or made trainable again: what depends on trained variables compares it. */
export const freezing = { version: 0 };

let unnamed = 0;

/** Living variables by name. */
const named = new Map<string, Set<WeakRef<Variable>>>();
const forgotten = new FinalizationRegistry<{ name: string; ref: WeakRef<Variable> }>(({ name, ref }) => {
  const same = named.get(name);
  same?.delete(ref);
  if (same?.size === 0) named.delete(name);
});

/** All living variables of a name. */
export const variablesNamed = (name: string): Variable[] =>
  [...(named.get(name) ?? [])].flatMap((ref) => {
    const v = ref.deref();
    return v && !v.isDisposed ? [v] : [];
  });

/** All living variables. */
export const livingVariables = (): Variable[] => [...named.keys()].flatMap(variablesNamed);

/**
 * A tensor with a value that can be replaced, and a fixed place in memory, so that programs refer to it by address.
 * Create one with `sg.variable`.
 */
export class Variable extends Tensor {
  #trainable: boolean;

  /** Users call `sg.variable` instead. @hidden */
  constructor(
    location: Location,
    spec: TensorSpec,
    /** Name in saved files and in the results of `variableGrads`; `variable_1`, `variable_2`, … by default. */
    readonly name = `variable_${++unnamed}`,
    trainable = true,
  ) {
    super(location, spec);
    this.#trainable = trainable;
    const ref = new WeakRef<Variable>(this);
    named.set(name, (named.get(name) ?? new Set()).add(ref));
    forgotten.register(this, { name, ref });
  }

  /** Whether optimizers and `variableGrads` train it. */
  get trainable(): boolean {
    return this.#trainable;
  }

  set trainable(value: boolean) {
    const isTrained = value && !this.coded;
    if (isTrained !== this.#trainable) freezing.version++;
    this.#trainable = isTrained;
  }

  /**
   * Replaces the value with another one of the same shape and type. In a traced function, later reads see the new
   * value.
   * @throws ShapeError, DTypeError; the variable is unchanged then
   */
  assign(value: Tensor): void {
    checkTensor(value, `variable ${this.name}: assign`, 'value', 'sg.tensor makes one of arrays');
    this.location('assign');
    if (!sameShape(value.shape, this.shape)) {
      throw new ShapeError(
        `variable ${this.name}: assign needs shape ${showShape(this.shape)}, got ${showShape(value.shape)}`,
      );
    }
    if (value.dtype !== this.dtype)
      throw new DTypeError(`variable ${this.name}: assign needs ${this.dtype}, got ${value.dtype}`);
    const graph = value.graph ?? currentGraph();
    if (graph) return graph.assign(this.location('assign'), value.node(graph, 'assign'));
    if (value.coded) return consume(duplicate(value), (numbers) => this.assign(numbers));
    const from = value.address('assign') >>> 2;
    engine.memory.u32.copyWithin(this.address('assign') >>> 2, from, from + this.size);
  }

  /** The variable itself, as the value to compute with; for programs written for TensorFlow.js' `LayerVariable`. */
  read(): this {
    return this;
  }

  /** `assign`; returns the variable. */
  write(value: Tensor): this {
    this.assign(value);
    return this;
  }

  /** The variable itself, for programs written for TensorFlow.js' `LayerVariable`. */
  get val(): this {
    return this;
  }

  /** Inside a function that is traced: the value assigned there, if there is one. @internal */
  protected override seen(where: string): Location {
    const location = this.location(where);
    const graph = currentGraph();
    const node = graph && this.size > 0 ? rootOf(graph).assignedTo(location) : undefined;
    return node ? tensorOf(node).location(where) : location;
  }

  /** @internal */
  override node(graph: Graph, where: string): Node {
    // A coded value does not change.
    if (this.coded) return super.node(graph, where);
    return graph.read(this, super.node(graph, where));
  }

  /**
   * A tensor with a copy of the present value: the variable's own memory will change. In a trace, the value read there.
   * @internal
   */
  override alias(shape: Shape = this.shape, dtype: DType = this.dtype): Tensor {
    if (this.coded) return super.alias(shape, dtype);
    const graph = currentGraph();
    if (graph) return new Tensor(this.node(graph, 'alias'), { shape, dtype });
    return consume(duplicate(this), (copy) => copy.alias(shape, dtype));
  }

  /** Ops on the variable are told to `probe` until it is called with undefined. @internal */
  probe(probe: Coded | undefined): void {
    this.seeThrough(probe);
  }

  /** From now on the numbers are there, in a form of their own, and are not trained; takes over one use of the storage. @internal */
  encode(location: Location, coded: Coded): void {
    this.trainable = false;
    this.replace(location, coded);
    placement.version++;
  }

  /** Moves the value to another place in memory; takes over one use of the storage. @internal */
  moveTo(location: Location): void {
    const from = this.address('moveTo') >>> 2;
    engine.memory.u32.copyWithin((location.storage.address + location.offset) >>> 2, from, from + this.size);
    this.replace(location);
    placement.version++;
  }
}
