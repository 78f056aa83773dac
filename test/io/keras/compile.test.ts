/** Losses and metrics in files for Keras: classes that it has, with the arguments that it takes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as sg from '../../../src/index';
import { Archive } from '../../../src/io/formats/archive';
import { sourceOfBytes } from '../../../src/io/storage/sources';
import { save } from './files';

type Table = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
/** See goldens/keras_arguments.py. */
const ARGUMENTS = JSON.parse(
  readFileSync(new URL('../../goldens/keras/arguments.json', import.meta.url), 'utf8'),
) as Readonly<Record<'metrics' | 'losses', Table>>;

interface Written {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

function compiled(args: Partial<sg.CompileArgs>): sg.Sequential {
  const model = sg.sequential({ layers: [sg.layers.dense({ units: 3, inputShape: [2] })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', ...args });
  return model;
}

/** What a file holds of `compile`, as text and as values. */
async function configOf(model: sg.Sequential): Promise<[text: string, config: Record<string, unknown>]> {
  const files = await Archive.open(sourceOfBytes(await save(model, 'keras')));
  const text = new TextDecoder().decode(await files.get('config.json'));
  return [text, JSON.parse(text).compile_config];
}

const written = (args: Partial<sg.CompileArgs>): ReturnType<typeof configOf> => configOf(compiled(args));

/** Makers of a namespace, called without settings; metrics of classes need their number. */
const made = <T>(space: object, isWanted: (value: unknown) => boolean): [string, T][] =>
  Object.entries(space).flatMap(([name, make]) => {
    if (typeof make !== 'function' || !/^[a-z]/.test(name)) return [];
    for (const settings of [undefined, { numClasses: 3 }, { numClasses: 3, targetClassIds: [0] }])
      try {
        const value = (make as (s?: object) => unknown)(settings);
        if (isWanted(value)) return [[name, value as T]];
      } catch {}
    return [];
  });

/** Complaints about a class and its settings. */
function faultsOf({ class_name: name, config }: Written, table: Table): string[] {
  const known = table[name];
  if (!known) return [`Keras has no ${name}`];
  return Object.entries(config).flatMap(([key, value]) => {
    if (!(key in known)) return [`${name} has no argument ${key}`];
    return value === null && known[key] !== null ? [`${key} of ${name} cannot be None`] : [];
  });
}

describe('every one', () => {
  it('of the metrics', async () => {
    const faults: string[] = [];
    const refused: string[] = [];
    const all = made<sg.metrics.Metric>(sg.metrics, (m) => typeof (m as sg.metrics.Metric)?.getConfig === 'function');
    expect(all.length).toBeGreaterThan(40);
    for (const [name, metric] of all) {
      if (name === 'confusionMatrix' || name === 'mean' || name === 'sum') continue;
      const outcome = await written({ metrics: [metric] }).catch((error: unknown) => error);
      if (outcome instanceof sg.FormatError) refused.push(name);
      else if (!Array.isArray(outcome)) faults.push(`${name}: ${outcome}`);
      else for (const value of outcome[1].metrics) faults.push(...faultsOf(value, ARGUMENTS.metrics));
    }
    expect(faults).toEqual([]);
    expect(refused.sort()).toEqual(['cosine', 'cosineProximity']);
  });

  it('of the losses', async () => {
    const faults: string[] = [];
    const refused: string[] = [];
    const all = made<sg.CompileArgs['loss']>(sg.losses, (l) => typeof l === 'function');
    expect(all.length).toBeGreaterThan(20);
    for (const [name, loss] of all) {
      const outcome = await written({ loss }).catch((error: unknown) => error);
      if (outcome instanceof sg.FormatError) refused.push(name);
      else if (!Array.isArray(outcome)) faults.push(`${name}: ${outcome}`);
      else faults.push(...faultsOf(outcome[1].loss as Written, ARGUMENTS.losses));
    }
    expect(faults).toEqual([]);
    expect(refused.sort()).toEqual(['cosineDistance', 'logLoss', 'perceptron']);
  });
});

describe('settings of metrics', () => {
  it.each([
    [sg.metrics.fBetaScore({ beta: 2 }), /"beta":2\.0/],
    [sg.metrics.r2Score(), /"class_aggregation":"uniform_average"/],
    [sg.metrics.auc({ curve: 'PR', summationMethod: 'majoring' }), /"curve":"PR","summation_method":"majoring"/],
    [sg.metrics.cosineSimilarity({ axis: 1 }), /"axis":1/],
  ])('as Python reads them %#', async (metric, expected) => {
    expect((await written({ metrics: [metric] }))[0]).toMatch(expected);
  });

  it.each([
    [sg.metrics.auc({ summationMethod: 'step' }), /AUC has none with summationMethod step/i],
    [sg.metrics.auc({ curve: 'PRGAIN' }), /curve PRGAIN/],
    [sg.metrics.binaryCrossentropy({ axis: 0 }), /axis 0/],
  ])('that Keras has none of are refused %#', async (metric, message) => {
    await expect(written({ metrics: [metric] })).rejects.toThrow(message);
  });

  it('are the same when they are read', async () => {
    const metrics = [
      sg.metrics.auc({ curve: 'PR', summationMethod: 'interpolation', numThresholds: 50 }),
      sg.metrics.r2Score(),
      sg.metrics.fBetaScore({ beta: 2 }),
    ];
    const model = compiled({ metrics });
    const again = (await sg.loadModel(await save(model, 'keras'))) as typeof model;
    expect((await configOf(again))[1].metrics).toEqual((await configOf(model))[1].metrics);
  });
});
