/** How public functions are called rightly. */
import * as sg from '../../../src/index';

/** Right arguments, made anew for each call. */
export type Args = () => readonly unknown[];
/** By name of the function, with that of its namespace in front. */
export type Recipes = Readonly<Record<string, Args>>;

/** Methods of what `make` returns. */
export interface ClassRecipe {
  readonly make: () => object;
  readonly methods: Recipes;
  /** How often an object is used, 1 by default. */
  readonly times?: number;
  /** Lets go of the object; by default its `dispose` is called, if it has one. */
  readonly close?: (made: object) => void;
}

/** float32 of a shape, all elements different. */
export const f = (...shape: number[]): sg.Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return sg.tensor(
    Float32Array.from({ length: size }, (_, i) => (i + 1) / 8),
    shape,
  );
};
export const i = (...values: number[]): sg.Tensor => sg.tensor(values, undefined, 'int32');
export const b = (...values: boolean[]): sg.Tensor => sg.tensor(values);

/** Probabilities of a shape: rows sum up to 1. */
export const p = (...shape: number[]): sg.Tensor => sg.tidy(() => f(...shape).softmax());
/** A variable of a shape. */
export const v = (...shape: number[]): sg.Variable => {
  const value = f(...shape);
  const variable = sg.variable(value);
  value.dispose();
  return variable;
};

/** The same arguments for many names. */
export const each = (names: string, args: Args): Recipes =>
  Object.fromEntries(names.split(/\s+/).map((name) => [name, args]));
