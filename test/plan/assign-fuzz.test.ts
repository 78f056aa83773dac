/**
 * Random functions that assign variables: compiled, and as a layer of a model, they give the bits and leave the values that
 * they do when each op runs at once. `ASSIGN_SEEDS=4000 ASSIGN_THREADS=2` for the long form.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectSameBits } from '../support/compare';
import { effort } from '../support/effort';
import { Assignments, type World } from './assignments';

type Tensor = sg.Tensor;

const SEEDS = Number(process.env.ASSIGN_SEEDS ?? effort(240, 72));
const FIRST = Number(process.env.ASSIGN_FIRST ?? 0);
const GROUPS = 12;
const CALLS = 3;

beforeAll(() => sg.setThreads(Number(process.env.ASSIGN_THREADS ?? 1)));
afterAll(() => sg.setThreads(1));

function expectSameWorlds(actual: World, expected: World, where: string): void {
  actual.variables.forEach((v, i) => {
    expectSameBits(v, expected.variables[i] as Tensor, `${where}, variable ${i}`);
  });
}

function functions(seed: number): void {
  const f = new Assignments(seed);
  const [eager, compiled] = [f.world(), f.world()];
  const jitted = sg.jit((x: Tensor) => f.run(compiled, x));
  for (let call = 0; call < CALLS; call++) {
    const x = f.input(call);
    const where = `seed ${seed}, call ${call}`;
    const expected = f.run(eager, x);
    jitted(x).forEach((t, i) => {
      expectSameBits(t, expected[i] as Tensor, `${where}, result ${i}`);
    });
    expectSameWorlds(compiled, eager, where);
  }
  jitted.dispose();
}

/** A layer whose call assigns its own weights. */
class Assigning extends sg.layers.Layer {
  static override className = 'Assigning';
  world: World = { variables: [], optimizers: [] };

  constructor(readonly f: Assignments) {
    super({ inputShape: [f.size] });
  }

  override build(): void {
    this.world = {
      variables: this.f.specs.map(({ shape, dtype, trainable, initial }, i) => {
        const weight = this.addWeight({
          name: `w${i}`,
          shape,
          dtype,
          initializer: 'zeros',
          trainable: trainable && dtype === 'float32',
        });
        weight.assign(sg.tensor(initial, shape).cast(dtype));
        return weight;
      }),
      optimizers: [],
    };
  }

  override call(x: Tensor): Tensor {
    const results = this.f.run(this.world, x.slice(0, 1).flatten());
    // All variables take part: a model decays those that do not, `minimize` leaves them alone.
    const all = [...results, ...this.world.variables.map((v) => v.cast('float32').mul(0.5))];
    return sg
      .concat(all.map((t) => t.cast('float32').tanh().flatten()))
      .reshape([1, -1])
      .tile([x.shape[0] as number, 1]);
  }
}

const loss = (_: Tensor, y: Tensor): Tensor => y.square().mean();

async function models(seed: number): Promise<void> {
  const f = new Assignments(seed, false);
  const [layer, other] = [new Assigning(f), new Assigning(f)];
  const model = sg.sequential({ layers: [layer] });
  other.build();
  const makers = [
    () => sg.train.sgd(0.1),
    () => sg.train.adam(0.05),
    () => sg.train.lamb({ learningRate: 0.05 }),
    () => sg.train.adamW({ learningRate: 0.05, weightDecay: 0.1, useEma: true }),
  ];
  const make = makers[(seed >> 2) % makers.length] as () => sg.Optimizer;
  const optimizer = make();
  model.compile({ optimizer: make(), loss });
  const y = sg.zeros([1, 1]);
  for (let call = 0; call < CALLS; call++) {
    const x = f.input(call).reshape([1, -1]);
    const where = `model ${seed}, call ${call}`;
    const trained = (await model.trainOnBatch(x, y)) as number;
    const expected = optimizer.minimize(() => loss(y, other.call(x)), true);
    expectSameBits(Float32Array.of(trained), expected, `${where}, loss`);
    expectSameWorlds(layer.world, other.world, where);
    expectSameBits(model.predict(x) as Tensor, other.call(x), `${where}, prediction`);
    expectSameWorlds(layer.world, other.world, `${where}, predicting`);
  }
  model.dispose();
}

const seedsOf = (group: number): number[] =>
  Array.from({ length: Math.ceil(SEEDS / GROUPS) }, (_, i) => FIRST + group + i * GROUPS);

describe('functions that assign variables', () => {
  it.each(Array.from({ length: GROUPS }, (_, i) => i))('group %i', (group) => {
    expect(sg.getThreads()).toBe(Number(process.env.ASSIGN_THREADS ?? 1));
    for (const seed of seedsOf(group)) sg.tidy(() => functions(seed));
  });
});

describe('layers that assign weights', () => {
  it.each(Array.from({ length: GROUPS }, (_, i) => i))('group %i', async (group) => {
    for (const seed of seedsOf(group)) if (seed % 4 === 0) await models(seed);
  });

  it.each([2228, 2508])('seed %i, where a variable is given back what was read of it', models);
});
