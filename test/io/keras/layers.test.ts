/** Every layer of the table as Keras writes it, and back; and what Keras writes that is not only spelled otherwise. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../../src/index';
import { parse } from '../../../src/io/keras/config/json';
import { readLayer } from '../../../src/io/keras/config/read';
import { camel, objectName, snake } from '../../../src/io/keras/config/spelling';
import { writeModel } from '../../../src/io/keras/config/write';
import { nameOf } from '../../tables/layers/check';
import { layerTable } from '../../tables/layers/table';

type Json = Record<string, unknown>;
const { deserializeLayer, serializeLayer } = sg.serialization;

/** By way of text, as in a file. */
const again = (layer: sg.Layer): sg.Layer =>
  deserializeLayer(readLayer(parse(JSON.stringify(writeModel(layer)), 'config'), { version: 3 }));

/** Rows that Keras has no words for. */
const REFUSED =
  /thresholdedReLU|"padding":"causal".*useBias|"(gelu_?[nN]ew|step|threshold)"}|Padding1d.*channelsFirst|upSampling1d.*channelsFirst|upSampling3d.*bilinear|randomWidth|axis":\[-1,1\]/;

describe('every layer, written and read', () => {
  const make = (name: string, config: object | undefined): sg.Layer =>
    (sg.layers as unknown as Record<string, (config: object) => sg.Layer>)[name]?.({ ...config }) as sg.Layer;

  it('has the settings that it had', () => {
    const faults: string[] = [];
    for (const c of layerTable) {
      const name = nameOf(c);
      try {
        const layer = make(c.layer, c.config);
        const [before, after] = [layer, again(layer)].map((l) => JSON.stringify(serializeLayer(l)));
        // Keras keeps the shape of an input elsewhere, and has no length of it; machines are one here.
        const plain = (text = ''): string =>
          text.replace(/"batchInputShape":\[[^\]]*\],?|"synchronized":(true|false),?|"inputLength":\d+,?/g, '');
        if (plain(before) !== plain(after)) faults.push(`${name}:\n${before}\n${after}`);
        else if (REFUSED.test(name)) faults.push(`${name} should be refused`);
      } catch (error) {
        if (!(error instanceof sg.FormatError && REFUSED.test(name))) faults.push(`${name}: ${String(error)}`);
      }
    }
    expect(faults).toEqual([]);
  });
});

describe('spelling', () => {
  it.each([
    ['return_sequences', 'returnSequences'],
    ['beta_1', 'beta1'],
    ['adam_beta_2', 'adamBeta2'],
    ['epsilon_1', 'epsilon1'],
    ['clipnorm', 'clipNorm'],
    ['global_clipnorm', 'globalClipNorm'],
    ['l2', 'l2'],
    ['l1_regularization_strength', 'l1RegularizationStrength'],
    ['units', 'units'],
  ])('%s is %s', (keras, own) => {
    expect(camel(keras)).toBe(own);
    expect(snake(own)).toBe(keras);
  });

  it('of groups follows from classes', () => {
    expect(['Dense', 'Conv2DTranspose', 'LSTM', 'BatchNormalization', 'PReLU', 'RNN'].map(objectName)).toEqual([
      'dense',
      'conv2d_transpose',
      'lstm',
      'batch_normalization',
      'p_re_lu',
      'rnn',
    ]);
  });
});

describe('Keras 2', () => {
  const read = (spec: Json) => readLayer(spec, { version: 2 });
  const dense = { class_name: 'Dense', config: { name: 'd', units: 2, activation: 'hard_sigmoid', dtype: 'float32' } };

  it('has another hard sigmoid than Keras 3', () => {
    expect(read(dense).config.activation).toBe('hardSigmoid');
    expect(readLayer(dense, { version: 3 }).config.activation).toBe('hardSigmoid6');
    const own = sg.layers.dense({ units: 2, activation: 'hardSigmoid', inputShape: [1] });
    expect(again(own).getConfig().activation).toBe('hardSigmoid');
    expect(again(sg.layers.dense({ units: 2, activation: 'hardSigmoid6' })).getConfig().activation).toBe(
      'hardSigmoid6',
    );
  });

  it('has lists of layers, of inputs, and of one axis', () => {
    const norm = {
      class_name: 'BatchNormalization',
      config: { name: 'n', axis: [1], fused: null, batch_input_shape: [null, 3], dtype: 'float32' },
    };
    const model = deserializeLayer(read({ class_name: 'Sequential', config: [norm, dense] })) as sg.Sequential;
    expect(model.outputShape).toEqual([null, 2]);
    expect(model.layers[0]?.getConfig()).toMatchObject({ axis: 1 });
  });

  it('counts the calls of models inside from 1', () => {
    const inner = {
      class_name: 'Sequential',
      config: { name: 's', layers: [{ ...dense, config: { ...dense.config, batch_input_shape: [null, 2] } }] },
    };
    const input = { class_name: 'InputLayer', config: { name: 'x', batch_input_shape: [null, 2], dtype: 'float32' } };
    const spec = {
      class_name: 'Model',
      config: {
        name: 'm',
        layers: [
          { ...input, name: 'x', inbound_nodes: [] },
          { ...inner, name: 's', inbound_nodes: [[['x', 0, 0, {}]], [['s', 1, 0, {}]]] },
          {
            class_name: 'Add',
            config: { name: 'a' },
            name: 'a',
            inbound_nodes: [
              [
                ['s', 1, 0, {}],
                ['s', 2, 0, {}],
              ],
            ],
          },
        ],
        input_layers: [['x', 0, 0]],
        output_layers: [['a', 0, 0]],
      },
    };
    const model = deserializeLayer(read(spec)) as sg.Functional;
    expect(model.outputShape).toEqual([null, 2]);
    expect(model.weights.length).toBe(2);
  });

  it('calls attention with value and key by name', () => {
    const input = { class_name: 'InputLayer', config: { name: 'x', batch_input_shape: [null, 3, 4] }, name: 'x' };
    const attention = { name: 'a', num_heads: 1, key_dim: 2, query_shape: [null, 3, 4], use_bias: true };
    const config = {
      name: 'm',
      layers: [
        { ...input, inbound_nodes: [] },
        {
          class_name: 'MultiHeadAttention',
          config: attention,
          name: 'a',
          inbound_nodes: [[['x', 0, 0, { value: ['x', 0, 0], attention_mask: null }]]],
        },
      ],
      input_layers: [['x', 0, 0]],
      output_layers: [['a', 0, 0]],
    };
    const model = deserializeLayer(read({ class_name: 'Functional', config })) as sg.Functional;
    expect(model.outputShape).toEqual([null, 3, 4]);
  });
});

