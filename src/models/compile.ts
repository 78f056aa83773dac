/** From the settings of `compile` to the optimizer, and the losses and metrics of each output. */
import { FAMILY } from '../layers/base/keys';
import { checkSettings, show } from '../support/arguments';
import { ArgumentError, StateError } from '../support/errors';
import type { OpenName } from '../support/names';
import { isPlainObject } from '../support/plain-object';
import { checkNames, isSerialized } from '../support/settings';
import { untracked } from '../tensor/scope';
import type { Storage } from '../tensor/storage';
import type { Variable } from '../tensor/variable';
import { getLoss, type LossIdentifier } from '../train/losses';
import { getMetric, type MetricIdentifier } from '../train/metrics/lookup';
import { Arena } from '../train/optimizers/arena';
import { getOptimizer, type OptimizerName } from '../train/optimizers/lookup';
import type { Optimizer } from '../train/optimizers/optimizer';
import type { Model } from './model';
import type { Objective } from './step/objective';
import { Trackers } from './step/trackers';

/** One value for all outputs, a list in their order, or an object by their names. */
export type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>;

/** Settings of `compile`. */
export interface CompileArgs {
  /** A name ('sgd', 'adam', …) or an optimizer. */
  optimizer: OpenName<OptimizerName> | Optimizer;
  /**
   * A name ('categoricalCrossentropy', …) or a function of targets and predictions; for several outputs one for all, a
   * list, or an object by the outputs' names. Outputs with null, or missing there, are not trained on.
   */
  loss: PerOutput<LossIdentifier | null>;
  /** Factors of the outputs' losses in the total; default 1. */
  lossWeights?: readonly number[] | Readonly<Record<string, number>>;
  /** Metrics for all outputs; or a list for each output, by position or by name. None by default. */
  metrics?:
    | MetricIdentifier
    | readonly (MetricIdentifier | readonly MetricIdentifier[])[]
    | Readonly<Record<string, MetricIdentifier | readonly MetricIdentifier[]>>;
  /** Like `metrics`, but weighted by sample weights and class weights. None by default. */
  weightedMetrics?: CompileArgs['metrics'];
}

export interface Compiled {
  readonly optimizer: Optimizer;
  readonly objectives: readonly Objective[];
  /** Names of all values that a step reports: the total loss, those of the outputs if there are several, metrics. */
  readonly names: readonly string[];
  /** The weights that are trained: those that were not frozen at `compile`. Freezing some later does not change them. */
  readonly arena: Arena;
  readonly trained: ReadonlySet<Variable>;
  /** Which layers were not frozen. */
  readonly trainable: ReadonlyMap<object, boolean>;
  /** All weights that there were. */
  readonly weights: ReadonlySet<Variable>;
  readonly gradients: Storage;
  /** Totals of training, and of testing. */
  readonly trackers: Readonly<Record<'train' | 'test', Trackers>>;
}

/** The value for each output of what may be given for all, as a list, or by name. @throws ArgumentError */
function spread<T>(where: string, value: PerOutput<T>, outputs: readonly string[]): (T | undefined)[] {
  if (Array.isArray(value)) {
    if (value.length !== outputs.length)
      throw new ArgumentError(`${where}: needs ${outputs.length} entries (${outputs.join(', ')}), got ${value.length}`);
    return [...(value as T[])];
  }
  // A loss or metric with its settings is one value.
  if (!isPlainObject(value) || isSerialized(value)) return outputs.map(() => value as T);
  const unknown = Object.keys(value).find((n) => !outputs.includes(n));
  if (unknown !== undefined)
    throw new ArgumentError(`${where}: there is no output '${unknown}'; there are ${outputs.join(', ')}`);
  return outputs.map((n) => value[n] as T | undefined);
}

/** The weight of each output's loss, where one was given. */
function weightsOf(given: CompileArgs['lossWeights'], outputs: readonly string[]): (number | null | undefined)[] {
  const where = 'compile: lossWeights';
  if (given !== undefined && given !== null && !Array.isArray(given) && !isPlainObject(given))
    throw new ArgumentError(`${where} must be a list, or weights by the name of an output, got ${show(given)}`);
  const weights = spread<number | null>(where, given ?? {}, outputs);
  const bad = weights.find((w) => w !== undefined && w !== null && !Number.isFinite(w));
  if (bad !== undefined) throw new ArgumentError(`${where} must be finite numbers, got ${show(bad)}`);
  return weights;
}

/** The metrics of each output. */
function metricsOf(given: CompileArgs['metrics'], outputs: readonly string[]): (readonly MetricIdentifier[])[] {
  const list = (m: unknown): readonly MetricIdentifier[] =>
    m === undefined || m === null ? [] : Array.isArray(m) ? m : [m as MetricIdentifier];
  if (isPlainObject(given) && !isSerialized(given)) return spread('compile: metrics', given, outputs).map(list);
  const isNested = Array.isArray(given) && given.some((m) => Array.isArray(m));
  if (isNested) return spread('compile: metrics', given as unknown[], outputs).map(list);
  return outputs.map(() => list(given));
}

/** Whether metrics were given for this output, and not for all. */
function isOwn(given: CompileArgs['metrics'], name: string, output: number): boolean {
  if (isSerialized(given)) return false;
  const list = isPlainObject(given) ? given[name] : Array.isArray(given) ? (given[output] as unknown) : undefined;
  return isPlainObject(given) ? list !== undefined : Array.isArray(list) && list.length > 0;
}

