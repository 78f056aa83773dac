/** What an operator is given: its node, its operands, and readers that name the node in their errors. */
import { FormatError } from '../../support/errors';
import type { DType } from '../../tensor/dtype';
import { showShape } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { Attribute, GraphNode } from './graph';
import { Complex, Dead, HostArray, Resource, showValue, Texts, tensorType, type Value, ValueList } from './value';

/** What surrounds a node while it is evaluated. */
export interface Context {
  /**
   * The numbers of a tensor on which shapes depend: a few integers. A program that is being traced ends before the node,
   * and the next one begins with it, the numbers known.
   */
  read(tensor: Tensor, call: Call): HostArray;
  /** The numbers of a tensor that the operator computes with on the host: the node then runs between two programs. */
  data(tensor: Tensor, call: Call): HostArray;
  /** Calls a function of the graph. */
  invoke(name: string, args: readonly Value[], call: Call): readonly Value[];
  /** Disposes of the tensors in values of a loop's step that are over, unless they are in others. */
  discard(values: readonly Value[], ...kept: readonly (readonly Value[])[]): void;
  /** Counts a step of a loop that is unrolled; too many end the program. */
  unroll(call: Call): void;
  /** Traces what may not fit a trace. Returns undefined if it does not, or nothing is traced. */
  attempt<T>(trace: () => T): T | undefined;
  /** Computes what holds only if a condition does. */
  when<T>(condition: Tensor, compute: () => T): T;
  /** Moves a variable, unless what is computed does not hold. */
  assign(variable: Variable, value: Tensor): void;
  /** Hash tables by name. */
  readonly tables: Map<string, Map<string | number, string | number>>;
  /** Whether tensors stand for values that are computed later. */
  readonly isTraced: boolean;
  /** Whether all is one program, so that nobody knows the numbers which it computes before it runs. */
  readonly isWhole: boolean;
  /** Whether a step of training is traced, in which dropout drops and batch normalization uses the batch. */
  readonly isTraining: boolean;
}

export class Call {
  constructor(
    readonly node: GraphNode,
    readonly inputs: readonly (Value | undefined)[],
    readonly context: Context,
    /** How many outputs others take. */
    readonly outputCount: number,
  ) {}

  /** For errors. */
  get where(): string {
    return `node '${this.node.name}' (${this.node.op})`;
  }

  fail(what: string): FormatError {
    return new FormatError(`${this.where}: ${what}`);
  }

  /** The same call with another operand. */
  with(i: number, value: Value): Call {
    const inputs = [...this.inputs];
    inputs[i] = value;
    return new Call(this.node, inputs, this.context, this.outputCount);
  }

  get count(): number {
    return this.inputs.length;
  }

  has(i: number): boolean {
    return this.inputs[i] !== undefined;
  }

  /** @throws FormatError for an operand that is missing */
  value(i: number): Value {
    const value = this.inputs[i];
    if (value === undefined) throw this.fail(`input ${i} is missing, it has ${this.count}`);
    return value;
  }

  /** Operands from `from` on. */
  values(from = 0, to = this.count): Value[] {
    const out: Value[] = [];
    for (let i = from; i < to; i++) out.push(this.value(i));
    return out;
  }

  /** @throws FormatError if it is not a tensor */
  tensor(i: number): Tensor {
    return this.asTensor(this.value(i), i);
  }

  asTensor(value: Value, i: number): Tensor {
    if (value instanceof Tensor) return value;
    if (value instanceof HostArray) return value.tensor();
    throw this.fail(`input ${i} must be a tensor, got ${showValue(value)}`);
  }

  tensors(from = 0, to = this.count): Tensor[] {
    return this.values(from, to).map((v, i) => this.asTensor(v, from + i));
  }

  list(i: number): ValueList {
    const value = this.value(i);
    if (value instanceof ValueList) return value;
    throw this.fail(`input ${i} must be a list of tensors, got ${showValue(value)}`);
  }

  texts(i: number): Texts {
    const value = this.value(i);
    if (value instanceof Texts) return value;
    throw this.fail(`input ${i} must be strings, got ${showValue(value)}`);
  }

  resource(i: number): Resource {
    const value = this.value(i);
    if (value instanceof Resource) return value;
    throw this.fail(`input ${i} must be a hash table, got ${showValue(value)}`);
  }

  complex(i: number): Complex {
    const value = this.value(i);
    if (value instanceof Complex) return value;
    throw this.fail(`input ${i} must be complex numbers, got ${showValue(value)}`);
  }

  /** Shape of an operand. */
  shape(i: number): readonly number[] {
    const value = this.value(i);
    if (value instanceof Complex) return (value.real as Tensor).shape;
    if (value instanceof ValueList || value instanceof Resource || value instanceof Dead)
      throw this.fail(`input ${i} must be a tensor, got ${showValue(value)}`);
    return value.shape;
  }

  dtype(i: number): DType {
    const value = this.value(i);
    if (value instanceof Tensor || value instanceof HostArray) return value.dtype;
    throw this.fail(`input ${i} must be a tensor of numbers, got ${showValue(value)}`);
  }

