/** Seeds: all that has one keeps it in its settings, and draws the same again in every copy. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { FAMILY, RANDOM } from '../../src/layers/base/keys';
import { layerTable } from '../tables/layers/table';

type Tensor = sg.Tensor;
const { layers, initializers } = sg;
const { deserializeLayer, serializeLayer } = sg.serialization;

type Seed = number | string;
type Row = [make: (seed: Seed) => sg.Layer, ...shapes: number[][]];

const DROPS = { units: 2, dropout: 0.4, recurrentDropout: 0.4 };
const IMAGE = [6, 8, 8, 2];
const SERIES = [4, 5, 3];
const MOVES = { heightFactor: 0.4, widthFactor: 0.4 };

const seeded: Record<string, Row> = {
  dropout: [(seed) => layers.dropout({ rate: 0.5, seed }), [4, 9]],
  spatialDropout1d: [(seed) => layers.spatialDropout1d({ rate: 0.5, seed }), [4, 3, 9]],
  spatialDropout2d: [(seed) => layers.spatialDropout2d({ rate: 0.5, seed }), [4, 2, 2, 9]],
  spatialDropout3d: [(seed) => layers.spatialDropout3d({ rate: 0.5, seed }), [4, 2, 2, 2, 9]],
  alphaDropout: [(seed) => layers.alphaDropout({ rate: 0.5, seed }), [4, 9]],
  gaussianDropout: [(seed) => layers.gaussianDropout({ rate: 0.5, seed }), [4, 9]],
  gaussianNoise: [(seed) => layers.gaussianNoise({ stddev: 0.5, seed }), [4, 9]],
  randomFlip: [(seed) => layers.randomFlip({ seed }), IMAGE],
  randomRotation: [(seed) => layers.randomRotation({ factor: 0.3, seed }), IMAGE],
  randomTranslation: [(seed) => layers.randomTranslation({ ...MOVES, seed }), IMAGE],
  randomZoom: [(seed) => layers.randomZoom({ ...MOVES, seed }), IMAGE],
  randomContrast: [(seed) => layers.randomContrast({ factor: 0.5, seed }), IMAGE],
  randomBrightness: [(seed) => layers.randomBrightness({ factor: 0.5, seed }), IMAGE],
  randomWidth: [(seed) => layers.randomWidth({ factor: 0.9, seed }), [1, 2, 500, 1]],
  attention: [(seed) => layers.attention({ dropout: 0.5, seed }), [2, 4, 3], [2, 4, 3]],
  additiveAttention: [(seed) => layers.additiveAttention({ dropout: 0.5, seed }), [2, 4, 3], [2, 4, 3]],
  multiHeadAttention: [
    (seed) => layers.multiHeadAttention({ numHeads: 2, keyDim: 2, dropout: 0.5, seed }),
    [2, 4, 3],
    [2, 4, 3],
  ],
  groupQueryAttention: [
    (seed) =>
      layers.groupQueryAttention({
        numQueryHeads: 2,
        numKeyValueHeads: 1,
        headDim: 2,
        dropout: 0.5,

        seed,
      }),
    [2, 4, 3],
    [2, 4, 3],
  ],
  simpleRNN: [(seed) => layers.simpleRNN({ ...DROPS, activation: 'linear', seed }), SERIES],
  lstm: [(seed) => layers.lstm({ ...DROPS, activation: 'linear', seed }), SERIES],
  gru: [(seed) => layers.gru({ ...DROPS, activation: 'linear', recurrentActivation: 'sigmoid', seed }), SERIES],
  convLstm1d: [(seed) => layers.convLstm1d({ filters: 2, kernelSize: 2, dropout: 0.4, seed }), [2, 3, 5, 3]],
  convLstm2d: [(seed) => layers.convLstm2d({ filters: 2, kernelSize: 2, dropout: 0.4, seed }), [2, 3, 5, 5, 3]],
  'rnn of a cell': [
    (seed) => layers.rnn({ cell: layers.simpleRNNCell({ ...DROPS, activation: 'linear', seed }) }),
    SERIES,
  ],
  'rnn of cells': [
    (seed) =>
      layers.rnn({
        cell: [
          layers.lstmCell({ ...DROPS, activation: 'linear', seed }),
          layers.gruCell({ ...DROPS, activation: 'linear', seed: `${seed} too` }),
        ],
      }),
    SERIES,
  ],
  stackedRNNCells: [
    (seed) =>
      layers.rnn({
        cell: layers.stackedRNNCells({ cells: [layers.simpleRNNCell({ ...DROPS, activation: 'linear', seed })] }),
      }),
    SERIES,
  ],
  bidirectional: [
    (seed) => layers.bidirectional({ layer: layers.lstm({ ...DROPS, activation: 'linear', seed }) }),
    SERIES,
  ],
  'bidirectional of a cell': [
    (seed) => layers.bidirectional({ layer: layers.rnn({ cell: layers.gruCell({ ...DROPS, seed }) }) }),
    SERIES,
  ],
  timeDistributed: [(seed) => layers.timeDistributed({ layer: layers.dropout({ rate: 0.5, seed }) }), SERIES],
  'timeDistributed bidirectional': [
    (seed) =>
      layers.timeDistributed({
        layer: layers.bidirectional({ layer: layers.simpleRNN({ ...DROPS, activation: 'linear', seed }) }),
      }),
    [2, ...SERIES],
  ],
  'a model': [
    (seed) =>
      sg.sequential({
        layers: [
          layers.dropout({ rate: 0.5, seed, inputShape: [9] }),
          layers.gaussianNoise({ stddev: 1, seed: `${seed}` }),
        ],
      }),
    [4, 9],
  ],
};

const copies: Record<string, (layer: sg.Layer) => sg.Layer> = {
  'from settings': (layer) => {
    const type = layer.constructor as unknown as Parameters<typeof sg.layers.Layer.fromConfig>[0];
    return sg.layers.Layer.fromConfig(type, layer.getConfig() as never) as sg.Layer;
  },
  serialized: (layer) => deserializeLayer(JSON.parse(JSON.stringify(serializeLayer(layer)))),
  'twice serialized': (layer) => deserializeLayer(serializeLayer(deserializeLayer(serializeLayer(layer)))),
};

describe.each(Object.entries(seeded))('%s', (_, [make]) => {
  it('names what it draws from: saved trainings and other processes take it over', () => {
    expect(make(1)[FAMILY].flatMap((layer) => layer[RANDOM])).not.toEqual([]);
  });
});

/** What two calls in training give. */
function drawn(layer: sg.Layer, shapes: readonly number[][], globalSeed: number): number[][] {
  sg.setSeed(globalSeed);
  const inputs = shapes.map((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return sg.tensor(
      Float32Array.from({ length: size }, (_, i) => 1 + (i % 7) / 7),
      shape,
    );
  });
  const given = inputs.length === 1 ? (inputs[0] as Tensor) : inputs;
  layer.apply(given);
  layer.setWeights(layer.weights.map((w) => sg.fill(w.shape, 0.1)));
  return [0, 1].map(() => [...(layer.apply(given, { training: true }) as Tensor).dataSync()]);
}

