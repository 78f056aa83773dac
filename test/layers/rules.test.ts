/** Functions and objects of users as initializers, regularizers and constraints; the layout of channels in all layers. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import type { DataFormatName } from '../../src/layers/conv/space';

type Tensor = sg.Tensor;
const values = (t: Tensor): number[] => [...t.dataSync()];
type DenseArgs = Parameters<typeof sg.layers.dense>[0];

/** One weight matrix [2, 1], which starts at (3, -4). */
const model = (args: Partial<DenseArgs>): sg.Sequential => {
  const made = sg.sequential({ layers: [sg.layers.dense({ units: 1, useBias: false, inputShape: [2], ...args })] });
  made.setWeights([sg.tensor2d([[3], [-4]])]);
  made.compile({ optimizer: sg.train.sgd(0), loss: 'meanSquaredError' });
  return made;
};
const train = async (made: sg.Sequential): Promise<number> => {
  const { history } = await made.fit(sg.zeros([2, 2]), sg.zeros([2, 1]));
  return history.loss?.[0] as number;
};

class Squares {
  static className = 'Squares';
  readonly factor: number;
  constructor({ factor }: { factor: number }) {
    this.factor = factor;
  }
  apply(w: Tensor): Tensor {
    return w.square().sum().mul(this.factor);
  }
  getConfig(): Record<string, unknown> {
    return { factor: this.factor };
  }
}
const clipped = (w: Tensor): Tensor => w.clipByValue(-1, 1);

describe('regularizers', () => {
  it('are functions of a weight, or objects that apply', async () => {
    expect(await train(model({ kernelRegularizer: (w) => w.square().sum() }))).toBe(25);
    expect(await train(model({ kernelRegularizer: new Squares({ factor: 2 }) }))).toBe(50);
    expect(await train(model({ kernelRegularizer: () => sg.scalar(7) }))).toBe(7);
    expect(await train(model({ kernelRegularizer: { apply: (w: Tensor) => w.abs().sum() } }))).toBe(7);
  });

  it('take part in the gradient', async () => {
    const made = model({ kernelRegularizer: (w) => w.square().sum() });
    made.compile({ optimizer: sg.train.sgd(0.25), loss: 'meanSquaredError' });
    await train(made);
    expect(values(made.getWeights()[0] as Tensor)).toEqual([1.5, -2]);
  });

  it('say what is wrong with them', async () => {
    await expect(train(model({ kernelRegularizer: (w) => w.square() }))).rejects.toThrow(/must return a scalar/);
    await expect(train(model({ kernelRegularizer: (() => 3) as never }))).rejects.toThrow(
      /must return a tensor, got 3/,
    );
    expect(() => model({ kernelRegularizer: sg.regularizers.l2 as never })).toThrow(/give l2\(\) instead/);
    expect(() => model({ kernelRegularizer: Squares as never })).toThrow(/is a class; give an object/);
    expect(() => model({ kernelRegularizer: 3 as never })).toThrow(sg.ArgumentError);
    expect(() => model({ kernelRegularizer: 'l3' })).toThrow(/did you mean/);
  });
});

describe('constraints', () => {
  it('are functions of a weight, or objects that apply', async () => {
    for (const kernelConstraint of [clipped, { apply: clipped }]) {
      const made = model({ kernelConstraint });
      await train(made);
      expect(values(made.getWeights()[0] as Tensor)).toEqual([1, -1]);
    }
  });

  it('must keep the shape', async () => {
    await expect(train(model({ kernelConstraint: (w) => w.sum() }))).rejects.toThrow(sg.ShapeError);
    await expect(train(model({ kernelConstraint: (() => null) as never }))).rejects.toThrow(sg.ArgumentError);
  });
});

