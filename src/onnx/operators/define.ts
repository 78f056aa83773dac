/** What the table of operators is made of. */
import type { Attribute } from '../../graph/core/graph';
import type { Operator } from '../../graph/core/registry';
import { isTypeName, type OnnxType, typeOfNumber } from '../proto/types';

/** Element type of a value, of its items if it is a sequence; undefined: unknown. */
export type ValueType = OnnxType | undefined;

/** A node as far as the types of its outputs depend on it. */
export interface TypedNode {
  readonly inputs: readonly ValueType[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly outputCount: number;
  /** Types of the outputs of its subgraphs, by attribute. */
  readonly bodies: ReadonlyMap<string, readonly ValueType[]>;
}

/** The types of a node's outputs. */
export type TypeRule = (node: TypedNode) => readonly ValueType[];

/** An operator in all its versions. */
export interface Definition {
  /** By the opset in which the form came; it holds until the next. */
  readonly versions: Readonly<Record<number, Operator>>;
  readonly types: TypeRule;
  /** Operands whose numbers have to be known: shapes, axes, and their like. */
  readonly known: readonly number[];
  /** Operands that are weights even if they have one element. */
  readonly weights: readonly number[];
  /** Operands that training does not change: statistics. */
  readonly statistics: readonly number[];
  /** Whether the outputs depend on operands and attributes alone, and all are tensors. */
  readonly isPure: boolean;
  /** Types of the inputs of a subgraph, where it does not state them. */
  readonly bodyInputs: (inputs: readonly ValueType[]) => readonly ValueType[];
}

export type Definitions = Readonly<Record<string, Definition>>;

/** All outputs have the type of an operand. */
export const same =
  (i = 0): TypeRule =>
  ({ inputs, outputCount }) =>
    new Array<ValueType>(outputCount).fill(inputs[i]);

/** Outputs of types that are always the same; the last is that of all further ones. */
export const fixed =
  (...types: readonly ValueType[]): TypeRule =>
  ({ outputCount }) =>
    Array.from({ length: outputCount }, (_, k) => types[Math.min(k, types.length - 1)]);

/** The type that an attribute names by its number. */
export function typeAttribute(attributes: ReadonlyMap<string, Attribute>, name: string): ValueType {
  const found = attributes.get(name);
  if (found?.kind === 'type' && isTypeName(found.value)) return found.value;
  return found?.kind === 'number' ? typeOfNumber(found.value) : undefined;
}

/** The type that an attribute names, or else that of an operand, or a name. */
export const stated =
  (name: string, initial: number | OnnxType): TypeRule =>
  ({ inputs, attributes, outputCount }) => {
    const other = typeof initial === 'number' ? inputs[initial] : initial;
    return new Array<ValueType>(outputCount).fill(typeAttribute(attributes, name) ?? other);
  };

/** The first output has the type of the first operand, all others one that is given. */
export const firstThen =
  (...types: readonly ValueType[]): TypeRule =>
  ({ inputs, outputCount }) =>
    [inputs[0], ...fixed(...types)({ inputs, outputCount, attributes: new Map(), bodies: new Map() })].slice(
      0,
      outputCount,
    );

type Settings = Partial<Omit<Definition, 'versions'>>;

/**
 * An operator.
 * @param versions one form for all opsets, or forms by the opset in which each came
 */
export function define(versions: Operator | Readonly<Record<number, Operator>>, settings: Settings = {}): Definition {
  return {
    versions: typeof versions === 'function' ? { 1: versions } : versions,
    types: same(),
    known: [],
    weights: [],
    statistics: [],
    isPure: true,
    bodyInputs: () => [],
    ...settings,
  };
}
