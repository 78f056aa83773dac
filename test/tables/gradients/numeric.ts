/** Derivatives of float64 references by central differences. */
import * as sg from '../../../src/index';
import type { Case } from './case';
import { type Nd, nd } from './float64';

export const tensorOf = (x: Nd): sg.Tensor => sg.tensor(Float32Array.from(x.data), x.shape);

/** Σ weights · reference(inputs): a function of all elements of all operands. */
export const weighted =
  (c: Case, weights: ArrayLike<number>) =>
  (inputs: readonly Nd[]): number => {
    const { data } = c.reference(...inputs);
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += (data[i] as number) * (weights[i] as number);
    return sum;
  };

/** Operand by operand the derivative of f by each element. */
export function differences(f: (inputs: readonly Nd[]) => number, inputs: readonly Nd[], step: number): Float64Array[] {
  const moved = inputs.map((x) => nd(x.shape, x.data));
  return moved.map(({ data }) =>
    Float64Array.from(data, (value, i) => {
      data[i] = value + step;
      const above = f(moved);
      data[i] = value - step;
      const below = f(moved);
      data[i] = value;
      return (above - below) / (2 * step);
    }),
  );
}

/** The inputs moved along a direction. */
export const along = (inputs: readonly Nd[], direction: readonly ArrayLike<number>[], by: number): Nd[] =>
  inputs.map((x, k) => ({ shape: x.shape, data: x.data.map((v, i) => v + by * (direction[k]?.[i] as number)) }));
