/** What all models share: weights, compile, fit, evaluate, predict. */
import { assignWeights, type CallContext, copyWeights, type Layer, type PartialShape } from '../layers/layer';
import { scalar } from '../ops/creation';
import type { PlanOptions, Program } from '../plan/program';
import { compileProgram } from '../plan/program';
import { record, traceInput } from '../plan/trace';
import { engine } from '../runtime/engine';
import { ArgumentError, DisposedError, ShapeError, StateError } from '../runtime/errors';
import type { DType } from '../tensor/dtype';
import { type Location, withNewGraph } from '../tensor/graph';
import { untracked } from '../tensor/scope';
import { type Shape, showShape } from '../tensor/shape';
import { releaseWith, Storage } from '../tensor/storage';
import { allocate, Tensor } from '../tensor/tensor';
import type { Variable } from '../tensor/variable';
import { Arena } from '../train/arena';
import type { CallbackTarget, History } from '../train/callbacks';
import { getLoss, type LossIdentifier } from '../train/losses';
import { getMetric, type MetricIdentifier } from '../train/metrics';
import type { Optimizer } from '../train/optimizer';
import { getOptimizer } from '../train/optimizers';
import { checkData, checkInput, checkWhole } from './check';
import { type FitArgs, fitModel } from './fit';
import { type Compiled, type Feed, makeStep, resultOf, type Step, type StepKind } from './steps';
import { summarize } from './summary';

export interface CompileArgs {
  /** A name ('sgd', 'adam', …) or an optimizer. */
  optimizer: string | Optimizer;
  /** A name ('categoricalCrossentropy', …) or a function of targets and predictions. */
  loss: LossIdentifier;
  metrics?: MetricIdentifier | readonly MetricIdentifier[];
}

export interface PredictArgs {
  /** Examples of one run; default 32. */
  batchSize?: number;
}

const DEFAULT_BATCH = 32;

/** Programs that predict, each for one shape of batch. */
interface Predictor {
  readonly program: Program;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly output: Shape;
}

/**
 * Base of models: a function of one tensor with weights, and its training. A subclass says how the layers are
 * connected.
 */
export abstract class Model implements CallbackTarget {
  stopTraining = false;
  isTraining = false;
  #compiled: Compiled | undefined;
  readonly #steps: Step[] = [];
  readonly #predictors: Predictor[] = [];
  readonly #counter: Storage;
  readonly #owned: Storage[];