describe('initializers', () => {
  it('are functions of a shape and a type, or objects that apply', () => {
    const initial = (kernelInitializer: DenseArgs['kernelInitializer']): number[] => {
      const layer = sg.layers.dense({ units: 2, kernelInitializer });
      layer.apply(sg.ones([1, 1]));
      return values(layer.getWeights()[0] as Tensor);
    };
    expect(initial((shape, dtype) => sg.fill(shape, 2, dtype))).toEqual([2, 2]);
    expect(initial({ apply: (shape) => sg.fill(shape, 3) })).toEqual([3, 3]);
    expect(() => initial((() => 1) as never)).toThrow(sg.ArgumentError);
    expect(() => initial(() => sg.ones([3]))).toThrow(sg.ShapeError);
  });
});

describe('settings', () => {
  it('name them by class', () => {
    expect(sg.initializers.zeros().getClassName()).toBe('Zeros');
    expect(sg.constraints.nonNeg().getClassName()).toBe('NonNeg');
    expect(sg.regularizers.l1l2().getClassName()).toBe('L1L2');
  });

  it('bring back what registerClass knows', async () => {
    sg.serialization.registerClass(Squares);
    sg.serialization.registerClass(clipped, undefined, 'clippedToOne');
    const made = model({ kernelRegularizer: new Squares({ factor: 3 }), kernelConstraint: clipped });
    const config = made.layers[0]?.getConfig() as Record<string, unknown>;
    expect(config.kernelRegularizer).toEqual({ className: 'Squares', config: { factor: 3 } });
    expect(config.kernelConstraint).toEqual({ className: 'clippedToOne', config: {} });
    const again = model(config as never);
    expect(await train(again)).toBe(75);
    expect(values(again.getWeights()[0] as Tensor)).toEqual([1, -1]);
    expect(await train(model({ kernelConstraint: 'clippedToOne' }))).toBe(0);
  });
});

describe('dataFormat', () => {
  const x = sg.range(0, 8).reshape([1, 2, 2, 2]);
  const layers: Record<string, (dataFormat: DataFormatName) => sg.Layer> = {
    flatten: (dataFormat) => sg.layers.flatten({ dataFormat }),
    spatialDropout2d: (dataFormat) => sg.layers.spatialDropout2d({ rate: 0.5, dataFormat }),
    maxPooling2d: (dataFormat) => sg.layers.maxPooling2d({ dataFormat }),
    conv2d: (dataFormat) => sg.layers.conv2d({ filters: 1, kernelSize: 1, kernelInitializer: 'ones', dataFormat }),
    convLstm2dCell: (dataFormat) => sg.layers.convLstm2dCell({ filters: 1, kernelSize: 1, dataFormat }),
    upSampling2d: (dataFormat) => sg.layers.upSampling2d({ dataFormat }),
    zeroPadding2d: (dataFormat) => sg.layers.zeroPadding2d({ dataFormat }),
    cropping2d: (dataFormat) => sg.layers.cropping2D({ cropping: 0, dataFormat }),
    globalMaxPooling2d: (dataFormat) => sg.layers.globalMaxPooling2d({ dataFormat }),
  };
  it.each(Object.keys(layers))('of %s has two spellings, and no other', (name) => {
    const make = layers[name] as (dataFormat: string) => sg.Layer;
    expect(() => make('nonsense')).toThrow(sg.ArgumentError);
    const [one, other, last] = ['channelsFirst', 'channels_first', 'channelsLast'].map(make) as sg.Layer[];
    expect(other?.getConfig().dataFormat).toBe('channelsFirst');
    expect(last?.getConfig().dataFormat).toBe('channelsLast');
    if (!name.endsWith('Cell')) expect(values(other?.apply(x) as Tensor)).toEqual(values(one?.apply(x) as Tensor));
  });

  it('of flatten moves the channels behind the space', () => {
    expect(values(sg.layers.flatten({ dataFormat: 'channels_first' }).apply(x))).toEqual([0, 4, 1, 5, 2, 6, 3, 7]);
  });
});
