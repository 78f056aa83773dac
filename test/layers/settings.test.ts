/** Settings that are misspelled or wrong: refused, with what was meant. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { layerTable } from '../tables/layers/table';

type Make = (args?: unknown) => unknown;
const of = (space: object) => space as Readonly<Record<string, Make>>;
const [L, I, R, C, T, S] = [sg.layers, sg.initializers, sg.regularizers, sg.constraints, sg.train, sg.schedules].map(
  of,
) as [
  Record<string, Make>,
  Record<string, Make>,
  Record<string, Make>,
  Record<string, Make>,
  Record<string, Make>,
  Record<string, Make>,
];
const call = (space: Record<string, Make>, name: string, args?: unknown): unknown => (space[name] as Make)(args);

/** Family, function, settings, the name that is wrong, the one that was meant. */
const typos: [Record<string, Make>, string, object, string, string][] = [
  [L, 'dense', { unit: 3 }, 'unit', 'units'],
  [L, 'dense', { untis: 3 }, 'untis', 'units'],
  [L, 'dense', { units: 3, activaiton: 'relu' }, 'activaiton', 'activation'],
  [L, 'dense', { units: 3, use_bias: false }, 'use_bias', 'useBias'],
  [L, 'dense', { units: 3, usebias: false }, 'usebias', 'useBias'],
  [L, 'dense', { units: 3, input_shape: [2] }, 'input_shape', 'inputShape'],
  [L, 'dense', { units: 3, inputshpae: [2] }, 'inputshpae', 'inputShape'],
  [L, 'dense', { units: 3, kernelRegulariser: 'l2' }, 'kernelRegulariser', 'kernelRegularizer'],
  [L, 'dense', { units: 3, kernel_initializer: 'ones' }, 'kernel_initializer', 'kernelInitializer'],
  [L, 'dense', { units: 3, trianable: false }, 'trianable', 'trainable'],
  [L, 'conv2d', { filters: 2, kernel_size: 3 }, 'kernel_size', 'kernelSize'],
  [L, 'conv2d', { filters: 2, size: 3 }, 'size', 'kernelSize'],
  [L, 'conv2d', { filter: 2, kernelSize: 3 }, 'filter', 'filters'],
  [L, 'conv2d', { filters: 2, kernelSize: 3, stride: 2 }, 'stride', 'strides'],
  [L, 'conv2d', { filters: 2, kernelSize: 3, dilation: 2 }, 'dilation', 'dilationRate'],
  [L, 'depthwiseConv2d', { kernelSize: 3, depth_multiplier: 2 }, 'depth_multiplier', 'depthMultiplier'],
  [L, 'maxPooling2d', { pool_size: 2 }, 'pool_size', 'poolSize'],
  [L, 'maxPooling2d', { poolsize: 2 }, 'poolsize', 'poolSize'],
  [L, 'reshape', { shape: [3] }, 'shape', 'targetShape'],
  [L, 'dropout', { rtae: 0.5 }, 'rtae', 'rate'],
  [L, 'dropout', { rate: 0.5, sede: 1 }, 'sede', 'seed'],
  [L, 'embedding', { inputDim: 3, ouputDim: 2 }, 'ouputDim', 'outputDim'],
  [L, 'embedding', { inputDim: 3, outputDim: 2, maskZeros: true }, 'maskZeros', 'maskZero'],
  [L, 'lstm', { units: 3, returnSequence: true }, 'returnSequence', 'returnSequences'],
  [L, 'lstm', { units: 3, return_state: true }, 'return_state', 'returnState'],
  [L, 'gru', { units: 3, resetafter: true }, 'resetafter', 'resetAfter'],
  [L, 'batchNormalization', { momentun: 0.9 }, 'momentun', 'momentum'],
  [L, 'layerNormalization', { eps: 1e-5 }, 'eps', 'epsilon'],
  [L, 'multiHeadAttention', { heads: 2, keyDim: 3 }, 'heads', 'numHeads'],
  [L, 'bidirectional', { layer: sg.layers.lstm({ units: 2 }), merge: 'sum' }, 'merge', 'mergeMode'],
  [I, 'randomNormal', { std: 1 }, 'std', 'stddev'],
  [I, 'constant', { val: 1 }, 'val', 'value'],
  [I, 'varianceScaling', { distirbution: 'uniform' }, 'distirbution', 'distribution'],
  [R, 'l2', { l1: 0.1 }, 'l1', 'l2'],
  [C, 'maxNorm', { maxvalue: 1 }, 'maxvalue', 'maxValue'],
  [C, 'minMaxNorm', { min_value: 1 }, 'min_value', 'minValue'],
  [T, 'adam', { lr: 0.1 }, 'lr', 'learningRate'],
  [T, 'adam', { learning_rate: 0.1 }, 'learning_rate', 'learningRate'],
  [T, 'sgd', { learningRate: 0.1, nestorov: true }, 'nestorov', 'nesterov'],
  [S, 'exponentialDecay', { initialLearningRate: 1, decay_steps: 3 }, 'decay_steps', 'decaySteps'],
  [of(sg.callbacks), 'earlyStopping', { patiense: 3 }, 'patiense', 'patience'],
  [of(sg), 'sequential', { layer: [] }, 'layer', 'layers'],
  [of(sg), 'input', { shpae: [2] }, 'shpae', 'shape'],
  [of(sg), 'model', { input: [], outputs: [] }, 'input', 'inputs'],
];

