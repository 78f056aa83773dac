/** A row of the table of public functions: a call, and what has to come out. */
import type { DType, Tensor } from '../../../src/index';
import type { Nd } from '../gradients/float64';

/** An operand; its values are numbers of the type (float32 by default), so that both sides see the same. */
export interface Operand extends Nd {
  readonly dtype?: DType;
}

export interface FunctionCase {
  /** Shapes and settings. */
  readonly name: string;
  readonly inputs: readonly Operand[];
  /** The call. It must not read values: it is traced too, unless `eagerOnly`. */
  readonly run: (...xs: Tensor[]) => Tensor | readonly Tensor[];
  /** The same in float64, written on its own; a result's dtype is checked if it has one. */
  readonly reference: (...xs: Nd[]) => Operand | readonly Operand[];
  /** Largest error, as a share of the largest expected value or 1; 0: the bits of float32. Default 2e-6. */
  readonly tolerance?: number;
  /** False for what has no gradient; by default the gradients of all float32 operands are checked. */
  readonly gradient?: boolean;
  /** For functions whose result's shape depends on values: not traced. */
  readonly eagerOnly?: boolean;
}

/** Rows by the function's public name. */
export type FunctionTable = Readonly<Record<string, readonly FunctionCase[]>>;
