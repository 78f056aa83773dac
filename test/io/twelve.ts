/** Twelve models of the usual kinds, with what they are trained on: for files that others load. */
import * as sg from '../../src/index';
import { Sampling, values } from './keras/files';

type Model = sg.Sequential | sg.Functional;
type Symbolic = sg.SymbolicTensor;

export interface Trained {
  readonly model: Model;
  readonly inputs: readonly sg.Tensor[];
  readonly targets: readonly sg.Tensor[];
}

const { layers } = sg;
const BATCH = 4;

/** Applies a layer to one tensor, or to several. */
const apply = (layer: { apply(x: never): unknown }, ...xs: readonly Symbolic[]): Symbolic =>
  layer.apply((xs.length === 1 ? xs[0] : xs) as never) as Symbolic;

/** One layer after another. */
const chain = (x: Symbolic, ...list: readonly { apply(x: never): unknown }[]): Symbolic =>
  list.reduce((y, layer) => apply(layer, y), x);

const input = (...shape: number[]): Symbolic => sg.input({ shape });
const classes = (count: number): sg.Tensor =>
  sg.oneHot(sg.range(0, BATCH, 1, 'int32').mod(count).cast('int32'), count).cast('float32');
const tokens = (length: number, below: number): sg.Tensor => values([BATCH, length], 1, 0, below).floor().cast('int32');

function trained(
  model: Model,
  compile: sg.CompileArgs,
  inputs: readonly sg.Tensor[],
  targets?: readonly sg.Tensor[],
): Trained {
  model.compile(compile);
  const shapes = model.outputs.map(({ shape }) => [BATCH, ...(shape.slice(1) as number[])]);
  return { model, inputs, targets: targets ?? shapes.map((shape, i) => values(shape, 50 + i)) };
}

const mse = 'meanSquaredError';
const sigmoid = { recurrentActivation: 'sigmoid' } as const;

