/** The cells: simple, long short-term memory, gated unit; and cells on top of each other. */

import { ones } from '../../ops/create/creation';
import { matMul } from '../../ops/linear/products';
import { add, mul, sub } from '../../ops/math/arithmetic';
import { concat, slice, squeeze } from '../../ops/shape/shaping';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import type { Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import type { Variable } from '../../tensor/variable';
import type { CallArgs } from '../base/call';
import type { LayerArgs } from '../base/layer';
import { innerLayer, type SerializedLayer, serializeLayer } from '../base/registry';
import { rule } from '../base/rules';
import { make } from '../base/settings';
import type { PartialShape } from '../base/shapes';
import { type Activation, type ActivationIdentifier, getActivation } from '../core/activation-lookup';
import type { Initializer } from '../weights/initializers';
import { GateCell, type RecurrentArgs, RNNCell, type Step } from './cell';

/** Gate number i of a row of gates. */
export const gate = (z: Tensor, i: number, units: number): Tensor => {
  const last = z.rank - 1;
  return slice(
    z,
    z.shape.map((_, d) => (d === last ? i * units : 0)),
    z.shape.map((_, d) => (d === last ? units : -1)),
  );
};
export const masked = (h: Tensor, mask: Tensor | undefined): Tensor => (mask ? mul(h, mask) : h);

/** Weights of `gates` gates side by side, and the part of a step that does not depend on the state. */
abstract class ProjectedCell extends GateCell {
  /** Number of gates, whose weights are side by side. @internal */
  protected abstract readonly gates: number;
  protected kernel!: Variable;
  protected recurrentKernel!: Variable;
  protected bias: Variable | undefined;

  override build(inputShape: PartialShape): void {
    const width = this.gates * this.units;
    this.kernel = this.weight('kernel', [this.inputSize(inputShape), width]);
    this.recurrentKernel = this.weight('recurrent', [this.units, width]);
    if (this.useBias) this.bias = this.makeBias(width);
  }

  /** Creates the bias. @internal */
  protected makeBias(width: number): Variable {
    return this.weight('bias', [width]);
  }

  /** Added to all inputs. */
  protected get inputBias(): Tensor | undefined {
    return this.bias;
  }

  override project(x: Tensor, args: CallArgs): Tensor {
    const z = matMul(this.dropInputs(x, args), this.kernel);
    return this.inputBias ? add(z, this.inputBias) : z;
  }
}

/** h' = activation(x W + b + h R) (Elman, 1990). */
export class SimpleRNNCell extends ProjectedCell {
  static override className = 'SimpleRNNCell';
  protected readonly gates = 1;

  constructor(args: RecurrentArgs) {
    super(args, 'simpleRNNCell');
  }

  get stateSize(): number {
    return this.units;
  }

  override begin(batch: number, args: CallArgs): Step {
    const mask = this.stateMask([batch, this.units], args);
    return (x, [h]) => {
      const output = this.activation.fn(add(matMul(masked(h as Tensor, mask), this.recurrentKernel), x));
      return { output, states: [output] };
    };
  }
}

/**
 * One step of `simpleRNN`: [x, h] -> [output, h'], x being [batch, n] and h [batch, units].
 * @throws ArgumentError if units is not a positive integer
 * @example
 * const cell = sg.layers.simpleRNNCell({ units: 3 });
 * sg.layers.rnn({ cell }).apply(sg.ones([2, 5, 4])).shape; // [2, 3]
 */
export const simpleRNNCell = (args: RecurrentArgs): SimpleRNNCell => make(SimpleRNNCell, args);

/** Settings of `lstmCell`. */
export interface LSTMCellArgs extends RecurrentArgs {
  /** Activation of the gates; default 'hardSigmoid' as in TensorFlow.js, while Keras 3 has 'sigmoid'. */
  recurrentActivation?: ActivationIdentifier;
  /** Whether the bias of the forget gate starts at 1; default true. */
  unitForgetBias?: boolean;
}

/** An initializer that is 1 for the forget gate. */
export const forgetBias = (base: Initializer, units: number): Initializer =>
  rule(base.className, base.getConfig, () => concat([base.apply([units]), ones([units]), base.apply([2 * units])]));

/** From the sums of all gates, in the order i, f, c, o, and the cell's state to output and new states. */
export const lstmGates =
  (units: number, act: Activation, rec: Activation) =>
  (z: Tensor, c: Tensor): { output: Tensor; states: readonly Tensor[] } => {
    const [i, f, g, o] = [0, 1, 2, 3].map((k) => gate(z, k, units)) as [Tensor, Tensor, Tensor, Tensor];
    const cell = add(mul(rec(f), c), mul(rec(i), act(g)));
    const output = mul(rec(o), act(cell));
    return { output, states: [output, cell] };
  };

/**
 * With gates i, f, o = rec(x W + b + h R): c' = f c + i act(x W + b + h R), h' = o act(c') (Hochreiter and Schmidhuber,
 * 1997; the forget gate is of Gers et al., 2000). Weights hold the gates in the order i, f, c, o.
 */
export class LSTMCell extends ProjectedCell {
  static override className = 'LSTMCell';

  static override accepts(): is.Table {
    return { recurrentActivation: is.rule(), unitForgetBias: is.flag(), ...ProjectedCell.accepts() };
  }

  protected readonly gates = 4;
  readonly #recurrent: { name: string; fn: Activation };
  readonly #unitForgetBias: boolean;

  constructor(args: LSTMCellArgs) {
    super(args, 'lstmCell');
    this.#recurrent = getActivation(args.recurrentActivation ?? 'hardSigmoid', 'lstm');
    this.#unitForgetBias = args.unitForgetBias ?? true;
  }

  get stateSize(): readonly number[] {
    return [this.units, this.units];
  }

  protected override makeBias(width: number): Variable {
    const base = this.biasInitializer as Initializer;
    return this.weight('bias', [width], this.#unitForgetBias ? forgetBias(base, this.units) : undefined);
  }

  override begin(batch: number, args: CallArgs): Step {
    const mask = this.stateMask([batch, this.units], args);
    const finish = lstmGates(this.units, this.activation.fn, this.#recurrent.fn);
    return (x, [h, c]) => finish(add(matMul(masked(h as Tensor, mask), this.recurrentKernel), x), c as Tensor);
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      recurrentActivation: this.#recurrent.name,
      unitForgetBias: this.#unitForgetBias,
    };
  }
}

/**
 * One step of `lstm`: [x, h, c] -> [output, h', c'], x being [batch, n] and the states [batch, units].
 * @throws ArgumentError if units is not a positive integer
 * @example
 * const cell = sg.layers.lstmCell({ units: 3 });
 * sg.layers.rnn({ cell }).apply(sg.ones([2, 5, 4])).shape; // [2, 3]
 */
export const lstmCell = (args: LSTMCellArgs): LSTMCell => make(LSTMCell, args);

/** Settings of `gruCell`. */
export interface GRUCellArgs extends RecurrentArgs {
  /** Activation of the gates; default 'hardSigmoid' as in TensorFlow.js, while Keras 3 has 'sigmoid'. */
  recurrentActivation?: ActivationIdentifier;
  /** Whether the reset gate is applied after the product with the state instead of before; default false. */
  resetAfter?: boolean;
}

/**
 * With gates z, r = rec(x W + b + h R): h' = z h + (1 - z) act(x W + b + (r h) R) (Cho et al., 2014), or with
 * `resetAfter` act(x W + b + r (h R + b')) as cuDNN has it. Weights hold the gates in the order z, r, h.
 */
export class GRUCell extends ProjectedCell {
  static override className = 'GRUCell';

  static override accepts(): is.Table {
    return { recurrentActivation: is.rule(), resetAfter: is.flag(), ...ProjectedCell.accepts() };
  }

  protected readonly gates = 3;
  readonly #recurrent: { name: string; fn: Activation };
  readonly #resetAfter: boolean;

  constructor(args: GRUCellArgs) {
    super(args, 'gruCell');
    this.#recurrent = getActivation(args.recurrentActivation ?? 'hardSigmoid', 'gru');
    this.#resetAfter = args.resetAfter ?? false;
  }

  get stateSize(): number {
    return this.units;
  }

  /** With `resetAfter` a second row, for the product with the state. */
  protected override makeBias(width: number): Variable {
    return this.weight('bias', this.#resetAfter ? [2, width] : [width]);
  }

  #biasRow(row: 0 | 1): Tensor | undefined {
    return this.bias && squeeze(slice(this.bias, [row, 0], [1, -1]), [0]);
  }

  protected override get inputBias(): Tensor | undefined {
    return this.#resetAfter ? this.#biasRow(0) : this.bias;
  }

  override begin(batch: number, args: CallArgs): Step {
    const { units, recurrentKernel } = this;
    const mask = this.stateMask([batch, this.units], args);
    const [act, rec] = [this.activation.fn, this.#recurrent.fn];
    const mix = (z: Tensor, h: Tensor, fresh: Tensor) => {
      const output = add(mul(z, h), mul(sub(1, z), fresh));
      return { output, states: [output] };
    };
    if (this.#resetAfter) {
      const bias = this.#biasRow(1);
      return (x, [h]) => {
        const product = matMul(masked(h as Tensor, mask), recurrentKernel);
        const p = bias ? add(product, bias) : product;
        const [z, r] = [0, 1].map((k) => rec(add(gate(x, k, units), gate(p, k, units)))) as [Tensor, Tensor];
        return mix(z, h as Tensor, act(add(gate(x, 2, units), mul(r, gate(p, 2, units)))));
      };
    }
    const ofGates = slice(recurrentKernel, [0, 0], [-1, 2 * units]);
    const ofState = slice(recurrentKernel, [0, 2 * units]);
    return (x, [state]) => {
      const h = masked(state as Tensor, mask);
      const both = rec(add(matMul(h, ofGates), slice(x, [0, 0], [-1, 2 * units])));
      const [z, r] = [gate(both, 0, units), gate(both, 1, units)];
      return mix(z, state as Tensor, act(add(matMul(mul(r, h), ofState), gate(x, 2, units))));
    };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), recurrentActivation: this.#recurrent.name, resetAfter: this.#resetAfter };
  }
}

/**
 * One step of `gru`: [x, h] -> [output, h'], x being [batch, n] and h [batch, units].
 * @throws ArgumentError if units is not a positive integer
 * @example
 * const cell = sg.layers.gruCell({ units: 3 });
 * sg.layers.rnn({ cell }).apply(sg.ones([2, 5, 4])).shape; // [2, 3]
 */
export const gruCell = (args: GRUCellArgs): GRUCell => make(GRUCell, args);

/** Cells on top of each other, as one cell: each is given the output of the one before. */
export class StackedRNNCells extends RNNCell {
  static override className = 'StackedRNNCells';

  static override accepts(): is.Table {
    return { cells: is.required(is.list()), ...RNNCell.accepts() };
  }

  /** The cells, from the first to the last. */
  readonly cells: readonly RNNCell[];

  constructor(args: LayerArgs & { cells: readonly (RNNCell | SerializedLayer)[] }) {
    super(args);
    if (!Array.isArray(args.cells) || args.cells.length === 0)
      throw new ArgumentError('stackedRNNCells: cells must be a list of at least one cell');
    this.cells = args.cells.map((cell, i) =>
      innerLayer(cell, RNNCell, `stackedRNNCells: cells[${i}]`, 'a recurrent cell'),
    );
  }

  get stateSize(): readonly number[] {
    return this.cells.flatMap((c) => c.stateSize);
  }

  override build(inputShape: PartialShape): void {
    let shape = inputShape;
    for (const cell of this.cells) {
      cell.ensureBuilt(shape);
      shape = cell.outputShapeOf(shape);
    }
  }

  override stateShapes(inputShape: PartialShape): Shape[] {
    let shape = inputShape;
    return this.cells.flatMap((cell) => {
      const own = cell.stateShapes(shape);
      shape = cell.outputShapeOf(shape);
      return own;
    });
  }

  override outputShapeOf(inputShape: PartialShape): PartialShape {
    return this.cells.reduce((shape, cell) => cell.outputShapeOf(shape), inputShape);
  }

  override project(x: Tensor, args: CallArgs): Tensor {
    return (this.cells[0] as RNNCell).project(x, args);
  }

  override begin(batch: number, args: CallArgs): Step {
    const steps = this.cells.map((c) => c.begin(batch, args));
    const counts = this.cells.map((c) => [c.stateSize].flat().length);
    return (x, states) => {
      let at = 0;
      let value = x;
      const next: Tensor[] = [];
      this.cells.forEach((cell, i) => {
        const own = states.slice(at, at + (counts[i] as number));
        at += own.length;
        const made = (steps[i] as Step)(i === 0 ? value : cell.project(value, args), own);
        value = made.output;
        next.push(...made.states);
      });
      return { output: value, states: next };
    };
  }

  call(inputs: readonly Tensor[], called?: CallArgs | null): Tensor[] {
    const args = called ?? {};
    const [x, ...states] = inputs as [Tensor, ...Tensor[]];
    const { output, states: next } = this.begin(x.shape[0] as number, args)(this.project(x, args), states);
    return [output, ...next];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), cells: this.cells.map(serializeLayer) };
  }
}

/**
 * Cells on top of each other, as one cell.
 * @throws ArgumentError for an empty list
 * @example
 * const cells = [sg.layers.lstmCell({ units: 3 }), sg.layers.lstmCell({ units: 2 })];
 * const cell = sg.layers.stackedRNNCells({ cells });
 * sg.layers.rnn({ cell }).apply(sg.ones([2, 5, 4])).shape; // [2, 2]
 */
export const stackedRNNCells = (args: LayerArgs & { cells: readonly RNNCell[] }): StackedRNNCells =>
  make(StackedRNNCells, args);
