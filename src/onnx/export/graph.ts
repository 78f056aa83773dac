/** ONNX graphs under construction: nodes, values, and tensors that are stored. */
import { copyStrided } from '../../support/strided';
import { type AttributeProto, AttributeType } from '../proto/schema';
import type { OnnxType } from '../proto/types';
import { dimension, isOpen, type Num, type OpenDim, type Size, sameNum } from './numbers';

export interface ValueSpec {
  readonly shape: readonly Num[];
  readonly type: OnnxType;
}

/** Elements in the order of a row-major array. */
export type Stored = Float32Array | Int32Array | Uint8Array | Int8Array | BigInt64Array;

/** One value; names are settled when the graph is complete. */
export class Value implements ValueSpec {
  constructor(
    /** The name that it gets if no other value has it. */
    public name: string,
    readonly shape: readonly Num[],
    readonly type: OnnxType,
    /** The node that computes it; none for inputs and stored tensors. */
    readonly source?: OutNode,
    /** Of a stored tensor. */
    readonly stored?: () => Stored,
  ) {}

  get rank(): number {
    return this.shape.length;
  }
}

export interface OutNode {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: Value[];
  readonly attributes: readonly Attribute[];
}

/** An attribute; a graph in it is completed with the graph around it. */
export type Attribute = AttributeProto | { readonly name: string; readonly graph: GraphBuilder };

export const int = (name: string, i: number): AttributeProto => ({ name, type: AttributeType.int, i });
export const float = (name: string, f: number): AttributeProto => ({ name, type: AttributeType.float, f });
export const ints = (name: string, list: readonly number[]): AttributeProto => ({
  name,
  type: AttributeType.ints,
  ints: [...list],
});
export const text = (name: string, s: string): AttributeProto => ({
  name,
  type: AttributeType.string,
  s: new TextEncoder().encode(s),
});

/**
 * A value that is read with its dimensions in another order, which need not exist: dimension i is dimension perm[i] of
 * the base. Ops that do not care for the order pass it on, so that opposite transpositions meet and vanish.
 */
export class Operand implements ValueSpec {
  /** Of a loop: all its results. */
  readonly parts?: readonly Operand[];
  readonly shape: readonly Num[];

  constructor(
    readonly base: Value,
    readonly perm?: readonly number[],
  ) {
    this.shape = perm ? perm.map((p) => base.shape[p] as Num) : base.shape;
  }

  get type(): OnnxType {
    return this.base.type;
  }

  get rank(): number {
    return this.shape.length;
  }

  permuted(order: readonly number[]): Operand {
    const perm = this.perm ? order.map((p) => this.perm?.[p] as number) : order;
    return new Operand(this.base, perm.every((p, i) => p === i) ? undefined : perm);
  }
}

export const inverse = (perm: readonly number[]): number[] => perm.map((_, i) => perm.indexOf(i));

/** What all graphs of a model share. */
interface Shared {
  readonly numbers: Map<string, Value>;
  readonly stored: Value[];
  readonly sizes: Map<string, Value>;
  readonly open: readonly OpenDim[];
  /** Prefix of the names of nodes: the layer. */
  layer: string | undefined;
}

export class GraphBuilder {
  readonly nodes: OutNode[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  readonly shared: Shared;
  readonly #transposed = new Map<string, Value>();
  readonly #ids = new Map<Value, number>();

  constructor(
    open: readonly OpenDim[],
    readonly parent?: GraphBuilder,
  ) {
    this.shared = parent?.shared ?? { numbers: new Map(), stored: [], sizes: new Map(), open, layer: undefined };
  }

  get #root(): GraphBuilder {
    return this.parent ? this.parent.#root : this;
  }

  input(name: string, shape: readonly Num[], type: OnnxType): Value {
    const value = new Value(name, shape, type);
    this.inputs.push(value);
    return value;
  }

  /** A tensor in the file. */
  stored(name: string, shape: readonly number[], type: OnnxType, elements: () => Stored): Value {
    const value = new Value(name, shape, type, undefined, elements);
    this.shared.stored.push(value);
    return value;
  }

  many(
    op: string,
    inputs: readonly (Value | undefined)[],
    specs: readonly ValueSpec[],
    attributes: readonly Attribute[] = [],
  ): Value[] {
    const { layer } = this.shared;
    const name = layer ? `${layer}/${op}` : op;
    const node: OutNode = { op, name, inputs, outputs: [], attributes };
    for (const [i, { shape, type }] of specs.entries())
      node.outputs.push(new Value(i ? `${name}:${i}` : name, shape, type, node));
    this.nodes.push(node);
    return node.outputs;
  }

  node(
    op: string,
    inputs: readonly (Value | undefined)[],
    spec: ValueSpec,
    attributes: readonly Attribute[] = [],
  ): Value {
    return this.many(op, inputs, [spec], attributes)[0] as Value;
  }

