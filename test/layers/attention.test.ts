/** Attention against Keras 3 (goldens/attention.py), its masks, its training, wrong calls; positions written out. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { farOff } from '../support/distance';

interface Plain {
  readonly shape: number[];
  readonly values: number[];
}

interface Golden {
  readonly layer: string;
  readonly config: object;
  readonly call: object;
  readonly masks: (number[][] | null)[] | null;
  readonly attentionMask: number[][][] | null;
  readonly inputs: Plain[];
  readonly weights: (Plain & { readonly name: string })[];
  readonly outputs: Plain[];
}

type Tensor = sg.Tensor;
type Many = (inputs: readonly Tensor[], args?: object) => Tensor | Tensor[];

const goldens = JSON.parse(
  readFileSync(new URL('../goldens/attention.json', import.meta.url), 'utf8'),
) as readonly Golden[];
const make = (name: string, config: object): sg.Layer =>
  (sg.layers as unknown as Record<string, (c: object) => sg.Layer>)[name]?.(config) as sg.Layer;
const tensor = ({ shape, values }: Plain): Tensor => sg.tensor(values, shape);
const applied = (layer: sg.Layer): Many => layer.apply.bind(layer) as unknown as Many;
const list = (y: Tensor | Tensor[]): Tensor[] => (Array.isArray(y) ? y : [y]);
const read = (t: Tensor): number[] => [...t.dataSync()];
const bool = (mask: number[][] | number[][][]): Tensor => sg.tensor(mask as never).cast('bool');

describe('Keras 3', () => {
  it.each(goldens.map((g, i) => [`${i}: ${g.layer} ${JSON.stringify({ ...g.config, ...g.call })}`, g] as const))(
    '%s',
    (_, g) => {
      const layer = make(g.layer, g.config);
      const inputs = g.inputs.map(tensor);
      const args = {
        ...g.call,
        ...(g.masks && { mask: g.masks.map((m) => (m ? bool(m) : undefined)) }),
        ...(g.attentionMask && { attentionMask: bool(g.attentionMask) }),
      };
      applied(layer)(inputs);
      expect(layer.weights.map((w) => [w.name.replace(/^[^/]*\//, ''), w.shape])).toEqual(
        g.weights.map((w) => [w.name, w.shape]),
      );
      layer.setWeights(g.weights.map(tensor));
      const got = list(applied(layer)(inputs, args));
      expect(got.length).toBe(g.outputs.length);
      got.forEach((y, i) => {
        const want = g.outputs[i] as Plain;
        expect(y.shape).toEqual(want.shape);
        expect(farOff(y.dataSync(), want.values, 3e-6)).toBeUndefined();
      });
    },
  );
});

/** Gives the mask that it is made with. */
class Masked extends sg.Layer {
  static override className = 'Masked';
  constructor(readonly values: number[][]) {
    super();
  }
  call(x: Tensor): Tensor {
    return x;
  }
  override computeOutputShape(shape: readonly (number | null)[]): readonly (number | null)[] {
    return shape;
  }
  override computeMask(): Tensor {
    return bool(this.values);
  }
}

