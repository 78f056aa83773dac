/** Random numbers of models: new ones in each call, for each row by its number, and for each step of training by its. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

type Tensor = sg.Tensor;
type Layer = InstanceType<typeof sg.layers.Layer>;

/** A layer that draws also when the model predicts. */
class Always extends sg.layers.Layer {
  static override className = 'AlwaysRandom';

  constructor(
    readonly inner: Layer,
    inputShape: number[],
  ) {
    super({ inputShape });
  }

  override call(x: Tensor): Tensor {
    return this.inner.apply(x, { training: true }) as Tensor;
  }
}

class NoisyCell extends sg.layers.RNNCell {
  static override className = 'NoisyCell';
  readonly stateSize = 3;

  override call([x, h]: readonly Tensor[]): Tensor[] {
    const next = sg.add(sg.dropout(x as Tensor, 0.5), h as Tensor);
    return [next, next];
  }
}

const COUNT = 33;
const lambda = (fn: (x: Tensor) => Tensor, shape: number[]) =>
  sg.layers.lambda({ function: (x) => fn(x as Tensor), inputShape: shape });
const { layers } = sg;

const RANDOM: Record<string, [shape: number[], make: () => Layer]> = {
  dropout: [[5], () => new Always(layers.dropout({ rate: 0.5 }), [5])],
  'dropout with a seed': [[5], () => new Always(layers.dropout({ rate: 0.5, seed: 3 }), [5])],
  'dropout of features, the same in all rows': [
    [5],
    () => new Always(layers.dropout({ rate: 0.5, noiseShape: [1, 5] }), [5]),
  ],
  gaussianNoise: [[5], () => new Always(layers.gaussianNoise({ stddev: 1 }), [5])],
  gaussianDropout: [[3], () => new Always(layers.gaussianDropout({ rate: 0.5 }), [3])],
  alphaDropout: [[7], () => new Always(layers.alphaDropout({ rate: 0.5 }), [7])],
  spatialDropout1d: [[4, 6], () => new Always(layers.spatialDropout1d({ rate: 0.5 }), [4, 6])],
  spatialDropout2d: [[2, 2, 5], () => new Always(layers.spatialDropout2d({ rate: 0.5 }), [2, 2, 5])],
  timeDistributed: [[3, 5], () => new Always(layers.timeDistributed({ layer: layers.dropout({ rate: 0.5 }) }), [3, 5])],
  'a recurrent layer': [
    [4, 2],
    () => new Always(layers.lstm({ units: 3, dropout: 0.5, kernelInitializer: 'ones' }), [4, 2]),
  ],
  'a recurrent layer of a random cell': [[4, 3], () => new Always(layers.rnn({ cell: new NoisyCell({}) }), [4, 3])],
  attention: [
    [3, 4],
    () => lambda((x) => layers.attention({ dropout: 0.5 }).apply([x, x], { training: true }) as Tensor, [3, 4]),
  ],
  randomFlip: [[4, 4, 1], () => new Always(layers.randomFlip({}), [4, 4, 1])],
  randomContrast: [[4, 4, 1], () => new Always(layers.randomContrast({ factor: 0.5 }), [4, 4, 1])],
  'a sample of a variational autoencoder': [
    [3],
    () => lambda((x) => sg.add(x, sg.randomNormal([x.shape[0] as number, 3])), [3]),
  ],
  'noise on weights, as many as rows': [[7], () => lambda((x) => sg.matMul(x, sg.randomNormal([7, 7])), [7])],
  'integers, booleans and gamma numbers': [
    [3],
    () =>
      lambda(
        (x) => {
          const shape = [x.shape[0] as number, 3];
          return sg.addN([
            x,
            sg.randomUniform(shape, -9, 9, 'int32').toFloat(),
            sg.randomUniform(shape, 0, 1, 'bool').toFloat(),
            sg.randomGamma(shape, 2),
          ]);
        },
        [3],
      ),
  ],
};

const modelOf = (name: string, seed = 7) => {
  sg.setSeed(seed);
  const [shape, make] = RANDOM[name] as (typeof RANDOM)[string];
  const model = sg.sequential({ layers: [make()] });
  const size = shape.reduce((a, b) => a * b, COUNT);
  const x = sg.tensor(
    Float32Array.from({ length: size }, (_, i) => 1 + (i % 5)),
    [COUNT, ...shape],
  );
  return { model, x };
};
const valuesOf = (t: Tensor | Tensor[]): number[] => [...(t as Tensor).dataSync()];

beforeEach(() => sg.setSeed(7));
afterEach(() => sg.setThreads(1));

describe.each(Object.keys(RANDOM))('predicting with %s', (name) => {
  it('draws the same for a row in any batch', () => {
    const [whole, ...others] = [COUNT, 32, 7, 1, 1000].map((batchSize) => {
      const { model, x } = modelOf(name);
      return valuesOf(model.predict(x, { batchSize }));
    });
    for (const other of others) expect(other).toEqual(whole);
  });

  it('draws new numbers in each call', () => {
    const { model, x } = modelOf(name);
    const rows = [0, 1, 2, 3].map(() => valuesOf(model.predict(x)).join());
    expect(new Set(rows).size).toBe(4);
  });
});

