/** One factory for each optimizer. */
import { within } from '../../support/arguments';
import { lookUp, type Open } from '../../support/names';
import { isSerialized } from '../../support/settings';
import { AdamaxOptimizer, AdamOptimizer, AdamWOptimizer, LionOptimizer, NadamOptimizer, RAdamOptimizer } from './adam';
import { AdadeltaOptimizer, AdagradOptimizer, FtrlOptimizer, RMSPropOptimizer } from './adaptive';
import { MomentumOptimizer, SGDOptimizer } from './descent';
import { AdafactorOptimizer, LambOptimizer, MuonOptimizer } from './layerwise';
import { Optimizer } from './optimizer';

export {
  AdadeltaOptimizer,
  AdafactorOptimizer,
  AdagradOptimizer,
  AdamaxOptimizer,
  AdamOptimizer,
  AdamWOptimizer,
  FtrlOptimizer,
  LambOptimizer,
  LionOptimizer,
  MomentumOptimizer,
  MuonOptimizer,
  NadamOptimizer,
  RAdamOptimizer,
  RMSPropOptimizer,
  SGDOptimizer,
};

type Args<C extends new (...args: never[]) => unknown> = ConstructorParameters<C>;
/** Settings by name, or the rate alone. */
type First<C extends new (...args: never[]) => unknown> = Args<C>[0];

/**
 * Gradient descent; with `momentum` and `nesterov`, as Keras has them.
 * @param learningRate 0.01 by default; or settings: momentum 0, nesterov false, dampening false, and those of all optimizers
 * @example
 * sg.train.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, clipNorm: 1 });
 */
export const sgd = (learningRate?: First<typeof SGDOptimizer>): SGDOptimizer => new SGDOptimizer(learningRate);

/**
 * Gradient descent with momentum.
 * @param args learningRate 0.01, momentum 0.9, useNesterov false; or settings, with dampening false besides
 * @example
 * sg.train.momentum({ learningRate: 0.1, momentum: 0.9, dampening: true }); // v = 0.9 v + 0.1 g
 */
export const momentum = (...args: Args<typeof MomentumOptimizer>): MomentumOptimizer =>
  new MomentumOptimizer(...(args.slice(0, 3) as typeof args));

/**
 * Adagrad.
 * @param args learningRate 0.001, initialAccumulatorValue 0.1; or settings, with epsilon 1e-7, epsilonInRoot true besides
 * @example
 * sg.train.adagrad(0.01);
 */
export const adagrad = (...args: Args<typeof AdagradOptimizer>): AdagradOptimizer =>
  new AdagradOptimizer(...(args.slice(0, 2) as typeof args));

/**
 * RMSProp.
 * @param args learningRate 0.001, decay (or `rho`) 0.9, momentum 0, epsilon 1e-7, centered false; or settings, with
 *   epsilonInRoot true besides
 * @example
 * sg.train.rmsprop({ learningRate: 0.001, rho: 0.9, centered: true });
 */
export const rmsprop = (...args: Args<typeof RMSPropOptimizer>): RMSPropOptimizer =>
  new RMSPropOptimizer(...(args.slice(0, 5) as typeof args));

/**
 * Adadelta.
 * @param args learningRate 0.001, rho 0.95, epsilon 1e-7; or settings
 * @example
 * sg.train.adadelta(1);
 */
export const adadelta = (...args: Args<typeof AdadeltaOptimizer>): AdadeltaOptimizer =>
  new AdadeltaOptimizer(...(args.slice(0, 3) as typeof args));

/**
 * Adam.
 * @param args learningRate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-7; or settings, with amsgrad false besides
 * @example
 * sg.train.adam({ learningRate: sg.schedules.cosineDecay(0.001, 10000), globalClipNorm: 1 });
 */
export const adam = (...args: Args<typeof AdamOptimizer>): AdamOptimizer =>
  new AdamOptimizer(...(args.slice(0, 4) as typeof args));

/**
 * Adam whose second moments never shrink.
 * @param learningRate as `adam`
 * @example
 * sg.train.amsgrad(0.001);
 */
export const amsgrad = (learningRate?: First<typeof AdamOptimizer>): AdamOptimizer =>
  within(
    'amsgrad',
    () =>
      new AdamOptimizer({
        ...(typeof learningRate === 'object' && !isSerialized(learningRate) ? learningRate : { learningRate }),
        amsgrad: true,
      }),
  );

/**
 * Adam with decoupled weight decay.
 * @param learningRate as `adam`, with weightDecay 0.004
 * @example
 * const optimizer = sg.train.adamW({ learningRate: 0.001, weightDecay: 0.01 });
 * optimizer.excludeFromWeightDecay(['bias']);
 */
export const adamW = (learningRate?: First<typeof AdamWOptimizer>): AdamWOptimizer => new AdamWOptimizer(learningRate);

