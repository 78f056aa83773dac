/** Layers around layers: both directions of time, and every step alike. */
import { add, div, mul } from '../../ops/math/arithmetic';
import { concat, reshape } from '../../ops/shape/shaping';
import { reverse } from '../../ops/shape/slicing';
import { ArgumentError, ShapeError } from '../../support/errors';
import * as is from '../../support/settings';
import { showShape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { type CallArgs, callArgsOf, type Mask } from '../base/call';
import { LISTED } from '../base/keys';
import { Layer, type LayerArgs } from '../base/layer';
import { innerLayer, type SerializedLayer, serializeLayer } from '../base/registry';
import * as own from '../base/settings';
import { isShapeList, listOf, type PartialShape, type Shapes, shapeList, type Tensors } from '../base/shapes';
import { RNN } from './rnn';

/** Settings of `timeDistributed`. */
export interface WrapperArgs extends LayerArgs {
  /** A layer, or a serialized one. */
  layer: Layer | SerializedLayer;
}

/** A layer applied to each step: time is treated as more examples. */
export class TimeDistributed extends Layer {
  static override className = 'TimeDistributed';

  static override accepts(): is.Table {
    return { layer: own.layer(), ...Layer.accepts() };
  }

  /** The layer that is applied. */
  readonly layer: Layer;

  constructor(args: WrapperArgs) {
    super(args);
    this.layer = innerLayer(args.layer, Layer, 'timeDistributed: layer', 'a layer');
    this.supportsMasking = true;
  }

  override get takesOne(): boolean {
    return true;
  }

  override get [LISTED](): readonly Layer[] {
    return [];
  }

  #stepShape(shape: PartialShape): PartialShape {
    if (shape.length < 3)
      throw new ShapeError(`${this.name}: needs an input of [batch, time, ...], got ${showShape(shape)}`);
    return [null, ...shape.slice(2)];
  }

  override build(inputShape: PartialShape): void {
    this.layer.ensureBuilt(this.#stepShape(inputShape));
  }

  override get callArgNames(): readonly string[] | undefined {
    return this.layer.callArgNames;
  }

  call(x: Tensor, args?: CallArgs | null): Tensor {
    const { mask: _, ...rest } = args ?? {};
    const [batch, time, ...step] = x.shape as [number, number, ...number[]];
    const y = this.layer.invoke(reshape(x, [batch * time, ...step]), rest).outputs as Tensor;
    return reshape(y, [batch, time, ...y.shape.slice(1)]);
  }

  override computeOutputShape(inputShape: PartialShape): PartialShape {
    const out = this.layer.computeOutputShape(this.#stepShape(inputShape));
    if (isShapeList(out)) throw new ArgumentError(`${this.name}: the layer must give one tensor`);
    return [inputShape[0] ?? null, inputShape[1] ?? null, ...out.slice(1)];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), layer: serializeLayer(this.layer) };
  }
}

/**
 * Applies a layer to each step, with the same weights. [batch, time, ...] -> [batch, time, ...]
 * @throws ArgumentError if layer is not a layer; ShapeError for an input without time
 * @example
 * const layer = sg.layers.timeDistributed({ layer: sg.layers.dense({ units: 3 }) });
 * layer.apply(sg.ones([2, 5, 4])).shape; // [2, 5, 3]
 */
export const timeDistributed = (args: WrapperArgs): TimeDistributed => own.make(TimeDistributed, args);

/** How the outputs of both directions are combined; null returns a list of both. */
export type MergeMode = 'concat' | 'sum' | 'mul' | 'ave' | null;
const MODES: readonly MergeMode[] = ['concat', 'sum', 'mul', 'ave', null];

/** What a bidirectional layer returns, by what each direction returns and how both are combined. */
export type BidirectionalOutput<Out, M> = [M] extends [null] ? Tensor[] : null extends M ? Out | Tensor[] : Out;

/** Settings of `bidirectional`. */
export interface BidirectionalArgs extends WrapperArgs {
  /** A recurrent layer, or a serialized one; it is copied. */
  layer: RNN | SerializedLayer;
  /** How both outputs are combined: 'concat' (default), 'sum', 'mul', 'ave', or null for a list of both. */
  mergeMode?: MergeMode;
  /** The layer for the other direction; by default a copy of `layer`. */
  backwardLayer?: RNN | SerializedLayer;
}

/** A recurrent layer and another that runs in the other direction (Schuster and Paliwal, 1997). */
export class Bidirectional<Out extends Tensor | Tensor[] = Tensor | Tensor[]> extends Layer {
  static override className = 'Bidirectional';

  static override accepts(): is.Table {
    return {
      layer: own.layer(),
      mergeMode: is.choice(MODES),
      backwardLayer: { ...own.layer(), isRequired: false },
      ...Layer.accepts(),
    };
  }

  /** The copy of the layer that runs in its own direction. */
  readonly forwardLayer: RNN;
  /** The layer that runs in the other direction. */
  readonly backwardLayer: RNN;
  /** How both outputs are combined. */
  readonly mergeMode: MergeMode;

