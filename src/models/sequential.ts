/** Layers one after another. */
import { type CallContext, Layer, type PartialShape } from '../layers/layer';
import { ArgumentError, StateError } from '../runtime/errors';
import { tidy } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { Model } from './model';

let unnamed = 0;

export interface SequentialArgs {
  layers?: readonly Layer[];
  name?: string;
}

/**
 * A model whose layers follow each other, each with one input and one output.
 * @example
 * const model = sg.sequential();
 * model.add(sg.layers.dense({ units: 16, activation: 'relu', inputShape: [4] }));
 * model.add(sg.layers.dense({ units: 3, activation: 'softmax' }));
 */
export class Sequential extends Model {
  readonly name: string;
  readonly #layers: Layer[] = [];

  constructor(args: SequentialArgs = {}) {
    super();
    this.name = args.name ?? (unnamed++ ? `sequential_${unnamed - 1}` : 'sequential');
    for (const layer of args.layers ?? []) this.add(layer);
  }

  get layers(): readonly Layer[] {
    return this.#layers;
  }

  /**
   * Appends a layer. @throws ArgumentError for what is no layer, or is in the model already; ShapeError if it does not
   * fit what stands before it
   */
  add(layer: Layer): void {
    if (!(layer instanceof Layer)) throw new ArgumentError('sequential: add needs a layer, as sg.layers makes them');
    if (this.#layers.includes(layer))
      throw new ArgumentError(`sequential: ${layer.name} is in the model already; make a new layer`);
    if (this.#layers.some((l) => l.name === layer.name))
      throw new ArgumentError(`sequential: there is a layer named '${layer.name}' already`);
    const known = this.#layers.length ? this.#shapeAfter() : layer.batchInputShape;
    if (known) {
      layer.ensureBuilt(known);
      layer.computeOutputShape(known);
    }
    layer.retain();
    this.#layers.push(layer);
    this.layersChanged();
  }

  override build(inputShape?: PartialShape): void {
    let shape = inputShape ?? this.#layers[0]?.batchInputShape;
    if (!shape)
      throw new StateError(
        `${this.name}: build needs the input's shape; pass it, or give the first layer an inputShape`,
      );
    for (const layer of this.#layers) {
      layer.ensureBuilt(shape);
      shape = layer.computeOutputShape(shape);
    }
  }

  get inputShape(): PartialShape {
    const shape = this.#layers[0]?.inputShape ?? this.#layers[0]?.batchInputShape;
    if (!shape)
      throw new StateError(
        `${this.name}: the input's shape is not known yet; give the first layer an inputShape, or call build`,
      );
    return shape;
  }

  get outputShape(): PartialShape {
    const shape = this.#shapeAfter();
    if (!shape)
      throw new StateError(
        `${this.name}: the output's shape is not known yet; give the first layer an inputShape, or call build`,
      );
    return shape;
  }

  override call(x: Tensor, context: CallContext): Tensor {
    return tidy(() => this.#layers.reduce((value, layer) => layer.call(value, context), x));
  }

  /** A layer by its name or its position. @throws ArgumentError */
  getLayer(nameOrIndex: string | number): Layer {
    const layer =
      typeof nameOrIndex === 'number' ? this.#layers[nameOrIndex] : this.#layers.find((l) => l.name === nameOrIndex);
    if (!layer)
      throw new ArgumentError(
        `${this.name}: no layer ${JSON.stringify(nameOrIndex)}; there are ${this.#layers.map((l) => l.name).join(', ')}`,
      );
    return layer;
  }

  #shapeAfter(): PartialShape | undefined {
    let shape = this.#layers[0]?.inputShape ?? this.#layers[0]?.batchInputShape;
    if (shape) for (const layer of this.#layers) shape = layer.computeOutputShape(shape);
    return shape;
  }
}

/** A model of layers one after another. */
export const sequential = (args?: SequentialArgs): Sequential => new Sequential(args);
