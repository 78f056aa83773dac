/** Whether gradients vanish or explode, and whether units are dead or saturated: layer by layer. */

import type { Layer } from '../../layers/base/layer';
import { slice } from '../../ops/shape/shaping';
import { show, within } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { dispose } from '../../tensor/lifetime';
import {
  activationOf,
  type Diagnosable,
  type DiagnosisData,
  flatLayers,
  type Measured,
  type OutputNumbers,
  Probe,
  type WeightNumbers,
} from './probe';

export type Verdict = 'healthy' | 'vanishing' | 'exploding' | 'dead' | 'saturated' | 'NaN';

/** Limits of the verdicts, which are tried in this order after 'NaN'. A ratio is that of the root mean squares of gradient and weights. */
export const thresholds = {
  /** 'exploding': the ratio is above. Such a gradient moves weights by 1 % in a step of rate 0.001. */
  exploding: 10,
  /** 'dead': at least this share of a ReLU's units is 0 for every example. */
  dead: 0.5,
  /** 'saturated': at least this share of the outputs is beyond ±0.99 (tanh), or not between 0.01 and 0.99 (sigmoids). */
  saturated: 0.5,
  /** 'vanishing': the ratio is 0, or below this share of the largest ratio in the model. */
  vanishing: 1e-3,
};

/** Settings of `diagnose`. */
export interface DiagnosisArgs {
  /** Number of examples, from the first, that are measured as one batch; default 128. */
  batchSize?: number;
  /** Whether layers behave as in training; default true. */
  training?: boolean;
  /** Limits for the verdicts that replace the default ones. */
  thresholds?: Partial<typeof thresholds>;
}

const THRESHOLDS = Object.fromEntries(Object.entries(thresholds).map(([name, value]) => [name, is.amount(value)])) as {
  [K in keyof typeof thresholds]: is.Setting<number>;
};

/** Settings of `diagnose`. */
export const DIAGNOSIS = {
  batchSize: is.count(128),
  training: is.flag(true),
  thresholds: is.anything() as is.Setting<DiagnosisArgs['thresholds']>,
} satisfies is.TableOf<DiagnosisArgs>;

/** A weight with its gradient. */
export interface WeightDiagnosis {
  /** Name of the weight. */
  readonly name: string;
  /** Root mean square of the gradient. */
  readonly gradientRms: number;
  /** Largest magnitude in the gradient. */
  readonly gradientMax: number;
  /** Share of zeros in the gradient. */
  readonly gradientZeros: number;
  /** Root mean square of the weight. */
  readonly weightRms: number;
  /** gradientRms / weightRms; of weights that are all zero, gradientRms. */
  readonly ratio: number;
}

/** Statistics of the output of a layer, over all elements. */
export interface ActivationDiagnosis {
  /** Mean. */
  readonly mean: number;
  /** Standard deviation. */
  readonly std: number;
  /** Share of zeros. */
  readonly zeros: number;
  /** Share of the units (last axis) that were 0 for all examples and positions. */
  readonly deadUnits: number;
  /** Share of saturated outputs; undefined unless the layer ends in tanh or a sigmoid. */
  readonly saturated: number | undefined;
}

/** The measurements of a layer. */
export interface LayerDiagnosis {
  /** Name of the layer. */
  readonly name: string;
  /** Class of the layer. */
  readonly className: string;
  /** The trained weights. */
  readonly weights: readonly WeightDiagnosis[];
  /** Root mean square of the gradients of all its trained weights; undefined if it has none. */
  readonly gradientRms: number | undefined;
  /** Root mean square of the gradients over that of the weights; undefined without trained weights. */
  readonly ratio: number | undefined;
  /** Statistics of its output; undefined for layers that only receive the model's inputs. */
  readonly activation: ActivationDiagnosis | undefined;
  /** The first problem found, or 'healthy'. */
  readonly verdict: Verdict;
}

