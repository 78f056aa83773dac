/** Models that were built and trained here go on with TensorFlow.js' own loader: the same predictions, the same losses. */
import '@tensorflow/tfjs-backend-cpu';
import * as tfc from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import * as sg from '../../../src/index';
import { farthest, listOf, Sampling, single } from '../keras/files';
import { ofTFJS, type Trained } from '../twelve';

const STEPS = 3;

/** The layer `Sampling`, as a program of TensorFlow.js has it. */
class SamplingThere extends tfl.layers.Layer {
  static className = 'Sampling';
  readonly #share: number;
  #offset!: tfl.LayerVariable;

  constructor({ shareOfDeviation, latentCost: _, ...rest }: { shareOfDeviation: number; latentCost: number }) {
    super(rest);
    this.#share = shareOfDeviation;
  }

  override build([shape]: tfl.Shape[]): void {
    this.#offset = this.addWeight('offset', [shape?.at(-1) as number], 'float32', tfl.initializers.ones());
    this.built = true;
  }

  override computeOutputShape(shapes: tfl.Shape[]): tfl.Shape {
    return shapes[0] as tfl.Shape;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    const [mean, logVariance] = inputs as [tfc.Tensor, tfc.Tensor];
    return mean.add(logVariance.mul(0.5).exp().mul(this.#offset.read()).mul(this.#share));
  }
}

beforeAll(async () => {
  await tfc.setBackend('cpu');
  sg.serialization.registerClass(Sampling as never, 'vae');
  tfc.serialization.registerClass(SamplingThere as never, 'vae');
});

interface Model<T> {
  predict(x: T | T[]): unknown;
  trainOnBatch(x: T | T[], y: T | T[]): Promise<number | number[]>;
}

/** What a model predicts, before and after some steps, and the losses of those. */
async function course<T extends { dataSync(): ArrayLike<number> }>(model: Model<T>, xs: T[], ys: T[]) {
  const predict = (): number[][] => listOf(model.predict(single(xs)) as T | T[]).map((y) => Array.from(y.dataSync()));
  const before = predict();
  const losses: number[] = [];
  for (let i = 0; i < STEPS; i++) losses.push(listOf(await model.trainOnBatch(single(xs), single(ys)))[0] as number);
  return { before, losses, after: predict() };
}

/** The parts of a model as files hold them. */
async function saved(model: sg.LayersModel): Promise<tfc.io.ModelArtifacts> {
  let parts: sg.io.ModelArtifacts = {};
  const handler = sg.io.withSaveHandler(async (artifacts) => {
    parts = { ...JSON.parse(JSON.stringify(artifacts)), weightData: artifacts.weightData };
    return { modelArtifactsInfo: sg.io.getModelArtifactsInfoForJSON(artifacts) };
  });
  await model.save(handler, { includeOptimizer: true });
  return parts as tfc.io.ModelArtifacts;
}

const there = (tensors: readonly sg.Tensor[]): tfc.Tensor[] =>
  tensors.map((t) => tfc.tensor(Array.from(t.dataSync()), t.shape as number[], t.dtype as 'float32'));

it.each(Object.entries(ofTFJS))('%s', async (_, make: () => Trained) => {
  const { model, inputs, targets } = make();
  for (let i = 0; i < 2; i++) await model.trainOnBatch(single(inputs) as never, single(targets) as never);
  const other = await tfl.loadLayersModel(tfc.io.fromMemory(await saved(model)));
  const expected = await course(model as unknown as Model<sg.Tensor>, [...inputs], [...targets]);
  const found = await course(other as unknown as Model<tfc.Tensor>, there(inputs), there(targets));
  expect(farthest(found.before, expected.before)).toBeLessThan(1e-5);
  expect(farthest([found.losses], [expected.losses])).toBeLessThan(1e-5);
  expect(farthest(found.after, expected.after)).toBeLessThan(1e-4);
});

it('a class of a package that shares its name with another, or with a layer of the library, keeps the package', async () => {
  class Dense extends sg.layers.Layer {
    static override className = 'Dense';
    call(x: sg.Tensor): sg.Tensor {
      return x.neg();
    }
  }
  class Twice extends sg.layers.Layer {
    static override className = 'Twice';
    call(x: sg.Tensor): sg.Tensor {
      return x.mul(2);
    }
  }
  class Half extends Twice {
    override call(x: sg.Tensor): sg.Tensor {
      return x.div(2);
    }
  }
  sg.serialization.registerClass(Dense as never, 'mine');
  sg.serialization.registerClass(Twice as never, 'mine');
  const list = [new Twice({ inputShape: [1] }), new Dense({})];
  const namesOf = async (): Promise<string[]> => {
    const { modelTopology } = await saved(sg.sequential({ layers: list as sg.Layer[] }));
    const { config } = modelTopology as { config: { layers: { class_name: string }[] } };
    return config.layers.map((layer) => layer.class_name);
  };
  expect(await namesOf()).toEqual(['Twice', 'mine>Dense']);
  sg.serialization.registerClass(Half as never, 'yours', 'Twice');
  expect(await namesOf()).toEqual(['mine>Twice', 'mine>Dense']);
  const parts = await saved(sg.sequential({ layers: list as sg.Layer[] }));
  const copy = await sg.loadLayersModel(sg.io.fromMemory(parts as sg.io.ModelArtifacts));
  expect((copy.predict(sg.tensor2d([[3]])) as sg.Tensor).dataSync()[0]).toBe(-6);
});

it('there are twelve', () => expect(Object.keys(ofTFJS).length).toBe(12));
