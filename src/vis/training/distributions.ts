/** How numbers are distributed, and how that changes. */
import type { TensorLike } from '../../ops/create/creation';
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import * as is from '../../support/settings';
import { Callback, type CallbackTarget } from '../../train/callbacks/callback';
import { type Histogram, histogramOf } from '../../train/callbacks/histogram';
import { type InspectArgs, Inspector } from '../../train/diagnosis/inspect';
import type { DiagnosisData } from '../../train/diagnosis/probe';
import { numbersOf, plain } from '../numbers';
import { composed, type Frame, PICTURE, type Picture, type PictureOptions, panels, type Spec } from '../picture';
import { paletteOf } from '../theme';

export type { Histogram };

/** The distribution of numbers at a step. */
export interface Distribution {
  /** The step, such as the number of epochs trained so far. */
  readonly step: number;
  /** How many values are in which range; undefined if none is finite. */
  readonly histogram: Histogram | undefined;
}

/** Distributions by name, each a list over time; or tensors by name, of one moment. */
export type DistributionsByName = Readonly<Record<string, readonly Distribution[] | TensorLike>>;

/** Settings of `recordDistributions`. */
export interface RecorderArgs extends InspectArgs {
  /** Examples whose activations and gradients are recorded; by default there are none, and weights alone are recorded. */
  x?: DiagnosisData;
  /** Targets of the examples; by default there are none. */
  y?: DiagnosisData;
  /** Epochs between records; default 1. */
  every?: number;
}

const RECORDER = {
  x: is.anything() as is.Setting<DiagnosisData | undefined>,
  y: is.anything() as is.Setting<DiagnosisData | undefined>,
  every: is.count(1),
  batchSize: is.count(128),
  training: is.flag(true),
} satisfies is.TableOf<RecorderArgs>;

/** Distributions over time, by name. */
export type DistributionRecords = Record<string, Distribution[]>;

/** Records how weights, gradients and activations are distributed, before a training and after every few epochs. */
export class DistributionRecorder extends Callback {
  /** By the names of the trained weights. */
  readonly weights: DistributionRecords = {};
  /** Gradients, by the names of the trained weights; empty without examples. */
  readonly gradients: DistributionRecords = {};
  /** Outputs, by the names of the layers; empty without examples. */
  readonly activations: DistributionRecords = {};
  readonly #settings: is.Values<typeof RECORDER>;
  #inspector: Inspector | undefined;