type Draft = Omit<LayerDiagnosis, 'verdict'>;

const SATURATING = /^(tanh|hard_?sigmoid|sigmoid)$/i;
/** LAMB's convention for weights that are zero. */
const ratioOf = (gradient: number, weight: number): number => gradient / (weight || 1);

const describeWeight = (
  name: string,
  [gradientRms, gradientMax, gradientZeros, weightRms]: WeightNumbers,
): WeightDiagnosis => ({
  name,
  gradientRms,
  gradientMax,
  gradientZeros,
  weightRms,
  ratio: ratioOf(gradientRms, weightRms),
});

function describeLayer(layer: Layer, measured: Measured): Draft {
  const { name, className } = layer;
  const trained = layer.trainableWeights.filter((w) => measured.weights.has(w));
  const numbers = trained.map((w) => measured.weights.get(w) as WeightNumbers);
  const together = (index: 0 | 3): number => {
    const squares = numbers.reduce((sum, n, i) => sum + n[index] * n[index] * (trained[i]?.size as number), 0);
    return Math.sqrt(squares / trained.reduce((sum, w) => sum + w.size, 0));
  };
  const output: OutputNumbers | undefined = measured.outputs.get(layer);
  const saturates = SATURATING.test(activationOf(layer));
  return {
    name,
    className,
    weights: trained.map((w, i) => describeWeight(w.name, numbers[i] as WeightNumbers)),
    gradientRms: trained.length ? together(0) : undefined,
    ratio: trained.length ? ratioOf(together(0), together(3)) : undefined,
    activation: output && {
      mean: output[0],
      std: output[1],
      zeros: output[2],
      deadUnits: output[3],
      saturated: saturates ? output[4] : undefined,
    },
  };
}

function judge(layer: Draft, isReLU: boolean, largest: number, limits: typeof thresholds): Verdict {
  const { ratio, activation, weights } = layer;
  const numbers = [
    ...weights.flatMap((w) => [w.gradientRms, w.weightRms]),
    activation?.mean ?? 0,
    activation?.std ?? 0,
  ];
  if (!numbers.every(Number.isFinite)) return 'NaN';
  if (ratio !== undefined && ratio > limits.exploding) return 'exploding';
  if (isReLU && activation && activation.deadUnits >= limits.dead) return 'dead';
  if (activation?.saturated !== undefined && activation.saturated >= limits.saturated) return 'saturated';
  if (ratio !== undefined && (ratio === 0 || ratio < limits.vanishing * largest)) return 'vanishing';
  return 'healthy';
}

const COLUMNS = [
  'layer / weight',
  'grad rms',
  'grad max',
  'grad/weight',
  'zeros',
  'out mean',
  'out std',
  'zeros',
  'dead',
  'satur.',
  'verdict',
];
const amount = (x: number | undefined): string => (x === undefined ? '' : x.toExponential(1));
const percent = (x: number | undefined): string => (x === undefined ? '' : `${(x * 100).toFixed(0)}%`);

/** What `diagnose` returns. */
export class Diagnosis {
  constructor(
    /** Of the batch. */
    readonly loss: number,
    /** The layers, in the order of the model. */
    readonly layers: readonly LayerDiagnosis[],
  ) {}

  /** Whether all layers are healthy. */
  get isHealthy(): boolean {
    return this.layers.every((l) => l.verdict === 'healthy');
  }

