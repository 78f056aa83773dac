/** Trainings as bytes: there and back, weights alone, and what is refused without a trace. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';
import { pathOf } from '../../src/io/checkpoints/paths';
import { decodeSafetensors, encodeSafetensors, type NamedArray } from '../../src/io/safetensors/format';
import { classes, classifier, linear, random, settle, weightsOf } from '../models/helpers';

const directory = mkdtempSync(join(tmpdir(), 'checkpoint-'));
afterAll(() => rmSync(directory, { recursive: true }));

const x = random(1, [12, 4]);
const y = classes(12);

function compiled(optimizer: string | sg.Optimizer = 'adam', metrics: string[] = ['accuracy']): sg.Sequential {
  const model = settle(classifier());
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics });
  return model;
}

/** What is in a file, as version 1 had it: who changes it need not compute its digest. */
function withoutDigest(bytes: Uint8Array): ReturnType<typeof decodeSafetensors> {
  const { arrays, metadata } = decodeSafetensors(bytes);
  const { crc32: _, ...rest } = metadata;
  return { arrays, metadata: { ...rest, samegrad: '1' } };
}

async function trained(): Promise<sg.Sequential> {
  const model = compiled();
  await model.fit(x, y, { epochs: 2, batchSize: 5 });
  return model;
}