describe.each(Object.entries(seeded))('%s', (name, [make, ...shapes]) => {
  const make7 = (globalSeed: number): sg.Layer => {
    sg.setSeed(globalSeed);
    return make(7);
  };
  const expected = drawn(make7(1), shapes, 1);

  it('draws by its seed alone, something else in each call', () => {
    expect(drawn(make7(2), shapes, 3)).toEqual(expected);
    expect(drawn(make('other'), shapes, 1)).not.toEqual(expected);
    expect(expected[1]).not.toEqual(expected[0]);
  });

  it.each(Object.entries(copies))('a copy %s draws the same', (how, copy) => {
    if (name === 'a model' && how === 'from settings') return;
    sg.setSeed(4);
    expect(drawn(copy(make(7)), shapes, 5)).toEqual(expected);
  });
});

it('every layer with a seed in its settings is among these', () => {
  const tried = new Set(Object.values(seeded).map(([make]) => make(1).getClassName()));
  const found = new Set<string>();
  for (const { layer: name, config } of layerTable) {
    const factory = (layers as unknown as Record<string, (config: object) => sg.Layer>)[name];
    try {
      const layer = factory?.({ ...config, seed: 5 });
      if (layer?.getConfig().seed === 5) found.add(layer.getClassName());
    } catch (error) {
      // Layers without a seed may refuse one.
      expect(String(error)).toContain('seed');
    }
  }
  expect(found.size).toBeGreaterThan(18);
  expect([...found].filter((name) => !tried.has(name))).toEqual([]);
});

describe.each(
  Object.entries({
    randomUniform: { minval: -1, maxval: 1 },
    randomNormal: { stddev: 1 },
    truncatedNormal: {},
    varianceScaling: { scale: 2, distribution: 'uniform' },
    glorotUniform: {},
    glorotNormal: {},
    heUniform: {},
    heNormal: {},
    leCunUniform: {},
    leCunNormal: {},
    orthogonal: { gain: 2 },
  } as const),
)('initializer %s', (name, config) => {
  const make = (
    sg.initializers as unknown as Record<string, (config: object) => ReturnType<typeof initializers.heNormal>>
  )[name] as (config: object) => ReturnType<typeof initializers.heNormal>;
  const draw = (initializer: ReturnType<typeof make>): number[] => [...initializer.apply([4, 4]).dataSync()];

  it('keeps its seed in its settings, and in those of a layer', () => {
    const expected = draw(make({ ...config, seed: 7 }));
    expect(draw(make(make({ ...config, seed: 7 }).getConfig()))).toEqual(expected);
    expect(draw(make({ ...config, seed: 8 }))).not.toEqual(expected);
    const dense = layers.dense({ units: 4, kernelInitializer: make({ ...config, seed: 7 }) });
    const copy = deserializeLayer(JSON.parse(JSON.stringify(serializeLayer(dense))));
    copy.build([null, 4]);
    expect([...(copy.weights[0] as Tensor).dataSync()]).toEqual(expected);
    const both = layers.bidirectional({
      layer: layers.simpleRNN({ units: 4, kernelInitializer: make({ ...config, seed: 7 }) }),
    });
    both.build([null, 3, 4]);
    expect([0, 3].map((i) => [...(both.weights[i] as Tensor).dataSync()])).toEqual([expected, expected]);
  });
});
