/** What recurrent cells share: one step of time as a layer. */

import { Draws } from '../../ops/core/keys';
import { ones } from '../../ops/create/creation';
import { dropOf } from '../../ops/create/random';
import { mul } from '../../ops/math/arithmetic';
import * as is from '../../support/settings';
import type { Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs } from '../base/call';
import { RANDOM } from '../base/keys';
import { Layer, type LayerArgs } from '../base/layer';
import * as own from '../base/settings';
import type { PartialShape } from '../base/shapes';
import { type Activation, type ActivationIdentifier, getActivation } from '../core/activation-lookup';
import { channelsOf } from '../core/core';
import type { ConstraintIdentifier } from '../weights/constraints';
import type { InitializerIdentifier } from '../weights/initializers';
import type { RegularizerIdentifier } from '../weights/regularizers';
import { rulesConfig, type WeightArgs, type WeightRules, weightRules } from '../weights/weight-rules';

/** One step of time: from the (projected) input and the states to the output and the new states. */
export type Step = (x: Tensor, states: readonly Tensor[]) => { output: Tensor; states: readonly Tensor[] };

/**
 * Base class of recurrent cells. A subclass defines `stateSize` and `call([x, ...states])`, which returns [output,
 * ...states]; or, faster for sequences, `project` (the part for all steps at once) and `begin` (the rest).
 * @example
 * class Sum extends sg.layers.RNNCell {
 *   stateSize = 1;
 *   call([x, sum]) {
 *     const next = sum.add(x.sum(-1, true));
 *     return [next, next];
 *   }
 * }
 * sg.layers.rnn({ cell: new Sum() }).apply(sg.ones([1, 3, 2])).arraySync(); // [[6]]
 */
export abstract class RNNCell extends Layer {
  /** Size of the state, or of each of several. */
  abstract readonly stateSize: number | readonly number[];

  /** Whether the output equals the first state. @internal */
  get givesState(): boolean {
    return false;
  }

  /** The part of a step that does not depend on the states, for inputs [time, batch, ...] or [batch, ...]. */
  project(x: Tensor, _args: CallArgs): Tensor {
    return x;
  }

  /** Prepares the values that all steps share; returns the function that computes a step. */
  begin(_batch: number, args: CallArgs): Step {
    return (x, states) => {
      const [output, ...next] = this.call([x, ...states], args) as Tensor[];
      return { output: output as Tensor, states: next };
    };
  }

  /** Shapes of the states, without the batch, for an input of one step. */
  stateShapes(_inputShape: PartialShape): Shape[] {
    const sizes = typeof this.stateSize === 'number' ? [this.stateSize] : this.stateSize;
    return sizes.map((n) => [n]);
  }

  /** Shape of the output for an input of one step, with the batch. */
  outputShapeOf(inputShape: PartialShape): PartialShape {
    return [inputShape[0] ?? null, ...(this.stateShapes(inputShape)[0] as Shape)];
  }
}

/** Settings of `simpleRNN` and its cell, shared by all recurrent layers. */
export interface RecurrentArgs extends LayerArgs, WeightArgs<'kernel' | 'recurrent' | 'bias'> {
  /** Initializer of the kernel; default 'glorotUniform'. */
  kernelInitializer?: InitializerIdentifier;
  /** Penalty on the kernel; none by default. */
  kernelRegularizer?: RegularizerIdentifier | null;
  /** Constraint of the kernel; none by default. */
  kernelConstraint?: ConstraintIdentifier | null;
  /** Initializer of the kernel of the state; default 'orthogonal'. */
  recurrentInitializer?: InitializerIdentifier;
  /** Penalty on the kernel of the state; none by default. */
  recurrentRegularizer?: RegularizerIdentifier | null;
  /** Constraint of the kernel of the state; none by default. */
  recurrentConstraint?: ConstraintIdentifier | null;
  /** Initializer of the bias; default 'zeros'. */
  biasInitializer?: InitializerIdentifier;
  /** Penalty on the bias; none by default. */
  biasRegularizer?: RegularizerIdentifier | null;
  /** Constraint of the bias; none by default. */
  biasConstraint?: ConstraintIdentifier | null;
  /** Size of the output and the state; a positive integer. */
  units: number;
  /** Activation of the output; default 'tanh'. */
  activation?: ActivationIdentifier;
  /** Whether a bias is added; default true. */
  useBias?: boolean;
  /** Probability that an input becomes 0 while training, the same inputs in all steps; default 0. */
  dropout?: number;
  /** Probability that an element of the state becomes 0 where it enters the step while training; default 0. */
  recurrentDropout?: number;
  /** Seed of both dropouts; by default drawn from that of the library. */
  seed?: number | string | null;
}