describe('encodeTraining', () => {
  it('holds every bit, and names that other tools can read', async () => {
    const model = await trained();
    const state = model.trainingState();
    const bytes = sg.io.encodeTraining(state);
    expect(sg.io.decodeTraining(bytes)).toEqual(state);
    expect(sg.io.encodeTraining(sg.io.decodeTraining(bytes))).toEqual(bytes);
    const { arrays } = decodeSafetensors(bytes);
    const weights = Object.keys(arrays).filter((name) => name.startsWith('weights/'));
    expect(weights.map((name) => name.split('/').at(-1))).toEqual(['kernel', 'bias', 'kernel', 'bias']);
    expect(Object.keys(arrays).filter((name) => name.startsWith('optimizer/'))).toHaveLength(8);
  });

  it('restores weights, moments, counters and the rate that was set', async () => {
    const model = await trained();
    model.optimizer.learningRate = 0.125;
    const state = model.trainingState();
    const other = compiled();
    other.restoreTraining(sg.io.decodeTraining(sg.io.encodeTraining(state)));
    expect(other.trainingState()).toEqual(state);
    expect([other.optimizer.learningRate, other.optimizer.iterations]).toEqual([0.125, 6]);
    expect(weightsOf(other)).toEqual(weightsOf(model));
    await Promise.all([model, other].map((m) => m.trainOnBatch(x, y)));
    expect(weightsOf(other)).toEqual(weightsOf(model));
  });

  it('leaves out all but the weights if asked', async () => {
    const model = await trained();
    const bytes = sg.io.encodeTraining(model.trainingState(), { weightsOnly: true });
    expect(Object.keys(decodeSafetensors(bytes).arrays)).toHaveLength(4);
    expect(() => sg.io.decodeTraining(bytes)).toThrow(/weights alone; load them with loadCheckpoint/);
    const other = settle(classifier(), 9);
    await sg.io.loadCheckpoint(other, bytes);
    expect(weightsOf(other)).toEqual(weightsOf(model));
  });

  it('a model that was never trained, of integers and without weights', () => {
    const model = sg.sequential({ layers: [sg.layers.flatten({ inputShape: [2, 2] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const state = model.trainingState();
    expect(sg.io.decodeTraining(sg.io.encodeTraining(state))).toEqual(state);
  });
});

describe('what does not fit is refused, and nothing has changed then', () => {
  const refused = async (model: sg.Sequential, state: Parameters<sg.Sequential['restoreTraining']>[0]) => {
    await model.trainOnBatch(x, y);
    const before = model.trainingState();
    expect(() => model.restoreTraining(state)).toThrow(sg.SamegradError);
    expect(model.trainingState()).toEqual(before);
  };

  it('another optimizer', async () => refused(compiled('sgd'), (await trained()).trainingState()));
  it('other metrics', async () => refused(compiled('adam', []), (await trained()).trainingState()));
  it('other weights', async () => {
    const { weights, ...state } = (await trained()).trainingState();
    await refused(compiled(), { ...state, weights: weights.slice(1) });
    const [kernel, ...rest] = weights;
    await refused(compiled(), {
      ...state,
      weights: [{ ...(kernel as never as object), shape: [8, 4] } as never, ...rest],
    });
  });
  it('other slots', async () => {
    const { optimizer, ...state } = (await trained()).trainingState();
    await refused(compiled(), { ...state, optimizer: { ...optimizer, slots: optimizer.slots.slice(0, -1) } });
  });

  it.each<[string, object, RegExp]>([
    ['a rate that is none', { learningRate: Number.NaN }, /rate finite/],
    ['a count below 0', { step: -1 }, /integers/],
    ['no position', { position: undefined }, /integers/],
    ['half a batch', { position: { epoch: 0, batch: 0.5, seed: [0, 0] } }, /integers/],
    ['totals of a metric of as many values', { names: ['loss', 'auc'] }, /\(loss, auc; the model has loss, acc\)/],
  ])('%s', async (_, change, message) => {
    const state = { ...(await trained()).trainingState(), ...change };
    await refused(compiled(), state);
    expect(() => compiled().restoreTraining(state)).toThrow(message);
  });

  it('values that do not fill their shapes, and counts of calls that are none', async () => {
    const { weights, optimizer, ...state } = (await trained()).trainingState();
    const cut = <T extends { values: Float32Array | Int32Array | Uint8Array }>([first, ...rest]: readonly T[]): T[] => [
      { ...(first as T), values: (first as T).values.slice(1) },
      ...rest,
    ];
    await refused(compiled(), { ...state, optimizer, weights: cut(weights) });
    await refused(compiled(), { ...state, weights, optimizer: { ...optimizer, slots: cut(optimizer.slots) } });
    for (const calls of [-3, 0.5, Number.NaN])
      await refused(compiled(), { ...state, weights, optimizer: { ...optimizer, calls } });
    const { optimizer: own } = compiled();
    await expect(own.setWeights([{ name: 'iter', tensor: sg.scalar(-1, 'int32') }])).rejects.toThrow(/got -1/);
  });

  it('weights of another model', async () => {
    const bytes = sg.io.encodeTraining((await trained()).trainingState());
    const other = linear(4, 3);
    const before = weightsOf(other);
    await expect(sg.io.loadCheckpoint(other, bytes)).rejects.toThrow(/has 2 weights, the saved one 4/);
    expect(weightsOf(other)).toEqual(before);
  });

  it('a model that is not compiled', () => {
    expect(() => classifier().trainingState()).toThrow(sg.StateError);
  });

  it('bytes of another version, cut off, or no file at all', async () => {
    const bytes = sg.io.encodeTraining((await trained()).trainingState());
    const { arrays } = decodeSafetensors(bytes);
    const other = encodeSafetensors({ arrays, metadata: { samegrad: '3' } });
    expect(() => sg.io.decodeTraining(other)).toThrow(/version 2 is needed, the file has 3/);
    expect(() => sg.io.decodeTraining(encodeSafetensors({ arrays, metadata: {} }))).toThrow(/the file has none/);
    expect(() => sg.io.decodeTraining(bytes.slice(0, -1))).toThrow(sg.FormatError);
    const model = classifier();
    await expect(sg.io.loadCheckpoint(model, Uint8Array.of(1))).rejects.toThrow(sg.FormatError);
    await expect(sg.io.loadCheckpoint(model, join(directory, 'nothing'))).rejects.toThrow(sg.ArgumentError);
    await expect(sg.io.loadCheckpoint(model, 3 as never)).rejects.toThrow(/needs a path, or a Uint8Array/);
  });
});

describe('files that were changed', () => {
  type Change = (arrays: Record<string, NamedArray>, metadata: Record<string, string>) => void;
  const kernel = (arrays: Record<string, NamedArray>): [string, NamedArray] =>
    Object.entries(arrays).find(([name]) => name.startsWith('weights/0/')) as [string, NamedArray];
  const training = (change: object): Change => {
    return (_, metadata) => {
      metadata.training = JSON.stringify({ ...JSON.parse(metadata.training as string), ...change });
    };
  };
  const told = (text: string): Change => {
    return (_, metadata) => {
      metadata.training = text;
    };
  };
  const position = { epoch: 1, batch: 0, seed: [1, 2] };

  const changes: Record<string, Change> = {
    'weights of float64': (arrays) => {
      const [name, { shape, data }] = kernel(arrays);
      arrays[name] = { shape, data: Float64Array.from(data as Float32Array) };
    },
    'a weight that is missing': (arrays) => {
      delete arrays[kernel(arrays)[0]];
    },
    'a number far away': (arrays) => {
      arrays['weights/50000000/x'] = { shape: [1], data: new Float32Array(1) };
    },
    'a number twice': (arrays) => {
      arrays['weights/0/again'] = { shape: [1], data: new Float32Array(1) };
    },
    'no number': (arrays) => {
      arrays['weights/x'] = { shape: [1], data: new Float32Array(1) };
    },
    'a negative number': (arrays) => {
      arrays['weights/-1/x'] = { shape: [1], data: new Float32Array(1) };
    },
    'totals of integers': (arrays) => {
      arrays['totals/0/total'] = { shape: [1], data: new Int32Array(1) };
    },
    'slots of float64': (arrays) => {
      const [name] = Object.keys(arrays).filter((key) => key.startsWith('optimizer/0/'));
      const { shape, data } = arrays[name as string] as NamedArray;
      arrays[name as string] = { shape, data: Float64Array.from(data as Float32Array) };
    },
    'training: null': told('null'),
    'training: {': told('{'),
    'training: {}': told('{}'),
    'training: []': told('[]'),
    'training: nothing': told(''),
    'no rate': training({ learningRate: null }),
    'a negative rate': training({ learningRate: -1 }),
    'a text as step': training({ step: '3' }),
    'half a step': training({ step: 0.5 }),
    'negative calls': training({ calls: -1 }),
    'no position': training({ position: null }),
    'no seed': training({ position: { ...position, seed: undefined } }),
    'half a seed': training({ position: { ...position, seed: [1] } }),
    'a seed of texts': training({ position: { ...position, seed: ['1', '2'] } }),
    'half a batch': training({ position: { ...position, batch: 0.5 } }),
    'no epoch': training({ position: { ...position, epoch: undefined } }),
    'no names': training({ names: undefined }),
    'numbers as names': training({ names: [1, 2] }),
    'no callbacks': training({ callbacks: undefined }),
    'a callback without values': training({ callbacks: [['kind', null, 0]] }),
    'a callback whose arrays are missing': training({ callbacks: [['kind', {}, 2]] }),
    'arrays of no callback': (arrays) => {
      arrays['callbacks/0/x'] = { shape: [1], data: new Float32Array(1) };
    },
  };

  it.each(Object.entries(changes))('%s', async (_, change) => {
    const bytes = sg.io.encodeTraining((await trained()).trainingState());
    const { arrays, metadata } = withoutDigest(bytes);
    const changed = { arrays: { ...arrays }, metadata: { ...metadata } };
    expect(sg.io.decodeTraining(encodeSafetensors(changed)).step).toBe(6);
    change(changed.arrays, changed.metadata);
    expect(() => sg.io.decodeTraining(encodeSafetensors(changed))).toThrow(sg.FormatError);
  });

  it('names of what objects have are no parts', async () => {
    const { arrays, metadata } = withoutDigest(sg.io.encodeTraining((await trained()).trainingState()));
    const x = { shape: [1], data: new Float32Array(1) };
    const others = { '__proto__/0/x': x, 'constructor/0/x': x, 'toString/0/x': x };
    const bytes = encodeSafetensors({ arrays: { ...arrays, ...others }, metadata });
    expect(sg.io.decodeTraining(bytes).weights).toHaveLength(4);
    expect(({} as Record<string, unknown>)[0]).toBeUndefined();
    expect((Object as unknown as Record<string, unknown>)[0]).toBeUndefined();
  });

  it('loadCheckpoint refuses weights with a gap, and names itself for those of another model', async () => {
    const metadata = { samegrad: '1' };
    const gap = encodeSafetensors({ arrays: { 'weights/5/x': { shape: [1], data: new Float32Array(1) } }, metadata });
    await expect(sg.io.loadCheckpoint(classifier(), gap)).rejects.toThrow(sg.FormatError);
    const other = sg.io.encodeTraining((await trained()).trainingState());
    await expect(sg.io.loadCheckpoint(linear(4, 3), other)).rejects.toThrow(/^loadCheckpoint: the model has 2 weights/);
    const narrow = settle(linear(3, 3));
    const wide = sg.io.encodeTraining(
      (() => {
        const model = settle(linear(4, 3));
        model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
        return model.trainingState();
      })(),
    );
    await expect(sg.io.loadCheckpoint(narrow, wide)).rejects.toThrow(/^loadCheckpoint: '.*kernel' is float32 \[3, 3\]/);
  });
});

describe('modelCheckpoint', () => {
  /** Epochs after which a model is saved whose validation losses are these. */
  async function saves(losses: readonly number[], args: sg.callbacks.ModelCheckpointArgs): Promise<number[]> {
    const epochs: number[] = [];
    let epoch = 0;
    const told = sg.callbacks.lambda({
      onEpochEnd: (e, logs) => {
        epoch = e;
        if (logs) logs.val_loss = losses[e] as number;
      },
    });
    const checkpoint = sg.callbacks.modelCheckpoint(async () => void epochs.push(epoch), args);
    await compiled().fit(x, y, { epochs: losses.length, callbacks: [told, checkpoint] });
    return epochs;
  }

  it.each([
    ['every epoch', {}, [0, 1, 2, 3, 4]],
    ['what is better', { saveBestOnly: true }, [0, 2, 4]],
    ['what is larger', { saveBestOnly: true, mode: 'max' }, [0, 1]],
    ['what beats a value', { saveBestOnly: true, initialValueThreshold: 2 }, [4]],
  ] as const)('saves %s', async (_, args, expected) => {
    expect(await saves([3, 4, 2, Number.NaN, 1], args)).toEqual(expected);
  });

  it('writes paths with the values of the logs, which loadCheckpoint reads', async () => {
    const model = compiled();
    const path = join(directory, 'm-{epoch:03d}-{loss:.2f}-{acc}.safetensors');
    const history = await model.fit(x, y, { epochs: 2, callbacks: sg.callbacks.modelCheckpoint(path) });
    const { loss = [], acc = [] } = history.history;
    const names = loss.map((l, i) => `m-00${i + 1}-${(l as number).toFixed(2)}-${acc[i]}.safetensors`);
    expect(readdirSync(directory).sort()).toEqual(names);
    const other = settle(classifier(), 5);
    await sg.io.loadCheckpoint(other, join(directory, names[1] as string));
    expect(weightsOf(other)).toEqual(weightsOf(model));
  });

  it('saves after so many batches, over the ends of epochs', async () => {
    const steps: number[] = [];
    const model = compiled();
    const sink = async (bytes: Uint8Array) => void steps.push(sg.io.decodeTraining(bytes).step);
    await model.fit(x, y, { epochs: 3, batchSize: 5, callbacks: sg.callbacks.modelCheckpoint(sink, { saveFreq: 2 }) });
    expect(steps).toEqual([2, 4, 6, 8]);
  });

  it('saves weights alone', async () => {
    const sizes: number[] = [];
    for (const saveWeightsOnly of [true, false]) {
      const sink = async (bytes: Uint8Array) => void sizes.push(Object.keys(decodeSafetensors(bytes).arrays).length);
      await compiled().fit(x, y, { callbacks: sg.callbacks.modelCheckpoint(sink, { saveWeightsOnly }) });
    }
    expect(sizes[0]).toBe(4);
    expect(sizes[1]).toBeGreaterThan(4);
  });

  it('tells of it', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await compiled().fit(x, y, { callbacks: sg.callbacks.modelCheckpoint(async () => {}, { verbose: 1 }) });
      expect(log.mock.calls).toEqual([['epoch 1: model saved']]);
    } finally {
      log.mockRestore();
    }
  });

  it('refuses wrong settings, values that are not there, and paths that cannot be', async () => {
    const { modelCheckpoint } = sg.callbacks;
    expect(() => modelCheckpoint('')).toThrow(/needs a path, or a function/);
    expect(() => modelCheckpoint('a', { saveFreq: 0 })).toThrow(/saveFreq must be 'epoch' or a positive integer/);
    expect(() => modelCheckpoint('a', { mode: 'least' as 'min' })).toThrow(sg.ArgumentError);
    const trainWith = (checkpoint: sg.callbacks.ModelCheckpoint) => compiled().fit(x, y, { callbacks: checkpoint });
    await expect(trainWith(modelCheckpoint('a', { saveBestOnly: true }))).rejects.toThrow(/no 'val_loss' in the logs/);
    await expect(trainWith(modelCheckpoint('{f1}'))).rejects.toThrow(/the path names 'f1'; there are loss, acc, epoch/);
    const file = join(directory, 'file');
    writeFileSync(file, '');
    await expect(trainWith(modelCheckpoint(join(file, 'a')))).rejects.toThrow(/^modelCheckpoint: cannot make/);
    expect(existsSync('{f1}')).toBe(false);
  });

  it('makes the directory of the file, also one with values in it', async () => {
    const path = join(directory, 'made', 'of-{epoch}', 'a');
    await compiled().fit(x, y, { epochs: 2, callbacks: sg.callbacks.modelCheckpoint(path) });
    expect(readdirSync(join(directory, 'made')).sort()).toEqual(['of-1', 'of-2']);
    expect(readdirSync(join(directory, 'made', 'of-2'))).toEqual(['a']);
  });

  // As Python formats them.
  it.each([
    ['{v:.2e}', 0.000123456, '1.23e-04'],
    ['{v:e}', 123.456, '1.234560e+02'],
    ['{v:.0e}', 1e100, '1e+100'],
    ['{v:12.1e}', -5, '    -5.0e+00'],
    ['{v:f}', 1.5, '1.500000'],
    ['{v:.0f}', 2.75, '3'],
    ['{v:08.3f}', -1.5, '-001.500'],
    ['{v:g}', 0.00001234, '1.234e-05'],
    ['{v:g}', 1234567, '1.23457e+06'],
    ['{v:g}', 123456, '123456'],
    ['{v:.3g}', 0.1, '0.1'],
    ['{v:.3g}', 1234, '1.23e+03'],
    ['{v:.0g}', 0.26, '0.3'],
    ['{v:g}', 0, '0'],
    ['{v:.2}', 0.126, '0.13'],
    ['{v:d}', 12, '12'],
    ['{v:04d}', -7, '-007'],
    ['{v:4}', 7, '   7'],
    ['{v}', 0.1, '0.1'],
    ['{v:.2e}', Number.NaN, 'NaN'],
    ['{v:.1f}', Number.POSITIVE_INFINITY, 'Infinity'],
    ['{a-b}/{a-b:.1f}{epoch}', 1, '1/1.03'],
  ])('%s of %d is %s', (text, value, expected) => {
    expect(pathOf(text)(2, { v: value, 'a-b': value })).toBe(expected);
  });

  it.each(['{loss:.2x}', '{loss:,}', '{loss:%}', '{loss:<8}', '{loss:.2d}', '{}', '{loss', 'loss}', '{loss:.f}'])(
    'a path with %s is refused when the callback is made',
    (text) => {
      const make = () => sg.callbacks.modelCheckpoint(`m-${text}.safetensors`);
      expect(make).toThrow(sg.ArgumentError);
      expect(make).toThrow(/^modelCheckpoint: .*\{epoch:02d\}/);
    },
  );

  it('an integer of a value that is none is refused', async () => {
    const fit = compiled().fit(x, y, { callbacks: sg.callbacks.modelCheckpoint(join(directory, '{loss:d}')) });
    await expect(fit).rejects.toThrow(/^modelCheckpoint: '\{loss:d\}' needs an integer, got \d/);
  });

  it('passes over batches without the value, and says so once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      const steps: number[] = [];
      const sink = async (bytes: Uint8Array) => void steps.push(sg.io.decodeTraining(bytes).step);
      const args = { saveBestOnly: true, saveFreq: 2 } as const;
      const train = (more: object) =>
        compiled().fit(x, y, {
          epochs: 2,
          batchSize: 3,
          verbose: 0,
          validationSplit: 0.25,
          callbacks: sg.callbacks.modelCheckpoint(sink, { ...args, ...more }),
        });
      await train({});
      expect(steps).toEqual([]);
      expect(warn.mock.calls).toEqual([[expect.stringMatching(/^modelCheckpoint: .*'val_loss'.*saveFreq/)]]);
      await train({ monitor: 'loss' });
      expect(steps.slice(0, 1)).toEqual([2]);
      expect(warn).toHaveBeenCalledTimes(1);
    } finally {
      warn.mockRestore();
    }
  });

  it('is a file that the safetensors format allows: eight bytes of length, then JSON', async () => {
    const path = join(directory, 'plain');
    await compiled().fit(x, y, { callbacks: sg.callbacks.modelCheckpoint(path) });
    const bytes = readFileSync(path);
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
    expect(header.__metadata__.samegrad).toBe('2');
  });
});
