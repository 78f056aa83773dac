/** Recurrent layers: a cell over the steps of a sequence. */
import { variable } from '../../ops/core/variable';
import { zeros } from '../../ops/create/creation';
import { cast, where } from '../../ops/math/arithmetic';
import { reshape, transpose } from '../../ops/shape/shaping';
import { reverse } from '../../ops/shape/slicing';
import { loop } from '../../plan/loop';
import { ArgumentError, ShapeError, StateError } from '../../support/errors';
import * as is from '../../support/settings';
import { untracked } from '../../tensor/scope';
import { type Shape, showShape } from '../../tensor/shape';
import { consume, type Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import { type CallArgs, callArgsOf, type Mask } from '../base/call';
import { context } from '../base/context';
import { LISTED, STATES } from '../base/keys';
import { Layer, type LayerArgs } from '../base/layer';
import { innerLayer, type SerializedLayer, serializeLayer } from '../base/registry';
import * as own from '../base/settings';
import { listOf, type PartialShape, type Shapes, shapeList, type Tensors } from '../base/shapes';
import { RNNCell } from './cell';
import { StackedRNNCells } from './cells';

/** Settings of a sequence, shared by all recurrent layers. */
export interface SequenceArgs extends LayerArgs {
  /** Whether the outputs of all steps are returned instead of the last one; default false. */
  returnSequences?: boolean;
  /** Whether the last states are returned too, after the output; default false. */
  returnState?: boolean;
  /** Whether time runs backwards; outputs are then in the order in which they were computed. Default false. */
  goBackwards?: boolean;
  /**
   * Whether each batch continues from the states at the end of the one before; needs a fixed batch size. Default false.
   */
  stateful?: boolean;
  /** Accepted and ignored, by default and in any case: loops are compiled. */
  unroll?: boolean;
}

/** Settings whose `returnState` determines the type of the layer. */
export interface ReturnStateArgs<S extends boolean | undefined> {
  /** Whether the last states are returned too, after the output; default false. */
  returnState?: S;
}

/** What a recurrent layer returns, by `returnState`. */
export type RecurrentOutput<S> = [S] extends [true]
  ? Tensor[]
  : [S] extends [false | undefined]
    ? Tensor
    : Tensor | Tensor[];

/** Settings of `rnn`. */
export interface RNNArgs extends SequenceArgs {
  /** A cell, several on top of each other, or a serialized cell. */
  cell: RNNCell | readonly RNNCell[] | SerializedLayer;
}

/** What a recurrent layer computes, before it is arranged as users want it. */
interface Run {
  /** [time, batch, ...], each where its input was; undefined if only the last is wanted. */
  readonly outputs: Tensor | undefined;
  readonly last: Tensor;
  readonly states: readonly Tensor[];
}

/**
 * A cell applied to the steps of x: [batch, time, ...] -> [batch, units], or [batch, time, units] with
 * `returnSequences`. Masked steps repeat the output and the states before them.
 */
export class RNN<Out extends Tensor | Tensor[] = Tensor | Tensor[]> extends Layer {
  static override className = 'RNN';

  static override accepts(): is.Table {
    return {
      cell: is.required(is.given('a recurrent cell or a list of them', (v) => typeof v === 'object')),
      returnSequences: is.flag(),
      returnState: is.flag(),
      goBackwards: is.flag(),
      stateful: is.flag(),
      unroll: is.flag(),
      implementation: own.implementation(),
      numConstants: is.given('null: cells take no constants', () => false),
      ...Layer.accepts(),
    };
  }

  /** The cell. */
  readonly cell: RNNCell;
  /** Whether the outputs of all steps are returned. */
  readonly returnSequences: boolean;
  /** Whether the last states are returned too. */
  readonly returnState: boolean;
  /** Whether time runs backwards. */
  readonly goBackwards: boolean;
  override readonly stateful: boolean;
  readonly #unroll: boolean;
  #kept: Variable[] | undefined;

  constructor(args: RNNArgs) {
    super(args);
    this.cell = Array.isArray(args.cell)
      ? new StackedRNNCells({ cells: args.cell })
      : innerLayer(args.cell, RNNCell, 'rnn: cell', 'a recurrent cell or a list of them');
    this.returnSequences = args.returnSequences ?? false;
    this.returnState = args.returnState ?? false;
    this.goBackwards = args.goBackwards ?? false;
    this.stateful = args.stateful ?? false;
    this.#unroll = args.unroll ?? false;
    this.supportsMasking = true;
  }

  override get [LISTED](): readonly Layer[] {
    return [];
  }

  /** The shape of one step's input, with the batch. @internal */
  protected stepShape(shape: PartialShape): PartialShape {
    if (shape.length < 3)
      throw new ShapeError(`${this.name}: needs an input of [batch, time, ...], got ${showShape(shape)}`);
    return [shape[0] ?? null, ...shape.slice(2)];
  }

  override build(inputShape: Shapes): void {
    const shape = shapeList(inputShape)[0] as PartialShape;
    const step = this.stepShape(shape);
    this.cell.ensureBuilt(step);
    if (!this.stateful) return;
    const batch = shape[0];
    if (typeof batch !== 'number')
      throw new ArgumentError(`${this.name}: a stateful layer needs a fixed batch size; give batchInputShape`);
    const kept: Variable[] = [];
    // Known before all are made: if one cannot be, the others are disposed of with the layer.
    this.#kept = kept;
    for (const [i, s] of this.cell.stateShapes(step).entries()) {
      const [shape, name] = [[batch, ...s], `${this.name}/state_${i}`];
      context().budget?.spendState(name, shape);
      untracked(() => consume(zeros(shape), (state) => kept.push(variable(state, false, name))));
    }
  }

  /**
   * Computes outputs, and states if `returnState` is set.
   * @param inputs x, or a list of x and the initial states
   * @param args `initialState` may hold the initial states instead
   */
  override get callArgNames(): readonly string[] | undefined {
    return callArgsOf(this.constructor, 'initialState');
  }

  call(inputs: Tensors, args?: CallArgs | null): Out {
    const { outputs, last, states } = this.run(inputs, args ?? {});
    let output = last;
    if (outputs) {
      // [time, batch, ...] to [batch, time, ...], backwards in the order of computing.
      const ordered = this.goBackwards ? reverse(outputs, 0) : outputs;
      output = transpose(ordered, [1, 0, ...ordered.shape.slice(2).map((_, i) => i + 2)]);
    }
    return (this.returnState ? [output, ...states] : output) as Out;
  }

  /** Runs the steps; outputs are in the order of the inputs. @internal */
  run(inputs: Tensors, args: CallArgs): Run {
    const [x, ...given] = listOf(inputs) as [Tensor, ...Tensor[]];
    const { cell } = this;
    const [batch, time] = [x.shape[0] as number, x.shape[1] as number];
    const shapes = cell.stateShapes(this.stepShape(x.shape));
    const first = this.#firstStates(batch, shapes, given, args);
    const steps = transpose(x, [1, 0, ...x.shape.slice(2).map((_, i) => i + 2)]);
    const mask = listOf(args.mask as Mask)[0];
    const step = cell.begin(batch, args);
    const sequences = [cell.project(steps, args)];
    if (mask) sequences.push(reshape(transpose(mask, [1, 0]), [time, batch, 1]));
    const width = cell.outputShapeOf(this.stepShape(x.shape)).slice(1) as Shape;
    // The last output is carried too, unless it is a state, so that steps left out can repeat it.
    const own = cell.givesState ? 0 : 1;
    const init = own ? [zeros([batch, ...width]), ...first] : first;
    const { carry, ys } = loop(
      (before, [xt, keep]) => {
        const made = step(xt as Tensor, before.slice(own));
        const fresh = own ? [made.output, ...made.states] : [...made.states];
        const after = keep ? fresh.map((t, i) => where(spread(keep, t), t, before[i] as Tensor)) : fresh;
        return { carry: after, ys: this.returnSequences ? [after[0] as Tensor] : [] };
      },
      init,
      sequences,
      this.goBackwards,
    );
    const states = carry.slice(own);
    this.#kept?.forEach((v, i) => {
      v.assign(states[i] as Tensor);
    });
    return { outputs: ys[0], last: carry[0] as Tensor, states };
  }

  #firstStates(batch: number, shapes: readonly Shape[], given: readonly Tensor[], args: CallArgs): readonly Tensor[] {
    const initial = (args.initialState as Tensor | readonly Tensor[] | undefined) ?? given;
    const list = listOf(initial);
    if (list.length === 0) return this.#kept ?? this.#zeros(batch, shapes);
    if (
      list.length !== shapes.length ||
      list.some((t, i) => String(t.shape) !== String([batch, ...(shapes[i] as Shape)]))
    )
      throw new ShapeError(
        `${this.name}: initial states must be ${shapes.map((s) => showShape([batch, ...s])).join(', ')}, got ${list.map((t) => showShape(t.shape)).join(', ')}`,
      );
    return list;
  }

  /** The states that the layer starts from by default: zeros, for inputs [batch, time, ...]. */
  getInitialState(inputs: Tensor): Tensor[] {
    return this.#zeros(inputs.shape[0] as number, this.cell.stateShapes(this.stepShape(inputs.shape)));
  }

  #zeros(batch: number, shapes: readonly Shape[]): Tensor[] {
    return shapes.map((s) => zeros([batch, ...s]));
  }

  override get [STATES](): readonly Variable[] {
    return this.#kept ?? [];
  }

  /**
   * Sets the states of a stateful layer, by default to zeros.
   * @throws StateError unless it is stateful and built
   */
  override resetStates(states?: Tensor | readonly Tensor[]): void {
    if (!this.#kept) throw new StateError(`${this.name}: resetStates needs a stateful layer that is built`);
    const list = states === undefined ? [] : listOf(states);
    this.#kept.forEach((v, i) => {
      v.assign(list[i] ?? zeros(v.shape));
    });
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    const shape = shapeList(inputShape)[0] as PartialShape;
    const step = this.stepShape(shape);
    const out = this.cell.outputShapeOf(step);
    const output = this.returnSequences ? [out[0] ?? null, shape[1] ?? null, ...out.slice(1)] : out;
    if (!this.returnState) return output;
    return [output, ...this.cell.stateShapes(step).map((s) => [shape[0] ?? null, ...s])];
  }

  override computeMask(_inputs: Tensors, mask: Mask | readonly Mask[]): Mask | readonly Mask[] {
    const own = this.returnSequences ? listOf(mask)[0] : undefined;
    return this.returnState ? [own, ...this.cell.stateShapes(this.stepShapeBuilt).map(() => undefined)] : own;
  }

  /** The shape of one step's input that the layer was built for. @internal */
  get stepShapeBuilt(): PartialShape {
    return this.stepShape(shapeList(this.inputShape as Shapes)[0] as PartialShape);
  }

  protected override free(): void {
    for (const v of this.#kept ?? []) v.dispose();
    this.#kept = undefined;
    super.free();
  }

  /** Settings of the sequence, without those of the cell. @internal */
  protected sequenceConfig(): Record<string, unknown> {
    const { returnSequences, returnState, goBackwards, stateful } = this;
    return { ...super.getConfig(), returnSequences, returnState, goBackwards, stateful, unroll: this.#unroll };
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.sequenceConfig(), cell: serializeLayer(this.cell) };
  }
}

/**
 * Applies a cell, or several on top of each other, over time: [batch, time, ...] -> [batch, units], or with
 * `returnSequences` [batch, time, units].
 * @throws ArgumentError if cell is not a recurrent cell or a list of them
 * @example
 * const cell = [sg.layers.gruCell({ units: 3 }), sg.layers.gruCell({ units: 2 })];
 * sg.layers.rnn({ cell, returnSequences: true }).apply(sg.ones([2, 5, 4])).shape; // [2, 5, 2]
 */
export const rnn = <S extends boolean | undefined = undefined>(
  args: RNNArgs & ReturnStateArgs<S>,
): RNN<RecurrentOutput<S>> => own.make(RNN<RecurrentOutput<S>>, args);

/** A mask of [batch, 1] for values of [batch, ...]. */
const spread = (keep: Tensor, t: Tensor): Tensor =>
  reshape(cast(keep, 'bool'), [keep.shape[0] as number, ...t.shape.slice(1).map(() => 1)]);
