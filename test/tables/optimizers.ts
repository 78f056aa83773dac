/** One entry for each optimizer: all of its tests are made of it. */
import * as sg from '../../src/index';
import type { OptimizerName } from '../../src/train/optimizers/lookup';
import * as reference from '../reference/optimizers';

export interface OptimizerRow {
  /** Settings in words; the defaults if left out. */
  readonly what?: string;
  readonly make: (learningRate: number) => sg.Optimizer;
  /** The rule in float64, from its paper. */
  readonly rule: (learningRate: number) => reference.Rule;
  /** Rates with which fifty steps go down a ravine, Rosenbrock's valley, and the loss of a perceptron. */
  readonly rates: readonly [ravine: number, rosenbrock: number, perceptron: number];
}

export interface OptimizerRows {
  /** One that trains a small network: with fit, jit and eagerly, interrupted, saved, with every common setting. */
  readonly example: () => sg.Optimizer;
  readonly rows: readonly OptimizerRow[];
}

const T = sg.train;
const DECAY = 0.9;

/** Typed so that an optimizer without an entry does not compile. */
export const optimizers: Readonly<Record<OptimizerName, OptimizerRows>> = {
  sgd: {
    example: () => T.sgd(0.1),
    rows: [
      {
        make: (lr) => T.sgd(lr),
        rule: (lr) => reference.sgd(lr),
        rates: [0.03, 3e-4, 0.1],
      },
      {
        what: 'momentum',
        make: (lr) => T.sgd({ learningRate: lr, momentum: 0.8 }),
        rule: (lr) => reference.sgd(lr, 0.8),
        rates: [0.01, 1e-4, 0.1],
      },
      {
        what: 'nesterov',
        make: (lr) => T.sgd({ learningRate: lr, momentum: 0.8, nesterov: true }),
        rule: (lr) => reference.sgd(lr, 0.8, true),
        rates: [0.01, 1e-4, 0.1],
      },
    ],
  },
  momentum: {
    example: () => T.momentum({ learningRate: 0.05, momentum: 0.9, dampening: true }),
    rows: [
      {
        make: (lr) => T.momentum(lr, 0.8),
        rule: (lr) => reference.sgd(lr, 0.8),
        rates: [0.01, 1e-4, 0.1],
      },
      {
        what: 'dampened',
        make: (lr) => T.momentum({ learningRate: lr, momentum: 0.8, dampening: true }),
        rule: (lr) => reference.sgd(lr, 0.8, false, 0.8),
        rates: [0.03, 3e-4, 0.1],
      },
    ],
  },
  adagrad: {
    example: () => T.adagrad(0.05),
    rows: [
      {
        make: (lr) => T.adagrad(lr),
        rule: (lr) => reference.adagrad(lr, 0.1, 1e-7, 0),
        rates: [0.1, 0.1, 0.1],
      },
      {
        what: 'epsilon beside the root',
        make: (lr) => T.adagrad({ learningRate: lr, initialAccumulatorValue: 0, epsilon: 1e-3, epsilonInRoot: false }),
        rule: (lr) => reference.adagrad(lr, 0, 0, 1e-3),
        rates: [0.1, 0.1, 0.1],
      },
    ],
  },
  rmsprop: {
    example: () => T.rmsprop({ learningRate: 0.01, centered: true, momentum: 0.3 }),
    rows: [
      {
        make: (lr) => T.rmsprop(lr),
        rule: (lr) => reference.rmsprop(lr, DECAY, 0, 1e-7, 0, false),
        rates: [0.01, 0.003, 0.01],
      },
      {
        what: 'all of it',
        make: (lr) =>
          T.rmsprop({ learningRate: lr, rho: 0.8, momentum: 0.5, epsilon: 1e-2, centered: true, epsilonInRoot: false }),
        rule: (lr) => reference.rmsprop(lr, 0.8, 0.5, 0, 1e-2, true),
        rates: [0.01, 0.001, 0.001],
      },
    ],
  },
  adadelta: {
    example: () => T.adadelta(1),
    rows: [
      {
        make: (lr) => T.adadelta(lr),
        rule: (lr) => reference.adadelta(lr, 0.95, 1e-7),
        rates: [1, 1, 1],
      },
    ],
  },
  adam: {
    example: () => T.adam(0.01),
    rows: [
      {
        make: (lr) => T.adam(lr),
        rule: (lr) => reference.adam(lr, DECAY, 0.999, 1e-7),
        rates: [0.05, 0.05, 0.05],
      },
      {
        what: 'small betas, amsgrad',
        make: (lr) => T.adam({ learningRate: lr, beta1: 0.5, beta2: 0.7, amsgrad: true }),
        rule: (lr) => reference.adam(lr, 0.5, 0.7, 1e-7, true),
        rates: [0.05, 0.05, 0.05],
      },
    ],
  },
  amsgrad: {
    example: () => T.amsgrad(0.01),
    rows: [
      {
        make: (lr) => T.amsgrad(lr),
        rule: (lr) => reference.adam(lr, DECAY, 0.999, 1e-7, true),
        rates: [0.05, 0.05, 0.05],
      },
    ],
  },
  adamW: {
    example: () => T.adamW({ learningRate: 0.01, weightDecay: 0.3 }),
    rows: [
      {
        make: (lr) => T.adamW({ learningRate: lr, weightDecay: 0.1 }),
        rule:
          (lr) =>
          (w, ...rest) => {
            w.forEach((x, i) => {
              w[i] = x - lr * 0.1 * x;
            });
            reference.adam(lr, DECAY, 0.999, 1e-7)(w, ...rest);
          },
        rates: [0.05, 0.05, 0.05],
      },
    ],
  },
  adamax: {
    example: () => T.adamax(0.01, 0.9, 0.99, 1e-7, 0.2),
    rows: [
      {
        make: (lr) => T.adamax(lr, 0.9, 0.99, 1e-7, 0.1),
        rule: (lr) => reference.adamax(lr, 0.9, 0.99, 1e-7, 0.1),
        rates: [0.05, 0.05, 0.05],
      },
    ],
  },
  nadam: {
    example: () => T.nadam(0.01),
    rows: [
      {
        make: (lr) => T.nadam(lr),
        rule: (lr) => reference.nadam(lr, DECAY, 0.999, 1e-7),
        rates: [0.05, 0.05, 0.05],
      },
    ],
  },
  radam: {
    example: () => T.radam(0.01),
    rows: [
      {
        make: (lr) => T.radam(lr),
        rule: (lr) => reference.radam(lr, DECAY, 0.999, 1e-7),
        rates: [0.01, 1e-4, 0.05],
      },
    ],
  },
  lion: {
    example: () => T.lion(0.002),
    rows: [
      {
        make: (lr) => T.lion(lr),
        rule: (lr) => reference.lion(lr, DECAY, 0.99),
        rates: [0.011, 0.0071, 0.011],
      },
    ],
  },
  ftrl: {
    example: () => T.ftrl({ learningRate: 0.1, l1RegularizationStrength: 0.001 }),
    rows: [
      {
        make: (lr) => T.ftrl(lr),
        rule: (lr) => reference.ftrl(lr, -0.5, 0.1, 0, 0, 0, 0),
        rates: [0.3, 0.3, 0.3],
      },
      {
        what: 'all of it',
        make: (lr) =>
          T.ftrl({
            learningRate: lr,
            learningRatePower: -0.6,
            initialAccumulatorValue: 0.2,
            l1RegularizationStrength: 0.01,
            l2RegularizationStrength: 0.02,
            l2ShrinkageRegularizationStrength: 0.03,
            beta: 0.1,
          }),
        rule: (lr) => reference.ftrl(lr, -0.6, 0.2, 0.01, 0.02, 0.03, 0.1),
        rates: [0.3, 0.3, 0.3],
      },
    ],
  },
  lamb: {
    example: () => T.lamb(0.02),
    rows: [
      {
        make: (lr) => T.lamb(lr),
        rule: (lr) => reference.lamb(lr, DECAY, 0.999, 1e-7),
        rates: [0.02, 0.02, 0.02],
      },
    ],
  },
  adafactor: {
    example: () => T.adafactor(0.05),
    rows: [
      {
        make: (lr) => T.adafactor(lr),
        rule: (lr) => reference.adafactor(lr, -0.8, 1e-30, 1e-3, 1, true),
        rates: [0.05, 0.05, 0.5],
      },
      {
        what: 'rate alone',
        make: (lr) => T.adafactor({ learningRate: lr, relativeStep: false, clipThreshold: 0.7, beta2Decay: -0.5 }),
        rule: (lr) => reference.adafactor(lr, -0.5, 1e-30, 1e-3, 0.7, false),
        rates: [0.01, 0.003, 0.01],
      },
    ],
  },
  muon: {
    example: () => T.muon(0.01),
    rows: [
      {
        make: (lr) => T.muon({ learningRate: lr, adamWeightDecay: 0.1 }),
        rule: (lr) => reference.muon(lr, 0.95, 5, 0.2, [0.004, 0.1], reference.adam(lr, DECAY, 0.999, 1e-7)),
        rates: [0.02, 0.02, 0.02],
      },
    ],
  },
};
