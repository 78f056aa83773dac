/** A row of the case table: an op on certain operands, and what has to come out. */
import type { AttrsOf, OpName } from '../../../src/ops/core/table';
import type { NdArray } from '../../reference/array';
import { generate, type Kind, type Spec, seedOf } from '../../support/generate';

export interface Case {
  readonly op: OpName;
  /** Operands and attributes in words. */
  readonly name: string;
  readonly attrs: unknown;
  inputs(): NdArray[];
  /** The reference's result. */
  expected(): NdArray;
}

/** An operand of the given kind and shape. */
export const x = (kind: Kind, ...shape: number[]): Spec => ({ kind, shape });

/** An operand of the given elements. */
export const of = (kind: Kind, shape: readonly number[], values: readonly number[]): Spec => ({ kind, shape, values });

const showValue = (_: string, value: unknown): unknown =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)) ? String(value) : value;

/** A row. The operands are made from a seed that follows from the row's name. */
export function row<K extends OpName>(
  op: K,
  specs: readonly Spec[],
  attrs: AttrsOf<K>,
  reference: (inputs: NdArray[], attrs: AttrsOf<K>) => NdArray,
): Case {
  const operands = specs
    .map(
      (s) => `${s.kind} ${s.values && s.values.length < 10 ? `values ${s.values.join(' ')}` : ''}[${s.shape.join()}]`,
    )
    .join(', ');
  const name = `${operands} ${JSON.stringify(attrs, showValue)}`;
  const inputs = (): NdArray[] => specs.map((spec, i) => generate(spec, seedOf(name) + i));
  return { op, name, attrs, inputs, expected: () => reference(inputs(), attrs) };
}

/** The operand at a place. */
export const at = (inputs: readonly NdArray[], i: number): NdArray => inputs[i] as NdArray;