describe('predictions', () => {
  it('draw for each row something else', () => {
    const { model } = modelOf('gaussianNoise');
    const rows = (model.predict(sg.ones([64, 5])) as Tensor).arraySync() as number[][];
    expect(new Set(rows.flat()).size).toBe(320);
  });

  it('of batches of a fixed size draw by the row too', () => {
    sg.setSeed(7);
    const noise = layers.gaussianNoise({ stddev: 1 });
    class Fixed extends sg.layers.Layer {
      override call(x: Tensor): Tensor {
        return noise.apply(x, { training: true }) as Tensor;
      }
    }
    const model = sg.sequential({ layers: [new Fixed({ batchInputShape: [4, 2] })] });
    const rows = (model.predict(sg.zeros([8, 2]), { batchSize: 4 }) as Tensor).arraySync() as number[][];
    expect(new Set(rows.flat()).size).toBe(16);
  });

  it('draw the same with other models, programs and threads in between', async () => {
    const { model, x } = modelOf('dropout');
    const expected = [0, 1, 2].map(() => valuesOf(model.predict(x)));
    const again = modelOf('dropout');
    const first = valuesOf(again.model.predict(x));
    await sg.setThreads(2);
    const other = sg.sequential({
      layers: [layers.dense({ units: 1, inputShape: [5] }), layers.dropout({ rate: 0.5 })],
    });
    other.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await other.fit(sg.ones([4, 5]), sg.ones([4, 1]));
    const second = valuesOf(again.model.predict(x));
    sg.randomNormal([3]).dispose();
    expect([first, second, valuesOf(again.model.predict(x, { batchSize: 5 }))]).toEqual(expected);
  });
});

describe('evaluations', () => {
  const compiled = (seed = 7) => {
    sg.setSeed(seed);
    const model = sg.sequential({ layers: [new Always(layers.gaussianNoise({ stddev: 1 }), [3])] });
    model.compile({ optimizer: 'sgd', loss: 'meanAbsoluteError' });
    return model;
  };
  const [x, y] = [sg.ones([COUNT, 3]), sg.ones([COUNT, 3])];
  const lossOf = (t: Tensor | Tensor[]): number => (t as Tensor).dataSync()[0] as number;

  it('draw new numbers in each call, and the same whatever the batch size', async () => {
    const model = compiled();
    const losses = [0, 1, 2].map(() => lossOf(model.evaluate(x, y, { batchSize: 32 })));
    expect(new Set(losses).size).toBe(3);
    for (const batchSize of [1, 5, COUNT]) expect(lossOf(compiled().evaluate(x, y, { batchSize }))).toBe(losses[0]);
    const dataset = sg.data
      .zip({ xs: sg.data.array(x.arraySync() as number[][]), ys: sg.data.array(y.arraySync() as number[][]) })
      .batch(4);
    expect(lossOf(await compiled().evaluateDataset(dataset))).toBe(losses[0]);
    expect(lossOf(compiled().testOnBatch(x, y))).toBe(losses[0]);
  });
});

describe('training', () => {
  const [x, y] = [sg.randomNormal([10, 4], 0, 1, 'float32', 1), sg.randomNormal([10, 1], 0, 1, 'float32', 2)];
  const build = () => {
    sg.setSeed(7);
    const noisy = layers.lambda({
      function: (t, { training }) => (training ? sg.dropout(t as Tensor, 0.5) : (t as Tensor)),
      inputShape: [4],
    });
    const always = new Always(layers.gaussianNoise({ stddev: 0.1 }), [4]);
    const dense = layers.dense({ units: 1, kernelInitializer: 'ones' });
    const model = sg.sequential({ layers: [noisy, always, dense] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    return model;
  };
  type Model = ReturnType<typeof build>;
  const settings = { batchSize: 4, epochs: 3, validationData: [x, y] as [Tensor, Tensor] };
  const expected = async (): Promise<[number[], unknown]> => {
    const model = build();
    const { history } = await model.fit(x, y, settings);
    return [valuesOf(model.getWeights()[0] as Tensor), history.val_loss];
  };

  it.each([1, 2, 3, 4, 5, 7])('resumed after step %i goes on to the same bits, validations too', async (stop) => {
    const [weights, losses] = await expected();
    let state: sg.TrainingState | undefined;
    let steps = 0;
    const first = build();
    await first.fit(x, y, {
      ...settings,
      callbacks: {
        onBatchEnd: () => {
          if (++steps === stop) state = first.trainingState();
        },
      },
    });
    const second = build();
    const { history } = await second.fit(x, y, {
      ...settings,
      callbacks: { onTrainBegin: () => second.restoreTraining(state as sg.TrainingState) },
    });
    expect(valuesOf(second.getWeights()[0] as Tensor)).toEqual(weights);
    const rest = history.val_loss as number[];
    expect(rest).toEqual((losses as number[]).slice(3 - rest.length));
  });

  it.each<[string, (model: Model) => unknown]>([
    ['predictions', (model) => model.predict(x)],
    ['evaluations', (model) => model.evaluate(x, y)],
    ['another model', () => build().predict(sg.ones([3, 4]))],
    ['draws', () => sg.randomNormal([5])],
    ['another batch shape', (model) => model.describeStep('train', sg.ones([3, 4]), sg.ones([3, 1]))],
  ])('is the same with %s in between', async (_, between) => {
    const [weights, losses] = await expected();
    const model = build();
    const { history } = await model.fit(x, y, { ...settings, callbacks: { onBatchEnd: () => void between(model) } });
    expect(valuesOf(model.getWeights()[0] as Tensor)).toEqual(weights);
    expect(history.val_loss).toEqual(losses);
  });

  it('validations draw new numbers after each epoch', async () => {
    const model = sg.sequential({ layers: [new Always(layers.gaussianNoise({ stddev: 1 }), [4])] });
    model.add(layers.dense({ units: 1, trainable: false }));
    model.add(layers.dense({ units: 1 }));
    model.compile({ optimizer: sg.train.sgd(0), loss: 'meanSquaredError' });
    const { history } = await model.fit(x, y, { epochs: 4, validationData: [x, y] });
    expect(new Set(history.val_loss as number[]).size).toBe(4);
  });
});
