/** What all metrics are: values over a whole data set, gathered batch by batch inside the compiled step. */
import { type Jitted, jit } from '../../plan/transform/jit';
import { currentGraph } from '../../tensor/graph';
import { checkTensor, type Tensor } from '../../tensor/tensor';
import { Accumulator, type Addition, type Total } from '../totals/accumulator';

/** The direction in which a metric improves. */
export type Direction = 'up' | 'down';

/** What a metric computes. */
export interface MetricDefinition<V> {
  /** What a batch adds to the total. */
  addition(yTrue: Tensor, yPred: Tensor, weights?: Tensor): Addition;
  /** The metric for a total. */
  value(total: Total, width: number): V;
}

/**
 * A value over many examples, exact however they are divided into batches. A subclass defines what a batch adds, in
 * ops, and what the total means.
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
export abstract class Metric<V = number> implements MetricDefinition<V> {
  /** Name under which it is logged. */
  readonly name: string;
  /** Name by which it is saved and loaded. */
  readonly className: string;
  /** Whether larger values are better, for callbacks that look for the best; undefined: they need a `mode`. */
  readonly direction: Direction | undefined;
  readonly #settings: object;
  /** The total of `updateState`; models have separate totals. */
  #own: Accumulator | undefined;
  #update: Jitted<[Tensor, Tensor, Tensor | undefined], void> | undefined;

  /** @param settings those in `getConfig`, except the name. */
  constructor(name: string, settings: object = {}, className?: string, direction?: Direction) {
    this.name = name;
    this.className = className ?? new.target.name;
    this.direction = direction;
    this.#settings = settings;
  }

  /** Creates a metric from its settings. Classes with more settings than a name override it. */
  static fromConfig(this: new (name: string) => Metric<unknown>, config: { name: string }): Metric<unknown> {
    return new this(config.name);
  }

  /**
   * What a batch adds to the total.
   * @param weights of the examples or of their positions: [batch] or [batch, ...]; undefined: all 1
   */
  abstract addition(yTrue: Tensor, yPred: Tensor, weights?: Tensor): Addition;

  /**
   * The metric for a total. Exact arithmetic only (+ - * / and square roots), so that it is the same everywhere.
   * @param width number of values in a row: columns of a sum (followed by the weights) or of a log, or cells; 0 if
   * nothing was added
   */
  abstract value(total: Total, width: number): V;

  /** Settings from which the metric can be recreated. */
  getConfig(): Record<string, unknown> {
    return { name: this.name, ...this.#settings };
  }

  /**
   * Adds a batch.
   * @param yTrue targets, as the metric expects them
   * @param yPred predictions
   * @param sampleWeight weights, of [batch] or more of the first dimensions of the predictions
   * @throws what the metric throws for shapes that do not fit; nothing was added then
   */
  updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    checkTensor(yTrue, this.name, 'yTrue');
    checkTensor(yPred, this.name, 'yPred');
    if (sampleWeight !== undefined && sampleWeight !== null) checkTensor(sampleWeight, this.name, 'sampleWeight');
    this.addUp(yTrue, yPred, sampleWeight ?? undefined);
  }

  /** Adds tensors that were checked. @internal */
  protected addUp(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    this.#own ??= new Accumulator();
    const own = this.#own;
    const record = (y: Tensor, p: Tensor, w: Tensor | undefined): void => own.add(this.addition(y, p, w));
    if (currentGraph()) return record(yTrue, yPred, sampleWeight);
    this.#update ??= jit<[Tensor, Tensor, Tensor | undefined], void>(record);
    this.#update(yTrue, yPred, sampleWeight);
  }

  /** The metric over everything added since the last reset; NaN (or an empty list) if nothing was. */
  result(): V {
    return this.value(this.#own?.read() ?? new Float64Array(0), this.#own?.width ?? 0);
  }

  /** Forgets everything added. */
  resetState(): void {
    this.#own?.reset();
  }

  /** Disposes of the memory of its total. */
  dispose(): void {
    this.#update?.dispose();
    this.#own?.dispose();
    this.#own = undefined;
    this.#update = undefined;
  }
}

/** A metric by a recipe. */
export class MadeMetric<V> extends Metric<V> {
  readonly #recipe: MetricDefinition<V>;

  constructor(
    name: string,
    recipe: MetricDefinition<V>,
    settings: object = {},
    className?: string,
    direction?: Direction,
  ) {
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
