/** Colours that readers with any colour vision tell apart, and the look of all pictures. */

/** Colours for a light or a dark background. */
export type Theme = 'light' | 'dark';

export const PADDING = 10;
export const TITLE_SIZE = 14;

/** Okabe and Ito (2008): distinct with every kind of colour vision. Yellow, faint on white, is the last. */
const CATEGORIES = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];

interface Palette {
  readonly background: string;
  readonly text: string;
  readonly faint: string;
  readonly grid: string;
  readonly categories: readonly string[];
  /** From nothing to much. */
  readonly ramp: readonly string[];
  /** From low to high, behind colours. */
  readonly ground: readonly string[];
}

const PALETTES: Record<Theme, Palette> = {
  light: {
    background: '#ffffff',
    text: '#1f2328',
    faint: '#59636e',
    grid: '#e4e7eb',
    categories: [...CATEGORIES, '#000000', '#B8A800'],
    ramp: ['#f7fbff', '#cfe1f2', '#93c4de', '#4a97c9', '#1764ab', '#08306b'],
    ground: ['#8f98a3', '#f4f5f6'],
  },
  dark: {
    background: '#15181c',
    text: '#e9edf1',
    faint: '#a3adb8',
    grid: '#30363d',
    categories: ['#3C9BD6', '#F0803C', '#22B98E', '#DD96BC', '#E69F00', '#8CCBF2', '#ffffff', '#F0E442'],
    ramp: ['#1d242c', '#123e66', '#1a649c', '#3f95c7', '#92c9e4', '#e8f5fc'],
    ground: ['#090a0c', '#59626c'],
  },
};

export const paletteOf = (theme: Theme): Palette => PALETTES[theme];

type Color = readonly [red: number, green: number, blue: number];

export const rgbOf = (hex: string): Color => {
  const n = Number.parseInt(hex.slice(1), 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
};

export const hexOf = (color: Color): string =>
  `#${color.map((c) => Math.round(c).toString(16).padStart(2, '0')).join('')}`;

/** A colour of a ramp at a share from 0 to 1. */
export function colorAt(ramp: readonly Color[], share: number): Color {
  const at = Math.min(1, Math.max(0, share)) * (ramp.length - 1);
  const low = Math.min(ramp.length - 2, Math.floor(at));
  const [a, b] = [ramp[low] as Color, ramp[low + 1] as Color];
  return [0, 1, 2].map(
    (i) => (a[i] as number) + ((b[i] as number) - (a[i] as number)) * (at - low),
  ) as unknown as Color;
}

/** Viridis (van der Walt and Smith, 2015): even in lightness. */
export const VIRIDIS = [
  '#440154',
  '#482878',
  '#3e4989',
  '#31688e',
  '#26828e',
  '#1f9e89',
  '#35b779',
  '#6ece58',
  '#b5de2b',
  '#fde725',
];
/** Below and above zero. */
export const DIVERGING = ['#0b3c68', '#2f7fb5', '#a9cfe5', '#f7f7f7', '#f3b98f', '#d9692b', '#7f2704'];

/** Settings of Vega-Lite that all pictures share. */
export function configOf(theme: Theme): Readonly<Record<string, unknown>> {
  const { background, text, faint, grid, categories, ramp } = PALETTES[theme];
  const small = { labelColor: faint, titleColor: text, labelFontSize: 11, titleFontSize: 12, titleFontWeight: 500 };
  return {
    background,
    padding: PADDING,
    font: 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif',
    title: {
      anchor: 'start',
      frame: 'bounds',
      color: text,
      fontSize: TITLE_SIZE,
      fontWeight: 600,
      lineHeight: 18,
      offset: 10,
      subtitleColor: faint,
      subtitleFontSize: 12,
      subtitleLineHeight: 16,
    },
    view: { stroke: null },
    axis: {
      ...small,
      gridColor: grid,
      domainColor: faint,
      tickColor: faint,
      labelOverlap: 'greedy',
      labelSeparation: 6,
    },
    legend: {
      ...small,
      orient: 'bottom',
      direction: 'horizontal',
      labelLimit: 0,
      titleLimit: 0,
      symbolStrokeWidth: 2,
      symbolOpacity: 1,
      layout: { bottom: { direction: 'vertical', anchor: 'start' } },
    },
    header: { ...small, labelColor: text },
    line: { strokeWidth: 2 },
    rule: { color: text },
    text: { color: text, fontSize: 11 },
    range: { category: categories, ramp, heatmap: ramp, ordinal: ramp },
  };
}
