/** Factories of layers that are called with a list of tensors. Shapes broadcast; they throw ShapeError if they cannot. */
import type { LayerArgs } from '../base/layer';
import { make } from '../base/settings';
import * as merge from '../core/merge';

/**
 * The sum of two inputs or more.
 * @example
 * sg.layers.add().apply([sg.tensor([[1, 2]]), sg.tensor([[3, 4]])]).arraySync(); // [[4, 6]]
 */
export const add = (args?: LayerArgs): merge.Add => make(merge.Add, args);
/** The mean of two inputs or more. */
export const average = (args?: LayerArgs): merge.Average => make(merge.Average, args);
/** The largest of two inputs or more, element by element; masked steps take no part. */
export const maximum = (args?: LayerArgs): merge.Maximum => make(merge.Maximum, args);
/** The smallest of two inputs or more, element by element; masked steps take no part. */
export const minimum = (args?: LayerArgs): merge.Minimum => make(merge.Minimum, args);
/** The product of two inputs or more, element by element. */
export const multiply = (args?: LayerArgs): merge.Multiply => make(merge.Multiply, args);
/** The first input minus the second. */
export const subtract = (args?: LayerArgs): merge.Subtract => make(merge.Subtract, args);
/** The inputs side by side along an axis, the last by default. */
export const concatenate = (args?: merge.ConcatenateArgs): merge.Concatenate => make(merge.Concatenate, args);
/**
 * Sums of products along an axis of two inputs: [batch, a, n], [batch, b, n] -> [batch, a, b] with axes -1; of two
 * vectors [batch, 1]. @throws ArgumentError for other axes, ShapeError if the dimensions differ
 */
export const dot = (args: merge.DotArgs): merge.Dot => make(merge.Dot, args);
