/** What all metrics are: values over a whole data set, gathered batch by batch inside the compiled step. */
import { type Jitted, jit } from '../../plan/transform/jit';
import { currentGraph } from '../../tensor/graph';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { Accumulator, type Addition, type Total } from '../totals/accumulator';

/** Where a metric goes as a model gets better. */
export type Direction = 'up' | 'down';

/** What a metric does. */
export interface Recipe<V> {
  addition(yTrue: Tensor, yPred: Tensor, weights?: Tensor): Addition;
  value(total: Total, width: number): V;
}

/**
 * A value over many examples, exact however they are cut into batches. A subclass says what a batch adds, in ops, and
 * what the total means.
 *
 * @example
 * class MaxError extends sg.metrics.Metric {
 *   direction = 'down';
 *   addition(yTrue, yPred) {
 *     return { kind: 'log', values: yTrue.sub(yPred).abs().reshape([-1, 1]) };
 *   }
 *   value(errors) {
 *     return errors.reduce((most, error) => Math.max(most, error), 0);
 *   }
 * }
 * const metric = new MaxError('maxError');
 * metric.updateState(sg.tensor1d([1, 2]), sg.tensor1d([1, 4]));
 * metric.result(); // 2
 */
export abstract class Metric<V = number> implements Recipe<V> {
  readonly name: string;
  /** By which it is known where models are saved. */
  readonly className: string;
  /** Whether larger values are better, for callbacks that look for the best; undefined: they have to be told. */
  readonly direction: Direction | undefined;
  readonly #settings: object;
  /** The total of `updateState`; models keep totals of their own. */
  #own: Accumulator | undefined;
  #update: Jitted<[Tensor, Tensor, Tensor | undefined], void> | undefined;

  /** @param settings what `getConfig` gives besides the name. */
  constructor(name: string, settings: object = {}, className?: string, direction?: Direction) {
    this.name = name;
    this.className = className ?? new.target.name;
    this.direction = direction;
    this.#settings = settings;
  }

  /** A metric by its settings. Classes that are made from more than a name override it. */
  static fromConfig(this: new (name: string) => Metric<unknown>, config: { name: string }): Metric<unknown> {
    return new this(config.name);
  }

  /**
   * What a batch adds to the total.
   * @param weights of the examples, or of their positions: [batch] or [batch, ...]; undefined: all 1.
   */
  abstract addition(yTrue: Tensor, yPred: Tensor, weights?: Tensor): Addition;

  /**
   * The metric of a total. Exact arithmetic only (+ - * / and square roots), so that it is the same everywhere.
   * @param width values of a row: columns of a sum (which the weights follow) or of a log, or cells; 0 of nothing.
   */
  abstract value(total: Total, width: number): V;

  /** Settings that make the metric again. */
  getConfig(): Record<string, unknown> {
    return { name: this.name, ...this.#settings };
  }

  /**
   * Adds a batch.
   * @param yTrue as the metric wants them.
   * @param sampleWeight [batch], or as many dimensions of the predictions as it has.
   * @throws what the metric throws for shapes that do not fit; nothing was added then
   */
  updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    checkTensor(yTrue, this.name, 'yTrue');
    checkTensor(yPred, this.name, 'yPred');
    if (sampleWeight !== undefined && sampleWeight !== null) checkTensor(sampleWeight, this.name, 'sampleWeight');
    this.addUp(yTrue, yPred, sampleWeight ?? undefined);
  }

  /** Adds what was checked. */
  protected addUp(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    this.#own ??= new Accumulator();
    const own = this.#own;
    const record = (y: Tensor, p: Tensor, w: Tensor | undefined): void => own.add(this.addition(y, p, w));
    if (currentGraph()) return record(yTrue, yPred, sampleWeight);
    this.#update ??= jit<[Tensor, Tensor, Tensor | undefined], void>(record);
    this.#update(yTrue, yPred, sampleWeight);
  }

  /** The metric over all that was added since the last reset; NaN (or empty) if that is nothing. */
  result(): V {
    return this.value(this.#own?.read() ?? new Float64Array(0), this.#own?.width ?? 0);
  }

  resetState(): void {
    this.#own?.reset();
  }

  /** Gives back the memory of its own total. */
  dispose(): void {
    this.#update?.dispose();
    this.#own?.dispose();
    this.#own = undefined;
    this.#update = undefined;
  }
}

/** A metric by a recipe. */
export class MadeMetric<V> extends Metric<V> {
  readonly #recipe: Recipe<V>;

  constructor(name: string, recipe: Recipe<V>, settings: object = {}, className?: string, direction?: Direction) {
    super(name, settings, className, direction);
    this.#recipe = recipe;
  }

  override addition(yTrue: Tensor, yPred: Tensor, weights?: Tensor): Addition {
    return this.#recipe.addition(yTrue, yPred, weights);
  }

  override value(total: Total, width: number): V {
    return this.#recipe.value(total, width);
  }
}
