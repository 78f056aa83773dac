/** Layers of several inputs: sums, products, and the like, called with a list of tensors. */

import { ones } from '../../ops/create/creation';
import { withinSquares } from '../../ops/linear/norms';
import { matMul } from '../../ops/linear/products';
import {
  add as addOp,
  div,
  logicalAnd,
  logicalOr,
  maximum as maximumOp,
  minimum as minimumOp,
  mul,
  rsqrt,
  square,
  sub,
  where,
} from '../../ops/math/arithmetic';
import { any, sum } from '../../ops/math/reduce';
import { concat, reshape, transpose } from '../../ops/shape/shaping';
import { show } from '../../support/arguments';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { normalizeAxis, showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs, Mask } from '../base/call';
import type { LayerArgs } from '../base/layer';
import { make } from '../base/settings';
import { SameShape } from '../base/shape-preserving';
import { isShapeList, listOf, type PartialShape, type Shapes, type Tensors } from '../base/shapes';

/** How a dimension of one shape meets that of another; undefined if it cannot. */
function meet(a: number | null, b: number | null): number | null | undefined {
  if (a === 1) return b;
  if (b === 1 || a === b) return a;
  return a === null || b === null ? (a ?? b) : undefined;
}

/** Elementwise on inputs that broadcast; those of lower rank get dimensions of 1 behind the batch. */
abstract class Merge extends SameShape {
  override get takesOne(): boolean {
    return false;
  }

  /** How many inputs there may be. */
  protected readonly count: number = Number.POSITIVE_INFINITY;
  /** What becomes of what two inputs have come to. */
  protected abstract merge(a: Tensor, b: Tensor): Tensor;

  call(inputs: Tensors, _args?: CallArgs | null): Tensor {
    return this.align(inputs).reduce((a, b) => this.merge(a, b));
  }

  /** The inputs with the same rank. */
  protected align(inputs: Tensors): readonly Tensor[] {
    const list = listOf(inputs);
    this.computeOutputShape(list.map((x) => x.shape));
    const rank = Math.max(...list.map((x) => x.rank));
    return list.map((x) =>
      x.rank === rank ? x : reshape(x, [x.shape[0] as number, ...Array(rank - x.rank).fill(1), ...x.shape.slice(1)]),
    );
  }

  /** @throws ShapeError unless there are two inputs or more */
  protected several(shapes: Shapes): readonly PartialShape[] {
    if (isShapeList(shapes) && shapes.length >= 2 && shapes.length <= this.count) return shapes;
    const count = this.count === 2 ? 'two' : 'two or more';
    throw new ShapeError(`${this.name}: needs a list of ${count} inputs, got ${listShapes(shapes)}`);
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    const shapes = this.several(inputShape);
    const rank = Math.max(...shapes.map((s) => s.length));
    const long = shapes.map((s) => [s[0] ?? null, ...Array<number>(rank - s.length).fill(1), ...s.slice(1)]);
    return long.reduce((a, b) =>
      a.map((d, i) => {
        const size = meet(d, b[i] as number | null);
        if (size === undefined) throw new ShapeError(`${this.name}: inputs ${listShapes(shapes)} cannot be merged`);
        return size;
      }),
    );
  }

  /** What any input shows; nothing is hidden if an input has no mask. */
  override computeMask(_inputs: Tensors, mask: Mask | readonly Mask[]): Mask {
    const masks = listOf(mask);
    return masks.every((m) => m !== undefined) ? (masks as Tensor[]).reduce((a, b) => logicalOr(a, b)) : undefined;
  }
}

/** Whether two sizes may be the same. */
const agree = (a: number | null | undefined, b: number | null | undefined): boolean =>
  a == null || b == null || a === b;

const listShapes = (shapes: Shapes): string =>
  isShapeList(shapes) ? shapes.map((s) => showShape(s)).join(', ') : showShape(shapes);

