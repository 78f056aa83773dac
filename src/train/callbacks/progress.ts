/** Progress of `fit` on the console: a bar in a terminal, else a line for each epoch. */
import { loadPackage } from '../../support/optional-modules';
import { Callback, type Logs } from './callback';

interface Bar {
  start(total: number, value: number, payload: object): void;
  update(value: number, payload: object): void;
  stop(): void;
}

interface BarPackage {
  SingleBar: new (options: object) => Bar;
}

const show = (logs: Logs): string =>
  Object.entries(logs)
    .map(([key, value]) => `${key}: ${value.toFixed(4)}`)
    .join('  ');

const stdout = (): { isTTY?: boolean } | undefined =>
  (globalThis as { process?: { stdout?: { isTTY?: boolean } } }).process?.stdout;

export const isTerminal = (): boolean => stdout()?.isTTY === true;

/** The package is Node's alone; without it there are lines instead of bars. */
async function loadBars(): Promise<BarPackage | undefined> {
  try {
    return (await loadPackage<{ default: BarPackage }>('cli-progress')).default;
  } catch {
    return undefined;
  }
}

export class Progress extends Callback {
  #bars: BarPackage | undefined;
  #bar: Bar | undefined;
  #start = 0;
  #seen = 0;

  /** @param verbose 1: a bar, in a terminal; else lines. */
  constructor(readonly verbose: number) {
    super();
  }

  override async onTrainBegin(): Promise<void> {
    if (this.verbose === 1 && isTerminal()) this.#bars = await loadBars();
  }

  override onEpochBegin(epoch: number): void {
    this.#start = performance.now();
    // Of a data set of unknown length: as many as in the epoch before.
    const total = (this.params.samples as number | undefined) ?? this.#seen;
    this.#seen = 0;
    if (!this.#bars) return;
    const format = `epoch ${epoch + 1}/${String(this.params.epochs)} {bar} {value}/{total}  {rate} examples/s  {logs}`;
    this.#bar = new this.#bars.SingleBar({ format, hideCursor: true, barsize: 24 });
    this.#bar.start(total, 0, { rate: 0, logs: '' });
  }

  override onBatchEnd(_batch: number, logs: Logs = {}): void {
    const { size = 0, batch: _, ...rest } = logs;
    this.#seen += size;
    this.#bar?.update(this.#seen, { rate: this.#rate(), logs: show(rest) });
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    const rate = this.#rate();
    if (this.#bar) {
      this.#bar.update(this.#seen, { rate, logs: show(logs) });
      this.#bar.stop();
      this.#bar = undefined;
    } else console.log(`epoch ${epoch + 1}/${String(this.params.epochs)}  ${rate} examples/s  ${show(logs)}`);
  }

  override onTrainEnd(): void {
    this.letGo();
  }

  override letGo(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #rate(): number {
    const seconds = (performance.now() - this.#start) / 1000;
    return Math.round(this.#seen / Math.max(seconds, 1e-9));
  }
}
