/** What scikit-learn and Keras compute (test/goldens/preprocessing.py), and the iris data. */
import { readFileSync } from 'node:fs';

type Settings = Record<string, unknown>;
/** Nested lists of numbers; null is NaN. */
export type Nested = number | null | readonly Nested[];

export interface Goldens {
  scalers: {
    scaler: 'minMaxScaler' | 'standardScaler';
    config: Settings;
    data: Nested;
    seen: Nested;
    statistics: [number[], number[] | null];
    scaled: Nested;
    back: Nested;
  }[];
  encoders: {
    words: string[];
    classes: string[];
    indices: number[];
    numbers: number[];
    numberClasses: number[];
    table: string[][];
    categories: string[][];
    unseen: string[][];
    rows: number[][];
    back: (string | null)[][];
  };
  splits: {
    count: number;
    labels: number[] | null;
    config: Settings;
    rows?: [number[], number[]];
    sizes?: [number, number];
    shares?: [[number, number][], [number, number][]];
  }[];
  folds: { nSplits: number; labels: number[] | null; tests: number[][] }[];
  weights: { labels: number[]; weights: Record<number, number> }[];
  text: {
    corpus: string[];
    fresh: string[];
    cases: { config: Settings; vocabulary: string[]; output: number[][] }[];
  };
  pads: { sequences: number[][]; config: Settings; output: number[][] }[];
  series: {
    count: number;
    features: number;
    config: Settings & { sequenceLength: number };
    x: Nested;
    y: number[] | null;
  }[];
}

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

export const goldens = JSON.parse(read('../goldens/preprocessing.json')) as Goldens;

const lines = read('../fixtures/iris.csv').trim().split('\n').slice(1);

/** 150 flowers: four lengths in cm, and the species. */
export const iris = {
  x: lines.map((line) => line.split(',').slice(0, 4).map(Number)),
  y: lines.map((line) => line.split(',')[4] as string),
};

/** The numbers of nested lists in order, null as NaN. */
export const flat = (x: Nested): number[] =>
  [x].flat(Number.POSITIVE_INFINITY as 1).map((v) => (v === null ? Number.NaN : (v as number)));

/** Nested lists with NaN for null. */
export const withNaN = (x: Nested): number | number[] =>
  (Array.isArray(x) ? x.map(withNaN) : (x ?? Number.NaN)) as number | number[];