  /** The value of an operand in the order of its dimensions. */
  value(x: Operand): Value {
    const { base, perm } = x;
    if (!perm) return base;
    const id = this.#ids.get(base) ?? this.#ids.size;
    this.#ids.set(base, id);
    const key = `${id}:${perm}`;
    const known = this.#transposed.get(key);
    if (known) return known;
    const made = base.stored
      ? this.#storedLike(base, x.shape as number[], () =>
          transposed(base.stored?.() as Stored, base.shape as number[], perm),
        )
      : this.node('Transpose', [base], x, [ints('perm', perm)]);
    this.#transposed.set(key, made);
    return made;
  }

  #storedLike(from: Value, shape: readonly number[], elements: () => Stored): Value {
    return this.stored(from.name, shape, from.type, elements);
  }

  /** Whole numbers as a tensor of int64. */
  integers(values: readonly Num[]): Value {
    if (values.some(isOpen)) return this.#open(values);
    return this.#number(`int64[${values}]`, 'int64', [values.length], () =>
      BigInt64Array.from(values as number[], BigInt),
    );
  }

  integer(value: number): Value {
    return this.#number(`int64 ${value}`, 'int64', [], () => BigInt64Array.of(BigInt(value)));
  }

  /** A number as a scalar. */
  scalar(value: number, type: 'float32' | 'int32' | 'bool' | 'int8' | 'uint8'): Value {
    const make = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, int8: Int8Array, uint8: Uint8Array }[
      type
    ];
    return this.#number(`${type} ${Object.is(value, -0) ? '-0' : value}`, type, [], () => make.of(value));
  }

  /** 0 to count - 1, int32. */
  counting(count: number): Value {
    return this.#number(`counting ${count}`, 'int32', [count], () => Int32Array.from({ length: count }, (_, i) => i));
  }

  #number(key: string, type: OnnxType, shape: readonly number[], elements: () => Stored): Value {
    const { numbers } = this.shared;
    const known = numbers.get(key);
    if (known) return known;
    const made = this.stored(key.replace(/[[\] ,]+/g, '_').replace(/_$/, ''), shape, type, elements);
    numbers.set(key, made);
    return made;
  }

  /** A size as a tensor of one int64. */
  size(n: Num): Value {
    if (!isOpen(n)) return this.integers([n]);
    const { sizes } = this.shared;
    const known = sizes.get(n.key);
    if (known) return known;
    // All graphs see the values of the outermost one.
    const root = this.#root;
    const { layer } = this.shared;
    this.shared.layer = undefined;
    const made = root.#computed(n);
    this.shared.layer = layer;
    sizes.set(n.key, made);
    return made;
  }

  #computed(size: Size): Value {
    const spec = { shape: [1], type: 'int64' } as const;
    let sum: Value | undefined;
    for (const [set, by] of size.terms) {
      let product: Value | undefined;
      for (const [d, { input, axis }] of this.shared.open.entries()) {
        if (((set >> d) & 1) === 0) continue;
        const own = this.#dimension(d, input, axis);
        product = product ? this.node('Mul', [product, own], spec) : own;
      }
      const term =
        product && by !== 1 ? this.node('Mul', [product, this.integers([by])], spec) : (product ?? this.integers([by]));
      sum = sum ? this.node('Add', [sum, term], spec) : term;
    }
    return sum as Value;
  }

  #dimension(index: number, input: number, axis: number): Value {
    const { key } = dimension(index);
    const { sizes } = this.shared;
    const known = sizes.get(key);
    if (known) return known;
    const made = this.node('Shape', [this.inputs[input]], { shape: [1], type: 'int64' }, [
      int('start', axis),
      int('end', axis + 1),
    ]);
    sizes.set(key, made);
    return made;
  }

  #open(values: readonly Num[]): Value {
    const parts = values.map((n) => this.size(n));
    if (parts.length === 1) return parts[0] as Value;
    return this.node('Concat', parts, { shape: [values.length], type: 'int64' }, [int('axis', 0)]);
  }

  /** The same elements in another shape. */
  reshape(x: Value, shape: readonly Num[]): Value {
    if (x.shape.length === shape.length && shape.every((n, i) => sameNum(n, x.shape[i] as Num))) return x;
    if (x.stored && shape.every((n) => typeof n === 'number')) return this.#storedLike(x, shape as number[], x.stored);
    // Of several in a row the last counts.
    const from = x.source?.op === 'Reshape' ? (x.source.inputs[0] as Value) : x;
    if (from !== x) return this.reshape(from, shape);
    const isEmpty = shape.some((n) => n === 0);
    const kept = shape.map((n, i) =>
      !isEmpty && isOpen(n) && x.shape[i] !== undefined && sameNum(n, x.shape[i] as Num) ? 0 : n,
    );
    const open = kept.filter(isOpen);
    const target =
      open.length === 1 && !isEmpty ? kept.map((n) => (isOpen(n) ? -1 : n)) : open.length === 0 ? kept : shape;
    return this.node(
      'Reshape',
      [x, this.integers(target)],
      { shape, type: x.type },
      isEmpty ? [int('allowzero', 1)] : [],
    );
  }

  cast(x: Value, type: OnnxType, to: number): Value {
    return x.type === type ? x : this.node('Cast', [x], { shape: x.shape, type }, [int('to', to)]);
  }
}

/** The elements of a row-major array with its dimensions in another order. */
function transposed(from: Stored, shape: readonly number[], perm: readonly number[]): Stored {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const to = from.slice() as Stored;
  copyStrided<number | bigint>(
    from,
    to as Stored & Record<number, number | bigint>,
    perm.map((p) => shape[p] as number),
    perm.map((p) => strides[p] as number),
  );
  return to;
}
