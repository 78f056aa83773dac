/** Operators by name. */
import { RuntimeSupportError } from '../../support/errors';
import type { Call } from './call';
import type { Graph } from './graph';
import type { Value } from './value';

/** Computes the outputs of a node: one, or a list of them. It knows nothing of memory or order. */
export type Operator = (call: Call) => Value | readonly Value[];

/** Operators of one format, or of one family of them. */
export type Operators = Readonly<Record<string, Operator>>;

/** What a format has: operators, and those that it does not run, with the reason. */
export interface OperatorSet {
  /** Functions of their operands and attributes alone: of known numbers they compute known numbers. */
  readonly pure: Operators;
  /** Those with randomness, state, control flow or lists. */
  readonly other: Operators;
  readonly refused: Readonly<Record<string, string>>;
}

const find = (operators: Operators, op: string): Operator | undefined =>
  Object.hasOwn(operators, op) ? operators[op] : undefined;

export const pureOperatorOf = ({ pure }: OperatorSet, op: string): Operator | undefined => find(pure, op);
export const operatorOf = ({ pure, other }: OperatorSet, op: string): Operator | undefined =>
  find(pure, op) ?? find(other, op);

/** Operators that are named in a list of messages. */
const SHOWN = 20;

/** @throws RuntimeSupportError that lists all operators that do not run, before anything does */
export function checkOperators(set: OperatorSet, graphs: Iterable<Graph>, where: string): void {
  const missing = new Map<string, string>();
  for (const graph of graphs)
    for (const { op, name } of graph.nodes) if (!operatorOf(set, op) && !missing.has(op)) missing.set(op, name);
  if (missing.size === 0) return;
  const reasons = [...missing].slice(0, SHOWN).map(([op, name]) => {
    const reason = Object.hasOwn(set.refused, op) ? set.refused[op] : 'unknown';
    return `${op} (node '${name}'): ${reason}`;
  });
  const more = missing.size > SHOWN ? `; and ${missing.size - SHOWN} more` : '';
  throw new RuntimeSupportError(
    `${where}: the graph has ${missing.size} operator${missing.size > 1 ? 's' : ''} that cannot run: ${reasons.join('; ')}${more}`,
  );
}
