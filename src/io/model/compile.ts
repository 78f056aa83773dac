/** Arguments of `compile` as data, and back. */
import { nameOf } from '../../layers/base/names';
import type { CompileArgs } from '../../models/compile';
import { trainerOf } from '../../models/trainer';
import { ArgumentError } from '../../support/errors';
import { getLoss, type LossIdentifier } from '../../train/losses';
import type { LossFunction } from '../../train/losses/loss';
import { deserialize, serialize } from '../../train/metrics/lookup';
import type { Metric } from '../../train/metrics/metric';
import type { AnyModel, Named, Serialized, StoredCompile } from '../formats/format';

const MEND = 'register it by sg.serialization.registerClass(fn, undefined, name), or save without includeOptimizer';

/** @throws ArgumentError for a function that nobody could find by its name */
function storedLoss(fn: LossFunction, where: string): Serialized {
  const own = nameOf(fn);
  if (own !== undefined) return { className: own, config: {} };
  try {
    if (fn.config) getLoss({ className: fn.name, config: fn.config }, where);
    else getLoss(fn.name, where);
  } catch (cause) {
    throw new ArgumentError(`${where}: the loss '${fn.name}' cannot be saved; ${MEND}`, { cause });
  }
  if (!fn.config) throw new ArgumentError(`${where}: the loss '${fn.name}' is a function of yours; ${MEND}`);
  return { className: fn.name, config: { ...fn.config } };
}

/** @throws ArgumentError for a metric that nobody could find by its name */
function storedMetric(metric: Metric, where: string): Serialized {
  const { className, config } = serialize(metric);
  try {
    deserialize({ className, config }).dispose();
  } catch (cause) {
    throw new ArgumentError(`${where}: the metric '${metric.name}' cannot be saved; ${MEND}`, { cause });
  }
  return { className, config: { ...config } };
}

/**
 * What a model was compiled with; undefined if it was not.
 * @throws ArgumentError for functions of users that were not registered
 */
export function storedCompile(model: AnyModel, where: string): StoredCompile | undefined {
  const compiled = trainerOf(model).compiled;
  if (!compiled) return undefined;
  const { optimizer, objectives } = compiled;
  const { outputNames } = model;
  const of = <T>(fn: (o: (typeof objectives)[number]) => T, other: T): T[] =>
    outputNames.map((_, output) => {
      const objective = objectives.find((o) => o.output === output);
      return objective ? fn(objective) : other;
    });
  const metrics = (isWeighted: boolean): Named[][] =>
    of((o) => o.metrics.filter((m) => m.isWeighted === isWeighted).map((m) => storedMetric(m.metric, where)), []);
  const [loss, plain, weighted] = [
    of<Named | null>((o) => storedLoss(o.loss.fn, where), null),
    metrics(false),
    metrics(true),
  ];
  const isSingle = outputNames.length === 1;
  const some = (lists: Named[][]): boolean => lists.some((list) => list.length > 0);
  return {
    optimizer: { className: optimizer.className, config: optimizer.getConfig() },
    loss: isSingle ? (loss[0] as Named) : loss,
    ...(objectives.some((o) => o.weight !== 1) && { lossWeights: of((o) => o.weight, 1) }),
    ...(some(plain) && { metrics: isSingle ? (plain[0] as Named[]) : plain }),
    ...(some(weighted) && { weightedMetrics: isSingle ? (weighted[0] as Named[]) : weighted }),
  };
}

/** Compiles a model as it was when it was saved. @throws ArgumentError for unknown names, and for settings that do not fit */
export function compileAs(model: AnyModel, { optimizer, loss, ...rest }: StoredCompile): void {
  trainerOf(model).compile({ ...rest, optimizer, loss } as unknown as CompileArgs & { loss: LossIdentifier });
}
