/** Activations as layers. */
import {
  clipByValue,
  elu as eluOp,
  exp,
  greater,
  leakyRelu,
  mul,
  prelu as preluOp,
  relu,
  sub,
  where,
} from '../../ops/math/arithmetic';
import { logSumExp, softmax as softmaxOp } from '../../ops/math/reduce';
import { ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { CallArgs, Mask } from '../base/call';
import { inferShapes } from '../base/infer';
import type { LayerArgs } from '../base/layer';
import * as own from '../base/settings';
import { SameShape } from '../base/shape-preserving';
import { listOf, type PartialShape, type Shapes } from '../base/shapes';
import type { ConstraintIdentifier } from '../weights/constraints';
import type { InitializerIdentifier } from '../weights/initializers';
import type { RegularizerIdentifier } from '../weights/regularizers';
import { rulesConfig, type WeightArgs, type WeightRules, weightRules } from '../weights/weight-rules';
import { type Activation, type ActivationIdentifier, getActivation } from './activation-lookup';

/** Settings of `activation`. */
export interface ActivationArgs extends LayerArgs {
  /** Name of an activation, or a function of a tensor. */
  activation: ActivationIdentifier;
}

/** An activation as a layer. */
export class ActivationLayer extends SameShape<{ activation: string }> {
  static override className = 'Activation';

  static override accepts(): is.Table {
    return { activation: is.required(is.rule()), ...SameShape.accepts() };
  }

  readonly #fn: Activation;

  constructor(args: ActivationArgs) {
    const { name, fn } = getActivation(args.activation, 'activation');
    super(args, { activation: name });
    this.#fn = fn;
  }

  call(x: Tensor): Tensor {
    return this.#fn(x);
  }

  // What the function computes may have another shape.
  override computeOutputShape(inputShape: Shapes): Shapes {
    return inferShapes(this, inputShape);
  }
}

/**
 * Applies an activation; the shape is kept.
 * @throws ArgumentError for an unknown name
 * @example
 * sg.layers.activation({ activation: 'relu' }).apply(sg.tensor([[-1, 2]])).arraySync(); // [[0, 2]]
 */
export const activation = (args: ActivationArgs): ActivationLayer => own.make(ActivationLayer, args);

/** Settings of `reLU`. */
export interface ReLUArgs extends LayerArgs {
  /** Upper bound of the result; none by default. */
  maxValue?: number | null;
  /** Slope below the threshold; default 0. */
  negativeSlope?: number;
  /** Inputs below it are replaced by negativeSlope (x - threshold); default 0. */
  threshold?: number;
}

/** x from the threshold on, at most maxValue; below it negativeSlope (x - threshold). */
export class ReLU extends SameShape<{ maxValue?: number | null; negativeSlope: number; threshold: number }> {
  static override className = 'ReLU';

  static override accepts(): is.Table {
    return { maxValue: is.amount(), negativeSlope: is.amount(), threshold: is.amount(), ...SameShape.accepts() };
  }

  constructor(args: ReLUArgs = {}) {
    const { maxValue, negativeSlope = 0, threshold = 0 } = args;
    super(args, { ...(maxValue !== undefined && { maxValue }), negativeSlope, threshold });
  }

  call(x: Tensor): Tensor {
    const { maxValue, negativeSlope, threshold } = this.settings;
    const above = threshold ? where(greater(x, threshold), x, 0) : relu(x);
    const y = typeof maxValue === 'number' ? clipByValue(above, 0, maxValue) : above;
    return negativeSlope ? sub(y, mul(negativeSlope, relu(sub(threshold, x)))) : y;
  }
}

/**
 * max(x, 0), by default without an upper bound (`maxValue`) and with slope 0 below the threshold 0; the shape is kept.
 * @throws ArgumentError for negative settings
 * @example
 * sg.layers.reLU({ maxValue: 6 }).apply(sg.tensor([[-1, 2, 8]])).arraySync(); // [[0, 2, 6]]
 */
export const reLU = (args?: ReLUArgs): ReLU => own.make(ReLU, args);

/** Settings of `leakyReLU` and `elu`. */
export interface AlphaArgs extends LayerArgs {
  /** Slope for negative inputs of `leakyReLU` (default 0.3), or the negated limit of `elu` (default 1). */
  alpha?: number;
}

/** x where x >= 0, else alpha x (0.3 by default, as in Keras). */
export class LeakyReLU extends SameShape<{ alpha: number }> {
  static override className = 'LeakyReLU';

  static override accepts(): is.Table {
    return { alpha: is.real(), ...SameShape.accepts() };
  }

  constructor(args: AlphaArgs = {}) {
    super(args, { alpha: args.alpha ?? 0.3 });
  }

  call(x: Tensor): Tensor {
    return leakyRelu(x, this.settings.alpha);
  }
}

/**
 * x where x >= 0, otherwise alpha x (Maas et al., 2013); alpha is 0.3 by default, as in Keras. The shape is kept.
 * @throws ArgumentError if alpha is not a number
 * @example
 * sg.layers.leakyReLU({ alpha: 0.5 }).apply(sg.tensor([[-1, 2]])).arraySync(); // [[-0.5, 2]]
 */
export const leakyReLU = (args?: AlphaArgs): LeakyReLU => own.make(LeakyReLU, args);

/** x where x > 0, else alpha (eˣ - 1), alpha 1 by default (Clevert et al., 2016). */
export class ELU extends SameShape<{ alpha: number }> {
  static override className = 'ELU';

  static override accepts(): is.Table {
    return { alpha: is.real(), ...SameShape.accepts() };
  }

  constructor(args: AlphaArgs = {}) {
    super(args, { alpha: args.alpha ?? 1 });
  }

  call(x: Tensor): Tensor {
    return eluOp(x, this.settings.alpha);
  }
}

/**
 * x where x > 0, otherwise alpha (eˣ - 1) (Clevert et al., 2016); alpha is 1 by default. The shape is kept.
 * @throws ArgumentError if alpha is not a number
 * @example
 * sg.layers.elu().apply(sg.tensor([[-1, 2]])).arraySync(); // [[-0.63, 2]]
 */
export const elu = (args?: AlphaArgs): ELU => own.make(ELU, args);

/** Settings of `thresholdedReLU`. */
export interface ThresholdedReLUArgs extends LayerArgs {
  /** Inputs up to it become 0; default 1. */
  theta?: number;
}

/** x where x > theta, otherwise 0. */
export class ThresholdedReLU extends SameShape<{ theta: number }> {
  static override className = 'ThresholdedReLU';

  static override accepts(): is.Table {
    return { theta: is.real(), ...SameShape.accepts() };
  }

  constructor(args: ThresholdedReLUArgs = {}) {
    super(args, { theta: args.theta ?? 1 });
  }

  call(x: Tensor): Tensor {
    return where(greater(x, this.settings.theta), x, 0);
  }
}

/**
 * x where x > theta (1 by default), otherwise 0 (Konda et al., 2015); the shape is kept.
 * @throws ArgumentError if theta is not a number
 * @example
 * sg.layers.thresholdedReLU().apply(sg.tensor([[0.5, 2]])).arraySync(); // [[0, 2]]
 */
export const thresholdedReLU = (args?: ThresholdedReLUArgs): ThresholdedReLU => own.make(ThresholdedReLU, args);

/** Settings of `softmax`. */
export interface SoftmaxArgs extends LayerArgs {
  /** Axis of the probabilities, or several; default -1. */
  axis?: number | readonly number[];
}

/** exp(x) / Σ exp(x) along axes, the last by default; elements hidden by a mask of the rank of x get probability 0. */
export class Softmax extends SameShape<{ axis: number | readonly number[] }> {
  static override className = 'Softmax';

  static override accepts(): is.Table {
    return { axis: is.axes(), ...SameShape.accepts() };
  }

  constructor(args: SoftmaxArgs = {}) {
    super(args, { axis: args.axis ?? -1 });
  }

  call(x: Tensor, args?: CallArgs | null): Tensor {
    const mask = args?.mask;
    const axes = listOf(this.settings.axis);
    // A mask with fewer dimensions hides whole steps, whose values do not matter.
    const seen = (mask as Mask)?.rank === x.rank ? (mask as Tensor) : undefined;
    const z = seen ? where(seen, x, -1e9) : x;
    const y = axes.length === 1 ? softmaxOp(z, axes[0]) : exp(sub(z, logSumExp(z, axes, true)));
    return seen ? where(seen, y, 0) : y;
  }
}

/**
 * exp(x) / Σ exp(x) along an axis or several, the last by default; the shape is kept.
 * @throws ArgumentError if axis is not an integer or a list of them
 * @example
 * sg.layers.softmax().apply(sg.tensor([[0, 0]])).arraySync(); // [[0.5, 0.5]]
 */
export const softmax = (args?: SoftmaxArgs): Softmax => own.make(Softmax, args);

/** Settings of `prelu`. */
export interface PReLUArgs extends LayerArgs, WeightArgs<'alpha'> {
  /** Initializer of alpha; default 'zeros'. */
  alphaInitializer?: InitializerIdentifier;
  /** Penalty on alpha; none by default. */
  alphaRegularizer?: RegularizerIdentifier | null;
  /** Constraint of alpha; none by default. */
  alphaConstraint?: ConstraintIdentifier | null;
  /** Axes, counted with the batch, along which alpha is one; none by default. */
  sharedAxes?: number | readonly number[] | null;
}

/** x where x > 0, otherwise alpha x with a learned alpha (He et al., 2015). */
export class PReLU extends SameShape<{ sharedAxes: readonly number[] | null }> {
  static override className = 'PReLU';

  static override accepts(): is.Table {
    return { ...own.rulesOf('alpha'), sharedAxes: is.axes(), ...SameShape.accepts() };
  }

  readonly #rules: WeightRules;
  #alpha!: Variable;

  constructor(args: PReLUArgs = {}) {
    super(args, { sharedAxes: args.sharedAxes == null ? null : listOf(args.sharedAxes) });
    this.#rules = weightRules(args, 'alpha', 'zeros', 'prelu');
  }

  override build(inputShape: PartialShape): void {
    const { sharedAxes } = this.settings;
    const shape = inputShape.slice(1).map((d, i) => (sharedAxes?.includes(i + 1) ? 1 : d));
    if (!shape.every((d) => d !== null))
      throw new ShapeError(`${this.name}: needs known dimensions besides sharedAxes, got ${showShape(inputShape)}`);
    this.#alpha = this.addWeight({ name: 'alpha', shape, ...this.#rules });
  }

  call(x: Tensor): Tensor {
    return preluOp(x, this.#alpha);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...rulesConfig('alpha', this.#rules) };
  }
}

/**
 * x where x > 0, otherwise alpha x with a learned alpha for each element of an example, or shared along `sharedAxes`
 * (He et al., 2015). Alpha is 0 at first. The shape is kept.
 * @throws ArgumentError for an unknown initializer; ShapeError if a dimension off sharedAxes is not known
 * @example
 * sg.layers.prelu({ alphaInitializer: 'ones' }).apply(sg.tensor([[-1, 2]])).arraySync(); // [[-1, 2]]
 */
export const prelu = (args?: PReLUArgs): PReLU => own.make(PReLU, args);
