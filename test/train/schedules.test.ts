/** Learning rates against their formulas in float64, and against Keras. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

type Rate = (t: number) => number;
const S = sg.schedules;
const half = (part: number): number => 0.5 * (1 + Math.cos(Math.PI * part));
const floorDiv = (t: number, n: number): number => Math.floor(t / n);

/** SGDR with the geometric sum in closed form, as Keras has it. */
function restarts(t: number, first: number, tMul: number, mMul: number, alpha: number): number {
  const done = t / first;
  const i = tMul === 1 ? Math.floor(done) : Math.floor(Math.log(1 - done * (1 - tMul)) / Math.log(tMul) + 1e-12);
  const part = tMul === 1 ? done - i : (done - (1 - tMul ** i) / (1 - tMul)) / tMul ** i;
  return 0.1 * ((1 - alpha) * mMul ** i * half(part) + alpha);
}

/** Leslie Smith's policy as PyTorch has it. */
function oneCycle(t: number, top: number, total: number, pct: number, ease: Rate): number {
  const [up, end] = [pct * total - 1, total - 1];
  const [low, last] = [top / 25, top / 25 / 1e4];
  if (t <= up) return top + (low - top) * ease(t / up);
  return last + (top - last) * ease(Math.min(1, (t - up) / (end - up)));
}

const rows: [string, sg.Schedule, Rate][] = [
  ['constant', S.constant(0.3), () => 0.3],
  ['timeBased', S.timeBased(0.1, 0.05), (t) => 0.1 / (1 + 0.05 * t)],
  ['stepBased', S.stepBased({ initialLearningRate: 0.1 }), (t) => 0.1 * 0.5 ** floorDiv(1 + t, 10)],
  ['stepBased 7', S.stepBased(0.1, 0.3, 7), (t) => 0.1 * 0.3 ** floorDiv(1 + t, 7)],
  ['exponential', S.exponential(0.1, 0.02), (t) => 0.1 * Math.exp(-0.02 * t)],
  ['exponentialDecay', S.exponentialDecay(0.1, 30, 0.9), (t) => 0.1 * 0.9 ** (t / 30)],
  ['exponentialDecay, staircase', S.exponentialDecay(0.1, 30, 0.9, true), (t) => 0.1 * 0.9 ** floorDiv(t, 30)],
  ['inverseTimeDecay', S.inverseTimeDecay(0.1, 10, 0.5), (t) => 0.1 / (1 + (0.5 * t) / 10)],
  ['inverseTimeDecay, staircase', S.inverseTimeDecay(0.1, 10, 0.5, true), (t) => 0.1 / (1 + 0.5 * floorDiv(t, 10))],
  [
    'piecewiseConstantDecay',
    S.piecewiseConstantDecay([10, 50], [1, 0.5, 0.1]),
    (t) => (t <= 10 ? 1 : t <= 50 ? 0.5 : 0.1),
  ],
  ['polynomialDecay', S.polynomialDecay(0.1, 100), (t) => (0.1 - 1e-4) * (1 - Math.min(t, 100) / 100) + 1e-4],
  [
    'polynomialDecay 1.7, cycle',
    S.polynomialDecay({ initialLearningRate: 0.1, decaySteps: 30, endLearningRate: 0.01, power: 1.7, cycle: true }),
    (t) => 0.09 * (1 - t / (30 * Math.max(1, Math.ceil(t / 30)))) ** 1.7 + 0.01,
  ],
  ['cosineDecay', S.cosineDecay(0.1, 100, 0.2), (t) => 0.1 * (0.8 * half(Math.min(t, 100) / 100) + 0.2)],
  [
    'cosineDecay, warm',
    S.cosineDecay({ initialLearningRate: 0.01, decaySteps: 90, alpha: 0.1, warmupTarget: 0.2, warmupSteps: 10 }),
    (t) => (t < 10 ? 0.01 + 0.19 * (t / 10) : 0.2 * (0.9 * half(Math.min(t - 10, 90) / 90) + 0.1)),
  ],
  ['cosineDecayRestarts', S.cosineDecayRestarts(0.1, 20), (t) => restarts(t, 20, 2, 1, 0)],
  [
    'cosineDecayRestarts 1.5',
    S.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 16, tMul: 1.5, mMul: 0.8, alpha: 0.05 }),
    (t) => restarts(t, 16, 1.5, 0.8, 0.05),
  ],
  ['cosineDecayRestarts 1', S.cosineDecayRestarts(0.1, 25, 1, 0.5), (t) => restarts(t, 25, 1, 0.5, 0)],
  ['warmup', S.warmup({ schedule: 0.4, warmupSteps: 8 }), (t) => 0.4 * Math.min(1, t / 8)],
  [
    'warmup, then another',
    S.warmup({ schedule: S.timeBased(0.1, 0.5), warmupSteps: 20, initialLearningRate: 0.02 }),
    (t) => (t < 20 ? 0.02 + 0.08 * (t / 20) : 0.1 / (1 + 0.5 * (t - 20))),
  ],
  ['oneCycle', S.oneCycle(0.5, 200), (t) => oneCycle(t, 0.5, 200, 0.3, half)],
  [
    'oneCycle, linear',
    S.oneCycle({ maxLearningRate: 0.5, totalSteps: 120, pctStart: 0.4, annealStrategy: 'linear' }),
    (t) => oneCycle(t, 0.5, 120, 0.4, (p) => 1 - p),
  ],
];

