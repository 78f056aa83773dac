/** A training, drawn while it runs. */
import { show } from '../../support/arguments';
import { ArgumentError, RuntimeSupportError } from '../../support/errors';
import * as is from '../../support/settings';
import { Callback, type Logs } from '../../train/callbacks/callback';
import type { Picture } from '../picture';
import { loadDrawing, toSVG } from '../svg';
import { HISTORY, type HistoryOptions, history } from './history';

/** An element of a page, as far as it is used. */
export interface PictureElement {
  /** What it contains. */
  innerHTML: string;
}

/** Where pictures go: an element of a page or a selector of one, or a function. */
export type PictureTarget = string | PictureElement | ((picture: Picture) => void | Promise<void>);

/** Settings of `live`. */
export interface LiveOptions extends HistoryOptions {
  /** Whether values of epochs or of batches are drawn; default 'epoch'. */
  updateFreq?: 'epoch' | 'batch';
  /** Milliseconds between pictures, at least; default 500. */
  interval?: number;
}

const LIVE = {
  ...HISTORY,
  updateFreq: is.choice(['epoch', 'batch'], 'epoch'),
  interval: is.amount(500),
} satisfies is.TableOf<LiveOptions>;

/** What Deno's kernel has for notebooks. */
interface Notebook {
  display(what: unknown, options: { display_id: string; update: boolean }): Promise<void>;
}

interface Globals {
  readonly document?: { querySelector(selector: string): PictureElement | null };
  readonly Deno?: { readonly jupyter?: Notebook };
}

type Show = (picture: Picture) => void | Promise<void>;

/** The notebook that the program runs in. Outside of one asking for it throws. */
function notebook(): Notebook | undefined {
  try {
    const { Deno } = globalThis as Globals;
    return typeof Deno?.jupyter?.display === 'function' ? Deno.jupyter : undefined;
  } catch {
    return undefined;
  }
}

let displays = 0;

/** Shows pictures in one output of a notebook, each in the place of the one before. */
function inNotebook({ display }: Notebook): Show {
  const id = `samegrad-${++displays}-${Date.now()}`;
  let update = false;
  return async (picture) => {
    await display(picture, { display_id: id, update });
    update = true;
  };
}

const inElement =
  (element: PictureElement): Show =>
  async (picture) => {
    element.innerHTML = await toSVG(picture);
  };

/** @throws ArgumentError, RuntimeSupportError */
function showIn(target: PictureTarget | null | undefined): Show {
  if (typeof target === 'function') return target;
  if (typeof target === 'string') {
    const element = (globalThis as Globals).document?.querySelector(target);
    if (element) return inElement(element);
    throw new ArgumentError(`live: no element of the page fits the selector ${show(target)}`);
  }
  if (typeof target === 'object' && target !== null && 'innerHTML' in target) return inElement(target);
  if (target !== undefined && target !== null)
    throw new ArgumentError(`live: target must be an element, a selector or a function, got ${show(target)}`);
  const found = notebook();
  if (found) return inNotebook(found);
  throw new RuntimeSupportError(
    'live: this is no notebook; pass an element of a page, a selector, or a function that takes pictures',
  );
}

/** Draws the history of a training while it runs. */
export class Live extends Callback {
  readonly #show: Show;
  readonly #needsDrawing: boolean;
  readonly #settings: is.Values<typeof LIVE>;
  #steps: number[] = [];
  #logs: Record<string, number[]> = {};
  #last = -Infinity;
  #drawing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @throws ArgumentError, RuntimeSupportError */
  constructor(target?: PictureTarget | null, options?: LiveOptions | null) {
    super();
    this.#settings = is.checked('live', LIVE, options);
    this.#show = showIn(target);
    this.#needsDrawing = typeof target === 'string' || (typeof target === 'object' && target !== null);
    // Only where values of batches are wanted, so that `fit` need not stop for them.
    if (this.#settings.updateFreq === 'batch')
      this.onBatchEnd = (_, { batch: __, size: ___, ...logs } = {}) => this.#add(this.#steps.length, logs);
  }

  override async onTrainBegin(): Promise<void> {
    [this.#steps, this.#logs, this.#last, this.#failure] = [[], {}, -Infinity, undefined];
    // What is missing is told before the training, and the first picture does not wait.
    if (this.#needsDrawing) await loadDrawing('live');
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    if (this.#settings.updateFreq === 'epoch') this.#add(epoch, logs);
  }

  /** The last picture has all values. */
  override async onTrainEnd(): Promise<void> {
    await this.#drawing;
    if (this.#steps.length > 0) await this.#draw();
    this.#check();
  }

  #check(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }

  #add(step: number, logs: Logs): void {
    this.#check();
    this.#steps.push(step);
    for (const [key, value] of Object.entries(logs)) {
      this.#logs[key] ??= [];
      this.#logs[key].push(value);
    }
    if (this.#drawing || performance.now() - this.#last < this.#settings.interval) return;
    // The training does not wait for the picture.
    this.#drawing = this.#draw().finally(() => {
      this.#drawing = undefined;
      this.#last = performance.now();
    });
  }

  async #draw(): Promise<void> {
    const { updateFreq, interval: _, ...options } = this.#settings;
    try {
      const values = Object.fromEntries(Object.entries(this.#logs).map(([key, list]) => [key, [...list]]));
      await this.#show(
        history({ epoch: [...this.#steps], history: values }, { ...options, xLabel: options.xLabel ?? updateFreq }),
      );
    } catch (error) {
      this.#failure = { error };
    }
  }
}

/**
 * A callback that draws loss and metrics while a model is trained: in an element of a page, in the output of a cell of
 * Deno's notebooks, or by a function, which may draw as it likes. The training does not wait for pictures; the last one
 * is drawn before `fit` returns. In pages vega, vega-lite and vega-interpreter are needed, as for `toSVG`.
 * @param target an element, a selector or a function; by default the notebook that the program runs in
 * @throws ArgumentError for a selector that no element fits, and for settings out of range; RuntimeSupportError without a
 * target outside of notebooks; when the training begins, RuntimeSupportError with the command that installs the packages
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const pictures = [];
 * const live = vis.live((picture) => pictures.push(picture), { interval: 0 });
 * await model.fit(sg.ones([8, 2]), sg.ones([8, 1]), { epochs: 3, verbose: 0, callbacks: live });
 * pictures.at(-1).concat[0].data.values.length; // 3
 */
export const live = (target?: PictureTarget | null, options?: LiveOptions | null): Live => new Live(target, options);