/** Names of all values, all different: the total loss, those of the outputs if there are several, metrics. */
function namesOf(objectives: readonly Objective[], isSingle: boolean): string[] {
  const names = ['loss', ...(isSingle ? [] : objectives.map((o) => `${o.name}_loss`))];
  for (const { name: output, metrics } of objectives) {
    const prefix = isSingle ? '' : `${output}_`;
    for (const { metric, isWeighted } of metrics) {
      const isTaken = isWeighted && names.includes(prefix + metric.name);
      const own = prefix + (isTaken ? 'weighted_' : '') + metric.name;
      let name = own;
      for (let i = 1; names.includes(name); i++) name = `${own}_${i}`;
      names.push(name);
    }
  }
  return names;
}

/** Warns of layers that were frozen, or freed, since the model was compiled: it is trained as it was compiled. */
export function warnOfChanges(where: string, { trained }: Compiled, trainable: readonly Variable[]): void {
  if (trained.size !== trainable.length || !trainable.every((v) => trained.has(v)))
    console.warn(
      `${where}: 'trainable' of a layer has changed since compile, and the model is trained as it was compiled; call compile again for the change to count`,
    );
}

/** @throws ArgumentError for unknown names, outputs, or an optimizer of another model */
export function settle(args: CompileArgs, model: Model, before: Optimizer | undefined): () => Compiled {
  const { outputNames: outputs, trainableWeights: variables } = model;
  checkNames('compile', args, ['optimizer', 'loss', 'lossWeights', 'metrics', 'weightedMetrics']);
  const optimizer = getOptimizer(args.optimizer, 'compile');
  const losses = spread<LossIdentifier | null>('compile: loss', args.loss, outputs);
  const weights = weightsOf(args.lossWeights, outputs);
  const metrics = metricsOf(args.metrics, outputs);
  const weightedMetrics = metricsOf(args.weightedMetrics, outputs);
  const objectives = outputs.flatMap((name, output): Objective[] => {
    const identifier = losses[output];
    if (identifier === undefined || identifier === null) {
      if (args.loss === undefined || (args.loss === null && outputs.length === 1))
        throw new ArgumentError(
          "compile: loss is missing; name one, for instance compile({ optimizer: 'adam', loss: 'meanSquaredError' })",
        );
      if (isOwn(args.metrics, name, output) || isOwn(args.weightedMetrics, name, output))
        throw new ArgumentError(
          `compile: output '${name}' has metrics, but no loss and so no targets; give it a loss, with lossWeights 0 if need be`,
        );
      return [];
    }
    const loss = getLoss(identifier, 'compile');
    return [
      {
        output,
        name,
        loss,
        weight: weights[output] ?? 1,
        metrics: [metrics, weightedMetrics].flatMap((list, kind) =>
          (list[output] as readonly MetricIdentifier[]).map((m) => ({
            metric: getMetric(m, loss.name, 'compile'),
            isWeighted: kind === 1,
          })),
        ),
      },
    ];
  });
  if (objectives.length === 0) throw new ArgumentError('compile: no output has a loss');
  if (optimizer.isInUse && optimizer !== before)
    throw new ArgumentError('compile: the optimizer belongs to another model; make a new one for this model');
  optimizer.expects(variables);
  const isSingle = outputs.length === 1;
  const names = namesOf(objectives, isSingle);
  return () =>
    untracked(() => {
      const arena = new Arena(variables);
      optimizer.attach(arena);
      const trackers = { train: new Trackers(objectives, names), test: new Trackers(objectives, names) };
      return { optimizer, objectives, names, trackers, ...arranged(model, arena) };
    });
}

/** Values that depend on the weights of an arena. */
function arranged(model: Model, arena: Arena) {
  const trainable = new Map(model[FAMILY].map((layer) => [layer, layer.trainable] as const));
  const [trained, weights] = [new Set(arena.variables), new Set(model.weights)];
  return { arena, trained, trainable, weights, gradients: arena.mirror() };
}

/**
 * Adds weights that layers have made since `compile`: at their first call, not in `build`.
 * @throws StateError if the optimizer has made steps: its state belongs to the earlier weights
 */
export function takeIn(where: string, model: Model, compiled: Compiled): Compiled {
  const { optimizer, weights, trained, trainable } = compiled;
  if (optimizer.iterations > 0)
    throw new StateError(
      `${where}: layers have made ${model.weights.length - weights.size} weights since the training began; make them in build, or call compile again`,
    );
  const now = new Set(model.trainableWeights);
  const variables = model.weights.filter((w) => (weights.has(w) ? trained : now).has(w));
  optimizer.expects(variables);
  return untracked(() => {
    optimizer.detach();
    compiled.arena.dispose();
    const arena = new Arena(variables);
    optimizer.attach(arena);
    const next = arranged(model, arena);
    return { ...compiled, ...next, trainable: new Map([...next.trainable, ...trainable]) };
  });
}

/** @throws ArgumentError unless there are settings */
export function checkCompileArgs(args: CompileArgs): void {
  if (args === undefined || args === null)
    throw new ArgumentError("compile: needs settings, for instance { optimizer: 'adam', loss: 'meanSquaredError' }");
  checkSettings(args, 'compile', 'args');
}
