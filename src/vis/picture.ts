/** Pictures: specifications of Vega-Lite as plain objects, which notebooks show by themselves. */
import { isWhole } from '../support/arguments';
import * as is from '../support/settings';
import { configOf, PADDING, type Theme, TITLE_SIZE } from './theme';

/** Part of a specification. */
export type Spec = Readonly<Record<string, unknown>>;

/** A specification of Vega-Lite: plain JSON, with its data. Notebooks show it, pages embed it, `vis.toSVG` draws it. */
export interface Picture {
  /** The version of Vega-Lite. */
  readonly $schema: string;
  /** All else, as https://vega.github.io/vega-lite/docs/spec.html describes it. */
  readonly [key: string]: unknown;
}

/** Settings of all pictures. */
export interface PictureOptions {
  /** Text above the picture; each picture has its own default. */
  title?: string;
  /** Width in pixels with axes and labels, from 240 to 4000; default 480. A phone takes 358. */
  width?: number;
  /** Height of the plot in pixels, from 40 to 4000; the default follows from the width. */
  height?: number;
  /** Colours for a light or a dark background; default 'light'. */
  theme?: Theme;
}

/** Settings of all pictures. */
export const PICTURE = {
  title: is.text(),
  width: is.given('an integer from 240 to 4000', (v) => isWhole(v, 240, 4000), 480),
  height: is.given<number | undefined>('an integer from 40 to 4000', (v) => isWhole(v, 40, 4000)),
  theme: is.choice(['light', 'dark'], 'light') as is.Setting<Theme>,
} satisfies is.TableOf<PictureOptions>;

/** Checked settings of all pictures. */
export type Frame = is.Values<typeof PICTURE>;

/** Of what both Vega-Lite 5 and 6 draw: notebooks know version 5. */
const SCHEMA = 'https://vega.github.io/schema/vega-lite/v5.json';
const MEDIA = 'application/vnd.vegalite.v5+json';
/** What Deno's kernel asks an object for. */
const DISPLAY = Symbol.for('Jupyter.display');

/** Width of a letter, as a share of the font's size: what vega reckons with where it cannot measure. */
export const LETTER = 0.8;

/** A text in lines that fit a width. */
export function linesOf(text: string, width: number, fontSize = TITLE_SIZE): string[] {
  const most = Math.max(8, Math.floor(width / (fontSize * LETTER)));
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The setting of a title; '' leaves it out. */
function titleOf(title: string, width: number, note: string | undefined): Spec {
  if (!title && !note) return {};
  const inner = width - 2 * PADDING;
  return {
    title: { text: linesOf(title, inner), ...(note ? { subtitle: linesOf(note, inner, 12) } : {}) },
  };
}

/** Lets notebooks show a specification; the property is no part of the JSON. */
function displayed(spec: Spec): Picture {
  const display = (): Record<string, unknown> => ({ [MEDIA]: spec });
  return Object.defineProperty(spec, DISPLAY, { value: display, enumerable: false }) as Picture;
}

interface Text {
  /** The title, unless the user sets another. */
  readonly title: string;
  /** A line below the title. */
  readonly note?: string | undefined;
}

/** A picture of several plots that know their own sizes. */
export const composed = (frame: Frame, { title, note }: Text, body: Spec): Picture =>
  displayed({
    $schema: SCHEMA,
    ...titleOf(frame.title ?? title, frame.width, note),
    ...body,
    config: configOf(frame.theme),
  });

/** A picture of one plot with axes, which takes up the width. */
export const single = (frame: Frame, text: Text, body: Spec): Picture =>
  composed(frame, text, {
    width: frame.width,
    height: frame.height ?? Math.round(Math.min(320, frame.width * 0.55)),
    autosize: { type: 'fit-x', contains: 'padding' },
    ...body,
  });

/** Pixels between plots. */
const GAP = 16;
/** Pixels beside a plot that its axis takes. */
const AXIS = 56;

/** Plots side by side, as many as the width has room for. */
export interface Panels {
  readonly columns: number;
  /** Of each plot, without its axis. */
  readonly width: number;
}

/** @param least pixels that a plot with its axis needs */
export function panels(frame: Frame, count: number, least: number, axis = AXIS): Panels {
  const whole = frame.width - 2 * PADDING;
  const columns = Math.max(1, Math.min(count, Math.floor((whole + GAP) / (least + GAP))));
  return { columns, width: Math.floor((whole - (columns - 1) * GAP) / columns) - axis };
}
