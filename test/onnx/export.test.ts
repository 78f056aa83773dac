import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { toONNX } from '../../src/onnx/export';
import { layerTable } from '../tables/layers/table';
import { faultsOf, see } from './graphs';

const { layers } = sg;

const classifier = (): sg.Sequential =>
  sg.sequential({
    name: 'digits',
    layers: [
      layers.dense({ units: 8, activation: 'relu', inputShape: [4], name: 'hidden' }),
      layers.dense({ units: 3, activation: 'softmax', name: 'scores' }),
    ],
  });

describe('what is written', () => {
  it('has the operators that readers expect, names of weights, and an open batch', async () => {
    const { ops, inputs, outputs, stored, model, graph } = see(await toONNX(classifier()));
    expect(ops).toEqual(['Gemm', 'Relu', 'Gemm', 'Softmax']);
    expect(inputs).toEqual(['hidden[batch,4]']);
    expect(outputs).toEqual(['scores[batch,3]']);
    expect(stored).toEqual(['hidden/kernel', 'hidden/bias', 'scores/kernel', 'scores/bias']);
    expect(model.opsetImport).toEqual([{ domain: '', version: 18 }]);
    expect(graph.name).toBe('digits');
  });

  it('has an input of another name than the output', async () => {
    const model = sg.sequential({ layers: [layers.dense({ units: 1, inputShape: [2], name: 'price' })] });
    const { inputs, outputs } = see(await toONNX(model));
    expect([...inputs, ...outputs]).toEqual(['price_input[batch,2]', 'price[batch,1]']);
  });

  it('is the same bytes each time', async () => {
    const model = classifier();
    expect(await toONNX(model)).toEqual(await toONNX(model));
  });

  it('transposes images at the ends alone', async () => {
    const model = sg.sequential({
      layers: [
        layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [10, 10, 3] }),
        layers.batchNormalization(),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.depthwiseConv2d({ kernelSize: 3 }),
        layers.conv2d({ filters: 4, kernelSize: 1, useBias: false }),
        layers.prelu({ sharedAxes: [1, 2] }),
        layers.globalAveragePooling2d({}),
      ],
    });
    expect(see(await toONNX(model)).ops).toEqual([
      'Transpose',
      'Conv',
      'Relu',
      'BatchNormalization',
      'MaxPool',
      'Conv',
      'Conv',
      'Relu',
      'Min',
      'Mul',
      'Add',
      'ReduceMean',
    ]);
  });

  it('looks tables up by indices, and normalizes by one operator', async () => {
    const model = sg.sequential({
      layers: [
        layers.embedding({ inputDim: 10, outputDim: 4, inputLength: 3 }),
        layers.layerNormalization(),
        layers.elu({ alpha: 0.5 }),
      ],
    });
    expect(see(await toONNX(model)).ops).toEqual(['Cast', 'Gather', 'LayerNormalization', 'Elu']);
  });

  it('has recurrent layers as operators, over sequences of any length', async () => {
    const x = sg.input({ shape: [null, 4], name: 'text' });
    let y = layers.lstm({ units: 5, returnSequences: true }).apply(x);
    y = layers.gru({ units: 4, returnSequences: true, goBackwards: true }).apply(y);
    y = layers.bidirectional({ layer: layers.gru({ units: 3, resetAfter: true, returnSequences: true }) }).apply(y);
    y = layers.simpleRNN({ units: 2, returnSequences: true }).apply(y);
    const { ops, inputs, outputs, stored } = see(await toONNX(sg.model({ inputs: x, outputs: y })));
    expect(ops.filter((op) => /RNN|GRU|LSTM|Scan/.test(op))).toEqual(['LSTM', 'GRU', 'GRU', 'GRU', 'RNN']);
    expect(inputs).toEqual(['text[batch,text_1,4]']);
    expect(outputs[0]).toMatch(/\[batch,text_1,2\]$/);
    expect(stored.filter((name) => /lstm/.test(name)).map((name) => name.replace(/.*\//, ''))).toEqual([
      'kernel',
      'recurrent_kernel',
      'bias',
    ]);
  });

  it('loops where ONNX has no operator: with masks, other cells, other activations', async () => {
    const x = sg.input({ shape: [null, 4] });
    const masked = layers.lstm({ units: 3 }).apply(layers.masking().apply(x));
    const mixed = layers.gru({ units: 3, activation: 'gelu' }).apply(x);
    const cell = [layers.gruCell({ units: 3 }), layers.simpleRNNCell({ units: 2 })];
    const stacked = layers.rnn({ cell }).apply(x) as sg.SymbolicTensor;
    const { ops, graph } = see(await toONNX(sg.model({ inputs: x, outputs: [masked, mixed, stacked] })));
    expect(ops.filter((op) => /RNN|GRU|LSTM|Scan/.test(op))).toEqual(['Scan', 'Scan', 'Scan']);
    expect(faultsOf(graph)).toEqual([]);
  });

  it('has several inputs and outputs by their names, and sizes and names that are given', async () => {
    const [a, b] = [sg.input({ shape: [null, 2], name: 'a' }), sg.input({ shape: [null, 2], name: 'b' })];
    const sum = layers.add().apply([a, b]);
    const model = sg.model({ inputs: [a, b], outputs: [sum, layers.dense({ units: 1, name: 'head' }).apply(sum)] });
    const seen = see(await toONNX(model, { inputShapes: { a: [1, 'time', 2], b: [1, 'time', 2] } }));
    expect(seen.inputs).toEqual(['a[1,time,2]', 'b[1,time,2]']);
    expect(seen.outputs[1]).toBe('head[1,time,1]');
  });

  it('writes functions, with results by name', async () => {
    const w = sg.variable(sg.ones([3, 2]), true, 'w');
    const fn = sg.jit((x: sg.Tensor) => ({ product: x.matMul(w), total: x.sum() }));
    const { inputs, outputs, stored } = see(await toONNX(fn, { inputs: [{ shape: ['n', 3], name: 'x' }] }));
    expect(inputs).toEqual(['x[n,3]']);
    expect(outputs).toEqual(['product[n,2]', 'total[]']);
    expect(stored).toContain('w');
    w.dispose();
  });

  it('keeps large tensors in a second file, if asked', async () => {
    const model = sg.sequential({ layers: [layers.dense({ units: 40, inputShape: [20] })] });
    const files = await toONNX(model, { externalData: 'weights.bin' });
    const [kernel] = see(files.model).graph.initializer ?? [];
    expect(kernel?.rawData).toBeUndefined();
    expect(Object.fromEntries((kernel?.externalData ?? []).map((e) => [e.key, e.value]))).toEqual({
      location: 'weights.bin',
      offset: '0',
      length: '3200',
    });
    const stored = new Float32Array((files.externalData as Uint8Array).slice(0, 3200).buffer);
    expect(stored).toEqual(model.weights[0]?.dataSync());
  });

  it('leaves no memory behind, and the model as it was', async () => {
    const model = classifier();
    const before = sg.memory();
    await toONNX(model);
    expect(sg.memory().numTensors).toBe(before.numTensors);
    expect(sg.memory().numBytes).toBe(before.numBytes);
  });
});