  /** The findings as a table: a line for each layer, and one for each of its weights. */
  toString(): string {
    const rows = this.layers.flatMap(({ name, weights, gradientRms, ratio, activation: a, verdict }) => [
      [
        name,
        amount(gradientRms),
        '',
        amount(ratio),
        '',
        amount(a?.mean),
        amount(a?.std),
        percent(a?.zeros),
        percent(a?.deadUnits),
        percent(a?.saturated),
        verdict,
      ],
      ...weights.map((w) => [
        `  ${w.name}`,
        amount(w.gradientRms),
        amount(w.gradientMax),
        amount(w.ratio),
        percent(w.gradientZeros),
      ]),
    ]);
    const widths = COLUMNS.map((c, i) => Math.max(c.length, ...rows.map((r) => (r[i] ?? '').length)));
    const line = (cells: readonly string[]): string =>
      cells
        .map((c, i) => (i === 0 ? c.padEnd(widths[i] as number) : c.padStart(widths[i] as number)))
        .join('  ')
        .trimEnd();
    return [`loss ${amount(this.loss)}`, line(COLUMNS), ...rows.map(line)].join('\n');
  }

  /**
   * Prints the table.
   * @param print receives the table; by default it is written to the console
   */
  print(print: (text: string) => void = console.log): void {
    print(this.toString());
  }
}

/** Puts measured numbers and verdicts together. */
export function interpret(model: Diagnosable, measured: Measured, limits: typeof thresholds): Diagnosis {
  const layers = flatLayers(model.layers);
  const drafts = layers.map((l) => describeLayer(l, measured));
  const largest = Math.max(0, ...drafts.map((d) => d.ratio ?? 0));
  return new Diagnosis(
    measured.loss,
    drafts.map((d, i) => ({
      ...d,
      verdict: judge(d, /relu6?$/i.test(activationOf(layers[i] as Layer)), largest, limits),
    })),
  );
}

/** Measures models again and again; the program is made again only when it must be. */
export class Diagnoser {
  #probe: Probe | undefined;

  readonly #settings: is.Values<typeof DIAGNOSIS>;
  readonly #limits: typeof thresholds;

  constructor(
    readonly model: Diagnosable,
    readonly x: DiagnosisData,
    readonly y: DiagnosisData,
    given?: DiagnosisArgs | null,
    readonly where = 'diagnose',
  ) {
    this.#settings = is.checked(where, DIAGNOSIS, given);
    this.#limits = is.checked(`${where}: thresholds`, THRESHOLDS, this.#settings.thresholds);
    if (typeof (model as Partial<Diagnosable> | null | undefined)?.prepare !== 'function')
      throw new ArgumentError(`${where}: needs a model, got ${show(model)}`);
  }

  run(): Diagnosis {
    return within(this.where, () => this.#measure());
  }

  #measure(): Diagnosis {
    const { model } = this;
    const { batchSize, training } = this.#settings;
    const { data } = model.prepare(this.where, this.x, this.y);
    const rows = Math.min(data.count, batchSize);
    const batch = data.tensors.map((t) => slice(t, 0, rows));
    try {
      if (!this.#probe?.isCurrent) {
        this.dispose();
        this.#probe = new Probe(model, { ...data, tensors: batch, count: rows }, training);
      }
      return interpret(model, this.#probe.run(batch), this.#limits);
    } finally {
      dispose(batch);
    }
  }

  dispose(): void {
    this.#probe?.dispose();
    this.#probe = undefined;
  }
}

/**
 * Measures gradients, weights and activations of every layer on a batch, and names problems: vanishing or exploding
 * gradients, dead ReLUs, saturated units, values that are no numbers. Nothing changes: neither weights, nor the
 * optimizer, nor random numbers to come.
 *
 * @param model a compiled model.
 * @param x examples, as for `fit`.
 * @param y targets, as for `fit`.
 * @throws StateError unless compiled; ShapeError, ArgumentError for data that does not fit
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const diagnosis = sg.train.diagnose(model, sg.ones([8, 2]), sg.ones([8, 1]));
 * diagnosis.layers[0].verdict; // 'healthy', or what else it is
 * diagnosis.print();
 */
export function diagnose(model: Diagnosable, x: DiagnosisData, y: DiagnosisData, args?: DiagnosisArgs): Diagnosis {
  const diagnoser = new Diagnoser(model, x, y, args);
  try {
    return diagnoser.run();
  } finally {
    diagnoser.dispose();
  }
}
