/** What the rule of an op sees of the step that it writes as ONNX nodes. */
import type { Descriptor } from '../../ops/core/descriptor';
import { numberOfType, type OnnxType } from '../proto/types';
import type { Attribute, GraphBuilder, Operand, Value, ValueSpec } from './graph';
import { inverse, Operand as Read } from './graph';
import { isOpen, type Num, plus, type Sized, sameNum } from './numbers';
import type { Step } from './unify';

/** The rule of one op: its result, from nodes that it adds. */
export type Rule<A> = (c: Call<A>) => Operand;

/** Rules for some ops. One that has none is named when a graph with it is written. */
export type RulesOf<O> = { readonly [K in keyof O]?: O[K] extends Descriptor<infer A> ? Rule<Sized<A>> : never };

/** An op, or a use of it, that has no form in ONNX; gathered until all are known. */
export class NoForm extends Error {}

/** The rule of an op that has no form in ONNX. */
export const missing =
  (why: string): Rule<unknown> =>
  () => {
    throw new NoForm(why);
  };

/** A number that must be known when the file is written. */
export function fixed(n: Num): number {
  if (isOpen(n)) throw new NoForm('one of its settings follows from an open dimension');
  return n;
}

export class Call<A = unknown> {
  constructor(
    readonly step: Step,
    readonly graph: GraphBuilder,
    readonly operands: readonly Operand[],
    /** What an earlier step has become. */
    readonly of: (step: Step) => Operand,
    /** How many steps read a step. */
    readonly uses: (step: Step) => number,
  ) {}

  get attrs(): A {
    return this.step.attrs as A;
  }

  get shape(): readonly Num[] {
    return this.step.shape;
  }

  get type(): OnnxType {
    return this.step.dtype;
  }

  operand(i: number): Operand {
    return this.operands[i] as Operand;
  }

  /** An operand in the order of its dimensions. */
  value(i: number): Value {
    return this.graph.value(this.operand(i));
  }

  /** A node with the shape and type of the step, unless others are given. */
  node(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes?: readonly Attribute[],
    spec?: Partial<ValueSpec>,
  ): Value {
    return this.graph.node(op, inputs, { shape: this.shape, type: this.type, ...spec }, attributes);
  }

  result(op: string, inputs: readonly (Value | undefined)[], attributes?: readonly Attribute[]): Operand {
    return new Read(this.node(op, inputs, attributes));
  }

  cast(x: Value, type: OnnxType): Value {
    return this.graph.cast(x, type, numberOfType(type));
  }

  float(value: number): Value {
    return this.graph.scalar(value, 'float32');
  }

  /**
   * Operands whose dimensions are all in the order of the first that has an order of its own, for ops that compute each
   * element by itself.
   */
  aligned(operands: readonly Operand[] = this.operands): { values: Value[]; perm: readonly number[] | undefined } {
    const perm = operands.find((x) => x.perm && x.rank === this.shape.length)?.perm;
    return { values: operands.map((x) => (perm ? this.#arranged(x, perm) : this.graph.value(x))), perm };
  }

  #arranged(x: Operand, perm: readonly number[]): Value {
    const { graph } = this;
    if (x.rank === perm.length) return graph.value(x.permuted(inverse(perm)));
    const value = graph.value(x);
    if (x.rank === 0) return value;
    const ones = (count: number): number[] => new Array<number>(count).fill(1);
    // One dimension among others: no elements change their places.
    if (x.rank === 1) return graph.reshape(value, [...x.shape, ...ones(perm.length - 1 - (perm.at(-1) as number))]);
    const wide = [...ones(perm.length - x.rank), ...x.shape];
    return graph.value(new Read(graph.reshape(value, wide)).permuted(inverse(perm)));
  }

  /** An op on each element: ONNX' operator of the same operands. */
  elementwise(op: string, attributes?: readonly Attribute[], operands?: readonly Operand[]): Operand {
    return this.mapped((values, spec) => this.graph.node(op, values, spec, attributes), operands);
  }

  /** Several nodes on each element. */
  mapped(make: (values: Value[], spec: ValueSpec) => Value, operands?: readonly Operand[]): Operand {
    const { values, perm } = this.aligned(operands);
    const shape = perm ? inverse(perm).map((p) => this.shape[p] as Num) : this.shape;
    return new Read(make(values, { shape, type: this.type }), perm);
  }
}

export { isOpen, type Num, plus, Read as Operand, sameNum, type Value };
