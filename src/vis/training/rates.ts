/** The search for a learning rate. */
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import * as is from '../../support/settings';
import type { RateFinderResult } from '../../train/diagnosis/rate-finder';
import { encodingOf, linesFrom, pointsOf } from '../charts/series';
import { plain } from '../numbers';
import { PICTURE, type Picture, type PictureOptions, type Spec, single } from '../picture';

/** Decimal with a few digits: 0.0021, 3.2e-5. */
export const shortNumber = (v: number): string => {
  const digits = Number(v.toPrecision(2));
  return Math.abs(digits) >= 1e-3 && Math.abs(digits) < 1e5 ? String(digits) : digits.toExponential();
};

/** The powers of ten within rates. */
function powersIn(rates: readonly number[]): number[] {
  const found: number[] = [];
  for (let e = -20; e <= 20; e++) {
    const power = Number(`1e${e}`);
    if (power >= (rates[0] as number) * 0.999 && power <= (rates.at(-1) as number) * 1.001) found.push(power);
  }
  return found;
}

/** A dashed line at the rate that is proposed, and its number. */
function markOf(suggestion: number): Spec[] {
  const at = { data: { values: [{ rate: plain(suggestion), text: `suggested: ${shortNumber(suggestion)}` }] } };
  const x = { field: 'rate', type: 'quantitative' };
  return [
    { ...at, mark: { type: 'rule', strokeDash: [4, 3], strokeWidth: 1.5 }, encoding: { x } },
    {
      ...at,
      mark: { type: 'text', align: 'right', baseline: 'top', dx: -5, dy: 4 },
      encoding: { x, y: { value: 0 }, text: { field: 'text' } },
    },
  ];
}

/**
 * Losses against learning rates, as `sg.train.findLearningRate` found them: of each batch, smoothed, and where the
 * proposed rate is. The vertical axis ends at twice the first smoothed loss, or shortly above the largest.
 * @param found what `findLearningRate` returned
 * @returns a specification of Vega-Lite
 * @throws ArgumentError for anything else, and for settings out of range
 * @example
 * const found = { rates: [0.001, 0.01, 0.1], losses: [3, 2, 4], smoothed: [3, 2.5, 3], suggestion: 0.01 };
 * const picture = vis.learningRates(found);
 * picture.encoding.x.scale.type; // 'log'
 */
export function learningRates(found: RateFinderResult, options?: PictureOptions | null): Picture {
  const frame = is.checked('learningRates', PICTURE, options);
  const { rates, losses, smoothed, suggestion } = (found ?? {}) as Partial<RateFinderResult>;
  if (!Array.isArray(rates) || !Array.isArray(losses) || !Array.isArray(smoothed) || rates.length === 0)
    throw new ArgumentError(`learningRates: needs what findLearningRate returned, got ${show(found)}`);
  const lines = linesFrom(
    [
      { name: 'loss of a batch', x: rates, y: losses },
      { name: 'smoothed', x: rates, y: smoothed },
    ],
    'learningRates',
  );
  const finite = smoothed.filter(Number.isFinite);
  const high = Math.min(2 * (finite[0] ?? 1), 1.1 * Math.max(...finite, 1e-30));
  return single(
    frame,
    { title: 'Learning rates' },
    {
      encoding: {
        x: {
          type: 'quantitative',
          title: 'learning rate',
          scale: { type: 'log', nice: false },
          axis: { format: '~e', values: powersIn(rates), grid: false },
        },
        y: { type: 'quantitative', title: 'loss' },
      },
      layer: [
        {
          data: { values: pointsOf(lines) },
          mark: { type: 'line', clip: true },
          encoding: {
            x: { field: 'x' },
            y: { field: 'y', scale: { zero: false, domainMax: plain(high) } },
            strokeWidth: {
              field: 'series',
              type: 'nominal',
              scale: { domain: lines.map((l) => l.name), range: [1, 2.5] },
              legend: null,
            },
            ...encodingOf(lines, frame.width),
          },
        },
        ...(typeof suggestion === 'number' ? markOf(suggestion) : []),
      ],
    },
  );
}
