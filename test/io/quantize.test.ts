/** Models with weights of eight bits: predictions, files, refusals. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import { uniform } from '../support/random';

type Model = ReturnType<typeof sg.sequential>;
const { layers } = sg;

const random = (seed: number, ...shape: number[]): sg.Tensor =>
  sg.tensor(
    uniform(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );
const numbers = (t: unknown): Float32Array => (t as sg.Tensor).dataSync<'float32'>();
const coded = (model: Model): string[] =>
  model.weights.filter((w) => w.coded).map((w) => w.name.split('/').pop() as string);

function farness(y: Float32Array, should: Float32Array): number {
  const [far, most] = [y.map((v, i) => Math.abs(v - (should[i] as number))), should.map(Math.abs)];
  return Math.max(...far) / Math.max(...most);
}

interface Case {
  readonly layers: () => sg.layers.Layer[];
  readonly x: sg.Tensor;
  readonly coded: string[];
}

const words = sg.tensor(
  Array.from({ length: 30 }, (_, i) => (i * 7) % 40),
  [5, 6],
  'int32',
);
const image = random(1, 5, 8, 8, 12);
const steps = random(2, 5, 6, 16);

const CASES: Readonly<Record<string, Case>> = {
  dense: {
    layers: () => [layers.dense({ units: 33, activation: 'relu', inputShape: [17] }), layers.dense({ units: 9 })],
    x: random(3, 5, 17),
    coded: ['kernel', 'kernel'],
  },
  'dense of sequences': {
    layers: () => [layers.dense({ units: 20, inputShape: [6, 16] })],
    x: steps,
    coded: ['kernel'],
  },
  conv2d: {
    layers: () => [
      layers.conv2d({ filters: 18, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 12] }),
      layers.conv2d({ filters: 16, kernelSize: 1, strides: 2, groups: 2 }),
    ],
    x: image,
    coded: ['kernel'],
  },
  'conv2d in groups, channels first': {
    layers: () => [
      layers.conv2d({ filters: 10, kernelSize: 3, groups: 2, dataFormat: 'channelsFirst', inputShape: [12, 8, 8] }),
    ],
    x: image.transpose([0, 3, 1, 2]),
    coded: ['kernel'],
  },
  conv1d: {
    layers: () => [layers.conv1d({ filters: 20, kernelSize: 3, padding: 'causal', inputShape: [6, 16] })],
    x: steps,
    coded: ['kernel'],
  },
  separable: {
    layers: () => [
      layers.separableConv2d({ filters: 18, kernelSize: 3, depthMultiplier: 3, inputShape: [8, 8, 12] }),
      layers.depthwiseConv2d({ kernelSize: 4, padding: 'same', useBias: false }),
    ],
    x: image,
    coded: ['depthwise_kernel', 'pointwise_kernel', 'depthwise_kernel'],
  },
  lstm: {
    layers: () => [layers.lstm({ units: 20, inputShape: [6, 16] })],
    x: steps,
    coded: ['kernel', 'recurrent_kernel'],
  },
  gru: {
    layers: () => [
      layers.gru({ units: 20, returnSequences: true, inputShape: [6, 16] }),
      layers.gru({ units: 18, resetAfter: true }),
    ],
    x: steps,
    coded: ['kernel', 'recurrent_kernel', 'kernel', 'recurrent_kernel'],
  },
  'bidirectional simpleRNN': {
    layers: () => [
      layers.bidirectional({
        layer: layers.simpleRNN({ units: 17 }) as never,
        mergeMode: 'concat',
        inputShape: [6, 16],
      } as never),
    ],
    x: steps,
    coded: ['kernel', 'recurrent_kernel', 'kernel', 'recurrent_kernel'],
  },
  embedding: {
    layers: () => [layers.embedding({ inputDim: 40, outputDim: 9, inputLength: 6 }), layers.globalAveragePooling1d()],
    x: words,
    coded: ['embeddings'],
  },
};

function trained(c: Case): Model {
  sg.setSeed(5);
  return sg.sequential({ layers: c.layers() });
}

function attention(): Model {
  sg.setSeed(5);
  const x = sg.input({ shape: [6, 16] });
  return sg.model({ inputs: x, outputs: layers.multiHeadAttention({ numHeads: 4, keyDim: 5 }).apply([x, x]) }) as never;
}

const ALL: readonly (readonly [string, () => Model, sg.Tensor, string[]])[] = [
  ...Object.entries(CASES).map(([name, c]) => [name, () => trained(c), c.x, c.coded] as const),
  ['attention', attention, steps, ['kernel', 'kernel', 'kernel', 'kernel']],
];

describe.each(ALL)('%s', (_, make, x, names) => {
  test.each([false, true])('predicts as the float32 model, nearly (calibrated: %s)', (isCalibrated) => {
    const model = make();
    const before = numbers(model.predict(x));
    const small = sg.quantize(model, isCalibrated ? { calibration: x } : {});
    expect(coded(small)).toEqual(names);
    const y = numbers(small.predict(x));
    expect(farness(y, before)).toBeLessThan(0.04);
    expect(farness(y, before)).toBeGreaterThan(0);
    expect(numbers(model.predict(x))).toEqual(before);
    expect(coded(model)).toEqual([]);
  });

  test('has the same bits for one example, called, and from a file', async () => {
    const small = sg.quantize(make(), { calibration: x });
    const y = numbers(small.predict(x));
    expect(numbers(small.predict(x, { batchSize: 1 }))).toEqual(y);
    expect(numbers(small.apply(x))).toEqual(y);
    const copy = (await sg.loadModel(await sg.io.toBytes(small))) as Model;
    expect(numbers(copy.predict(x))).toEqual(y);
    expect(coded(copy)).toEqual(names);
    expect(copy.getWeights().map((w) => w.dataSync())).toEqual(small.getWeights().map((w) => w.dataSync()));
  });
});

const dense = (): Model =>
  trained({ layers: () => [layers.dense({ units: 300, inputShape: [200], name: 'wide' })], x: words, coded: [] });

test('the file is a quarter, and another program reads its weights', async () => {
  const model = dense();
  const small = sg.quantize(model);
  const bytes = await sg.io.toBytes(small);
  expect(bytes.length).toBeLessThan(0.27 * (await sg.io.toBytes(model)).length);
  const copy = dense();
  await copy.loadWeights(bytes);
  expect(copy.getWeights()[0]?.dataSync()).toEqual(small.getWeights()[0]?.dataSync());
});

test('it is evaluated, and not trained; its head is', async () => {
  const small = sg.quantize(dense());
  const [x, y] = [random(8, 4, 200), random(9, 4, 300)];
  small.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  expect(numbers(small.evaluate(x, y))[0]).toBeGreaterThan(0);
  await expect(small.fit(x, y, { epochs: 1, verbose: 0 })).rejects.toThrow(
    /int8 and cannot be trained; train the float32/,
  );
  await expect(small.trainOnBatch(x, y)).rejects.toThrow(sg.StateError);
  small.trainable = false;
  const head = sg.sequential({ layers: [small as never, layers.dense({ units: 2, name: 'head' })] });
  head.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const before = head.getWeights().map((w) => w.dataSync());
  await head.fit(x, random(10, 4, 2), { epochs: 1, verbose: 0 });
  const after = head.getWeights().map((w) => w.dataSync());
  const hasChanged = (name: string): boolean[] =>
    head.weights.flatMap((w, i) => (w.name.startsWith(name) ? [String(after[i]) !== String(before[i])] : []));
  expect(hasChanged('wide')).toEqual([false, false]);
  expect(hasChanged('head')).toEqual([true, true]);
});

test('what does not fit is refused, and nothing has changed', async () => {
  const model = dense();
  const small = sg.quantize(model);
  const before = small.getWeights().map((w) => w.dataSync());
  expect(() => sg.quantize(small)).toThrow(/quantized already/);
  expect(() => small.setWeights(model.getWeights())).toThrow(/kept as int8/);
  await expect(small.loadWeights(await sg.io.toBytes(model))).rejects.toThrow(/kept as int8/);
  await expect(sg.io.toBytes(small, { format: 'keras' })).rejects.toThrow(/save it as name.safetensors/);
  await expect(small.save(sg.io.withSaveHandler(async () => ({}) as never))).rejects.toThrow(/does not have/);
  expect(small.getWeights().map((w) => w.dataSync())).toEqual(before);
  expect(() =>
    sg.quantize(trained({ layers: () => [layers.dense({ units: 2, inputShape: [3] })], x: words, coded: [] })),
  ).toThrow(/no weights of 256/);
  expect(() => sg.quantize(model, { calibration: sg.zeros([0, 200]) })).toThrow(/no examples/);
  expect(() => sg.quantize(model, { calibration: sg.zeros([2, 7]) })).toThrow(sg.ShapeError);
  model.setWeights([sg.fill([200, 300], Number.NaN), sg.zeros([300])]);
  expect(() => sg.quantize(model)).toThrow(/NaN or an infinity/);
});

test('a weight that is also used otherwise stays float32', () => {
  class Tied extends layers.Layer {
    static override className = 'Tied';
    w!: sg.Tensor;
    override build(): void {
      this.w = this.addWeight({ name: 'w', shape: [20, 20] });
    }
    call(x: sg.Tensor): sg.Tensor {
      return sg.matMul(sg.matMul(x, this.w), this.w, false, true);
    }
  }
  sg.serialization.registerClass(Tied as never);
  const model = sg.sequential({ layers: [new Tied({ inputShape: [20] }), layers.dense({ units: 20 })] });
  expect(coded(sg.quantize(model))).toEqual(['kernel']);
});

test('memory returns', () => {
  const model = dense();
  const x = random(8, 4, 200);
  sg.tidy(() => sg.quantize(model).dispose());
  const { numTensors } = sg.memory();
  const small = sg.quantize(model, { calibration: x });
  (small.predict(x) as sg.Tensor).dispose();
  small.dispose();
  expect(sg.memory().numTensors).toBe(numTensors);
});

test('damaged forms are refused', async () => {
  const bytes = await sg.io.toBytes(sg.quantize(dense()));
  const text = new TextDecoder('latin1').decode(bytes);
  const at = text.indexOf('inner');
  expect(at).toBeGreaterThan(0);
  bytes[at] = 'x'.charCodeAt(0);
  await expect(sg.loadModel(bytes)).rejects.toThrow(sg.FormatError);
});
