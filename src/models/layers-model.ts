/** `LayersModel`, the class of TensorFlow.js that all models are instances of and that makes models. */
import type { Tensor } from '../tensor/tensor';
import { Functional, type ModelArgs } from './functional/functional';
import { Model } from './model';

/** A model of any kind. */
export type LayersModel<Out extends Tensor | Tensor[] = Tensor | Tensor[]> = Model<Out>;

/** Creates models from inputs and outputs, and recognizes all of them. */
export interface LayersModelClass {
  new <Out extends Tensor | Tensor[] = Tensor | Tensor[]>(args: ModelArgs): Functional<Out>;
  /** Name of the class in saved models. */
  className: string;
  /** Known settings. @internal */
  accepts: typeof Functional.accepts;
  /** Makes a model from its settings. */
  fromConfig: typeof Functional.fromConfig;
  /** The prototype of all models. */
  readonly prototype: Model;
}

class AnyModel extends Functional {
  static override className = 'Functional';

  /** Sequential models, and those of `sg.model`, are of this class too, as in TensorFlow.js; not of its subclasses. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: subclasses inherit this
    return this === AnyModel ? value instanceof Model : Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/**
 * Same as `sg.model`, and the class that all models are instances of.
 * @throws ArgumentError if an output cannot be computed from the inputs
 * @example
 * const x = sg.input({ shape: [4] });
 * const model = new sg.LayersModel({ inputs: x, outputs: sg.layers.dense({ units: 2 }).apply(x), name: 'linear' });
 */
export const LayersModel: LayersModelClass = AnyModel as never;