describe('masks in models', () => {
  const [q, v] = [[[1, 1, 0]], [[1, 0, 1, 1]]];
  const x = [sg.randomNormal([1, 3, 2], 0, 1, 'float32', 1), sg.randomNormal([1, 4, 2], 0, 1, 'float32', 2)];

  it.each(['attention', 'multiHeadAttention'])('%s: reach the layer, and the query’s goes on', (name) => {
    const layer = make(name, name === 'multiHeadAttention' ? { numHeads: 2, keyDim: 2 } : {});
    const inputs = [sg.input({ shape: [3, 2] }), sg.input({ shape: [4, 2] })];
    const masked = inputs.map((s, i) => new Masked(i ? v : q).apply(s) as sg.SymbolicTensor);
    let reached: unknown;
    class After extends sg.Layer {
      static override className = 'After';
      override supportsMasking = true;
      call(y: Tensor, args: sg.CallArgs): Tensor {
        reached = args.mask;
        return y;
      }
    }
    const out = new After().apply(layer.apply(masked) as sg.SymbolicTensor) as sg.SymbolicTensor;
    const model = sg.model({ inputs, outputs: out });
    const got = model.predict(x) as Tensor;
    const want = applied(layer)(x, { mask: [bool(q), bool(v)] }) as Tensor;
    expect(read(got)).toEqual(read(want));
    expect((reached as Tensor).shape).toEqual([1, 3]);
  });

  it('attentionMask may be an input of the model', () => {
    const layer = sg.layers.multiHeadAttention({ numHeads: 1, keyDim: 2 });
    const inputs = [sg.input({ shape: [3, 2] }), sg.input({ shape: [4, 2] }), sg.input({ shape: [3, 4] })];
    const [a, b, attentionMask] = inputs as [sg.SymbolicTensor, sg.SymbolicTensor, sg.SymbolicTensor];
    const outputs = layer.apply([a, b], { attentionMask, returnAttentionScores: true }) as sg.SymbolicTensor[];
    expect(outputs.map((o) => o.shape)).toEqual([
      [null, 3, 2],
      [null, 1, 3, 4],
    ]);
    const mask = sg.tensor([1, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 1], [1, 3, 4]);
    const [, scores] = sg.model({ inputs, outputs }).predict([...x, mask]) as unknown as [Tensor, Tensor];
    const weights = read(scores);
    read(mask).forEach((m, i) => expect((weights[i] as number) > 0).toBe(m === 1));
    for (let row = 0; row < 3; row++)
      expect(weights.slice(4 * row, 4 * row + 4).reduce((s, w) => s + w)).toBeCloseTo(1, 5);
  });

  it('a causal model of unknown length does not look ahead', () => {
    const layer = sg.layers.multiHeadAttention({ numHeads: 2, keyDim: 3 });
    const input = sg.input({ shape: [null, 4] });
    const outputs = layer.apply([input, input], { useCausalMask: true }) as unknown as sg.SymbolicTensor;
    expect(outputs.shape).toEqual([null, null, 4]);
    const model = sg.model({ inputs: input, outputs });
    const long = sg.randomNormal([2, 6, 4], 0, 1, 'float32', 3);
    const whole = model.predict(long) as Tensor;
    const part = model.predict(long.slice([0, 0, 0], [2, 4, 4])) as Tensor;
    expect(farOff(part.dataSync(), whole.slice([0, 0, 0], [2, 4, 4]).dataSync(), 1e-6)).toBeUndefined();
  });

  it('a mask for each head goes together with those of the inputs', () => {
    const layer = sg.layers.multiHeadAttention({ numHeads: 2, keyDim: 2 });
    const batch = x.map((t) => t.tile([3, 1, 1]));
    const heads = sg.randomUniform([3, 2, 3, 4], 0, 1, 'float32', 3).greater(0.4);
    const keys = sg.tensor([1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0], [3, 4]).cast('bool');
    const args = { attentionMask: heads, mask: [undefined, keys], returnAttentionScores: true };
    const [, scores] = applied(layer)(batch, args) as [Tensor, Tensor];
    const may = heads.logicalAnd(keys.reshape([3, 1, 1, 4]));
    expect(read(scores.greater(0))).toEqual(read(may));
  });

  it('where nothing may be looked at nothing is seen', () => {
    const layer = sg.layers.multiHeadAttention({ numHeads: 1, keyDim: 2 });
    const [, scores] = applied(layer)(x, {
      attentionMask: sg.zeros([1, 3, 4], 'bool'),
      returnAttentionScores: true,
    }) as [Tensor, Tensor];
    for (const w of read(scores)) expect(w).toBe(0);
  });
});

describe('training', () => {
  it.each([
    ['attention', { dropout: 0.5, seed: 3 }],
    ['multiHeadAttention', { numHeads: 2, keyDim: 4, dropout: 0.5, seed: 3 }],
  ])('%s: dropout falls on the weights while training alone', (name, config) => {
    const x = sg.randomNormal([2, 5, 4], 0, 1, 'float32', 5);
    const layer = make(name, config);
    const still = read(applied(layer)([x, x]) as Tensor);
    expect(read(applied(layer)([x, x], { training: false }) as Tensor)).toEqual(still);
    const dropped = read(applied(layer)([x, x], { training: true }) as Tensor);
    expect(dropped).not.toEqual(still);
    // The layer's own seed: another one of the same settings and weights drops the same.
    const twin = make(name, config);
    applied(twin)([x, x]);
    twin.setWeights(layer.getWeights());
    expect(read(applied(twin)([x, x], { training: true }) as Tensor)).toEqual(dropped);
  });

  it('attention learns to look for a position', async () => {
    sg.setSeed(1);
    const input = sg.input({ shape: [6, 8] });
    const placed = sg.layers.positionEmbedding({ sequenceLength: 6 }).apply(input) as sg.SymbolicTensor;
    const seen = sg.layers.multiHeadAttention({ numHeads: 2, keyDim: 8 }).apply([placed, input]) as unknown;
    const outputs = sg.layers.dense({ units: 3 }).apply(sg.layers.flatten().apply(seen as sg.SymbolicTensor));
    const model = sg.model({ inputs: input, outputs: outputs as sg.SymbolicTensor });
    model.compile({ optimizer: sg.train.adam(0.01), loss: 'meanSquaredError' });
    const x = sg.randomNormal([64, 6, 8], 0, 1, 'float32', 7);
    const y = x.slice([0, 4, 0], [64, 1, 3]).reshape([64, 3]);
    const { history } = await model.fit(x, y, { epochs: 60, batchSize: 16, verbose: 0 });
    const losses = history.loss as number[];
    expect(losses.at(-1) as number).toBeLessThan((losses[0] as number) * 0.3);
  });
});

