/** A diagnosis of the model every few epochs. */
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import { DIAGNOSIS, Diagnoser, type Diagnosis, type DiagnosisArgs } from '../diagnosis/diagnosis';
import type { DiagnosisData } from '../diagnosis/probe';
import { Callback, type CallbackTarget } from './callback';

/** Settings of `gradientMonitor`. */
export interface GradientMonitorArgs extends DiagnosisArgs {
  /** Examples to measure with. */
  x: DiagnosisData;
  /** Targets of the examples. */
  y: DiagnosisData;
  /** Epochs between diagnoses; default 1. */
  every?: number;
  /** 1: prints each diagnosis; default 0. */
  verbose?: number | boolean;
}

const SETTINGS = {
  x: is.anything() as is.Setting<DiagnosisData>,
  y: is.anything() as is.Setting<DiagnosisData>,
  every: is.count(1),
  verbose: is.verbosity(0),
  ...DIAGNOSIS,
} satisfies is.TableOf<GradientMonitorArgs>;

/** Runs `sg.train.diagnose` before a training and after every few epochs. The training is the same, bit for bit. */
export class GradientMonitor extends Callback {
  /** Epochs after which the model was measured; -1: before the first. */
  readonly epochs: number[] = [];
  /** The diagnoses, one for each of `epochs`. */
  readonly diagnoses: Diagnosis[] = [];
  readonly #settings: is.Values<typeof SETTINGS>;
  #diagnoser: Diagnoser | undefined;

  /** @throws ArgumentError */
  constructor(args: GradientMonitorArgs) {
    super();
    if (args === undefined || args === null)
      throw new ArgumentError('gradientMonitor: needs settings: { x, y }, the examples to look at');
    this.#settings = is.checked('gradientMonitor', SETTINGS, args);
  }

  /** By the names of the layers: root mean squares of the gradients of their weights, one for each of `epochs`. */
  get gradients(): Record<string, number[]> {
    const series: Record<string, number[]> = {};
    for (const { layers } of this.diagnoses) {
      for (const { name, gradientRms } of layers) {
        if (gradientRms === undefined) continue;
        series[name] ??= [];
        series[name].push(gradientRms);
      }
    }
    return series;
  }

  override onTrainBegin(): void {
    const { x, y, every: _every, verbose: _verbose, ...settings } = this.#settings;
    this.epochs.length = this.diagnoses.length = 0;
    this.letGo();
    this.#diagnoser = new Diagnoser(this.model as CallbackTarget, x, y, settings, 'gradientMonitor');
    this.#measure(((this.params.initialEpoch as number | undefined) ?? 0) - 1);
  }

  override onEpochEnd(epoch: number): void {
    if ((epoch + 1) % this.#settings.every === 0) this.#measure(epoch);
  }

  override onTrainEnd(): void {
    this.letGo();
  }

  override letGo(): void {
    this.#diagnoser?.dispose();
    this.#diagnoser = undefined;
  }

  #measure(epoch: number): void {
    const found = (this.#diagnoser as Diagnoser).run();
    this.epochs.push(epoch);
    this.diagnoses.push(found);
    if (this.#settings.verbose) found.print();
  }
}