describe('Keras 3', () => {
  const read = (spec: Json) => readLayer(spec, { version: 3 });
  const layer = (className: string, config: Json = {}): Json => ({
    class_name: className,
    config: { name: 'l', ...config },
  });

  it.each<[string, Json, RegExp]>([
    ['a Lambda layer', layer('Lambda', { function: { class_name: '__lambda__' } }), /Lambda layer 'l'.*registerClass/],
    [
      'a lambda inside',
      layer('Dense', { units: 1, kernel_initializer: { class_name: '__lambda__' } }),
      /lambda of Python/,
    ],
    [
      'an operation',
      { ...layer('Exp'), module: 'keras.src.ops.numpy', inbound_nodes: [] },
      /Exp of keras.ops.*registerClass/,
    ],
    ['a setting without counterpart', layer('LSTM', { units: 1, time_major: true }), /time_major/],
    [
      'an activation that is a layer',
      layer('Dense', { units: 1, activation: layer('PReLU') }),
      /object of class PReLU/,
    ],
    ['an input of texts', layer('InputLayer', { batch_shape: [null], dtype: 'string' }), /string/],
    ['what is no layer', [] as unknown as Json, /no object/],
  ])('%s is refused', (_, spec, message) => {
    expect(() => read(spec)).toThrow(sg.FormatError);
    expect(() => read(spec)).toThrow(message);
  });

  it('records arithmetic, which becomes layers', () => {
    const node = (...args: unknown[]): Json => ({ args, kwargs: {} });
    const x = {
      class_name: '__keras_tensor__',
      config: { shape: [null, 2], dtype: 'float32', keras_history: ['x', 0, 0] },
    };
    const operation = (name: string, args: unknown[]): Json => ({
      module: 'keras.src.ops.numpy',
      class_name: name,
      config: { name },
      name,
      inbound_nodes: [node(...args)],
    });
    const of = (kind: string, args: unknown[]): number[] => {
      const config = {
        name: 'm',
        layers: [
          { ...layer('InputLayer', { name: 'x', batch_shape: [null, 2] }), name: 'x', inbound_nodes: [] },
          operation(kind, args),
        ],
        input_layers: ['x', 0, 0],
        output_layers: [kind, 0, 0],
      };
      const model = deserializeLayer(read({ class_name: 'Functional', config })) as sg.Functional;
      return [...(model.predict(sg.tensor([[3, 5]])) as sg.Tensor).dataSync()];
    };
    expect(of('Add', [x, x])).toEqual([6, 10]);
    expect(of('Maximum', [x, x])).toEqual([3, 5]);
    expect(of('Subtract', [x, 1])).toEqual([2, 4]);
    expect(of('Subtract', [1, x])).toEqual([-2, -4]);
    expect(of('Multiply', [2, x])).toEqual([6, 10]);
    expect(of('TrueDivide', [x, 2])).toEqual([1.5, 2.5]);
  });

  it('names the class that is unknown, and how to register it', () => {
    expect(() => deserializeLayer(read({ ...layer('Novel'), registered_name: 'pkg>Novel' }))).toThrow(
      /unknown class 'Novel'.*registerClass/,
    );
  });

  it('freezes the layers of a frozen model', () => {
    const config = {
      name: 's',
      trainable: false,
      layers: [layer('Dense', { units: 1 })],
      build_input_shape: [null, 2],
    };
    const model = deserializeLayer(read({ class_name: 'Sequential', config })) as sg.Sequential;
    expect(model.trainableWeights).toEqual([]);
    expect(model.weights.length).toBe(2);
  });
});