describe('sizes', () => {
  it('a mask over two attended dimensions is that of all positions in one', () => {
    const [batch, rows, columns, size] = [2, 2, 3, 4];
    const places = rows * columns;
    const x = sg.randomNormal([batch, rows, columns, size], 0, 1, 'float32', 5);
    const mask = sg.randomUniform([batch, places, places], 0, 1, 'float32', 6).greater(0.4);
    const heads = { numHeads: 2, keyDim: 3 };
    const wide = sg.layers.multiHeadAttention({ ...heads, attentionAxes: [1, 2] });
    const flat = sg.layers.multiHeadAttention(heads);
    const line = x.reshape([batch, places, size]);
    const wideMask = mask.reshape([batch, rows, columns, rows, columns]);
    flat.apply([line, line]);
    wide.apply([x, x], { attentionMask: wideMask });
    wide.setWeights(flat.getWeights());
    const want = flat.apply([line, line], { attentionMask: mask }) as Tensor;
    const got = wide.apply([x, x], { attentionMask: wideMask }) as Tensor;
    expect(got.shape).toEqual([batch, rows, columns, size]);
    expect(farOff(got.dataSync(), want.dataSync(), 1e-6)).toBeUndefined();
  });

  const settings: Record<string, object> = {
    attention: { dropout: 0.2 },
    additiveAttention: {},
    multiHeadAttention: { numHeads: 2, keyDim: 3, dropout: 0.2 },
    groupedQueryAttention: { headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2 },
  };
  it.each(Object.keys(settings))('%s: 0 and 1 in any dimension, and nothing is left behind', (name) => {
    const layer = make(name, settings[name] as object);
    applied(layer)([sg.ones([1, 1, 6]), sg.ones([1, 1, 6])]);
    for (const [batch, rows, columns] of [
      [2, 3, 4],
      [1, 1, 1],
      [0, 3, 4],
      [2, 0, 4],
      [2, 3, 0],
    ] as const) {
      const inputs = [sg.ones([batch, rows, 6]), sg.ones([batch, columns, 6])];
      const before = sg.memory().numTensors;
      const args = { returnAttentionScores: true, useCausalMask: true, training: true };
      const [y, scores] = applied(layer)(inputs, args) as [Tensor, Tensor];
      expect(y.shape).toEqual([batch, rows, 6]);
      expect([scores.shape[0], ...scores.shape.slice(-2)]).toEqual([batch, rows, columns]);
      expect(read(y).every(Number.isFinite)).toBe(true);
      expect(sg.memory().numTensors - before).toBe(2);
      sg.dispose([y, scores, ...inputs]);
    }
  });
});