  constructor(args: BidirectionalArgs) {
    super(args);
    const recurrent = (layer: unknown, name: string): RNN =>
      innerLayer(layer, RNN, `bidirectional: ${name}`, 'a recurrent layer');
    const layer = recurrent(args.layer, 'layer');
    this.mergeMode = args.mergeMode === undefined ? 'concat' : args.mergeMode;
    const config = layer.getConfig();
    const base = layer.name.replace(/^forward_/, '');
    const copy = (name: string, goBackwards: boolean): RNN =>
      Layer.fromConfig(layer.constructor as new (c: never) => RNN, { ...config, name, goBackwards });
    this.forwardLayer = copy(`forward_${base}`, layer.goBackwards);
    this.backwardLayer = args.backwardLayer
      ? recurrent(args.backwardLayer, 'backwardLayer')
      : copy(`backward_${base}`, !layer.goBackwards);
    this.supportsMasking = true;
  }

  override get [LISTED](): readonly Layer[] {
    return [];
  }

  override build(inputShape: Shapes): void {
    for (const layer of [this.forwardLayer, this.backwardLayer]) layer.ensureBuilt(inputShape);
  }

  override get callArgNames(): readonly string[] | undefined {
    return callArgsOf(this.constructor, 'initialState');
  }

  call(inputs: Tensors, called?: CallArgs | null): Out {
    const args = called ?? {};
    const [x, ...given] = listOf(inputs) as [Tensor, ...Tensor[]];
    const states = given.length ? given : listOf((args.initialState as readonly Tensor[]) ?? []);
    const half = states.length / 2;
    const { initialState: _, ...rest } = args;
    const [forward, backward] = [this.forwardLayer, this.backwardLayer].map((layer, i) =>
      listOf(layer.invoke([x, ...states.slice(i * half, (i + 1) * half)], rest).outputs),
    ) as [readonly Tensor[], readonly Tensor[]];
    const a = forward[0] as Tensor;
    // Outputs of all steps: those computed backwards are turned round, so that both are of the same step.
    const b = this.forwardLayer.returnSequences ? reverse(backward[0] as Tensor, 1) : (backward[0] as Tensor);
    const outputs = this.#merge(a, b);
    const after = this.forwardLayer.returnState ? [...forward.slice(1), ...backward.slice(1)] : [];
    return (outputs.length + after.length === 1 ? (outputs[0] as Tensor) : [...outputs, ...after]) as Out;
  }

  #merge(a: Tensor, b: Tensor): Tensor[] {
    switch (this.mergeMode) {
      case 'concat':
        return [concat([a, b], -1)];
      case 'sum':
        return [add(a, b)];
      case 'mul':
        return [mul(a, b)];
      case 'ave':
        return [div(add(a, b), 2)];
      case null:
        return [a, b];
    }
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    const [output, ...states] = shapeList(this.forwardLayer.computeOutputShape(inputShape)) as [PartialShape];
    const last = output[output.length - 1];
    const joined =
      this.mergeMode === 'concat' ? [...output.slice(0, -1), typeof last === 'number' ? 2 * last : null] : output;
    const outputs = this.mergeMode === null ? [joined, joined] : [joined];
    const all = [...outputs, ...states, ...states];
    return all.length === 1 ? joined : all;
  }

  override computeMask(_inputs: Tensors, mask: Mask | readonly Mask[]): Mask | readonly Mask[] {
    const own = this.forwardLayer.returnSequences ? listOf(mask)[0] : undefined;
    const count = shapeList(this.computeOutputShape(this.inputShape as Shapes)).length;
    return count === 1
      ? own
      : Array.from({ length: count }, (_, i) => (i === 0 || (i === 1 && this.mergeMode === null) ? own : undefined));
  }

  override resetStates(): void {
    for (const layer of [this.forwardLayer, this.backwardLayer]) layer.resetStates();
  }

  override getConfig(): Record<string, unknown> {
    const { forwardLayer, mergeMode } = this;
    return {
      ...super.getConfig(),
      layer: serializeLayer(forwardLayer),
      backwardLayer: serializeLayer(this.backwardLayer),
      mergeMode,
    };
  }
}

/**
 * Runs a recurrent layer and a copy of it in the other direction, and combines their outputs by `mergeMode`: 'concat'
 * (default), 'sum', 'mul', 'ave', or null for a list of both (Schuster and Paliwal, 1997).
 * @throws ArgumentError if layer is not a recurrent layer, or for an unknown mergeMode
 * @example
 * const layer = sg.layers.bidirectional({ layer: sg.layers.lstm({ units: 3 }) });
 * layer.apply(sg.ones([2, 5, 4])).shape; // [2, 6]
 */
export const bidirectional = <
  Out extends Tensor | Tensor[] = Tensor | Tensor[],
  M extends MergeMode | undefined = undefined,
>(
  args: BidirectionalArgs & { layer: RNN<Out> | SerializedLayer; mergeMode?: M },
): Bidirectional<BidirectionalOutput<Out, M>> => own.make(Bidirectional<BidirectionalOutput<Out, M>>, args);