/** Sum of the inputs. */
export class Add extends Merge {
  static override className = 'Add';
  protected merge = addOp;
}

/**
 * Sum of two or more inputs; their shapes broadcast.
 * @throws ShapeError for shapes that do not broadcast, or fewer than two inputs
 * @example
 * sg.layers.add().apply([sg.ones([2, 3]), sg.ones([2, 3])]).arraySync(); // [[2, 2, 2], [2, 2, 2]]
 */
export const add = (args?: LayerArgs): Add => make(Add, args);

/** As Keras 3: what a mask hides counts as 1, and what all masks hide becomes 0. */
export class Multiply extends Merge {
  static override className = 'Multiply';
  protected merge = mul;

  override call(inputs: Tensors, args?: CallArgs | null): Tensor {
    const list = this.align(inputs);
    const masks = wideMasks(list, args);
    const seen = list.map((x, i) => (masks[i] ? where(masks[i], x, 1) : x));
    const product = seen.reduce((a, b) => mul(a, b));
    const isAll = masks.every((m) => m !== undefined);
    return isAll
      ? where(
          (masks as Tensor[]).reduce((a, b) => logicalOr(a, b)),
          product,
          0,
        )
      : product;
  }
}

/**
 * Product of two or more inputs; their shapes broadcast.
 * @throws ShapeError for shapes that do not broadcast, or fewer than two inputs
 * @example
 * sg.layers.multiply().apply([sg.tensor([[1, 6]]), sg.tensor([[3, 2]])]).arraySync(); // [[3, 12]]
 */
export const multiply = (args?: LayerArgs): Multiply => make(Multiply, args);

/** Mean of the inputs. */
export class Average extends Merge {
  static override className = 'Average';
  protected merge = addOp;

  override call(inputs: Tensors, args?: CallArgs | null): Tensor {
    return div(super.call(inputs, args), listOf(inputs).length);
  }
}

/**
 * Mean of two or more inputs; their shapes broadcast.
 * @throws ShapeError for shapes that do not broadcast, or fewer than two inputs
 * @example
 * sg.layers.average().apply([sg.tensor([[1, 2]]), sg.tensor([[3, 6]])]).arraySync(); // [[2, 4]]
 */
export const average = (args?: LayerArgs): Average => make(Average, args);

/** The first input minus the second. */
export class Subtract extends Merge {
  static override className = 'Subtract';
  protected override readonly count = 2;
  protected merge = sub;
}

/**
 * The first of two inputs minus the second; their shapes broadcast.
 * @throws ShapeError for shapes that do not broadcast, or another number of inputs
 * @example
 * sg.layers.subtract().apply([sg.tensor([[1, 6]]), sg.tensor([[3, 2]])]).arraySync(); // [[-2, 4]]
 */
export const subtract = (args?: LayerArgs): Subtract => make(Subtract, args);

/** What a mask hides takes no part. */
abstract class Extreme extends Merge {
  override call(inputs: Tensors, args?: CallArgs | null): Tensor {
    const list = this.align(inputs);
    const masks = wideMasks(list, args);
    let [value, seen] = [list[0] as Tensor, masks[0]];
    for (let i = 1; i < list.length; i++) {
      const [x, own] = [list[i] as Tensor, masks[i]];
      const next = own ? where(own, x, value) : x;
      value = this.merge(seen ? where(seen, value, next) : value, next);
      seen = seen && own && logicalOr(seen, own);
    }
    return value;
  }
}

/** A mask with dimensions of 1 behind its own. */
const widen = (mask: Tensor, rank: number): Tensor =>
  reshape(mask, [...mask.shape, ...Array(Math.max(0, rank - mask.rank)).fill(1)]);

/** The masks of inputs, in the inputs' rank. */
const wideMasks = (inputs: readonly Tensor[], args?: CallArgs | null): Mask[] => {
  const masks = listOf(args?.mask as Mask | readonly Mask[]);
  return inputs.map((x, i) => masks[i] && widen(masks[i], x.rank));
};