describe('wrong use', () => {
  const x = sg.ones([2, 3, 4]);
  const heads = { numHeads: 2, keyDim: 2 };
  it.each([
    ['one tensor', 'attention', {}, x, {}, sg.ArgumentError, /\[query, value\]/],
    ['four inputs', 'multiHeadAttention', heads, [x, x, x, x], {}, sg.ArgumentError, /\[query, value, key\], got 4/],
    ['a scoreMode', 'attention', { scoreMode: 'sum' }, [x, x], {}, sg.ArgumentError, /one of 'dot', 'concat'/],
    ['key as wide', 'attention', {}, [x, sg.ones([2, 3, 5])], {}, sg.ShapeError, /query \[2, 3, 4\]/],
    ['batch', 'multiHeadAttention', heads, [x, sg.ones([3, 3, 4])], {}, sg.ShapeError, /differ in batch/],
    ['lengths', 'multiHeadAttention', heads, [x, x, sg.ones([2, 5, 4])], {}, sg.ShapeError, /last dimension/],
    ['rank', 'additiveAttention', {}, [sg.ones([2, 4]), sg.ones([2, 4])], {}, sg.ShapeError, /one rank/],
    ['heads', 'multiHeadAttention', { numHeads: 0, keyDim: 2 }, [x, x], {}, sg.ArgumentError, /numHeads/],
    ['a rate', 'multiHeadAttention', { ...heads, dropout: 1 }, [x, x], {}, sg.ArgumentError, /dropout must be/],
    ['axes', 'multiHeadAttention', { ...heads, attentionAxes: 5 }, [x, x], {}, Error, /attentionAxes/],
    [
      'groups',
      'groupedQueryAttention',
      { headDim: 2, numQueryHeads: 3, numKeyValueHeads: 2 },
      [x, x],
      {},
      sg.ArgumentError,
      /multiple/,
    ],
    ['a length', 'positionEmbedding', { sequenceLength: 2 }, x, {}, sg.ShapeError, /sequenceLength 2/],
    ['a start', 'positionEmbedding', { sequenceLength: 4 }, x, { startIndex: 2 }, sg.ShapeError, /position 2/],
    ['a vector', 'sinePositionEncoding', {}, sg.ones([3]), {}, sg.ShapeError, /dim/],
    ['odd', 'rotaryEmbedding', {}, sg.ones([2, 3, 5]), {}, sg.ArgumentError, /even/],
  ])('%s', (_, name, config, inputs, args, kind, message) => {
    const call = (): unknown => applied(make(name, config))(inputs as never, args);
    expect(call).toThrow(kind as new () => Error);
    expect(call).toThrow(message as RegExp);
  });
});

describe('positions', () => {
  it.each([
    [5, 6, 10000, 0],
    [4, 5, 100, 3],
  ])('sines and cosines: %i x %i', (time, dim, maxWavelength, startIndex) => {
    const layer = make('sinePositionEncoding', { maxWavelength });
    const got = layer.apply(sg.zeros([2, time, dim]), { startIndex });
    const want = Float32Array.from({ length: 2 * time * dim }, (_, i) => {
      const [t, d] = [(Math.floor(i / dim) % time) + startIndex, i % dim];
      const angle = t / maxWavelength ** ((2 * Math.floor(d / 2)) / dim);
      return d % 2 ? Math.cos(angle) : Math.sin(angle);
    });
    expect(farOff(got.dataSync(), want, 2e-6)).toBeUndefined();
  });

  it('embeddings are those of the positions from startIndex on, for every example', () => {
    const layer = make('positionEmbedding', { sequenceLength: 5 });
    const got = read(layer.apply(sg.zeros([2, 3, 2]), { startIndex: 1 }));
    const rows = read(layer.weights[0] as Tensor).slice(2, 8);
    expect(got).toEqual([...rows, ...rows]);
  });

  it('rotations: written out, and products depend on the distance alone', () => {
    const layer = make('rotaryEmbedding', { maxWavelength: 100, scalingFactor: 2 });
    const [time, dim] = [4, 6];
    const x = sg.randomNormal([1, time, dim], 0, 1, 'float32', 9);
    const values = read(x);
    const want = Float32Array.from(values, (_, i) => {
      const [t, d] = [Math.floor(i / dim), i % dim];
      const angle = t / 100 ** ((2 * (d % 3)) / dim) / 2;
      const other = values[t * dim + ((d + 3) % dim)] as number;
      return (values[i] as number) * Math.cos(angle) + (d < 3 ? -other : other) * Math.sin(angle);
    });
    expect(farOff(layer.apply(x).dataSync(), want, 2e-6)).toBeUndefined();
    const same = x.slice([0, 0, 0], [1, 1, dim]).tile([1, time, 1]);
    const turned = layer.apply(same);
    const products = turned.matMul(turned, false, true).arraySync() as number[][][];
    expect(products[0]?.[0]?.[1]).toBeCloseTo(products[0]?.[2]?.[3] as number, 5);
    expect(products[0]?.[0]?.[2]).toBeCloseTo(products[0]?.[1]?.[3] as number, 5);
  });
});
