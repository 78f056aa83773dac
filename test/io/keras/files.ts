/** Files of Keras in the tests: fixtures, models loaded from them, and what goes into the models. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as sg from '../../../src/index';

export type Tensor = sg.Tensor;
export type AnyModel = sg.Sequential | sg.Functional;

/** What Keras computed: see goldens/keras_files.py. */
export interface Golden {
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[]; readonly words: boolean }[];
  readonly before: readonly { readonly shape: readonly number[]; readonly values: readonly number[] }[];
  readonly losses: readonly number[];
  readonly after: Golden['before'];
}

const at = (path: string): URL => new URL(`../../goldens/keras/${path}`, import.meta.url);

export const goldens = JSON.parse(readFileSync(at('models.json'), 'utf8')) as Readonly<Record<string, Golden>>;

/** The folders of the fixtures, with what their files are called and the name of the format. */
export const KINDS = {
  archives: { suffix: 'keras', format: 'keras' },
  legacy: { suffix: 'h5', format: 'h5' },
  weights: { suffix: 'weights.h5', format: 'keras-weights' },
} as const;
export type Kind = keyof typeof KINDS;

export const fixture = (kind: Kind, name: string): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync(at(`${kind}/${name}.${KINDS[kind].suffix}.gz`))));

/** A model with its weights and, if it was compiled, its training. */
export const load = (bytes: Uint8Array, compile = true): Promise<AnyModel> =>
  sg.loadModel(bytes, { compile }) as Promise<AnyModel>;

/** The bytes of a file with everything in it. */
export const save = (model: AnyModel, format: string, options: object = {}): Promise<Uint8Array> =>
  sg.io.toBytes(model, { includeOptimizer: true, format, ...options });

/** As `values` of the generator. */
export function values(shape: readonly number[], seed: number, low = -1, high = 1): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const numbers = Float32Array.from({ length: size }, (_, i) => {
    const mixed = (Math.imul(i + 1, 2654435761) + Math.imul(seed + 1, 2246822519)) >>> 0;
    const hash = Math.imul(mixed ^ (mixed >>> 15), 2654435769) >>> 0;
    return low + ((high - low) * (hash >>> 8)) / 2 ** 24;
  });
  return sg.tensor(numbers, [...shape]);
}

const BATCH = 4;

/** The inputs that Keras had, in the order of the model's. */
export function inputsOf(model: AnyModel, { inputs }: Golden): Tensor[] {
  const all = inputs.map(({ shape, words }, i) => {
    const x = values([BATCH, ...shape], i);
    return words ? x.add(1).mul(4.5).floor().cast('int32') : x;
  });
  return model.inputNames.map((name, i) => {
    const found = inputs.findIndex((input) => input.name === name);
    return all[found < 0 ? i : found] as Tensor;
  });
}

/** The targets that Keras had. */
export function targetsOf(name: string, { before }: Golden): Tensor[] {
  if (name === 'embedding') return [sg.tensor([[0], [1], [0], [1]])];
  return before.map(({ shape }, i) => {
    const classes = shape[1] as number;
    if (name !== 'mlp' && name !== 'cnn') return values(shape, 50 + i);
    return sg.oneHot(sg.range(0, BATCH, 1, 'int32').mod(classes).cast('int32'), classes).cast('float32');
  });
}

export const single = <T>(list: readonly T[]): T | T[] => (list.length === 1 ? (list[0] as T) : [...list]);
export const listOf = <T>(x: T | readonly T[]): T[] => (Array.isArray(x) ? [...x] : [x as T]);

export const predict = (model: AnyModel, xs: readonly Tensor[]): number[][] =>
  listOf(model.predict(single(xs)) as Tensor | Tensor[]).map((y) => [...y.dataSync()]);

/** Two steps of training: their losses. */
export async function train(model: AnyModel, xs: readonly Tensor[], ys: readonly Tensor[]): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 0; step < 2; step++)
    losses.push(listOf(await model.trainOnBatch(single(xs), single(ys)))[0] as number);
  return losses;
}

/** The largest difference; infinite for lists of different lengths. */
export const farthest = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  Math.max(
    ...a.map((list, i) =>
      list.length === b[i]?.length ? Math.max(0, ...list.map((v, k) => Math.abs(v - (b[i]?.[k] as number)))) : Infinity,
    ),
  );

/** The layer of the fixture `vae`, which is registered in Keras as `vae>Sampling`. */
export class Sampling extends sg.layers.Layer {
  static override className = 'Sampling';

  static override accepts() {
    return { ...sg.layers.Layer.accepts(), shareOfDeviation: true, latentCost: true } as ReturnType<
      typeof sg.layers.Layer.accepts
    >;
  }

  readonly #share: number;
  readonly #cost: number;
  #offset!: sg.Variable;

  constructor({
    shareOfDeviation = 0.1,
    latentCost = 0.01,
    ...rest
  }: { shareOfDeviation?: number; latentCost?: number } & sg.LayerArgs = {}) {
    super(rest);
    this.#share = shareOfDeviation;
    this.#cost = latentCost;
  }

  override build(shapes: readonly (readonly number[])[]): void {
    this.#offset = this.addWeight({ name: 'offset', shape: [shapes[0]?.at(-1) as number], initializer: 'ones' });
  }

  call([mean, logVariance]: readonly [Tensor, Tensor]): Tensor {
    if (this.#cost) this.addLoss(mean.square().add(logVariance.exp()).sub(logVariance).mean().mul(this.#cost));
    return mean.add(logVariance.mul(0.5).exp().mul(this.#offset).mul(this.#share));
  }

  override computeOutputShape(shapes: never): never {
    return shapes[0];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), shareOfDeviation: this.#share, latentCost: this.#cost };
  }
}
