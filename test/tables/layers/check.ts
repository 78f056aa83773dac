/** What is checked of every layer. Each check gives a complaint, or undefined if all is well. */
import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as sg from '../../../src/index';
import { bitsAt, difference } from '../../support/bits';
import { farOff } from '../../support/distance';
import { generator, seedOf } from '../../support/generate';
import { uniform } from '../../support/random';
import type { LayerCase } from './case';

type Tensor = sg.Tensor;
const BATCH = 3;

const listOf = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? (x as readonly T[]) : [x as T]);
const single = <T>(list: readonly T[]): T | readonly T[] => (list.length === 1 ? (list[0] as T) : list);
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

type Factories = Record<string, (config?: object) => sg.Layer>;
/** 0, from all of some tensors: results may follow from their shapes alone. */
const zeroOf = (ts: readonly Tensor[]): Tensor =>
  ts.map((t) => t.cast('float32').mul(0).sum()).reduce((a, b) => a.add(b));

const factories = sg.layers as unknown as Factories;

export const nameOf = (c: LayerCase): string =>
  `${c.layer} ${JSON.stringify(c.config ?? {})} of ${c.inputs.map((s) => `[${s}]`).join(', ')}`;

function make(c: LayerCase): sg.Layer {
  const factory = factories[c.layer];
  if (!factory) throw new Error(`sg.layers.${c.layer} is missing`);
  sg.setSeed(1);
  return factory({ ...c.config });
}

/** The same inputs for every library. */
function numbersOf(c: LayerCase): { shape: number[]; values: Float32Array }[] {
  return c.inputs.map((s, i) => {
    const shape = [BATCH, ...s];
    const next = generator(seedOf(nameOf(c)) + i);
    const value = (): number => (c.below ? Math.floor(next() * c.below) : next() * 2 - 1);
    return { shape, values: Float32Array.from({ length: sizeOf(shape) }, value) };
  });
}

const inputsOf = (c: LayerCase): Tensor[] => numbersOf(c).map(({ shape, values }) => sg.tensor(values, shape));

/** Weights that tell each other apart; those that are no ones or zeros by nature stay near what they were. */
function settle(layer: sg.Layer): void {
  const weights = layer.weights.map((w, i) => {
    const values = uniform(31 + i, w.size, -0.5, 0.5);
    const old = w.dataSync();
    return sg.tensor(
      values.map((v, k) => (old[k] as number) * 0.5 + v),
      w.shape,
    );
  });
  // Variances must stay positive.
  layer.setWeights(weights.map((w, i) => (/variance/.test(layer.weights[i]?.name ?? '') ? w.abs().add(0.1) : w)));
}

function run(layer: sg.Layer, xs: readonly Tensor[], c: LayerCase, training = false): readonly Tensor[] {
  const args = { training, ...c.args };
  // What draws, draws anew in each call: checks compare the first ones.
  const first = args.training && c.config && 'seed' in c.config ? make(c) : layer;
  return listOf(first.apply(single(xs) as Tensor, args) as Tensor | Tensor[]);
}

/** The shape that is foretold is that which comes, with batch and without; and so is the number of weights. */
export function checkShape(c: LayerCase): string | undefined {
  return sg.tidy(() => {
    const layer = make(c);
    const symbols = c.inputs.map((shape) => sg.input({ shape }));
    const foretold = listOf(layer.apply(single(symbols) as sg.SymbolicTensor, { ...c.args }));
    const real = run(layer, inputsOf(c), c);
    const told = foretold.map((s) => `[${s.shape.map((d) => d ?? 'null')}]`).join();
    const got = real.map((t) => `[${['null', ...t.shape.slice(1)]}]`).join();
    if (told !== got) return `foretold ${told}, computed ${got}`;
    if (layer.weights.length !== (c.weights ?? 0)) return `${layer.weights.length} weights, expected ${c.weights ?? 0}`;
    const params = layer.weights.reduce((sum, w) => sum + w.size, 0);
    return layer.countParams() === params ? undefined : 'countParams is wrong';
  });
}

/** A layer made from another one's settings and weights computes the same bits, trained and not. */
export function checkConfig(c: LayerCase): string | undefined {
  return sg.tidy(() => {
    const layer = make(c);
    const xs = inputsOf(c);
    run(layer, xs, c);
    settle(layer);
    const config = JSON.parse(JSON.stringify(layer.getConfig())) as Record<string, unknown>;
    const cls = layer.constructor as new (config: object) => sg.Layer;
    const copy = sg.Layer.fromConfig(cls, config);
    run(copy, xs, c);
    copy.setWeights(layer.getWeights());
    const again = JSON.stringify(copy.getConfig());
    if (again !== JSON.stringify(config)) return `settings ${JSON.stringify(config)} became ${again}`;
    return compareBits(run(layer, xs, c), run(copy, xs, c));
  });
}

function compareBits(a: readonly Tensor[], b: readonly Tensor[]): string | undefined {
  for (const [i, t] of a.entries()) {
    const u = b[i] as Tensor;
    const differs = difference(bitsAt(t.address(), t.shape, t.dtype), bitsAt(u.address(), u.shape, u.dtype));
    if (differs) return `result ${i}: ${differs}`;
  }
  return undefined;
}

/** Eager and compiled: the same bits. */
export function checkCompiled(c: LayerCase): string | undefined {
  return sg.tidy(() => {
    const layer = make(c);
    const xs = inputsOf(c);
    run(layer, xs, c);
    settle(layer);
    const compiled = sg.jit((...ts: Tensor[]) => [...run(layer, ts, c)]);
    return compareBits(compiled(...xs), run(layer, xs, c));
  });
}