/** Family, function, settings, and what the error says. */
const wrong: [Record<string, Make>, string, unknown, string][] = [
  [L, 'dense', undefined, 'dense: units must be a positive integer, got undefined'],
  [L, 'dense', { units: null }, 'dense: units must be a positive integer, got undefined'],
  [L, 'dense', 10, 'dense: args must be an object of settings, got 10'],
  [L, 'dense', { units: '3', name: 'head' }, "dense 'head': units must be a positive integer, got '3'"],
  [
    L,
    'dense',
    { units: 1, kernelRegularizer: 0.01 },
    'kernelRegularizer must be a name, a function or an object, got 0.01',
  ],
  [L, 'dense', { units: 1, kernelConstraint: 2 }, 'kernelConstraint must be a name, a function or an object, got 2'],
  [L, 'dense', { units: 1, useBias: 'no' }, "useBias must be true or false, got 'no'"],
  [L, 'dense', { units: 1, inputShape: '3' }, 'dense: inputShape must be a list of integers or null'],
  [L, 'dense', { units: 1, dtype: 'float16' }, "dtype must be 'float32', 'int32' or 'bool', got 'float16'"],
  [
    L,
    'conv2d',
    { filters: 2, kernelSize: '3' },
    "conv2d: kernelSize must be a positive integer, or a list of them, got '3'",
  ],
  [L, 'conv2d', { filters: 2 }, 'conv2d: kernelSize must be'],
  [L, 'reshape', undefined, 'reshape: targetShape must be'],
  [L, 'dropout', { rate: 1.5 }, 'dropout: rate must be a number in [0, 1), got 1.5'],
  [
    L,
    'timeDistributed',
    { layer: 'dense' },
    "timeDistributed: layer must be a layer, as sg.layers makes them, got 'dense'",
  ],
  [L, 'inputLayer', { inputShape: [2], sparse: true }, 'sparse must be false: there are no sparse tensors, got true'],
  [I, 'constant', undefined, 'initializers.constant: value must be a finite number, got undefined'],
  [
    I,
    'varianceScaling',
    { mode: 'fan' },
    "initializers.varianceScaling: mode must be one of 'fanIn', 'fanOut', 'fanAvg', got 'fan'",
  ],
  [R, 'l2', 0.01, 'regularizers.l2: args must be an object of settings, got 0.01'],
  [R, 'l1', { l1: -1 }, 'regularizers.l1: l1 must be a finite number >= 0, got -1'],
  [C, 'maxNorm', { maxValue: '2' }, "constraints.maxNorm: maxValue must be a finite number >= 0, got '2'"],
  [of(sg), 'sequential', { layers: 3 }, 'sequential: layers must be a list, got 3'],
];