const INITIAL = { kernel: 'glorotUniform', recurrent: 'orthogonal', bias: 'zeros' } as const;
type Kind = keyof typeof INITIAL;
const KINDS = Object.keys(INITIAL) as Kind[];

/** Base class of the built-in cells: settings, weights, dropout. */
export abstract class GateCell extends RNNCell {
  static override accepts(): is.Table {
    return {
      ...own.rulesOf('kernel', 'recurrent', 'bias'),
      units: is.required(is.count()),
      activation: is.rule(),
      useBias: is.flag(),
      dropout: is.share(),
      recurrentDropout: is.share(),
      seed: is.seed(),
      implementation: own.implementation(),
      ...RNNCell.accepts(),
    };
  }

  /** Size of the output and the state. */
  readonly units: number;
  /** Whether a bias is added. */
  readonly useBias: boolean;
  /** Name and function of the activation. @internal */
  protected readonly activation: { name: string; fn: Activation };
  readonly #rules: Readonly<Record<Kind, WeightRules>>;
  readonly #dropout: number;
  readonly #recurrentDropout: number;
  readonly #seed: RecurrentArgs['seed'];
  readonly #draws: readonly [Draws, Draws];

  constructor(args: RecurrentArgs, where: string) {
    super(args);
    this.units = args.units;
    this.useBias = args.useBias ?? true;
    this.activation = getActivation(args.activation ?? 'tanh', where);
    this.#rules = Object.fromEntries(
      KINDS.map((kind) => [kind, weightRules<Kind>(args, kind, INITIAL[kind], where)]),
    ) as Record<Kind, WeightRules>;
    this.#dropout = args.dropout ?? 0;
    this.#recurrentDropout = args.recurrentDropout ?? 0;
    this.#seed = args.seed ?? null;
    this.#draws = [new Draws(args.seed), new Draws(args.seed == null ? undefined : `${args.seed} recurrent`)];
  }

  override get givesState(): boolean {
    return true;
  }

  override get [RANDOM](): readonly Draws[] {
    return this.#draws;
  }

  /** Number of dimensions of one example's input: 1 for vectors, 3 for images. @internal */
  protected readonly exampleRank: number = 1;

  /** Creates a weight of a kind. @internal */
  protected weight(kind: Kind, shape: Shape, initializer?: InitializerIdentifier) {
    const name = kind === 'recurrent' ? 'recurrent_kernel' : kind;
    return this.addWeight({ name, shape, ...this.#rules[kind], ...(initializer && { initializer }) });
  }

  /** Number of features of the input. @internal */
  protected inputSize(inputShape: PartialShape): number {
    return channelsOf(inputShape, this.name);
  }

  /** Initializer of the bias. @internal */
  protected get biasInitializer() {
    return this.#rules.bias.initializer;
  }

  /** x with the same elements dropped in all steps. @internal */
  protected dropInputs(x: Tensor, { training }: CallArgs): Tensor {
    return training && this.#dropout ? mul(x, this.#mask(x.shape.slice(-1 - this.exampleRank), this.#dropout, 0)) : x;
  }

  /** The dropout mask of the state, the same in all steps; undefined without dropout. @internal */
  protected stateMask(shape: Shape, { training }: CallArgs): Tensor | undefined {
    const rate = this.#recurrentDropout;
    return training && rate ? this.#mask(shape, rate, 1) : undefined;
  }

  #mask(shape: Shape, rate: number, which: 0 | 1): Tensor {
    return dropOf(this.#draws[which].next(), ones(shape), rate);
  }

  /** One step by itself: [x, ...states] -> [output, ...states]. */
  call(inputs: readonly Tensor[], called?: CallArgs | null): Tensor[] {
    const args = called ?? {};
    const [x, ...states] = inputs as [Tensor, ...Tensor[]];
    const { output, states: next } = this.begin(x.shape[0] as number, args)(this.project(x, args), states);
    return [output, ...next];
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: this.activation.name,
      useBias: this.useBias,
      ...KINDS.reduce((config, kind) => Object.assign(config, rulesConfig(kind, this.#rules[kind])), {}),
      dropout: this.#dropout,
      recurrentDropout: this.#recurrentDropout,
      seed: this.#seed,
    };
  }
}
