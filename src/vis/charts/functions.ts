/** Functions of one variable, with their derivatives. */
import { linspace } from '../../ops/create/sequences';
import { grad } from '../../plan/transform/gradients';
import { checkFunction, show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import * as is from '../../support/settings';
import { tidy } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { composed, PICTURE, type Picture, type PictureOptions, panels, type Spec } from '../picture';
import { encodingOf, type Line, linesFrom, pointsOf } from './series';

/** Settings of `functions`. */
export interface FunctionsOptions extends PictureOptions {
  /** The part of the axis that is drawn; default [-4, 4]. */
  range?: readonly [number, number];
  /** Whether derivatives are drawn too, dashed; default true. */
  derivatives?: boolean;
}

const FUNCTIONS = {
  ...PICTURE,
  range: is.given<readonly [number, number]>(
    '[low, high] with low < high',
    (v) => Array.isArray(v) && v.length === 2 && v.every(is.real().fits) && v[0] < v[1],
    [-4, 4],
  ),
  derivatives: is.flag(true),
} satisfies is.TableOf<FunctionsOptions>;

/** Points of a curve. */
const POINTS = 161;

/** Functions of tensors, element by element, by name. */
export type FunctionsByName = Readonly<Record<string, (x: Tensor) => Tensor>>;

function linesOfFunction(
  name: string,
  fn: (x: Tensor) => Tensor,
  range: readonly [number, number],
  derivatives: boolean,
): Line[] {
  const call = checkFunction(fn, 'functions', name, '(x) => sg.tanh(x)');
  return tidy(() => {
    const x = linspace(range[0], range[1], POINTS);
    const y = call(x);
    const slope = derivatives ? [{ name: 'derivative', x, y: grad(call)(x), dashed: true }] : [];
    return linesFrom([{ name: 'function', x, y }, ...slope], `functions: ${name}`);
  });
}

/**
 * Functions of one variable, such as activations, each in its own plot, with its derivative dashed; the derivatives are
 * the library's gradients.
 * @param functions by name: from a tensor to one of the same shape, element by element
 * @returns a specification of Vega-Lite
 * @throws ArgumentError if it is not a function, and for settings out of range; ShapeError for values of another number
 * @example
 * const picture = vis.functions({ tanh: sg.tanh, relu: sg.relu }, { range: [-3, 3] });
 * picture.concat.length; // 2
 */
export function functions(functions: FunctionsByName, options?: FunctionsOptions | null): Picture {
  const { range, derivatives, ...frame } = is.checked('functions', FUNCTIONS, options);
  if (!isPlainObject(functions) || Object.keys(functions).length === 0)
    throw new ArgumentError(`functions: functions must be an object of functions by name, got ${show(functions)}`);
  const { columns, width } = panels(frame, Object.keys(functions).length, 138, 38);
  const plots = Object.entries(functions).map(([name, fn]): Spec => {
    const lines = linesOfFunction(name, fn, range, derivatives);
    return {
      title: { text: name, fontSize: 12, offset: 4, frame: 'group' },
      width,
      height: frame.height ?? Math.round(Math.min(200, width * 0.8)),
      data: { values: pointsOf(lines) },
      mark: { type: 'line' },
      encoding: {
        x: { field: 'x', type: 'quantitative', title: null, scale: { nice: false }, axis: { tickCount: 5 } },
        y: { field: 'y', type: 'quantitative', title: null, axis: { tickCount: 5 } },
        ...encodingOf(lines, frame.width),
      },
    };
  });
  return composed(
    frame,
    { title: '' },
    {
      columns,
      concat: plots,
      resolve: { scale: { color: 'shared', strokeDash: 'shared' } },
    },
  );
}
