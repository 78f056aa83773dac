/** Layers inside layers: found wherever they are kept; trained, counted, frozen, saved and disposed of with them. */
import { describe, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';

type Tensor = sg.Tensor;
const values = (t: Tensor): number[] => [...t.dataSync()];
const dense = (units: number, args: object = {}): sg.Layer => sg.layers.dense({ units, ...args });

/** Keeps layers in some way, and calls them one after another. */
abstract class Chain extends sg.layers.Layer {
  static override className = 'Chain';
  abstract get chain(): readonly sg.Layer[];

  call(x: Tensor): Tensor {
    return this.chain.reduce((y, layer) => layer.apply(y), x);
  }
}

const SYMBOL = Symbol('inner');

class InProperties extends Chain {
  static override className = 'InProperties';
  first = dense(3);
  [SYMBOL] = dense(2);
  get chain() {
    return [this.first, this[SYMBOL]];
  }
}

class InLists extends Chain {
  readonly all = [dense(3), [dense(2)]] as const;
  get chain() {
    return [this.all[0], this.all[1][0] as sg.Layer];
  }
}

class InCollections extends Chain {
  readonly map = new Map([['a', dense(3)]]);
  readonly rest = { deep: { set: new Set([dense(2)]) } };
  get chain() {
    return [this.map.get('a') as sg.Layer, ...this.rest.deep.set];
  }
}

class MadeInBuild extends Chain {
  chain: sg.Layer[] = [];
  override build(): void {
    this.chain = [dense(3), dense(2)];
  }
}

class MadeInCall extends Chain {
  made: sg.Layer[] = [];
  get chain() {
    if (this.made.length === 0) this.made = [dense(3), dense(2)];
    return this.made;
  }
  // As layers for TensorFlow.js do: so nothing calls the layer before there is data.
  override computeOutputShape(): sg.Shapes {
    return [null, 2];
  }
}

class InPrivate extends Chain {
  readonly #first = this.addLayer(dense(3));
  readonly #second = this.addLayer(dense(2));
  get chain() {
    return [this.#first, this.#second];
  }
}

class InsideAnother extends Chain {
  static override className = 'InsideAnother';
  readonly inner = new InProperties();
  get chain() {
    return [this.inner];
  }
}

class KnownUnderTwoNames extends Chain {
  readonly a = dense(3);
  readonly list = [this.a, dense(2)];
  get chain() {
    return this.list;
  }
}

const KINDS = {
  InProperties,
  InLists,
  InCollections,
  MadeInBuild,
  MadeInCall,
  InPrivate,
  InsideAnother,
  KnownUnderTwoNames,
};

const modelOf = (block: sg.Layer, inputShape = [4]): sg.Sequential => {
  const model = sg.sequential({ layers: [sg.layers.inputLayer({ inputShape }), block, dense(1)] });
  model.compile({ optimizer: sg.train.sgd(0.05), loss: 'meanSquaredError' });
  return model;
};

const [x, y] = [sg.randomNormal([8, 4], 0, 1, 'float32', 1), sg.randomNormal([8, 1], 0, 1, 'float32', 2)];
const COUNT = 4 * 3 + 3 + 3 * 2 + 2 + 2 + 1;

describe.each(Object.entries(KINDS))('layers kept %s', (_, Kind) => {
  it('are trained, counted, and have their weights in those of the model', async () => {
    const model = modelOf(new Kind());
    await model.fit(x, y, { epochs: 1, batchSize: 8 });
    expect(model.countParams()).toBe(COUNT);
    expect(model.trainableWeights).toHaveLength(6);
    const before = model.getWeights().map(values);
    const { history } = await model.fit(x, y, { epochs: 3, batchSize: 8 });
    expect(
      model
        .getWeights()
        .map(values)
        .filter((w, i) => String(w) === String(before[i])),
    ).toEqual([]);
    expect((history.loss as number[])[2]).toBeLessThan((history.loss as number[])[0] as number);
    model.dispose();
  });

  it('train as the same layers one after another do', async () => {
    const model = modelOf(new Kind());
    model.predict(x);
    const plain = sg.sequential({ layers: [sg.layers.inputLayer({ inputShape: [4] }), dense(3), dense(2), dense(1)] });
    plain.setWeights(model.getWeights());
    plain.compile({ optimizer: sg.train.sgd(0.05), loss: 'meanSquaredError' });
    for (const m of [model, plain]) await m.fit(x, y, { epochs: 2, batchSize: 4, shuffle: false });
    expect(model.getWeights().map(values)).toEqual(plain.getWeights().map(values));
  });

  it('are frozen with it, and freed', async () => {
    const block = new Kind();
    block.trainable = false;
    const model = modelOf(block);
    await model.fit(x, y);
    expect(model.trainableWeights).toHaveLength(2);
    const before = block.getWeights().map(values);
    await model.fit(x, y);
    expect(block.getWeights().map(values)).toEqual(before);
    expect(block.weights.every((w) => !w.trainable)).toBe(true);
    block.trainable = true;
    expect(model.trainableWeights).toHaveLength(6);
  });

  it('are saved and restored', async () => {
    const [one, other] = [modelOf(new Kind()), modelOf(new Kind())];
    for (const m of [one, other]) await m.fit(x, y);
    other.restoreTraining(one.trainingState());
    expect(values(other.predict(x))).toEqual(values(one.predict(x)));
  });

  it('are disposed of with it', () => {
    const block = new Kind();
    const model = modelOf(block);
    model.predict(x).dispose();
    const { weights } = block;
    expect(weights).toHaveLength(4);
    expect(model.dispose()).toEqual({ refCountAfterDispose: 0, numDisposedVariables: 6 });
    expect(weights.every((w) => w.isDisposed)).toBe(true);
  });
});

describe('what layers inside see', () => {
  it('training, unless their call says otherwise', () => {
    class Dropping extends sg.layers.Layer {
      readonly drop = sg.layers.dropout({ rate: 0.5, seed: 1 });
      call(t: Tensor): Tensor {
        return this.drop.apply(t);
      }
    }
    const layer = new Dropping();
    const ones = sg.ones([1, 64]);
    expect(values(layer.apply(ones, { training: true })).includes(0)).toBe(true);
    expect(values(layer.apply(ones)).includes(0)).toBe(false);
    class Never extends Dropping {
      override call(t: Tensor): Tensor {
        return this.drop.apply(t, { training: false });
      }
    }
    expect(values(new Never().apply(ones, { training: true })).includes(0)).toBe(false);
  });

  it('a layer of two holders is counted once, and goes with the last of them', () => {
    class Around extends sg.layers.Layer {
      constructor(readonly inner: sg.Layer) {
        super();
      }
      call(t: Tensor): Tensor {
        return this.inner.apply(t);
      }
    }
    const shared = dense(4);
    const [a, b] = [new Around(shared), new Around(shared)];
    const model = modelOf(a);
    const symbol = sg.input({ shape: [4] });
    const both = sg.model({ inputs: symbol, outputs: b.apply(a.apply(symbol)) });
    expect(both.countParams()).toBe(20);
    expect(both.trainableWeights).toHaveLength(2);
    both.dispose();
    expect(shared.weights.some((w) => w.isDisposed)).toBe(false);
    model.dispose();
    expect(a.weights).toEqual([]);
    expect(shared.weights).toEqual([]);
  });

  it('a layer that knows its holder, or its model, does not hold it', async () => {
    class Part extends sg.layers.Layer {
      model: sg.LayersModel | undefined;
      readonly inner = dense(4);
      constructor(readonly whole: sg.Layer) {
        super();
        // Asked before the holder has it.
        expect(this.weights).toEqual([]);
      }
      call(t: Tensor): Tensor {
        return this.inner.apply(t);
      }
    }
    class Whole extends sg.layers.Layer {
      readonly part: Part = new Part(this);
      call(t: Tensor): Tensor {
        return this.part.apply(t);
      }
    }
    const whole = new Whole();
    const model = modelOf(whole);
    whole.part.model = model;
    await model.fit(x, y);
    expect(model.countParams()).toBe(20 + 5);
    expect(whole.part.trainableWeights).toHaveLength(2);
    expect(model.dispose().refCountAfterDispose).toBe(0);
  });

  it('a layer that was made before its holder and knows it is its child all the same', async () => {
    class Part extends sg.layers.Layer {
      whole: sg.Layer | undefined;
      readonly inner = dense(4);
      call(t: Tensor): Tensor {
        return this.inner.apply(t);
      }
    }
    class Whole extends sg.layers.Layer {
      constructor(readonly part: Part) {
        super();
        part.whole = this;
      }
      call(t: Tensor): Tensor {
        return this.part.apply(t);
      }
    }
    const model = modelOf(new Whole(new Part()));
    await model.fit(x, y);
    expect(model.trainableWeights).toHaveLength(4);
  });

  it('takes the weights of other layers as its own, as in TensorFlow.js', () => {
    const inner = dense(3, { inputShape: [4] });
    inner.apply(sg.ones([1, 4]));
    class Adopting extends sg.layers.Layer {
      override build(): void {
        this.trainableWeights = inner.trainableWeights;
        this.built = true;
      }
      call(t: Tensor): Tensor {
        return inner.apply(t);
      }
    }
    const model = modelOf(new Adopting());
    expect(model.trainableWeights).toHaveLength(4);
    model.dispose();
    expect(inner.weights.some((w) => w.isDisposed)).toBe(false);
  });

  it('addLayer wants a layer', () => {
    expect(() => new InProperties().addLayer({} as sg.Layer)).toThrow(sg.ArgumentError);
  });

  it('weights that appear after training has begun are an error', async () => {
    class Growing extends Chain {
      chain = [dense(4)];
      override call(t: Tensor): Tensor {
        if (t.shape[0] === 3) this.chain.push(dense(4));
        return super.call(t);
      }
      override computeOutputShape(): sg.Shapes {
        return [null, 4];
      }
    }
    const model = modelOf(new Growing());
    await model.fit(x, y, { batchSize: 8 });
    await expect(model.trainOnBatch(sg.ones([3, 4]), sg.ones([3, 1]))).rejects.toThrow(/2 weights since the training/);
  });
});

describe('summary', () => {
  it('lists the layers inside a layer below it', () => {
    const lines: string[] = [];
    modelOf(new InsideAnother({ name: 'block' })).summary(80, undefined, (line) => lines.push(line));
    const text = lines.join('\n');
    expect(text).toMatch(/^block \(InsideAnother\) +\[null, 2\] +23$/m);
    expect(text).toMatch(/^ {2}\w+ \(InProperties\) +\[null, 2\] +23$/m);
    expect(text).toMatch(/^ {4}dense\w* \(Dense\) +\[null, 3\] +15$/m);
    expect(text).toContain('Total params: 26');
  });

  it('but not those of the library, which are one thing to users', () => {
    const log = vi.fn();
    sg.sequential({ layers: [sg.layers.lstm({ units: 2, inputShape: [3, 2] })] }).summary(80, undefined, log);
    expect(log.mock.calls.flat().filter((line: string) => line.startsWith(' '))).toEqual([]);
  });
});

describe('layers in the settings of others', () => {
  const dense = { className: 'Dense', config: { units: 2 } };
  const cell = sg.layers.lstmCell({ units: 2 });
  const lstm = sg.layers.lstm({ units: 2 });
  it.each<[string, () => unknown]>([
    ['timeDistributed: layer', () => sg.layers.timeDistributed({ layer: { className: '' } as never })],
    ['bidirectional: layer', () => sg.layers.bidirectional({ layer: dense as never })],
    ['bidirectional: backwardLayer', () => sg.layers.bidirectional({ layer: lstm, backwardLayer: {} as never })],
    ['bidirectional: backwardLayer', () => sg.layers.bidirectional({ layer: lstm, backwardLayer: dense as never })],
    ['rnn: cell', () => sg.layers.rnn({ cell: dense as never })],
    ['stackedRNNCells: cells[1]', () => sg.layers.stackedRNNCells({ cells: [cell, dense as never] })],
    ['stackedRNNCells: cells[1]', () => sg.layers.rnn({ cell: [cell, 7 as never] })],
    ['spectralNormalization: layer', () => sg.layers.spectralNormalization({ layer: { className: null } as never })],
  ])('%s must be one that fits', (what, make) => {
    expect(make).toThrow(sg.ArgumentError);
    expect(make).toThrow(what);
  });
});