describe('what cannot be written', () => {
  it('is listed at once, with the layers', async () => {
    class Slope extends sg.layers.Layer {
      call(x: sg.Tensor): sg.Tensor {
        return sg.grad((t) =>
          t
            .conv2d(sg.ones([2, 2, 1, 1]), 1, 'valid')
            .maxPool(2, 1, 'valid')
            .sum(),
        )(x);
      }
    }
    const model = sg.sequential({
      layers: [new Slope({ inputShape: [5, 5, 1], name: 'one' }), new Slope({ name: 'two' })],
    });
    await expect(toONNX(model)).rejects.toThrow(sg.ArgumentError);
    await expect(toONNX(model)).rejects.toThrow(/layer 'one': maxPoolGrad \(.*\)\n +layer 'two': maxPoolGrad/);
  });

  it('is state, and sizes that are no multiples of the open ones', async () => {
    const stateful = sg.sequential({
      layers: [layers.lstm({ units: 2, stateful: true, batchInputShape: [1, 3, 2] })],
    });
    await expect(toONNX(stateful)).rejects.toThrow(/a variable changes in a call/);
    const x = sg.input({ shape: [null, 3] });
    const halved = sg.model({ inputs: x, outputs: layers.maxPooling1d({ poolSize: 2 }).apply(x) });
    await expect(toONNX(halved)).rejects.toThrow(/inputShapes/);
    expect(see(await toONNX(halved, { inputShapes: ['batch', 8, 3] })).outputs[0]).toMatch(/\[batch,4,3\]$/);
  });

  it.each([
    [() => toONNX(5 as never), /needs a model or a function, got 5/],
    [() => toONNX((x: sg.Tensor) => x), /needs the option inputs/],
    [() => toONNX((x: sg.Tensor) => x, { inputs: [[-1]] }), /inputs\[0\] must be a shape/],
    [() => toONNX((() => 3) as never, { inputs: [] }), /must return a tensor/],
    [() => toONNX(classifier(), { inputs: [[3]] }), /inputs are for functions/],
    [() => toONNX(classifier(), { inputShapes: ['batch', 5] }), /the shape of input 'hidden' must be like/],
    [() => toONNX(classifier(), { inputShapes: { other: ['batch', 4] } }), /inputShapes must be a shape for each/],
    [() => toONNX(classifier(), { external: 'x' } as never), /external/],
  ])('is refused by name: %s', async (call, message) => {
    await expect(call()).rejects.toThrow(sg.ArgumentError);
    await expect(call()).rejects.toThrow(message);
  });
});

describe('every layer', () => {
  const exportable = layerTable.filter(({ args }) => !args?.training);
  const nameOf = (c: (typeof exportable)[number]): string => `${c.layer} ${JSON.stringify(c.config ?? {})}`;

  it('is written as a graph in which every value exists before it is read', async () => {
    const complaints: string[] = [];
    for (const c of exportable) {
      const xs = c.inputs.map((shape) => sg.input({ shape }));
      const layer = (sg.layers as unknown as Record<string, (config: object) => sg.Layer>)[c.layer]?.({ ...c.config });
      const outputs = layer?.apply(xs.length === 1 ? (xs[0] as sg.SymbolicTensor) : xs, { ...c.args });
      const model = sg.model({ inputs: xs, outputs: outputs as sg.SymbolicTensor });
      const faults = faultsOf(see(await toONNX(model)).graph);
      if (faults.length) complaints.push(`${nameOf(c)}: ${faults.join(', ')}`);
      model.dispose();
    }
    expect(complaints).toEqual([]);
  });
});