/**
 * Adamax.
 * @param args learningRate 0.002, beta1 0.9, beta2 0.999, epsilon 1e-7, decay 0; or settings
 * @example
 * sg.train.adamax(0.002);
 */
export const adamax = (...args: Args<typeof AdamaxOptimizer>): AdamaxOptimizer =>
  new AdamaxOptimizer(...(args.slice(0, 5) as typeof args));

/**
 * Nadam.
 * @param learningRate 0.001; or settings: beta1 0.9, beta2 0.999, epsilon 1e-7
 * @example
 * sg.train.nadam(0.001);
 */
export const nadam = (learningRate?: First<typeof NadamOptimizer>): NadamOptimizer => new NadamOptimizer(learningRate);

/**
 * Rectified Adam.
 * @param learningRate 0.001; or settings: beta1 0.9, beta2 0.999, epsilon 1e-7
 * @example
 * sg.train.radam(0.001);
 */
export const radam = (learningRate?: First<typeof RAdamOptimizer>): RAdamOptimizer => new RAdamOptimizer(learningRate);

/**
 * Lion. Its steps are larger than Adam's: take a rate three to ten times smaller.
 * @param learningRate 0.001; or settings: beta1 0.9, beta2 0.99
 * @example
 * sg.train.lion({ learningRate: 0.0001, weightDecay: 0.1 });
 */
export const lion = (learningRate?: First<typeof LionOptimizer>): LionOptimizer => new LionOptimizer(learningRate);

/**
 * Follow the regularized leader: sparse weights with `l1RegularizationStrength`.
 * @param learningRate 0.001; or settings: learningRatePower -0.5, initialAccumulatorValue 0.1, l1RegularizationStrength 0,
 *   l2RegularizationStrength 0, l2ShrinkageRegularizationStrength 0, beta 0
 * @example
 * sg.train.ftrl({ learningRate: 0.1, l1RegularizationStrength: 0.01 });
 */
export const ftrl = (learningRate?: First<typeof FtrlOptimizer>): FtrlOptimizer => new FtrlOptimizer(learningRate);

/**
 * LAMB, for large batches.
 * @param learningRate 0.001; or settings: beta1 0.9, beta2 0.999, epsilon 1e-7
 * @example
 * sg.train.lamb({ learningRate: 0.002, weightDecay: 0.01 });
 */
export const lamb = (learningRate?: First<typeof LambOptimizer>): LambOptimizer => new LambOptimizer(learningRate);

/**
 * Adafactor: less memory than Adam.
 * @param learningRate 0.001; or settings: beta2Decay -0.8, epsilon1 1e-30, epsilon2 0.001, clipThreshold 1, relativeStep true
 * @example
 * sg.train.adafactor(0.01);
 */
export const adafactor = (learningRate?: First<typeof AdafactorOptimizer>): AdafactorOptimizer =>
  new AdafactorOptimizer(learningRate);

/**
 * Muon for matrices, Adam for the rest.
 * @param learningRate 0.001; or settings: momentum 0.95, nesterov true, nsSteps 5, rmsRate 0.2, weightDecay 0.004,
 *   adamWeightDecay 0.004, adamBeta1 0.9, adamBeta2 0.999, adamLrRatio 1, epsilon 1e-7, excludeLayers [], excludeEmbeddings
 *   true, and the coefficients muonA 3.4445, muonB -4.775, muonC 2.0315
 * @example
 * sg.train.muon({ learningRate: 0.001, excludeLayers: ['head'] });
 */
export const muon = (learningRate?: First<typeof MuonOptimizer>): MuonOptimizer => new MuonOptimizer(learningRate);

const byName = {
  sgd,
  momentum,
  rmsprop,
  adam,
  adagrad,
  adadelta,
  adamax,
  adamW,
  amsgrad,
  nadam,
  radam,
  lion,
  lamb,
  adafactor,
  ftrl,
  muon,
} satisfies Readonly<Record<string, (config?: never) => Optimizer>>;

/** Names of optimizers. */
export type OptimizerName = keyof typeof byName;

type Makers = Readonly<Record<string, (config?: never) => Optimizer>>;

/** What a name alone stands for in `compile`: as in TensorFlow.js, two rates are not those of the functions. */
const byNameAlone: Makers = { ...byName, adagrad: () => adagrad(0.01), adadelta: () => adadelta(1) };

/** An optimizer, the name of one with its defaults, or its name and settings. @throws ArgumentError for an unknown name */
export function getOptimizer(
  identifier:
    | Open<OptimizerName>
    | Optimizer
    | { readonly className: string; readonly config: Record<string, unknown> },
  where: string,
): Optimizer {
  if (identifier instanceof Optimizer) return identifier;
  if (typeof identifier !== 'object' || identifier === null)
    return lookUp(byNameAlone, identifier, 'optimizer', where)({} as never);
  return lookUp<Makers[string]>(byName, identifier.className, 'optimizer', where)(identifier.config as never);
}
