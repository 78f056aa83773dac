/** Fifty steps of every optimizer on three problems, beside float64. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import * as reference from '../reference/optimizers';
import { type Problem, perceptron, ravine, rosenbrock } from './problems';

const STEPS = 50;
const T = sg.train;
/** How to make it, its rule, and the factor of the rate for Rosenbrock's valley. */
type Row = [name: string, make: (lr: number) => sg.Optimizer, rule: (lr: number) => reference.Rule, rates: number[]];
const DECAY = 0.9;

const rows: Row[] = [
  ['sgd', (lr) => T.sgd(lr), (lr) => reference.sgd(lr), [0.03, 3e-4, 0.1]],
  [
    'sgd, momentum',
    (lr) => T.sgd({ learningRate: lr, momentum: 0.8 }),
    (lr) => reference.sgd(lr, 0.8),
    [0.01, 1e-4, 0.1],
  ],
  [
    'sgd, nesterov',
    (lr) => T.sgd({ learningRate: lr, momentum: 0.8, nesterov: true }),
    (lr) => reference.sgd(lr, 0.8, true),
    [0.01, 1e-4, 0.1],
  ],
  ['momentum', (lr) => T.momentum(lr, 0.8), (lr) => reference.sgd(lr, 0.8), [0.01, 1e-4, 0.1]],
  [
    'momentum, dampened',
    (lr) => T.momentum({ learningRate: lr, momentum: 0.8, dampening: true }),
    (lr) => reference.sgd(lr, 0.8, false, 0.8),
    [0.03, 3e-4, 0.1],
  ],
  ['adagrad', (lr) => T.adagrad(lr), (lr) => reference.adagrad(lr, 0.1, 1e-7, 0), [0.1, 0.1, 0.1]],
  [
    'adagrad, epsilon beside the root',
    (lr) => T.adagrad({ learningRate: lr, initialAccumulatorValue: 0, epsilon: 1e-3, epsilonInRoot: false }),
    (lr) => reference.adagrad(lr, 0, 0, 1e-3),
    [0.1, 0.1, 0.1],
  ],
  ['rmsprop', (lr) => T.rmsprop(lr), (lr) => reference.rmsprop(lr, DECAY, 0, 1e-7, 0, false), [0.01, 0.003, 0.01]],
  [
    'rmsprop, all of it',
    (lr) =>
      T.rmsprop({ learningRate: lr, rho: 0.8, momentum: 0.5, epsilon: 1e-2, centered: true, epsilonInRoot: false }),
    (lr) => reference.rmsprop(lr, 0.8, 0.5, 0, 1e-2, true),
    [0.01, 0.001, 0.001],
  ],
  ['adadelta', (lr) => T.adadelta(lr), (lr) => reference.adadelta(lr, 0.95, 1e-7), [1, 1, 1]],
  ['adam', (lr) => T.adam(lr), (lr) => reference.adam(lr, DECAY, 0.999, 1e-7), [0.05, 0.05, 0.05]],
  ['amsgrad', (lr) => T.amsgrad(lr), (lr) => reference.adam(lr, DECAY, 0.999, 1e-7, true), [0.05, 0.05, 0.05]],
  [
    'adam, small betas, amsgrad',
    (lr) => T.adam({ learningRate: lr, beta1: 0.5, beta2: 0.7, amsgrad: true }),
    (lr) => reference.adam(lr, 0.5, 0.7, 1e-7, true),
    [0.05, 0.05, 0.05],
  ],
  [
    'adamW',
    (lr) => T.adamW({ learningRate: lr, weightDecay: 0.1 }),
    (lr) =>
      (w, ...rest) => {
        w.forEach((x, i) => {
          w[i] = x - lr * 0.1 * x;
        });
        reference.adam(lr, DECAY, 0.999, 1e-7)(w, ...rest);
      },
    [0.05, 0.05, 0.05],
  ],
  [
    'adamax',
    (lr) => T.adamax(lr, 0.9, 0.99, 1e-7, 0.1),
    (lr) => reference.adamax(lr, 0.9, 0.99, 1e-7, 0.1),
    [0.05, 0.05, 0.05],
  ],
  ['nadam', (lr) => T.nadam(lr), (lr) => reference.nadam(lr, DECAY, 0.999, 1e-7), [0.05, 0.05, 0.05]],
  ['radam', (lr) => T.radam(lr), (lr) => reference.radam(lr, DECAY, 0.999, 1e-7), [0.01, 1e-4, 0.05]],
  ['lion', (lr) => T.lion(lr), (lr) => reference.lion(lr, DECAY, 0.99), [0.011, 0.0071, 0.011]],
  ['ftrl', (lr) => T.ftrl(lr), (lr) => reference.ftrl(lr, -0.5, 0.1, 0, 0, 0, 0), [0.3, 0.3, 0.3]],
  [
    'ftrl, all of it',
    (lr) =>
      T.ftrl({
        learningRate: lr,
        learningRatePower: -0.6,
        initialAccumulatorValue: 0.2,
        l1RegularizationStrength: 0.01,
        l2RegularizationStrength: 0.02,
        l2ShrinkageRegularizationStrength: 0.03,
        beta: 0.1,
      }),
    (lr) => reference.ftrl(lr, -0.6, 0.2, 0.01, 0.02, 0.03, 0.1),
    [0.3, 0.3, 0.3],
  ],
  ['lamb', (lr) => T.lamb(lr), (lr) => reference.lamb(lr, DECAY, 0.999, 1e-7), [0.02, 0.02, 0.02]],
  [
    'adafactor',
    (lr) => T.adafactor(lr),
    (lr) => reference.adafactor(lr, -0.8, 1e-30, 1e-3, 1, true),
    [0.05, 0.05, 0.5],
  ],
  [
    'adafactor, rate alone',
    (lr) => T.adafactor({ learningRate: lr, relativeStep: false, clipThreshold: 0.7, beta2Decay: -0.5 }),
    (lr) => reference.adafactor(lr, -0.5, 1e-30, 1e-3, 0.7, false),
    [0.01, 0.003, 0.01],
  ],
  [
    'muon',
    (lr) => T.muon({ learningRate: lr, adamWeightDecay: 0.1 }),
    (lr) => reference.muon(lr, 0.95, 5, 0.2, [0.004, 0.1], reference.adam(lr, DECAY, 0.999, 1e-7)),
    [0.02, 0.02, 0.02],
  ],
];