  constructor() {
    this.#counter = untracked(() => new Storage(4));
    this.#owned = [this.#counter];
    releaseWith(this, this.#owned);
    engine.memory.u32[this.#counter.address >>> 2] = 0;
  }

  abstract readonly name: string;
  abstract readonly layers: readonly Layer[];
  /** Shape of the input, with the batch. @throws StateError before it is known */
  abstract get inputShape(): PartialShape;
  abstract get outputShape(): PartialShape;
  /** Builds the weights for a shape of input. */
  abstract build(inputShape?: PartialShape): void;
  /** The model's mathematics on one tensor, real or traced. */
  abstract call(x: Tensor, context: CallContext): Tensor;

  get built(): boolean {
    return this.layers.length > 0 && this.layers.every((l) => l.built);
  }

  /** Counter of training steps: what random layers draw follows it. */
  get step(): Location {
    return { storage: this.#counter, offset: 0 };
  }

  get weights(): Variable[] {
    return [...this.trainableWeights, ...this.nonTrainableWeights];
  }

  get trainableWeights(): Variable[] {
    return this.layers.flatMap((l) => l.trainableWeights);
  }

  get nonTrainableWeights(): Variable[] {
    return this.layers.flatMap((l) => l.nonTrainableWeights);
  }

  /** Copies of all weights, layer by layer. */
  getWeights(): Tensor[] {
    return copyWeights(this.layers.flatMap((l) => l.weights));
  }

  /** Sets all weights, in the order of `getWeights`. @throws ArgumentError, ShapeError; no weight has changed then */
  setWeights(weights: readonly Tensor[]): void {
    this.#ensureBuilt('setWeights');
    assignWeights(
      'model',
      this.layers.flatMap((l) => l.weights),
      weights,
    );
  }

  countParams(): number {
    this.#ensureBuilt('countParams');
    return this.weights.reduce((sum, w) => sum + w.size, 0);
  }

  get optimizer(): Optimizer {
    return this.#settled('optimizer').optimizer;
  }

  get metricsNames(): string[] {
    return ['loss', ...this.#settled('metricsNames').metrics.map((m) => m.name)];
  }

  /**
   * Settles how the model is trained. Starts the optimizer's state afresh.
   * @throws ArgumentError for unknown names
   */
  compile(args: CompileArgs): void {
    const optimizer = getOptimizer(args.optimizer, 'compile');
    const loss = getLoss(args.loss, 'compile');
    const list = args.metrics === undefined ? [] : Array.isArray(args.metrics) ? args.metrics : [args.metrics];
    const metrics = (list as readonly MetricIdentifier[]).map((m) => getMetric(m, loss.name, 'compile'));
    this.#ensureBuilt('compile');
    if (optimizer.isInUse && optimizer !== this.#compiled?.optimizer) {
      throw new ArgumentError('compile: the optimizer belongs to another model; make a new one for this model');
    }
    this.#uncompile();
    this.#compiled = untracked(() => {
      const arena = new Arena(this.trainableWeights);
      optimizer.attach(arena);
      return { optimizer, loss, metrics, arena, gradients: arena.mirror() };
    });
  }

  /**
   * Trains for a number of epochs.
   *
   * @param x examples, [n, ...]. @param y targets, [n, ...].
   * @returns the history: loss and metrics of every epoch.
   * @throws StateError before `compile`, or while another `fit` of this model runs; ArgumentError, ShapeError;
   *   IndexError for a label outside the classes (the weights keep what the batches before it have made of them)
   * @example
   * const history = await model.fit(x, y, { epochs: 5, batchSize: 32, validationSplit: 0.1 });
   * history.history.loss; // five numbers
   */
  async fit(x: Tensor | readonly Tensor[], y: Tensor | readonly Tensor[], args: FitArgs = {}): Promise<History> {
    this.#settled('fit');
    if (this.isTraining) throw new StateError('fit: this model is being trained already; await the other fit');
    const data = checkData('fit', this.inputShape, x, y);
    this.isTraining = true;
    this.stopTraining = false;
    try {
      return await fitModel(this, data, args);
    } finally {
      this.isTraining = false;
    }
  }

  /** One step on one batch. @returns the loss, followed by the metrics if there are any */
  async trainOnBatch(x: Tensor | readonly Tensor[], y: Tensor | readonly Tensor[]): Promise<number | number[]> {
    return this.#onBatch('train', 'trainOnBatch', x, y);
  }

  /** Loss and metrics of one batch, as tensors. */
  testOnBatch(x: Tensor | readonly Tensor[], y: Tensor | readonly Tensor[]): Tensor | Tensor[] {
    const values = this.#onBatch('test', 'testOnBatch', x, y);
    return typeof values === 'number' ? scalar(values) : values.map((v) => scalar(v));
  }

  /**
   * Loss and metrics over all examples, each a mean over the whole set.
   * @returns a scalar, or a list of them if there are metrics
   */
  evaluate(x: Tensor | readonly Tensor[], y: Tensor | readonly Tensor[], args: PredictArgs = {}): Tensor | Tensor[] {
    const values = this.evaluateValues(x, y, args.batchSize ?? DEFAULT_BATCH);
    return values.length === 1 ? scalar(values[0] as number) : values.map((v) => scalar(v));
  }

  /** `evaluate`, as numbers. */
  evaluateValues(x: Tensor | readonly Tensor[], y: Tensor | readonly Tensor[], batchSize: number): number[] {
    const compiled = this.#settled('evaluate');
    checkWhole('evaluate', 'batchSize', batchSize, 1);
    const data = checkData('evaluate', this.inputShape, x, y);
    const sums = new Array<number>(compiled.metrics.length + 1).fill(0);
    const counts = new Array<number>(sums.length).fill(0);
    for (let at = 0; at < data.count; at += batchSize) {
      const rows = Math.min(batchSize, data.count - at);
      const step = this.stepFor('test', 'batch', data.x, data.y, rows);
      step.program.bindInput(0, data.x.address() + at * data.xRow);
      step.program.bindInput(1, data.y.address() + at * data.yRow);
      step.program.run();
      sums[0] = (sums[0] as number) + resultOf(step, 0) * rows;
      counts[0] = (counts[0] as number) + rows;
      for (let i = 1; i < sums.length; i++) {
        sums[i] = (sums[i] as number) + resultOf(step, i);
        counts[i] = (counts[i] as number) + (step.counts[i - 1] as number);
      }
    }
    return sums.map((s, i) => s / (counts[i] as number));
  }

  /**
   * Outputs for all examples, batch by batch. What an example gives does not depend on the others.
   * @throws ShapeError, with the expected shape
   * @example
   * const probabilities = model.predict(sg.zeros([3, 784])); // [3, 10]
   */
  predict(x: Tensor | readonly Tensor[], args: PredictArgs = {}): Tensor {
    const input = this.#single('predict', x);
    return this.#predictRows(input, checkWhole('predict', 'batchSize', args.batchSize ?? DEFAULT_BATCH, 1));
  }

  /** Outputs for one batch, in one run. */
  predictOnBatch(x: Tensor | readonly Tensor[]): Tensor {
    const input = this.#single('predictOnBatch', x);
    return this.#predictRows(input, Math.max(1, input.shape[0] as number));
  }

  /** Prints the layers with their shapes and numbers of weights. */
  summary(lineLength?: number, positions?: readonly number[], print: (line: string) => void = console.log): void {
    this.#ensureBuilt('summary');
    for (const line of summarize(this, lineLength, positions)) print(line);
  }

  /** The program of a training or testing step as text; for looking at plans. */
  describeStep(kind: StepKind, x: Tensor, y: Tensor): string {
    return this.stepFor(kind, 'batch', x, y, x.shape[0] as number).program.toString();
  }

  /** Gives back the memory of programs, optimizer state, and weights that no other model holds. */
  dispose(): void {
    if (this.#owned.length === 0) return;
    this.#uncompile();
    this.#dropPrograms();
    for (const l of this.layers) l.dispose();
    for (const storage of this.#owned.splice(0)) storage.release();
  }

  /** The step for a batch of `rows` examples like those of x and y; made when it is first needed. */
  stepFor(kind: StepKind, feed: Feed, x: Tensor, y: Tensor, rows: number, options?: PlanOptions): Step {
    for (let i = 0; i < this.#steps.length; i++) {
      const s = this.#steps[i] as Step;
      if (
        s.kind === kind &&
        s.feed === feed &&
        s.x.shape[0] === rows &&
        isLike(s.x.shape, x) &&
        isLike(s.y.shape, y) &&
        s.x.dtype === x.dtype &&
        s.y.dtype === y.dtype
      ) {
        if (s.program.isCurrent && !options) return s;
        s.program.dispose();
        this.#steps.splice(i, 1);
        break;
      }
    }
    const spec = (t: Tensor) => ({ shape: [rows, ...t.shape.slice(1)], dtype: t.dtype });
    const step = makeStep(this, this.#settled(kind), kind, feed, spec(x), spec(y), options);
    this.#steps.push(step);
    return step;
  }

  #settled(where: string): Compiled {
    if (!this.#compiled)
      throw new StateError(`${where}: the model is not compiled; call model.compile({ optimizer, loss }) first`);
    return this.#compiled;
  }

  #ensureBuilt(where: string): void {
    if (this.#owned.length === 0) throw new DisposedError(`${where}: the model was disposed of`);
    if (this.built) return;
    if (this.layers.length === 0) throw new StateError(`${where}: the model has no layers`);
    if (!this.layers[0]?.batchInputShape)
      throw new StateError(`${where}: the model is not built; give the first layer an inputShape, or call build`);
    this.build();
  }

  #single(where: string, x: Tensor | readonly Tensor[]): Tensor {
    if (this.#owned.length === 0) throw new DisposedError(`${where}: the model was disposed of`);
    const input: unknown = Array.isArray(x) && x.length === 1 ? x[0] : x;
    if (!(input instanceof Tensor)) throw new ArgumentError(`${where}: needs one tensor, [examples, ...]`);
    if (!this.built) this.build([null, ...input.shape.slice(1)]);
    checkInput(where, this.inputShape, input);
    return input;
  }

  #onBatch(
    kind: StepKind,
    where: string,
    x: Tensor | readonly Tensor[],
    y: Tensor | readonly Tensor[],
  ): number | number[] {
    this.#settled(where);
    const data = checkData(where, this.inputShape, x, y);
    const step = this.stepFor(kind, 'batch', data.x, data.y, data.count);
    step.program.bindInput(0, data.x.address());
    step.program.bindInput(1, data.y.address());
    step.program.run();
    const loss = resultOf(step, 0);
    return step.counts.length === 0 ? loss : [loss, ...step.counts.map((count, i) => resultOf(step, i + 1) / count)];
  }

  #predictRows(x: Tensor, batchSize: number): Tensor {
    const count = x.shape[0] as number;
    const rows = Math.min(batchSize, count);
    const whole = this.#predictorFor(x, Math.max(1, rows));
    const out = allocate([count, ...whole.output.slice(1)], 'float32');
    const xRow = count ? (x.size / count) * 4 : 0;
    const outRow = count ? (out.size / count) * 4 : 0;
    for (let at = 0; at < count; at += batchSize) {
      const n = Math.min(batchSize, count - at);
      const { program } = n === rows ? whole : this.#predictorFor(x, n);
      program.bindInput(0, x.address() + at * xRow);
      program.bindOutput(0, out.address() + at * outRow);
      program.run();
    }
    return out;
  }

  #predictorFor(x: Tensor, rows: number): Predictor {
    for (let i = 0; i < this.#predictors.length; i++) {
      const p = this.#predictors[i] as Predictor;
      if (p.dtype !== x.dtype || p.shape[0] !== rows || !isLike(p.shape, x)) continue;
      if (p.program.isCurrent) return p;
      p.program.dispose();
      this.#predictors.splice(i, 1);
      break;
    }
    const spec = { shape: [rows, ...x.shape.slice(1)], dtype: x.dtype };
    const { program, output } = withNewGraph((graph) => {
      const input = traceInput(graph, spec);
      const output = record(graph, () => this.call(input, { training: false }));
      if (output.shape[0] !== rows)
        throw new ShapeError(
          `predict: the model turned ${showShape(spec.shape)} into ${showShape(output.shape)}; the batch must stay first`,
        );
      const compiled = compileProgram({
        graph,
        inputs: [input.node(graph, 'predict')],
        outputs: [output.node(graph, 'predict')],
        bindOutputs: true,
        step: this.step,
      });
      return { program: compiled, output };
    });
    const predictor = { program, shape: spec.shape, dtype: spec.dtype, output: output.shape };
    this.#predictors.push(predictor);
    return predictor;
  }

  /** For subclasses whose layers have changed: programs are stale, and the model has to be compiled again. */
  protected layersChanged(): void {
    this.#uncompile();
    this.#dropPrograms();
  }

  #uncompile(): void {
    for (const { program } of this.#steps.splice(0)) program.dispose();
    this.#compiled?.optimizer.detach();
    this.#compiled?.arena.dispose();
    this.#compiled = undefined;
  }

  #dropPrograms(): void {
    for (const { program } of this.#predictors.splice(0)) program.dispose();
  }
}

/** Whether a program's shape fits the examples of a tensor. */
function isLike(shape: Shape, t: Tensor): boolean {
  if (shape.length !== t.shape.length) return false;
  for (let d = 1; d < shape.length; d++) if (shape[d] !== t.shape[d]) return false;
  return true;
}
