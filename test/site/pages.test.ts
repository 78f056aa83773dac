/**
 * The pages that compute: what they compute, in Node; and with SAMEGRAD_TESTS=all, as in CI, the built pages in
 * browsers, driven as by people.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { isAll } from '../support/effort';

/** Modules of pages are JavaScript without declarations. */
const page = (path: string): Promise<Record<string, never>> =>
  import(/* @vite-ignore */ new URL(`../../site/pages/${path}.js`, import.meta.url).href);

interface Snapshot {
  readonly epochs: number;
  readonly trainLoss: number;
  readonly gradients: readonly number[];
  readonly pictures: readonly Float32Array[];
}
interface Playground {
  advance(epochs: number): Promise<Snapshot>;
  dispose(): void;
}
type State = Record<string, unknown>;

describe('the playground', async () => {
  const states = (await page('playground/state')) as unknown as Record<string, readonly string[]> & {
    DEFAULTS: State;
    encode(state: State): string;
    decode(hash: string): State;
  };
  const { playground } = (await page('playground/training')) as unknown as {
    playground(library: typeof sg, state: State): Promise<Playground>;
  };
  const { DEFAULTS, encode, decode } = states;

  it.each([
    ...(states.DATA ?? []).map((data) => ({ data })),
    ...(states.OPTIMIZERS ?? []).map((optimizer) => ({ optimizer })),
    ...(states.SCHEDULES ?? []).map((schedule) => ({ schedule })),
    ...(states.REGULARIZERS ?? []).map((regularizer) => ({ regularizer })),
    ...(states.ACTIVATIONS ?? []).map((activation) => ({ activation })),
    { layers: [] },
    { layers: [8, 8, 8, 8, 8], features: states.FEATURES, batch: 200 },
  ])('%o learns, and leaves nothing behind', async (change) => {
    const { numTensors } = sg.memory();
    const made = await playground(sg, { ...DEFAULTS, ...change });
    const before = await made.advance(0);
    const after = await made.advance(12);
    expect(after.epochs).toBe(12);
    expect(after.trainLoss).toBeLessThan(before.trainLoss);
    expect(after.gradients.every((size) => size > 0 && Number.isFinite(size))).toBe(true);
    expect(after.pictures.every((picture) => picture.every(Number.isFinite))).toBe(true);
    made.dispose();
    expect(sg.memory().numTensors).toBe(numTensors);
  });

  it('a link holds the whole state, and a wrong one becomes the default where it is wrong', () => {
    const other = {
      ...DEFAULTS,
      data: 'spiral',
      layers: [],
      features: ['x', 'sin y'],
      rate: 0.001,
      batch: 200,
      seed: 7,
    };
    expect(decode(`#${encode(other)}`)).toEqual(other);
    expect(decode('')).toEqual(DEFAULTS);
    const wrong = 'data=moons&layers=3.99&features=z&rate=&batch=2.5&seed=-1&optimizer=toString&strength=NaN&noise=0.1';
    expect(decode(`#${wrong}`)).toEqual({ ...DEFAULTS, noise: 0.1 });
  });
});

it('the page on sequences learns a text and looks only backward', async () => {
  const { characterModel } = (await page('sequence/training')) as unknown as {
    characterModel(
      library: typeof sg,
      text: string,
    ): {
      train(steps: number): Promise<{ loss: number }>;
      write(start: string, length: number, temperature: number): string;
      attention(ending: string): { maps: number[][][] };
    };
  };
  expect(() => characterModel(sg, 'short')).toThrow('the text has 5 characters; it needs more than 96');
  const model = characterModel(sg, 'abcd'.repeat(60));
  const first = await model.train(2);
  const last = await model.train(40);
  expect(last.loss).toBeLessThan(first.loss / 4);
  expect(model.write('?abc', 8, 0.2)).toBe('abcdabcdabc');
  const { maps } = model.attention('abcdab');
  expect(maps).toHaveLength(8);
  for (const map of maps)
    map.forEach((row, from) => {
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      expect(row.slice(from + 1).every((weight) => weight === 0)).toBe(true);
    });
});

it('a head learns which features belong to which class', async () => {
  const { head } = (await page('pictures/training')) as unknown as {
    head(
      library: typeof sg,
      examples: { features: Float32Array; label: number }[],
      classes: number,
      tell: (progress: { accuracy: number }) => void,
    ): Promise<(features: Float32Array) => number[]>;
  };
  const features = (label: number, i: number): Float32Array =>
    Float32Array.from({ length: 20 }, (_, k) => Number(k % 3 === label) + 0.01 * ((i * 7 + k) % 5));
  const examples = [0, 1, 2].flatMap((label) => [0, 1, 2].map((i) => ({ features: features(label, i), label })));
  const told: number[] = [];
  const classify = await head(sg, examples, 3, ({ accuracy }) => told.push(accuracy));
  expect(told.at(-1)).toBe(1);
  for (const label of [0, 1, 2]) {
    const probabilities = classify(features(label, 9));
    expect(probabilities.indexOf(Math.max(...probabilities))).toBe(label);
  }
});

it('the benchmark runs every case and finds the same bits again', async () => {
  const { cases, run } = (await page('benchmark/cases')) as unknown as {
    cases: { id: string; key: string; params: { n?: number } }[];
    run(library: typeof sg, one: unknown, sampleMs: number): Promise<{ ms: number; sha256: string }>;
  };
  expect(new Set(cases.map(({ key }) => key)).size).toBe(cases.length);
  const few = cases.filter(({ id, params }) => params.n === 64 || ['trainMlp', 'predictMlp', 'trainLstm'].includes(id));
  expect(few).toHaveLength(4);
  for (const one of few) {
    const [a, b] = [await run(sg, one, 0), await run(sg, one, 0)];
    expect(a.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(b.sha256).toBe(a.sha256);
    expect(a.ms).toBeGreaterThan(0);
  }
});

// Builds the reference and the pages, and goes through all pages at two widths: some minutes.
if (isAll)
  it('people use every page, in Chromium and where it is installed in Firefox', { timeout: 900_000 }, () => {
    for (const script of [['site/build.mjs'], ['site/pages.mjs'], ['test/site/run.mjs', '--quick']]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, script, { encoding: 'utf8' });
      expect(status, `${stdout}\n${stderr}`).toBe(0);
    }
  });