/** Weights after every step. */
function train(problem: Problem, optimizer: sg.Optimizer): number[][][] {
  const variables = problem.start.map((w, i) => sg.variable(sg.tensor(w, problem.shapes[i] as number[])));
  const step = sg.jit(() => optimizer.minimize(() => problem.loss(variables)));
  const path = Array.from({ length: STEPS }, () => {
    step();
    return variables.map((v) => [...v.dataSync()]);
  });
  step.dispose();
  optimizer.dispose();
  sg.dispose(variables);
  return path;
}

function follow(problem: Problem, rule: reference.Rule): number[][][] {
  const weights = problem.start.map((w) => [...w]);
  const states = weights.map(() => ({}));
  return Array.from({ length: STEPS }, (_, t) => {
    const gradients = problem.gradients(weights);
    weights.forEach((w, i) => {
      rule(w, gradients[i] as number[], states[i] as Record<string, number[]>, t + 1, problem.shapes[i] as number[]);
    });
    return weights.map((w) => [...w]);
  });
}

const distance = (a: number[][], b: number[][]): number => {
  const [x, y] = [a.flat(), b.flat()];
  return Math.max(...x.map((v, i) => Math.abs(v - (y[i] as number)) / (1 + Math.abs(y[i] as number))));
};
const length = (w: number[][]): number => Math.sqrt(w.flat().reduce((s, x) => s + x * x, 0));

const problems: [string, () => Problem][] = [
  ['a ravine', ravine],
  ['Rosenbrock', rosenbrock],
  ['a perceptron', perceptron],
];

describe.each(rows)('%s', (_, make, rule, rates) => {
  it.each(problems.map(([name, problem], i) => [name, problem(), rates[i] as number] as const))(
    '%s',
    (_, problem, lr) => {
      const [path, expected] = [train(problem, make(lr)), follow(problem, rule(lr))];
      const errors = path.map((w, t) => distance(w, expected[t] as number[][]));
      expect(Math.max(...errors), `step ${errors.indexOf(Math.max(...errors)) + 1}`).toBeLessThan(1e-4);
      // It went somewhere, and for the better.
      const at = (w: readonly number[][]): number => length(problem.gradients(w));
      expect(distance(path.at(-1) as number[][], problem.start)).toBeGreaterThan(1e-3);
      expect(at(path.at(-1) as number[][])).toBeLessThan(at(problem.start));
    },
  );
});