/** Elementwise maximum of the inputs. */
export class Maximum extends Extreme {
  static override className = 'Maximum';
  protected merge = maximumOp;
}

/**
 * Elementwise maximum of two or more inputs; their shapes broadcast, and masked steps are ignored.
 * @throws ShapeError for shapes that do not broadcast, or fewer than two inputs
 * @example
 * sg.layers.maximum().apply([sg.tensor([[1, 6]]), sg.tensor([[3, 2]])]).arraySync(); // [[3, 6]]
 */
export const maximum = (args?: LayerArgs): Maximum => make(Maximum, args);

/** Elementwise minimum of the inputs. */
export class Minimum extends Extreme {
  static override className = 'Minimum';
  protected merge = minimumOp;
}

/**
 * Elementwise minimum of two or more inputs; their shapes broadcast, and masked steps are ignored.
 * @throws ShapeError for shapes that do not broadcast, or fewer than two inputs
 * @example
 * sg.layers.minimum().apply([sg.tensor([[1, 6]]), sg.tensor([[3, 2]])]).arraySync(); // [[1, 2]]
 */
export const minimum = (args?: LayerArgs): Minimum => make(Minimum, args);

/** Settings of `concatenate`. */
export interface ConcatenateArgs extends LayerArgs {
  /** Axis along which the inputs are joined, batch included; default -1. */
  axis?: number;
}

/** The inputs side by side along an axis, in which alone their shapes may differ. */
export class Concatenate extends Merge {
  static override className = 'Concatenate';

  static override accepts(): is.Table {
    return { axis: is.integer(), ...Merge.accepts() };
  }

  readonly #axis: number;

  constructor(args: ConcatenateArgs = {}) {
    super(args);
    this.#axis = args.axis ?? -1;
  }