/** The slope along random directions of all inputs and weights, against differences of the layer's own results. */
export function checkGradient(c: LayerCase): string | undefined {
  if (c.gradient === false) return undefined;
  return sg.tidy(() => {
    const layer = make(c);
    const xs = inputsOf(c);
    run(layer, xs, c);
    settle(layer);
    const weights = layer.trainableWeights;
    const loss = (ts: readonly Tensor[]): Tensor =>
      run(layer, ts, c)
        .map((y, i) => y.mul(sg.tensor(uniform(71 + i, y.size), y.shape)).sum())
        .reduce((a, b) => a.add(b));
    const moves = c.below ? [] : xs;
    const directions = [...moves, ...weights].map((t, i) => sg.tensor(uniform(51 + i, t.size), t.shape));
    const grads = c.below ? [] : sg.grads((...ts: Tensor[]) => loss(ts).add(zeroOf(ts)))(xs);
    const inner = (a: Tensor, b: Tensor): number => {
      const [p, q] = [a.dataSync<'float32'>(), b.dataSync()];
      return p.reduce((sum, v, i) => sum + v * (q[i] as number), 0);
    };
    let slope = moves.reduce((sum, _, i) => sum + inner(grads[i] as Tensor, directions[i] as Tensor), 0);
    if (weights.length) {
      const byName = sg.variableGrads(() => loss(xs), weights).grads;
      weights.forEach((w, i) => {
        const g = byName[w.name];
        if (g) slope += inner(g, directions[moves.length + i] as Tensor);
      });
    }
    const values = weights.map((w) => w.mul(1));
    const at = (step: number): number => {
      weights.forEach((w, i) => {
        w.assign((values[i] as Tensor).add((directions[moves.length + i] as Tensor).mul(step)));
      });
      const moved = c.below ? xs : xs.map((x, i) => x.add((directions[i] as Tensor).mul(step)));
      return loss(moved).dataSync()[0] as number;
    };
    const step = 1e-3;
    const measured = (at(step) - at(-step)) / (2 * step);
    const error = Math.abs(measured - slope) / Math.max(1, Math.abs(measured));
    return error < 2e-2 ? undefined : `slope ${slope}, by differences ${measured}`;
  });
}

/** TensorFlow.js with the same weights: the same results, and the same gradients of inputs and weights. */
export function checkTwin(c: LayerCase): string | undefined {
  const twins = tfl.layers as unknown as Record<string, (config: object) => tfl.layers.Layer>;
  const twin = twins[c.layer];
  if (!twin || c.tf === false) return undefined;
  const tolerance = c.tolerance ?? 1e-5;
  const layer = make(c);
  const xs = inputsOf(c);
  run(layer, xs, c);
  settle(layer);
  const other = twin({ ...(c.tfConfig ?? c.config) });
  const theirs = numbersOf(c).map(({ shape, values }) => tfc.tensor(values, shape));
  const apply = (ts: readonly tfc.Tensor[]): readonly tfc.Tensor[] =>
    listOf(other.apply(single(ts) as tfc.Tensor, { ...c.args }) as tfc.Tensor | tfc.Tensor[]);
  apply(theirs);
  other.setWeights(layer.weights.map((w) => tfc.tensor(w.dataSync(), w.shape as number[])));
  const ours = run(layer, xs, c);
  for (const [i, want] of apply(theirs).entries()) {
    const got = ours[i] as Tensor;
    if (String(got.shape) !== String(want.shape))
      return `result ${i}: shape [${got.shape}], TensorFlow.js [${want.shape}]`;
    const far = farOff(got.dataSync(), want.dataSync(), tolerance);
    if (far) return `result ${i}: ${far}`;
  }
  if (c.gradient === false || c.tfGradient === false) return undefined;
  const ourLoss = (ts: readonly Tensor[]): Tensor =>
    run(layer, ts, c)
      .map((y) => y.square().sum())
      .reduce((a, b) => a.add(b));
  const theirLoss = (ts: readonly tfc.Tensor[]): tfc.Scalar =>
    tfc.addN(apply(ts).map((y) => tfc.sum(tfc.square(y)))) as tfc.Scalar;
  const compare = (what: string, got: readonly Tensor[], want: readonly tfc.Tensor[]): string | undefined => {
    for (const [i, w] of want.entries()) {
      const far = farOff((got[i] as Tensor).dataSync(), w.dataSync(), tolerance * 5);
      if (far) return `gradient of ${what} ${i}: ${far}`;
    }
    return undefined;
  };
  if (!c.below) {
    const { grads } = sg.valueAndGrads((...ts: Tensor[]) => ourLoss(ts))(xs);
    const wanted = tfc.grads((...ts: tfc.Tensor[]) => theirLoss(ts))(theirs);
    const complaint = compare('input', grads, wanted);
    if (complaint) return complaint;
  }
  const own = layer.trainableWeights;
  if (own.length === 0) return undefined;
  const ourGrads = sg.variableGrads(() => ourLoss(xs), own).grads;
  const variables = other.trainableWeights.map((w) => (w as unknown as { val: tfc.Variable }).val);
  const theirGrads = tfc.variableGrads(() => theirLoss(theirs), variables).grads;
  return compare(
    'weight',
    own.map((w) => ourGrads[w.name] ?? sg.zerosLike(w)),
    variables.map((v) => theirGrads[v.name] ?? tfc.zerosLike(v)),
  );
}
