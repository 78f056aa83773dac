/** Running folds along an axis. */

import { checkFlag, within } from '../../support/arguments';
import { tidy } from '../../tensor/scope';
import { normalizeAxis } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Descriptor } from '../core/descriptor';
import { apply } from '../core/dispatch';
import { float, numeric } from '../core/operands';
import type { TensorLike } from '../create/creation';
import type { CumulativeAttrs } from '../descriptors/cumulative';
import * as folds from '../descriptors/cumulative';

const cumulative =
  (op: Descriptor<CumulativeAttrs>) =>
  (x: TensorLike, axis?: number | null, exclusive?: boolean, reverse?: boolean): Tensor =>
    tidy(() => {
      const { name } = op;
      const t = numeric(x, name);
      return apply(op, [t], {
        axis: normalizeAxis(axis ?? 0, t.rank, name),
        exclusive: checkFlag(exclusive, name, 'exclusive'),
        reverse: checkFlag(reverse, name, 'reverse'),
      });
    });

/**
 * Running sum along an axis, from the first element to the last, starting from +0. int32 stays int32, modulo 2³².
 * @param axis default 0.
 * @param exclusive whether each result leaves out its own element, so that the first is 0; default false.
 * @param reverse whether to run from the last element to the first; default false.
 * @returns x's shape
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.cumsum([1, 2, 3]).dataSync(); // [1, 3, 6]
 */
export const cumsum = cumulative(folds.cumsum);

/**
 * Running product along an axis, from the first element to the last. int32 stays int32, modulo 2³².
 * @param axis default 0.
 * @param exclusive whether each result leaves out its own element, so that the first is 1; default false.
 * @param reverse whether to run from the last element to the first; default false.
 * @returns x's shape
 * @throws ArgumentError for an axis outside x
 * @example
 * sg.cumprod([1, 2, 3]).dataSync(); // [1, 2, 6]
 */
export const cumprod = cumulative(folds.cumprod);

/**
 * The linear recurrence y[i] = a[i] y[i - 1] + b[i] along an axis, starting from y[0] = b[0]; a[0] is ignored.
 * @param a factors, of the shape of `b`.
 * @param axis default 0.
 * @param reverse whether to run from the last element to the first; default false.
 * @returns float32, of the shape of `b`
 * @throws ShapeError unless both shapes are equal, ArgumentError for an axis outside them
 * @example
 * sg.linearRecurrence([0, 0.5, 0.5], [1, 1, 1]).dataSync(); // [1, 1.5, 1.75]
 */
export const linearRecurrence = (a: TensorLike, b: TensorLike, axis?: number | null, reverse?: boolean): Tensor =>
  tidy(() => {
    const [factors, terms] = [float(a, 'linearRecurrence', 'a'), float(b, 'linearRecurrence', 'b')];
    return within('linearRecurrence', () =>
      apply(folds.recurrence, [factors, terms], {
        axis: normalizeAxis(axis ?? 0, factors.rank, 'linearRecurrence'),
        reverse: checkFlag(reverse, 'linearRecurrence', 'reverse'),
      }),
    );
  });
