/** Which direction of a monitored value is better: by its key, by the model's metric, or told. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { Monitor } from '../../src/train/callbacks/monitor';
import { random } from '../models/helpers';
import { down, up } from '../tables/metrics';

type Metrics = sg.CompileArgs['metrics'];
type Outputs = readonly string[];

/** A model of outputs with these names. */
function compiled(metrics: Metrics, names: Outputs = ['out']): sg.Functional {
  const inputs = sg.input({ shape: [2] });
  const outputs = names.map((name) => sg.layers.dense({ units: 2, activation: 'sigmoid', name }).apply(inputs));
  const model = sg.model({ inputs, outputs: outputs as sg.SymbolicTensor[] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', ...(metrics && { metrics }) });
  return model;
}

/** 1 if a key grows as the model gets better, else -1. */
function directionOf(key: string, model?: sg.CallbackTarget, mode: 'auto' | 'min' | 'max' = 'auto'): number {
  const monitor = new Monitor('test', { monitor: key, mode });
  monitor.begin(model);
  monitor.read(0, { [key]: 1 }, {});
  return monitor.isBetter(2, 1) ? 1 : -1;
}

describe('mode auto', () => {
  it.each(['iou_head', 'accident', 'r2', 'auc'])("the loss of an output '%s' falls", (name) => {
    const model = compiled(undefined, [name, 'other']);
    for (const key of [`${name}_loss`, `val_${name}_loss`, 'loss', 'val_loss'])
      expect(directionOf(key, model)).toBe(-1);
  });

  const { metrics } = sg;
  it.each([...up.map((n) => [n, 1] as const), ...down.map((n) => [n, -1] as const)])('%s: %i', (name, direction) => {
    const model = compiled([name]);
    const key = model.metricsNames[1] as string;
    expect([directionOf(key, model), directionOf(`val_${key}`, model)]).toEqual([direction, direction]);
    const list = metrics as unknown as Record<string, ((settings: object) => sg.metrics.Metric) | undefined>;
    // Under a name that says something else.
    const renamed = list[name]?.({ name: direction > 0 ? 'error' : 'accuracy' });
    if (renamed) expect(directionOf(renamed.name, compiled([renamed]))).toBe(direction);
  });

  it('knows every metric of the library', () => {
    const none =
      'mean sum meanMetricWrapper confusionMatrix Metric MeanMetric deserialize serialize classificationReport rocCurve precisionRecallCurve';
    const aliases = 'mae MAE mape MAPE mse MSE msle MSLE cosine kullbackLeiblerDivergence logcosh';
    const others = [...none.split(' '), ...aliases.split(' ')];
    const all = Object.keys(metrics).filter((name) => !others.includes(name));
    expect(all.filter((name) => ![...up, ...down].includes(name))).toEqual([]);
  });

  it('finds metrics of several outputs, and those of one name', () => {
    const model = compiled({ a: ['mse', metrics.recall({ name: 'mse' })], b: [metrics.auc({ name: 'error' })] }, [
      'a',
      'b',
    ]);
    expect(model.metricsNames.slice(3)).toEqual(['a_mse', 'a_mse_1', 'b_error']);
    expect(model.metricsNames.slice(3).map((key) => directionOf(key, model))).toEqual([-1, 1, 1]);
  });

  it('losses as metrics fall', () => {
    const model = compiled([sg.losses.huber, sg.losses.huber({ delta: 2 })]);
    expect(model.metricsNames.slice(1).map((key) => directionOf(key, model))).toEqual([-1, -1]);
  });

  it.each(['acc', 'my_acc', 'pixelAcc', 'accuracy', 'top_accuracy', 'acc_1', 'val_acc'])(
    "'%s' grows, whatever it is",
    (key) => expect(directionOf(key)).toBe(1),
  );

  it('metrics of users say it themselves', () => {
    class Largest extends sg.metrics.Metric {
      override readonly direction = 'down';
      addition(yTrue: sg.Tensor, yPred: sg.Tensor) {
        return { kind: 'log', values: yTrue.sub(yPred).reshape([-1, 1]) } as const;
      }
      value(errors: ArrayLike<number>): number {
        return errors.length;
      }
    }
    expect(directionOf('largest', compiled([new Largest('largest')]))).toBe(-1);
  });
});

describe('a direction that is not known', () => {
  const bias = Object.defineProperty((y: sg.Tensor, p: sg.Tensor) => p.sub(y), 'name', { value: 'bias' });

  it.each(['bias', 'learningRate', 'accident', 'acceleration', 'iou'])("'%s' needs a mode", (key) => {
    expect(() => directionOf(key)).toThrow(sg.ArgumentError);
    expect(() => directionOf(key)).toThrow(new RegExp(`test: .*'${key}'.*mode: 'min' or 'max'`));
    expect(directionOf(key, undefined, 'max')).toBe(1);
    expect(directionOf(key, undefined, 'min')).toBe(-1);
  });

  it.each([
    ['earlyStopping', sg.callbacks.earlyStopping],
    ['reduceLROnPlateau', sg.callbacks.reduceLROnPlateau],
    [
      'modelCheckpoint',
      (args: object) => sg.callbacks.modelCheckpoint(() => undefined, { saveBestOnly: true, ...args }),
    ],
  ])('%s says so before the first epoch', async (name, make) => {
    const model = compiled([bias]);
    const train = (args: object) =>
      model.fit(random(1, [4, 2]), random(2, [4, 2]), { verbose: 0, callbacks: make({ monitor: 'bias', ...args }) });
    await expect(train({})).rejects.toThrow(new RegExp(`${name}: .*'bias'.*mode`));
    expect(model.optimizer.iterations).toBe(0);
    await train({ mode: 'min' });
  });

  it('is no matter where nothing is compared', async () => {
    const { modelCheckpoint } = sg.callbacks;
    const callbacks = modelCheckpoint(() => undefined, { monitor: 'bias' });
    await compiled([bias]).fit(random(1, [4, 2]), random(2, [4, 2]), { verbose: 0, callbacks });
  });
});
