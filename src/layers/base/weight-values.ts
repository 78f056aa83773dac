/** Values of weights, taken and given in lists. */
import { cast } from '../../ops/math/arithmetic';
import { checkList } from '../../support/arguments';
import { ArgumentError, ShapeError, StateError } from '../../support/errors';
import { tidy } from '../../tensor/scope';
import { sameShape, showShape } from '../../tensor/shape';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { WeightValue } from '../../tensor/weight-value';

/** Copies of variables, as tensors that refer to their variables. */
export const copyWeights = (variables: readonly Variable[]): WeightValue[] => variables.map((v) => WeightValue.of(v));

/** Assigns values one by one, after all have been checked. */
export function assignWeights(where: string, variables: readonly Variable[], values: readonly Tensor[]): void {
  checkList(values, `${where}: setWeights`, 'weights', 'tensors');
  if (values.length !== variables.length) {
    throw new ArgumentError(
      `${where}: setWeights needs ${variables.length} tensors (${variables.map((v) => v.name).join(', ')}), got ${values.length}`,
    );
  }
  variables.forEach((v, i) => {
    if (v.coded)
      throw new StateError(
        `${where}: setWeights: ${v.name} is kept as ${v.coded.name} and does not change; set the weights of the float32 model, and quantize it`,
      );
    const { shape } = checkTensor(values[i], `${where}: setWeights`, `weights[${i}]`, 'sg.tensor makes one of arrays');
    if (!sameShape(v.shape, shape))
      throw new ShapeError(`${where}: setWeights: ${v.name} has shape ${showShape(v.shape)}, got ${showShape(shape)}`);
  });
  tidy(() => {
    variables.forEach((v, i) => v.assign(cast(values[i] as Tensor, v.dtype)));
  });
}
