/** Graphs of operators as data, whatever file they come from. */
import type { Value } from './value';

/** One output of a node. */
export interface Ref {
  /** Index of the node in its graph. */
  readonly node: number;
  readonly output: number;
}

/** A setting of a node, in one form for all formats. */
export type Attribute =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'flag'; readonly value: boolean }
  | { readonly kind: 'numbers'; readonly value: readonly number[] }
  | { readonly kind: 'texts'; readonly value: readonly string[] }
  /** An element type, by the format's name for it. */
  | { readonly kind: 'type'; readonly value: string }
  /** null: unknown, one dimension or all. */
  | { readonly kind: 'shape'; readonly value: readonly (number | null)[] | null }
  /** The name of a function of the graph. */
  | { readonly kind: 'function'; readonly value: string }
  /** Numbers or strings of any shape. */
  | { readonly kind: 'value'; readonly value: Value };

/** One application of an operator. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** Operands; undefined are those that were left out. */
  readonly inputs: readonly (Ref | undefined)[];
  /** Nodes that come before it though it takes nothing of them. */
  readonly controls: readonly number[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Element types of operands and outputs by the format's names, if it has more than the library; undefined: unknown. */
  readonly types?: {
    readonly inputs: readonly (string | undefined)[];
    readonly outputs: readonly (string | undefined)[];
  };
}

/** A value with a name, at which a graph is fed or read. */
export interface Port {
  readonly name: string;
  readonly ref: Ref;
  /** Element type by the library's names, or the format's where the library has none. */
  readonly dtype: string | undefined;
  /** null: unknown, one dimension or all. */
  readonly shape: readonly (number | null)[] | null;
}

export interface Graph {
  /** For errors: a file, or a function. */
  readonly name: string;
  /** Operands come before those that take them. */
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** What an importer makes of a file: the main graph, and functions that its nodes call. */
export interface Program {
  readonly main: Graph;
  readonly functions: ReadonlyMap<string, Graph>;
}
