/** What recurrent cells share: one step of time as a layer. */

import { Draws } from '../../ops/core/keys';
import { ones } from '../../ops/create/creation';
import { dropOf } from '../../ops/create/random';
import { mul } from '../../ops/math/arithmetic';
import * as is from '../../support/settings';
import type { Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { CallArgs } from '../base/call';
import { Layer, type LayerArgs } from '../base/layer';
import * as own from '../base/settings';
import type { PartialShape } from '../base/shapes';
import { type Activation, type ActivationIdentifier, getActivation } from '../core/activation-lookup';
import { channelsOf } from '../core/core';
import type { InitializerIdentifier } from '../weights/initializers';
import { rulesConfig, type WeightArgs, type WeightRules, weightRules } from '../weights/weight-rules';

/** From the (projected) input of a step and the states to the output and new states. */
export type Step = (x: Tensor, states: readonly Tensor[]) => { output: Tensor; states: readonly Tensor[] };

/**
 * Base of cells. A subclass gives `stateSize` and `call([x, ...states])`, which returns [output, ...states]; or, to be
 * faster over sequences, `project` (what can be done for all steps at once) and `begin` (the rest).
 */
export abstract class RNNCell extends Layer {
  /** Length of the state, or of each of several. */
  abstract readonly stateSize: number | readonly number[];

  /** Whether the output is the first of the states. */
  get givesState(): boolean {
    return false;
  }

  /** What does not depend on the states, on [time, batch, ...] or on [batch, ...]. */
  project(x: Tensor, _args: CallArgs): Tensor {
    return x;
  }

  /** Prepares what is the same in all steps. */
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

/** Initializers: 'glorotUniform' for the kernel, 'orthogonal' for that of the state, 'zeros' for the bias. */
export interface RecurrentArgs extends LayerArgs, WeightArgs<'kernel' | 'recurrent' | 'bias'> {
  units: number;
  /** Default 'tanh'. */
  activation?: ActivationIdentifier;
  useBias?: boolean;
  /** Share of the inputs that are 0, the same in all steps; default 0. */
  dropout?: number;
  /** Share of the state that is 0 where it enters the step; default 0. */
  recurrentDropout?: number;
  /** Seed of both dropouts. */
  seed?: number | string | null;
}

const INITIAL = { kernel: 'glorotUniform', recurrent: 'orthogonal', bias: 'zeros' } as const;
type Kind = keyof typeof INITIAL;
const KINDS = Object.keys(INITIAL) as Kind[];

/** Base of the built-in cells: settings, weights, dropout. */
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

  readonly units: number;
  readonly useBias: boolean;
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

  /** Dimensions of one example's input: 1 for rows, 3 for images. */
  protected readonly exampleRank: number = 1;

  /** Creates a weight of a kind. */
  protected weight(kind: Kind, shape: Shape, initializer?: InitializerIdentifier) {
    const name = kind === 'recurrent' ? 'recurrent_kernel' : kind;
    return this.addWeight({ name, shape, ...this.#rules[kind], ...(initializer && { initializer }) });
  }

  protected inputSize(inputShape: PartialShape): number {
    return channelsOf(inputShape, this.name);
  }

  protected get biasInitializer() {
    return this.#rules.bias.initializer;
  }

  /** x with the same elements dropped in all steps. */
  protected dropInputs(x: Tensor, { training }: CallArgs): Tensor {
    return training && this.#dropout ? mul(x, this.#mask(x.shape.slice(-1 - this.exampleRank), this.#dropout, 0)) : x;
  }

  /** The mask of the state, the same in all steps; undefined if nothing drops. */
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