const STEPS = [...Array.from({ length: 121 }, (_, t) => t), 150, 199, 200, 257, 1000, 12345];

describe.each(rows)('%s', (_, schedule, formula) => {
  it('is its formula', () => {
    for (const t of STEPS) {
      const [rate, want] = [schedule(t), formula(t)];
      expect(Math.abs(rate - want), `t = ${t}: ${rate}, not ${want}`).toBeLessThanOrEqual(
        2e-15 + 1e-13 * Math.abs(want),
      );
    }
  });

  it('comes back from its settings', () => {
    const config = JSON.parse(JSON.stringify(S.serialize(schedule)));
    const again = S.deserialize(config);
    expect(STEPS.map(again)).toEqual(STEPS.map(schedule));
    expect(S.serialize(again)).toEqual(config);
  });
});

interface Golden {
  steps: number[];
  rows: { name: keyof typeof S; config: never; rates: number[] }[];
}
const golden = JSON.parse(readFileSync(new URL('../goldens/schedules.json', import.meta.url), 'utf8')) as Golden;

it.each(golden.rows.map((r) => [`${r.name} ${JSON.stringify(r.config)}`, r] as const))('Keras: %s', (_, row) => {
  const schedule = (S[row.name] as (config: never) => Rate)(row.config);
  golden.steps.forEach((t, i) => {
    const want = row.rates[i] as number;
    // Keras computes in float32.
    expect(Math.abs(schedule(t) - want), `t = ${t}: ${schedule(t)}, not ${want}`).toBeLessThan(
      2e-6 * 0.1 + 3e-6 * want,
    );
  });
});

it('functions of your own by the name they were registered with', () => {
  const mine = (t: number): number => 1 / (t + 1);
  expect(() => S.serialize(mine)).toThrow(sg.ArgumentError);
  sg.serialization.registerClass(mine as never, undefined, 'harmonic');
  expect(S.serialize(mine)).toEqual({ className: 'harmonic', config: {} });
  expect(S.deserialize(S.serialize(mine))).toBe(mine);
});

it.each([
  ['a negative rate', () => S.constant(-1), /learningRate must be a finite number >= 0, got -1/],
  ['no rate', () => S.cosineDecay({ decaySteps: 10 } as never), /initialLearningRate must be .*, got undefined/],
  ['NaN', () => S.exponentialDecay(Number.NaN, 10, 0.5), /initialLearningRate/],
  ['no steps', () => S.cosineDecay(0.1, 0), /decaySteps must be a finite number > 0, got 0/],
  [
    'an unknown setting',
    () => S.timeBased({ initialLearningRate: 1, k: 1, decay: 2 } as never),
    /unknown setting 'decay'/,
  ],
  ['both ways', () => S.timeBased({ initialLearningRate: 1, k: 1 } as never, 3), /not both/],
  ['boundaries that descend', () => S.piecewiseConstantDecay([2, 1], [1, 2, 3]), /ascending/],
  ['too few values', () => S.piecewiseConstantDecay([1, 2], [1, 2]), /one value more/],
  ['restarts that shrink', () => S.cosineDecayRestarts(0.1, 10, 0.5), /tMul must be a finite number >= 1/],
  ['half a step', () => S.oneCycle(0.1, 1.5), /totalSteps must be a positive integer/],
  [
    'another way to anneal',
    () => S.oneCycle({ maxLearningRate: 1, totalSteps: 3, annealStrategy: 'step' as never }),
    /'cos' or 'linear'/,
  ],
  ['an unknown name', () => S.deserialize({ className: 'Nope', config: {} }), /unknown schedule 'Nope'/],
])('%s is an error', (_, make, message) => {
  expect(make).toThrow(sg.ArgumentError);
  expect(make).toThrow(message);
});
