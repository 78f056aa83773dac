/** Optimizers and rates as Keras keeps them in files, and back. */
import { isPlainObject } from '../../../support/plain-object';
import type { Optimizer } from '../../../train/optimizers/optimizer';
import type { Serialized } from '../../formats/format';
import { float, isObjectOfClass, type Json, objectOf, refuse, textOf } from '../config/json';
import { readRule } from '../config/read';
import { camel, objectName, snake } from '../config/spelling';

interface OptimizerRule {
  /** Name of the class here. */
  readonly own: string;
  /** Names here of settings that are called otherwise. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Settings of Keras that there are none of here, with the values that mean the same. */
  readonly foreign?: Readonly<Record<string, readonly unknown[]>>;
}

const OFF = [null, undefined, false, 0, ''];

/** Settings of all optimizers that do not exist here. */
const FOREIGN: Readonly<Record<string, readonly unknown[] | 'ignored'>> = {
  name: 'ignored',
  jitCompile: 'ignored',
  isLegacyOptimizer: 'ignored',
  lossScaleFactor: OFF,
};

const RULES: Readonly<Record<string, OptimizerRule>> = {
  SGD: { own: 'sgd' },
  Adam: { own: 'adam' },
  AdamW: { own: 'adamW' },
  Nadam: { own: 'nadam', foreign: { scheduleDecay: OFF } },
  Adamax: { own: 'adamax' },
  Lion: { own: 'lion' },
  Adagrad: { own: 'adagrad' },
  RMSprop: { own: 'rmsprop', renamed: { rho: 'decay' } },
  Adadelta: { own: 'adadelta' },
  Ftrl: { own: 'ftrl' },
  Lamb: { own: 'lamb' },
  Adafactor: { own: 'adafactor' },
  Muon: { own: 'muon', foreign: { excludeLayers: OFF } },
};

const ruleOf = (className: string): OptimizerRule =>
  Object.entries(RULES).find(([name]) => name.toLowerCase() === className.toLowerCase())?.[1] ??
  refuse(`the optimizer ${className} does not exist here; load the model with compile: false`);

/** @throws FormatError */
export function readOptimizer(value: unknown): Serialized {
  if (typeof value === 'string') return readOptimizer({ class_name: value, config: {} });
  const spec = objectOf(value, 'an optimizer');
  const className = textOf(spec.class_name, 'the class of an optimizer');
  const config = objectOf(spec.config, 'the settings of an optimizer');
  if (className === 'LossScaleOptimizer') return readOptimizer(config.inner_optimizer);
  const { own, renamed = {}, foreign = {} } = ruleOf(className);
  const { lr, decay, learning_rate: learningRate = lr, ...rest } = config;
  const out: Json = {};
  for (const [key, v] of Object.entries(rest)) {
    const name = camel(key);
    const allowed = foreign[name] ?? FOREIGN[name];
    if (allowed === 'ignored' || (v === null && name !== 'clipThreshold')) continue;
    if (allowed) {
      if (!allowed.includes(v) && !(Array.isArray(v) && v.length === 0))
        refuse(`the optimizer ${className} has ${key} = ${JSON.stringify(v)}, which this library does not have`);
      continue;
    }
    out[renamed[name] ?? name] = v;
  }
  const rate = readRate(learningRate);
  if (rate !== undefined) out.learningRate = decayed(rate, decay);
  return { className: own, config: out };
}

/** A number, or a schedule. */
function readRate(value: unknown): unknown {
  if (!isObjectOfClass(value)) return value === null ? undefined : value;
  const { className, config } = readRule(value) as { className: string; config: Json };
  const { name: _, ...settings } = config;
  if (isNothing(settings.warmupTarget)) {
    delete settings.warmupTarget;
    delete settings.warmupSteps;
  }
  return { className, config: settings };
}

const isNothing = (v: unknown): boolean => v === null || v === undefined;

/** The decay that optimizers of Keras 2 have themselves. */
const decayed = (rate: unknown, decay: unknown): unknown =>
  typeof decay === 'number' && decay > 0 && typeof rate === 'number'
    ? { className: 'InverseTimeDecay', config: { initialLearningRate: rate, decaySteps: 1, decayRate: decay } }
    : rate;

/** @throws FormatError for an optimizer that Keras does not have */
export function writeOptimizer(optimizer: Optimizer): Json {
  const { className } = optimizer;
  const { learningRate, ...config } = optimizer.getConfig();
  if (className === 'Momentum') {
    const { useNesterov, ...rest } = config;
    return written('SGD', learningRate, { ...rest, nesterov: useNesterov });
  }
  const found = Object.entries(RULES).find(([name]) => name.toLowerCase() === className.toLowerCase());
  if (!found) return refuse(`the optimizer ${className} does not exist in Keras; save with includeOptimizer: false`);
  const [name, { renamed = {} }] = found;
  const back = Object.fromEntries(Object.entries(renamed).map(([keras, own]) => [own, keras]));
  if (className === 'Adamax') {
    if (config.decay !== 0) refuse('adamax has a decay, which Keras does not have; use a schedule for the rate');
    delete config.decay;
  }
  if (config.epsilonInRoot === false)
    refuse(`${className} has epsilon beside the root, which Keras does not have; save with includeOptimizer: false`);
  delete config.epsilonInRoot;
  if (config.dampening) refuse('sgd has dampening, which Keras does not have; save with includeOptimizer: false');
  delete config.dampening;
  return written(
    name,
    learningRate,
    Object.fromEntries(Object.entries(config).map(([key, v]) => [back[key] ?? key, v])),
  );
}

function written(className: string, rate: unknown, config: Json): Json {
  const settings = Object.fromEntries(Object.entries(config).map(([key, v]) => [snake(key), v]));
  return {
    module: 'keras.optimizers',
    class_name: className,
    config: { name: objectName(className), learning_rate: writeRate(rate), ...settings },
    registered_name: null,
  };
}

const SCHEDULES = [
  'ExponentialDecay',
  'InverseTimeDecay',
  'PiecewiseConstantDecay',
  'PolynomialDecay',
  'CosineDecay',
  'CosineDecayRestarts',
];

function writeRate(rate: unknown): unknown {
  if (!isPlainObject(rate)) return float(rate);
  const { className, config } = rate as { className: string; config: Json };
  if (!SCHEDULES.includes(className))
    return refuse(`the schedule ${className} does not exist in Keras; save with includeOptimizer: false`);
  return {
    module: 'keras.optimizers.schedules',
    class_name: className,
    config: Object.fromEntries(Object.entries(config).map(([key, v]) => [snake(key), v])),
    registered_name: null,
  };
}