describe('settings', () => {
  it.each(typos)('%#: a typo', (space, name, args, given, meant) => {
    expect(() => call(space, name, args)).toThrow(sg.ArgumentError);
    expect(() => call(space, name, args)).toThrow(`unknown setting '${given}'; did you mean '${meant}'? known are `);
  });

  it.each(wrong)('%#: a wrong value', (space, name, args, text) => {
    expect(() => call(space, name, args)).toThrow(sg.ArgumentError);
    expect(() => call(space, name, args)).toThrow(text);
  });

  it('null and undefined count as left out', () => {
    const layer = sg.layers.dense({
      units: 2,
      activation: undefined,
      kernelRegularizer: null,
      foo: undefined,
    } as never);
    expect(layer.getConfig()).toMatchObject({ units: 2, activation: 'linear', useBias: true, kernelRegularizer: null });
  });

  it('inputDType is a dtype, and goes before it', () => {
    expect(sg.layers.dense({ units: 2, inputDType: 'int32' }).dtype).toBe('int32');
  });

  it('layers of users have settings of their own', () => {
    class Scale extends sg.layers.Layer {
      call(x: sg.Tensor): sg.Tensor {
        return x;
      }
    }
    expect(new Scale({ name: 'own', factor: 3 } as never).name).toBe('own');
  });
});

describe('every layer', () => {
  const names = new Set(layerTable.map((row) => row.layer));
  it.each([...names])('%s refuses what it does not know, and takes its own settings', (name) => {
    const config = { ...layerTable.find((row) => row.layer === name)?.config };
    expect(() => call(L, name, { ...config, nonsense: 1 })).toThrow(/: unknown setting 'nonsense'; (did|known)/);
    const layer = call(L, name, config) as sg.Layer;
    expect((call(L, name, layer.getConfig()) as sg.Layer).getConfig()).toEqual(layer.getConfig());
  });
});

describe('arguments of calls', () => {
  const x = sg.ones([2, 3, 4]);
  const model = () => sg.sequential({ layers: [sg.layers.dense({ units: 2, inputShape: [4] })] });
  const wrong: [string, () => unknown, RegExp][] = [
    ['a layer', () => sg.layers.dropout({ rate: 0.5 }).apply(x, { trainig: true }), /did you mean 'training'/],
    [
      'on placeholders',
      () => sg.layers.dropout({ rate: 0.5 }).apply(sg.input({ shape: [3] }), { train: true }),
      /'train'/,
    ],
    ['attention', () => sg.layers.attention().apply([x, x], { causalMask: true }), /did you mean 'useCausalMask'/],
    [
      'a recurrent layer',
      () => sg.layers.lstm({ units: 2 }).apply(x, { initial_state: [] }),
      /did you mean 'initialState'/,
    ],
    [
      'a wrapped layer',
      () => sg.layers.timeDistributed({ layer: sg.layers.dense({ units: 2 }) }).apply(x, { masks: x }),
      /did you mean 'mask'/,
    ],
    ['a model', () => model().apply(sg.ones([1, 4]), { traning: true }), /did you mean 'training'/],
  ];

  it.each(wrong)('of %s are checked', (_, call, told) => expect(call).toThrow(told));

  it('that layers know are taken, and users name their own', () => {
    sg.layers.attention().apply([x, x], { useCausalMask: true, training: false });
    sg.layers.lstm({ units: 2 }).apply(x, { initialState: [sg.zeros([2, 2]), sg.zeros([2, 2])] });
    sg.layers.positionEmbedding({ sequenceLength: 5 }).apply(x, { startIndex: 1 });
    sg.layers.lambda((t: sg.Tensor, { factor }) => t.mul(factor as number)).apply(x, { factor: 2 });
    class Scaled extends sg.Layer {
      static override className = 'ScaledByCall';
      call(inputs: sg.Tensor, args?: sg.CallArgs | null): sg.Tensor {
        return inputs.mul(args?.factor as number);
      }
    }
    expect((new Scaled({}).apply(x, { factor: 3 }) as sg.Tensor).arraySync<number[][][]>()[0]?.[0]?.[0]).toBe(3);
  });
});