  /** @throws ArgumentError */
  constructor(args?: RecorderArgs | null) {
    super();
    this.#settings = is.checked('recordDistributions', RECORDER, args);
    if ((this.#settings.x === undefined) !== (this.#settings.y === undefined))
      throw new ArgumentError('recordDistributions: x and y belong together');
  }

  override onTrainBegin(): void {
    const { x, y, batchSize, training } = this.#settings;
    for (const records of [this.weights, this.gradients, this.activations])
      for (const name of Object.keys(records)) delete records[name];
    this.letGo();
    const model = this.model as CallbackTarget;
    if (x !== undefined && y !== undefined)
      this.#inspector = new Inspector(model, x, y, { batchSize, training }, 'recordDistributions');
    this.#record((this.params.initialEpoch as number | undefined) ?? 0);
  }

  override onEpochEnd(epoch: number): void {
    if ((epoch + 1) % this.#settings.every === 0) this.#record(epoch + 1);
  }

  override onTrainEnd(): void {
    this.letGo();
  }

  override letGo(): void {
    this.#inspector?.dispose();
    this.#inspector = undefined;
  }

  #record(step: number): void {
    const add = (records: DistributionRecords, name: string, values: ArrayLike<number>): void => {
      records[name] ??= [];
      records[name].push({ step, histogram: histogramOf(values) });
    };
    for (const w of (this.model as CallbackTarget).trainableWeights) add(this.weights, w.name, w.dataSync());
    const found = this.#inspector?.run();
    for (const [{ name }, { values }] of found?.weights ?? []) add(this.gradients, name, values);
    for (const [{ name }, { values }] of found?.outputs ?? []) add(this.activations, name, values);
  }
}

/**
 * A callback that records how weights, gradients and activations are distributed, for `vis.distributions`. The training
 * is the same, bit for bit.
 * @throws ArgumentError for settings out of range
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 4, inputShape: [2], name: 'out' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [sg.randomNormal([32, 2]), sg.randomNormal([32, 4])];
 * const recorder = vis.recordDistributions({ x, y });
 * await model.fit(x, y, { epochs: 3, verbose: 0, callbacks: recorder });
 * recorder.activations.out.map(({ step }) => step); // [0, 1, 2, 3]
 * const picture = vis.distributions(recorder.gradients);
 */
export const recordDistributions = (args?: RecorderArgs | null): DistributionRecorder => new DistributionRecorder(args);

/** Settings of `distributions`. */
export interface DistributionsOptions extends PictureOptions {
  /** Number of ranges that values are counted in; default 32. */
  bins?: number;
}

const DISTRIBUTIONS = {
  ...PICTURE,
  bins: is.given(
    'an integer from 2 to 200',
    (v) => is.count().fits(v) && (v as number) >= 2 && (v as number) <= 200,
    32,
  ),
} satisfies is.TableOf<DistributionsOptions>;

/** Shares of the values in equal ranges; those of unequal ones are spread evenly over them. */
function binned({ limits, counts, count, min, max }: Histogram, low: number, width: number, bins: number): number[] {
  const shares = new Array<number>(bins).fill(0);
  counts.forEach((n, i) => {
    if (n === 0) return;
    const from = Math.max(min, i ? (limits[i - 1] as number) : min);
    const to = Math.max(from, Math.min(max, limits[i] as number));
    const place = (v: number): number => Math.min(bins, Math.max(0, (v - low) / width));
    const [first, last] = [place(from), place(to)];
    if (last - first < 1e-9) {
      const bin = Math.min(bins - 1, Math.floor(first));
      shares[bin] = (shares[bin] as number) + n / count;
      return;
    }
    for (let bin = Math.floor(first); bin < last; bin++) {
      const part = (Math.min(bin + 1, last) - Math.max(bin, first)) / (last - first);
      shares[bin] = (shares[bin] as number) + (n / count) * part;
    }
  });
  return shares;
}

function recordsOf(given: DistributionsByName[string], name: string): readonly Distribution[] {
  const isList =
    Array.isArray(given) && given.length > 0 && given.every((one) => isPlainObject(one) && 'step' in (one as object));
  if (isList) return given as readonly Distribution[];
  return [{ step: 0, histogram: histogramOf(numbersOf(given as TensorLike, 'distributions', name).values) }];
}

/** Rows of the table: a range of values at a step, and the share of the values that are in it. */
function cellsOf(records: readonly Distribution[], bins: number): Spec[] {
  const found = records.flatMap(({ step, histogram }) => (histogram ? [{ step, histogram }] : []));
  const low = Math.min(...found.map((r) => r.histogram.min));
  const high = Math.max(...found.map((r) => r.histogram.max));
  // The narrowest step between records: a record fills what is up to the next.
  const steps = found.map((r) => r.step);
  const gap = Math.min(...steps.slice(1).map((s, i) => s - (steps[i] as number)), Infinity);
  const span = Number.isFinite(gap) && gap > 0 ? gap : 1;
  const [from, width] = high > low ? [low, (high - low) / bins] : [low - 0.5, 1 / bins];
  return found.flatMap(({ step, histogram }) =>
    binned(histogram, from, width, bins).flatMap((share, bin) =>
      share > 0
        ? [
            {
              step: plain(step - span / 2),
              until: plain(step + span / 2),
              from: plain(from + bin * width),
              to: plain(from + (bin + 1) * width),
              share: plain(share),
            },
          ]
        : [],
    ),
  );
}

function panel(name: string, records: readonly Distribution[], frame: Frame, width: number, bins: number): Spec {
  const isOne = records.length === 1;
  const values = cellsOf(records, bins);
  const common = {
    title: { text: name, fontSize: 12, offset: 4, frame: 'group', limit: width },
    width,
    height: frame.height ?? Math.round(Math.min(190, Math.max(90, width * 0.6))),
    data: { values },
  };
  const axis = { type: 'quantitative', axis: { tickCount: 5 } };
  if (isOne)
    return {
      ...common,
      mark: { type: 'rect', aria: false, color: paletteOf(frame.theme).categories[0] },
      encoding: {
        x: { field: 'from', title: 'value', ...axis, scale: { zero: false } },
        x2: { field: 'to' },
        y: { field: 'share', title: 'share of the values', ...axis, scale: { zero: true } },
        y2: { datum: 0 },
      },
    };
  return {
    ...common,
    mark: { type: 'rect', aria: false },
    encoding: {
      x: {
        field: 'step',
        title: 'epoch',
        type: 'quantitative',
        scale: { zero: false, nice: false },
        axis: { tickCount: 5, tickMinStep: 1, format: 'd', grid: false },
      },
      x2: { field: 'until' },
      y: { field: 'from', title: 'value', ...axis, scale: { zero: false, nice: false } },
      y2: { field: 'to' },
      color: {
        field: 'share',
        type: 'quantitative',
        title: 'share of the values',
        scale: { domainMin: 0 },
        legend: { format: '.0%', gradientLength: Math.min(200, frame.width - 120) },
      },
    },
  };
}

/**
 * How numbers are distributed: over time, with a column of colours for each step and a plot for each name, or at one
 * moment, as bars. What is not finite is left out, and told.
 * @param distributions by name: what `vis.recordDistributions` recorded, or tensors
 * @returns a specification of Vega-Lite
 * @throws ArgumentError if there is nothing to draw, and for settings out of range
 * @example
 * const picture = vis.distributions({ weights: sg.randomNormal([100], 0, 1, 'float32', 1) });
 * picture.concat.length; // 1
 */
export function distributions(distributions: DistributionsByName, options?: DistributionsOptions | null): Picture {
  const where = 'distributions';
  const { bins, ...frame } = is.checked(where, DISTRIBUTIONS, options);
  if (!isPlainObject(distributions))
    throw new ArgumentError(`${where}: distributions must be an object by name, got ${show(distributions)}`);
  const all = Object.entries(distributions).map(([name, given]) => [name, recordsOf(given, name)] as const);
  const drawn = all.filter(([, records]) => records.some(({ histogram }) => histogram));
  if (drawn.length === 0) throw new ArgumentError(`${where}: there are no finite values to draw`);
  const missing = all.filter(([, records]) => records.some(({ histogram }) => !histogram)).map(([name]) => name);
  const { columns, width } = panels(frame, drawn.length, 200, 72);
  return composed(
    frame,
    { title: 'Distributions', note: missing.length ? `not finite at some step: ${missing.join(', ')}` : undefined },
    {
      columns,
      concat: drawn.map(([name, records]) => panel(name, records, frame, width, bins)),
      resolve: { scale: { color: 'shared' } },
    },
  );
}