  /** The operand's numbers if they are known already. */
  known(i: number): HostArray | undefined {
    const value = this.inputs[i];
    return value instanceof HostArray ? value : undefined;
  }

  /** The operand's numbers, on which shapes depend. */
  host(i: number): HostArray {
    return this.numbersOf(this.value(i), `input ${i}`);
  }

  /** A value's numbers, on which shapes or branches depend. */
  numbersOf(value: Value, what = 'a value'): HostArray {
    if (value instanceof HostArray) return value;
    if (value instanceof Tensor) return this.context.read(value, this);
    throw this.fail(`${what} must be numbers, got ${showValue(value)}`);
  }

  /** The operand's numbers, for operators that compute on the host. */
  data(i: number): HostArray {
    const value = this.value(i);
    if (value instanceof HostArray) return value;
    if (value instanceof Tensor) return this.context.data(value, this);
    throw this.fail(`input ${i} must be numbers, got ${showValue(value)}`);
  }

  ints(i: number): number[] {
    const { data } = this.host(i);
    return Array.from(data, (v) => this.whole(v, `input ${i}`));
  }

  /** One integer; `initial` if the operand is left out. */
  int(i: number, initial?: number): number {
    if (initial !== undefined && !this.has(i)) return initial;
    return this.whole(this.number(i), `input ${i}`);
  }

  /** One number; `initial` if the operand is left out. */
  number(i: number, initial?: number): number {
    if (initial !== undefined && !this.has(i)) return initial;
    const { data, shape } = this.host(i);
    if (data.length !== 1) throw this.fail(`input ${i} must be one number, got ${showShape(shape)}`);
    return data[0] as number;
  }

  /** @throws FormatError unless it is an integer */
  whole(value: number, what: string): number {
    if (Number.isSafeInteger(value)) return value;
    throw this.fail(`${what} must be an integer, got ${value}`);
  }

  #attribute<K extends Attribute['kind']>(
    name: string,
    ...kinds: readonly K[]
  ): Extract<Attribute, { kind: K }>['value'] | undefined {
    const found = this.node.attributes.get(name);
    if (found === undefined) return undefined;
    if ((kinds as readonly string[]).includes(found.kind)) return found.value as never;
    throw this.fail(`attribute ${name} must be a ${kinds.join(' or a ')}, is a ${found.kind}`);
  }

  #required<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw this.fail(`attribute ${name} is missing`);
    return value;
  }

  real(name: string, initial?: number): number {
    return this.#required(name, this.#attribute(name, 'number') ?? initial);
  }

  wholeOf(name: string, initial?: number): number {
    return this.whole(this.real(name, initial), `attribute ${name}`);
  }

  /** A flag; a number is true unless it is 0. */
  flag(name: string, initial = false): boolean {
    return Boolean(this.#attribute(name, 'flag', 'number') ?? initial);
  }

  hasAttribute(name: string): boolean {
    return this.node.attributes.has(name);
  }

  /** Element type of an operand by the format's name. */
  inputType(i: number): string | undefined {
    return this.node.types?.inputs[i];
  }

  /** Element type of an output by the format's name. */
  outputType(k = 0): string | undefined {
    return this.node.types?.outputs[k];
  }

  text(name: string, initial?: string): string {
    return this.#required(name, this.#attribute(name, 'text') ?? initial);
  }

  numbers(name: string, initial?: readonly number[]): readonly number[] {
    const found = this.#attribute(name, 'numbers', 'texts');
    // A list without elements has no type.
    const list = found?.length === 0 ? [] : (found as readonly number[] | undefined);
    const values = this.#required(name, list ?? initial);
    if (values.every((v) => Number.isSafeInteger(v))) return values;
    throw this.fail(`attribute ${name} must be integers, got [${String(values)}]`);
  }

  textsOf(name: string, initial?: readonly string[]): readonly string[] {
    const found = this.#attribute(name, 'texts', 'numbers');
    const list = found?.length === 0 ? [] : (found as readonly string[] | undefined);
    const values = this.#required(name, list ?? initial);
    if (values.every((v) => typeof v === 'string')) return values;
    throw this.fail(`attribute ${name} must be strings, got [${String(values)}]`);
  }

  type(name: string, initial?: DType): DType {
    const found = this.#attribute(name, 'type');
    if (found === undefined) return this.#required(name, initial);
    return tensorType(found, `${this.where}: attribute ${name}`);
  }

  /** Element type by name, also one that tensors do not have; undefined if there is none. */
  typeName(name: string): string | undefined {
    return this.#attribute(name, 'type');
  }

  partialShape(name: string): readonly (number | null)[] | null {
    return this.#attribute(name, 'shape') ?? null;
  }

  /** Numbers or strings of any shape; undefined if there are none. */
  valueOf(name: string): Value | undefined {
    return this.#attribute(name, 'value');
  }

  /** Numbers that need not be integers. */
  reals(name: string, initial?: readonly number[]): readonly number[] {
    return this.#required(name, this.#attribute(name, 'numbers') ?? initial);
  }

  functionName(name: string): string {
    return this.#required(name, this.#attribute(name, 'function'));
  }
}
