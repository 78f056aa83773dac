/** Layers one after another. */
import type { CallArgs, Mask } from '../layers/base/call';
import { InputLayer, input } from '../layers/base/input';
import { Layer } from '../layers/base/layer';
import { deserializeLayer, type SerializedLayer, serializeLayer } from '../layers/base/registry';
import { fits, isShapeList, listOf, type PartialShape, type Shapes, type Tensors } from '../layers/base/shapes';
import { forget, type SymbolicTensor } from '../layers/base/symbolic';
import { checkList } from '../support/arguments';
import { ArgumentError, ShapeError, StateError } from '../support/errors';
import { list, text } from '../support/settings';
import { tidy } from '../tensor/scope';
import { showShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { assembled } from './assembled';
import type { Ports } from './feed/check';
import { Model } from './model';
import { modelSettings } from './own-settings';
import type { SummaryRow } from './view/summary';

/** Settings of `sg.sequential`. */
export interface SequentialArgs {
  /** The layers, from the first to the last; none by default. More may be added with `add`. */
  layers?: readonly Layer[];
  /** Name of the model; made by default. */
  name?: string;
}

/**
 * A model whose layers follow each other, each with one input and one output. A class that extends it and passes settings
 * of its own on to `super` names them in static `accepts`; other settings are refused as unknown.
 * @example
 * const model = sg.sequential();
 * model.add(sg.layers.dense({ units: 16, activation: 'relu', inputShape: [4] }));
 * model.add(sg.layers.dense({ units: 3, activation: 'softmax' }));
 * @example
 * class Net extends sg.Sequential {
 *   static className = 'Net';
 *   static accepts() {
 *     return { ...super.accepts(), hidden: true }; // true: any value
 *   }
 *   constructor(settings) {
 *     super(settings);
 *     this.add(sg.layers.dense({ units: settings.hidden, inputShape: [4] }));
 *   }
 * }
 * const net = new Net({ hidden: 16, name: 'net' });
 */
export class Sequential extends Model<Tensor> {
  static override className = 'Sequential';

  /** Settings and their valid values. */
  static override accepts() {
    return { layers: list(), name: text() };
  }

  #layers: readonly Layer[] = Object.freeze([]);
  /** The shape of the input and of each layer's output, as far as they are known. */
  readonly #symbols: SymbolicTensor[] = [];

  constructor(args?: SequentialArgs | null) {
    const { name, layers = [] } = modelSettings(new.target, new.target === Sequential ? 'sequential' : undefined, args);
    super({ ...(name !== undefined && { name }) });
    try {
      for (const layer of layers) this.add(layer as Layer);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** The layers; the list is read-only: see `add` and `pop`. */
  get layers(): readonly Layer[] {
    return this.#layers;
  }

  /**
   * Appends a layer, which may be a model.
   * @throws ArgumentError unless it is a layer, or if the model has it already; ShapeError if it does not fit the layer
   * before it; StateError while the model is trained
   */
  add(layer: Layer): void {
    this.ensureIdle('add');
    if (!(layer instanceof Layer)) throw new ArgumentError('sequential: add needs a layer, as sg.layers makes them');
    if (this.#layers.includes(layer))
      throw new ArgumentError(`sequential: ${layer.name} is in the model already; make a new layer`);
    if (this.#layers.some((l) => l.name === layer.name))
      throw new ArgumentError(`sequential: there is a layer named '${layer.name}' already`);
    const known = this.#layers.length === 0 && firstShape(layer);
    const before = known ? [beginning(known, layer)] : this.#symbols;
    const symbols = before.length ? this.#connected(before, [layer]) : [];
    this.#symbols.splice(0, this.#symbols.length, ...symbols);
    this.#layers = Object.freeze([...this.#layers, layer]);
    this.hold();
    this.layersChanged();
  }

  /**
   * Removes the last layer.
   * @throws StateError if the model has no layers, or while it is trained
   */
  pop(): void {
    this.ensureIdle('pop');
    const layer = this.#layers.at(-1);
    if (!layer) throw new StateError(`${this.name}: pop: there are no layers`);
    this.#layers = Object.freeze(this.#layers.slice(0, -1));
    const symbol = this.#symbols[this.#layers.length + 1];
    this.#symbols.length = this.#layers.length && Math.min(this.#symbols.length, this.#layers.length + 1);
    forget(layer.connections, symbol);
    // Its weights are kept: the layer may be used again.
    this.hold();
    this.layersChanged();
  }

  override build(inputShape?: Shapes): void {
    const given = inputShape ?? firstShape(this.#layers[0]);
    if (!given)
      throw new StateError(
        `${this.name}: build needs the input's shape; pass it, or give the first layer an inputShape`,
      );
    const shape = oneShape(this.name, given);
    if (this.#symbols.length) {
      const [known] = this.#symbols;
      if (!fits((known as SymbolicTensor).shape, shape))
        throw new ShapeError(
          `${this.name}: was built for ${showShape((known as SymbolicTensor).shape)}, got ${showShape(shape)}`,
        );
      return;
    }
    this.#symbols.push(...this.#connected([beginning(shape, this.#layers[0])], this.#layers));
  }

  /** The symbols, and what the layers make of the last of them. @throws ShapeError if one does not fit */
  #connected(symbols: readonly SymbolicTensor[], layers: readonly Layer[]): SymbolicTensor[] {
    const all = [...symbols];
    try {
      for (const layer of layers) {
        const before = all.at(-1) as SymbolicTensor;
        const isInput = layer instanceof InputLayer && layer.symbol === before;
        const after: SymbolicTensor | SymbolicTensor[] = isInput ? before : layer.apply(before);
        all.push(...listOf(after));
        oneShape(this.name, Array.isArray(after) ? after.map((s) => s.shape) : after.shape);
      }
      return all;
    } catch (error) {
      for (const layer of layers) for (const symbol of all) forget(layer.connections, symbol);
      throw error;
    }
  }

  /**
   * Symbolic inputs, for models that use a part of this one.
   * @throws StateError before shapes are known
   */
  get inputs(): readonly SymbolicTensor[] {
    return [this.#end(0)];
  }

  // A narrower type than in Model: one tensor goes in.
  override call(inputs: Tensor, args?: CallArgs | null): Tensor {
    return super.call(inputs, args);
  }

  /**
   * Symbolic outputs.
   * @throws StateError before shapes are known
   */
  get outputs(): readonly SymbolicTensor[] {
    return [this.#end(-1)];
  }

  #end(at: 0 | -1): SymbolicTensor {
    const symbol = this.#symbols.at(at);
    if (!symbol)
      throw new StateError(
        `${this.name}: the ${at ? 'output' : 'input'}'s shape is not known yet; give the first layer an inputShape, or call build`,
      );
    return symbol;
  }

  override get inputPorts(): Ports {
    const { shape } = this.#end(0);
    return { names: [(this.#layers[0] as Layer).name], shapes: [shape] };
  }

  override get outputNames(): readonly string[] {
    return this.#layers.slice(-1).map((l) => l.name);
  }

  override get outputShape(): PartialShape {
    return this.#end(-1).shape;
  }

  override computeOutputShape(inputShape: Shapes): PartialShape {
    return this.#layers.reduce(
      (shape, layer) => oneShape(this.name, layer.computeOutputShape(shape)),
      oneShape(this.name, inputShape),
    );
  }

  override run(inputs: readonly Tensor[], args: CallArgs): { outputs: readonly Tensor[]; masks: readonly Mask[] } {
    let mask = (Array.isArray(args.mask) ? args.mask[0] : args.mask) as Mask;
    return tidy(() => {
      let value: Tensors = inputs[0] as Tensor;
      for (const layer of this.#layers) {
        const result = layer.invoke(value, { ...args, mask });
        value = result.outputs;
        mask = result.mask as Mask;
      }
      return { outputs: [value as Tensor], masks: [mask] };
    });
  }

  override get rows(): readonly SummaryRow[] {
    return this.#layers.map((layer, i) => {
      const { shape } = this.#symbols[i + 1] as SymbolicTensor;
      return { layer, outputs: [shape], receives: [] };
    });
  }

  /** Name and layers, as in Keras. */
  override getConfig(): Record<string, unknown> {
    const config: Record<string, unknown> = { name: this.name, layers: this.#layers.map(serializeLayer) };
    if (this.built && !this.#layers[0]?.batchInputShape) config.buildInputShape = this.#end(0).shape;
    return config;
  }

  /**
   * Creates a model from what `getConfig` returned; weights are initialized again.
   * @throws ArgumentError for an unknown class
   */
  static override fromConfig<T>(cls: new (config: never) => T, config: Record<string, unknown>): T {
    const { name, layers, buildInputShape } = config as unknown as SequentialConfig;
    checkList(layers, 'fromConfig', 'layers', 'of layers');
    return assembled((note) => {
      const model = new cls({ name, layers: layers.map((layer) => note(deserializeLayer(layer))) } as never);
      if (buildInputShape) (model as Sequential).build(buildInputShape);
      return model;
    });
  }
}

/** What a model begins with. */
const beginning = (shape: PartialShape, first: Layer | undefined): SymbolicTensor =>
  first instanceof InputLayer ? first.symbol : input({ batchShape: shape, ...(first && { dtype: first.dtype }) });

/** Shape of the input of a model's first layer, if it is known. */
function firstShape(layer: Layer | undefined): PartialShape | undefined {
  if (!layer) return undefined;
  const shape = (layer instanceof Model ? knownInput(layer) : layer.inputShape) ?? layer.batchInputShape;
  return shape && oneShape(layer.name, shape);
}

/** A model's input shape, undefined instead of an error. */
function knownInput(model: Model): Shapes | undefined {
  return model.built ? model.inputShape : firstShape(model.layers[0]);
}

/** @throws ShapeError unless it is the shape of one tensor */
function oneShape(where: string, shape: Shapes): PartialShape {
  if (isShapeList(shape))
    throw new ShapeError(`${where}: layers of a sequential model have one input and one output; use sg.model`);
  return shape;
}

interface SequentialConfig {
  readonly name: string;
  readonly layers: readonly SerializedLayer[];
  readonly buildInputShape?: PartialShape;
}

/**
 * A model whose layers follow each other, each with one input and one output.
 * @throws ArgumentError for an entry that is not a layer, or unknown settings; ShapeError if a layer does not fit the one before
 * @example
 * const model = sg.sequential({
 *   layers: [sg.layers.dense({ units: 16, activation: 'relu', inputShape: [4] }), sg.layers.dense({ units: 3 })],
 * });
 * model.predict(sg.ones([2, 4])).shape; // [2, 3]
 */
export const sequential = (args?: SequentialArgs | null): Sequential => new Sequential(args);