function mlp(): Trained {
  const model = sg.sequential({
    layers: [
      layers.dense({ units: 6, activation: 'relu', inputShape: [5], kernelRegularizer: 'l1l2' }),
      layers.dropout({ rate: 0 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  const compile = { optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] };
  return trained(model, compile, [values([BATCH, 5], 1)], [classes(3)]);
}

function cnn(): Trained {
  const model = sg.sequential({
    layers: [
      layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', useBias: false, inputShape: [6, 6, 2] }),
      layers.batchNormalization({}),
      layers.reLU({}),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 2, kernelSize: 2, activation: 'tanh' }),
      layers.flatten(),
      layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  const compile = { optimizer: sg.train.momentum(0.05, 0.9, true), loss: 'categoricalCrossentropy' };
  return trained(model, compile, [values([BATCH, 6, 6, 2], 1)], [classes(2)]);
}

function depthwise(): Trained {
  const x = input(6, 6, 3);
  const y = chain(
    x,
    layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same', depthMultiplier: 2 }),
    layers.batchNormalization({ momentum: 0.9 }),
    layers.reLU({ maxValue: 6 }),
    layers.separableConv2d({ filters: 4, kernelSize: 2, padding: 'same', activation: 'elu' }),
    layers.globalAveragePooling2d({}),
  );
  const model = sg.model({ inputs: x, outputs: y });
  return trained(model, { optimizer: sg.train.rmsprop(0.01), loss: mse, metrics: ['mae'] }, [
    values([BATCH, 6, 6, 3], 1),
  ]);
}

function recurrent(): Trained {
  const model = sg.sequential({
    layers: [
      layers.lstm({ units: 3, returnSequences: true, inputShape: [5, 3], ...sigmoid }),
      layers.gru({ units: 4, resetAfter: false, ...sigmoid }),
      layers.dense({ units: 2 }),
    ],
  });
  return trained(model, { optimizer: sg.train.adam(0.01), loss: mse }, [values([BATCH, 5, 3], 1)]);
}

function bidirectional(): Trained {
  const model = sg.sequential({
    layers: [
      layers.bidirectional({
        layer: layers.lstm({ units: 2, returnSequences: true, ...sigmoid }),
        inputShape: [4, 3],
      }),
      layers.timeDistributed({ layer: layers.dense({ units: 3, activation: 'tanh' }) }),
      layers.bidirectional({ layer: layers.simpleRNN({ units: 2 }), mergeMode: 'sum' }),
    ],
  });
  return trained(model, { optimizer: sg.train.adagrad(0.05), loss: 'meanAbsoluteError' }, [values([BATCH, 4, 3], 1)]);
}

function convolutionalLSTM(): Trained {
  const model = sg.sequential({
    layers: [
      layers.convLstm2d({ filters: 2, kernelSize: 2, padding: 'same', inputShape: [3, 4, 4, 2], ...sigmoid }),
      layers.flatten(),
      layers.dense({ units: 3 }),
    ],
  });
  return trained(model, { optimizer: sg.train.sgd(0.1), loss: mse }, [values([BATCH, 3, 4, 4, 2], 1)]);
}

/** Attention of layers that TensorFlow.js has too. */
function attentionOfDots(query: Symbolic, value: Symbolic): Symbolic {
  const scores = apply(layers.dot({ axes: [2, 2] }), query, value);
  return apply(layers.dot({ axes: [2, 1] }), apply(layers.activation({ activation: 'softmax' }), scores), value);
}

function embedding(attention: (x: Symbolic) => Symbolic): Trained {
  const x = input(6);
  const e = apply(layers.embedding({ inputDim: 9, outputDim: 4 }), x);
  const y = chain(
    apply(layers.concatenate({}), e, attention(e)),
    layers.globalAveragePooling1d({}),
    layers.dense({ units: 1, activation: 'sigmoid' }),
  );
  const model = sg.model({ inputs: x, outputs: y });
  const compile = { optimizer: sg.train.adam(0.02), loss: 'binaryCrossentropy' };
  return trained(model, compile, [tokens(6, 9)], [sg.tensor([[0], [1], [0], [1]])]);
}

function transformer(attention: (x: Symbolic) => Symbolic): Trained {
  const x = input(5, 4);
  const h = apply(layers.layerNormalization({ epsilon: 1e-5 }), apply(layers.add({}), x, attention(x)));
  const f = chain(h, layers.dense({ units: 8, activation: 'gelu' }), layers.dense({ units: 4 }));
  const y = chain(
    apply(layers.add({}), h, f),
    layers.layerNormalization({ epsilon: 1e-5 }),
    layers.globalAveragePooling1d({}),
    layers.dense({ units: 2 }),
  );
  const model = sg.model({ inputs: x, outputs: y });
  return trained(model, { optimizer: sg.train.adam(0.01), loss: mse }, [values([BATCH, 5, 4], 1)]);
}

function autoencoder(): Trained {
  const encoder = sg.sequential({
    layers: [layers.dense({ units: 3, activation: 'elu', kernelInitializer: 'heNormal', inputShape: [6] })],
    name: 'encoder',
  });
  const code = input(3);
  const decoder = sg.model({
    inputs: code,
    outputs: apply(layers.dense({ units: 6, activation: 'sigmoid' }), code),
    name: 'decoder',
  });
  const x = input(6);
  const model = sg.model({ inputs: x, outputs: chain(x, encoder, decoder) });
  const data = values([BATCH, 6], 1, 0, 1);
  return trained(model, { optimizer: sg.train.adam(0.01), loss: mse }, [data], [data]);
}

function manyInputs(): Trained {
  const [a, b] = [sg.input({ shape: [3], name: 'a' }), sg.input({ shape: [3], name: 'b' })];
  const shared = layers.dense({ units: 4, activation: 'tanh' });
  const both = [a, b].map((x) => apply(shared, x)) as [Symbolic, Symbolic];
  const joined = apply(
    layers.concatenate({}),
    apply(layers.dot({ axes: 1 }), ...both),
    apply(layers.multiply({}), ...both),
  );
  const outputs = [1, 2].map((units) => apply(layers.dense({ units, name: units === 1 ? 'score' : 'rest' }), joined));
  const model = sg.model({ inputs: [a, b], outputs });
  const compile = { optimizer: sg.train.rmsprop(0.01, 0.9, 0.5), loss: [mse, 'meanAbsoluteError'] };
  return trained(model, compile, [values([BATCH, 3], 1), values([BATCH, 3], 2)]);
}

function nested(): Trained {
  const x = input(4);
  const block = sg.sequential({
    layers: [layers.dense({ units: 4, activation: 'selu', inputShape: [4] }), layers.batchNormalization({})],
    name: 'block',
  });
  const inside = input(4);
  const inner = sg.model({
    inputs: inside,
    outputs: apply(layers.add({}), apply(block, inside), inside),
    name: 'inner',
  });
  const frozen = layers.dense({ units: 4, name: 'frozen', trainable: false });
  const outputs = chain(x, inner, frozen, inner, layers.dense({ units: 3 }));
  const model = sg.model({ inputs: x, outputs, name: 'outer' });
  return trained(model, { optimizer: sg.train.momentum(0.02, 0.9), loss: mse }, [values([BATCH, 4], 1)]);
}

function vae(latentCost: number): Trained {
  const x = input(5);
  const h = apply(layers.dense({ units: 4, activation: 'softplus' }), x);
  const [mean, logVariance] = [1, 2].map(() => apply(layers.dense({ units: 2 }), h)) as [Symbolic, Symbolic];
  const z = apply(new Sampling({ latentCost }), mean, logVariance);
  const model = sg.model({ inputs: x, outputs: apply(layers.dense({ units: 5 }), z) });
  return trained(model, { optimizer: sg.train.adam(0.01), loss: mse }, [values([BATCH, 5], 1)]);
}

const common = { mlp, cnn, depthwise, recurrent, bidirectional, convolutionalLSTM, autoencoder, manyInputs, nested };

/** With layers that Keras has. */
export const ofKeras: Readonly<Record<string, () => Trained>> = {
  ...common,
  embedding: () => embedding((e) => apply(layers.attention({ useScale: true }), e, e)),
  transformer: () => transformer((x) => apply(layers.multiHeadAttention({ numHeads: 2, keyDim: 3 }), x, x)),
  vae: () => vae(0.01),
};

/** With layers that TensorFlow.js has: attention is made of dot products, and the layers add no losses. */
export const ofTFJS: Readonly<Record<string, () => Trained>> = {
  ...common,
  // With queries of their own: TensorFlow.js disposes of a tensor that is both inputs of a layer before its last use.
  embedding: () => embedding((e) => attentionOfDots(apply(layers.dense({ units: 4 }), e), e)),
  transformer: () =>
    transformer((x) => apply(layers.dense({ units: 4 }), attentionOfDots(apply(layers.dense({ units: 4 }), x), x))),
  vae: () => vae(0),
};