  protected merge(a: Tensor, b: Tensor): Tensor {
    return concat([a, b], this.#axis);
  }

  override call(inputs: Tensors): Tensor {
    this.computeOutputShape(listOf(inputs).map((x) => x.shape));
    return concat(listOf(inputs), this.#axis);
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    const shapes = this.several(inputShape);
    const axis = normalizeAxis(this.#axis, shapes[0]?.length ?? 0, this.name);
    return shapes.reduce((a, b) => {
      if (a.length !== b.length) throw new ShapeError(`${this.name}: ranks of ${listShapes(shapes)} differ`);
      return a.map((d, i) => {
        const other = b[i] as number | null;
        if (i === axis) return d === null || other === null ? null : d + other;
        if (!agree(d, other))
          throw new ShapeError(`${this.name}: ${listShapes(shapes)} may differ along axis ${axis} only`);
        return d ?? other;
      });
    });
  }

  /** Masks side by side; along features a step shows if any input shows it. */
  override computeMask(inputs: Tensors, mask: Mask | readonly Mask[]): Mask {
    const masks = listOf(mask);
    const rank = masks.find((m) => m !== undefined)?.rank;
    if (rank === undefined) return undefined;
    const whole = listOf(inputs).map((x, i) => {
      const seen = ones(x.shape, 'bool');
      return masks[i] ? logicalAnd(widen(masks[i], x.rank), seen) : seen;
    });
    const joined = concat(whole, this.#axis);
    const rest = joined.shape.map((_, i) => i).slice(rank);
    return rest.length ? any(joined, rest) : joined;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.#axis };
  }
}

/**
 * Joins two or more inputs along an axis, the last by default. [batch, a], [batch, b] -> [batch, a + b]
 * @throws ShapeError if other dimensions differ, or for fewer than two inputs
 * @example
 * sg.layers.concatenate().apply([sg.ones([2, 3]), sg.ones([2, 4])]).shape; // [2, 7]
 */
export const concatenate = (args?: ConcatenateArgs): Concatenate => make(Concatenate, args);

/** Settings of `dot`. */
export interface DotArgs extends LayerArgs {
  /** The axis that is summed over, or one for each input; not the batch. */
  axes: number | readonly [number, number];
  /** Whether vectors are scaled to length 1 first, so that products are cosines; default false. */
  normalize?: boolean;
}

/** Sums of products along an axis of two inputs, example by example: [batch, ...other dimensions of a, ...of b]. */
export class Dot extends Merge {
  static override className = 'Dot';

  static override accepts(): is.Table {
    return { axes: is.required(is.axes()), normalize: is.flag(), ...Merge.accepts() };
  }

  protected override readonly count = 2;
  readonly #axes: DotArgs['axes'];
  readonly #normalize: boolean;

  constructor(args: DotArgs) {
    super(args);
    this.#axes = args.axes;
    this.#normalize = args.normalize ?? false;
    const axes = listOf<number>(this.#axes);
    if (axes.length > 2 || !axes.every((d) => Number.isInteger(d) && d !== 0))
      throw new ArgumentError(`dot: axes must be one or two axes other than the batch, got ${show(args.axes)}`);
  }

  #along(shapes: readonly PartialShape[]): number[] {
    const axes = listOf<number>(this.#axes);
    return shapes.map((s, i) => normalizeAxis(axes[axes.length - 1 && i] as number, s.length, this.name));
  }

  /** One example as a matrix, the axis last. */
  #matrix(x: Tensor, axis: number): Tensor {
    const size = x.shape[axis] as number;
    const order = x.shape.map((_, i) => i).filter((i) => i !== axis);
    const rows = x.shape.slice(1).reduce((a, b) => a * b, 1) / Math.max(1, size);
    const m = reshape(transpose(x, [...order, axis]), [x.shape[0] as number, rows, size]);
    if (!this.#normalize) return m;
    const t = withinSquares(m, -1);
    // As in Keras: vectors shorter than 1e-12 are not lengthened to 1.
    return mul(t, rsqrt(maximumOp(sum(square(t), -1, true), 1e-12)));
  }

  protected merge(a: Tensor, b: Tensor): Tensor {
    const [p, q] = this.#along([a.shape, b.shape]) as [number, number];
    const shape = this.computeOutputShape([a.shape, b.shape]) as readonly number[];
    return reshape(matMul(this.#matrix(a, p), this.#matrix(b, q), false, true), shape);
  }

  protected override align(inputs: Tensors): readonly Tensor[] {
    return listOf(inputs);
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    const shapes = this.several(inputShape) as [PartialShape, PartialShape];
    const [p, q] = this.#along(shapes) as [number, number];
    const [a, b] = shapes;
    if (a.length < 2 || b.length < 2 || !agree(a[p], b[q]))
      throw new ShapeError(`${this.name}: dimensions ${p} and ${q} of ${listShapes(shapes)} differ`);
    const rest = [...a.slice(1).filter((_, i) => i !== p - 1), ...b.slice(1).filter((_, i) => i !== q - 1)];
    return [a[0] ?? b[0] ?? null, ...(rest.length ? rest : [1])];
  }

  override computeMask(_inputs: Tensors, _mask?: Mask | readonly Mask[] | null): Mask {
    return undefined;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axes: this.#axes, normalize: this.#normalize };
  }
}

/**
 * Sums of products along an axis of two inputs, example by example. With axes -1, [batch, a, n], [batch, b, n] ->
 * [batch, a, b]; [batch, n], [batch, n] -> [batch, 1].
 * @throws ArgumentError for invalid axes; ShapeError if the sizes differ
 * @example
 * sg.layers.dot({ axes: -1 }).apply([sg.tensor([[1, 2]]), sg.tensor([[3, 4]])]).arraySync(); // [[11]]
 */
export const dot = (args: DotArgs): Dot => make(Dot, args);
