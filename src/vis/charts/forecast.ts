/** A series, and what was forecast of it. */
import type { TensorLike } from '../../ops/create/creation';
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import * as is from '../../support/settings';
import { checkLengths, listOfNumbers, plain } from '../numbers';
import { type Picture, type Spec, single } from '../picture';
import { AXES, type AxesOptions } from './lines';
import { encodingOf, gapsOf, linesFrom, pointsOf } from './series';

/** A forecast. */
export interface Forecast {
  /** [n], its values. */
  readonly values: TensorLike;
  /** Index in the series of the first one; by default the forecast follows the series. */
  readonly start?: number;
  /** [n], the lower ends of a band around it, if there is one. */
  readonly lower?: TensorLike;
  /** [n], the upper ends of the band. */
  readonly upper?: TensorLike;
}

/** Settings of `forecast`. */
export interface ForecastOptions extends AxesOptions {
  /** How many of the last values of the series are drawn; default all. */
  last?: number;
  /** [n], where the values of the series are, evenly spaced: years, days; default 0, 1, 2 ... */
  x?: TensorLike;
}

const FORECAST = {
  ...AXES,
  last: is.given<number | undefined>('a positive integer', is.count().fits),
  x: is.anything() as is.Setting<TensorLike | undefined>,
} satisfies is.TableOf<ForecastOptions>;

interface Drawn {
  readonly name: string;
  readonly x: number[];
  readonly y: number[];
  readonly band: readonly Spec[];
}

/** The place of an index, also beyond the end. */
const placesOf = (x: readonly number[] | undefined): ((index: number) => number) => {
  if (!x || x.length < 2) return (index) => (x?.[0] ?? 0) + index;
  const [first, last] = [x[0] as number, x.at(-1) as number];
  return (index) => x[index] ?? last + ((last - first) / (x.length - 1)) * (index - x.length + 1);
};

function drawnOf(name: string, forecast: Forecast, count: number, placeOf: (index: number) => number): Drawn {
  const where = `forecast: '${name}'`;
  if (!isPlainObject(forecast) || forecast.values === undefined)
    throw new ArgumentError(`${where} must be { values, start, lower, upper }, got ${show(forecast)}`);
  const y = listOfNumbers(forecast.values, where, 'values');
  const { start = count } = forecast;
  if (!Number.isInteger(start) || start < 0)
    throw new ArgumentError(`${where}: start must be a non-negative integer, got ${show(start)}`);
  const x = y.map((_, i) => placeOf(start + i));
  if ((forecast.lower === undefined) !== (forecast.upper === undefined))
    throw new ArgumentError(`${where}: a band needs both lower and upper`);
  if (forecast.lower === undefined || forecast.upper === undefined) return { name, x, y, band: [] };
  const [lower, upper] = [listOfNumbers(forecast.lower, where, 'lower'), listOfNumbers(forecast.upper, where, 'upper')];
  checkLengths(where, 'lower', lower.length, 'values', y.length);
  checkLengths(where, 'upper', upper.length, 'values', y.length);
  const band = x.map((at, i) => ({
    series: name,
    x: plain(at),
    lower: plain(lower[i] as number),
    upper: plain(upper[i] as number),
  }));
  return { name, x, y, band };
}

/**
 * A series, and forecasts of it, each in its own colour, with a band if it has one.
 * @param series [n], what was measured
 * @param forecasts by name: `{ values, start, lower, upper }`
 * @returns a specification of Vega-Lite
 * @throws ShapeError for lists of unequal length; ArgumentError for settings out of range
 * @example
 * const picture = vis.forecast([1, 2, 3, 4], { naive: { values: [4, 4], lower: [3, 2], upper: [5, 6] } }, { yLabel: 'sales (t)' });
 * picture.layer[0].data.values[1]; // { series: 'naive', x: 5, lower: 2, upper: 6 }
 */
export function forecast(
  series: TensorLike,
  forecasts: Readonly<Record<string, Forecast>>,
  options?: ForecastOptions | null,
): Picture {
  const where = 'forecast';
  const { last, x, xLabel = 'time step', yLabel = 'value', ...frame } = is.checked(where, FORECAST, options);
  const measured = listOfNumbers(series, where, 'series');
  if (!isPlainObject(forecasts))
    throw new ArgumentError(`${where}: forecasts must be an object by name, got ${show(forecasts)}`);
  const places = x === undefined ? undefined : listOfNumbers(x, where, 'x');
  if (places) checkLengths(where, 'x', places.length, 'series', measured.length);
  const placeOf = placesOf(places);
  const drawn = Object.entries(forecasts).map(([name, one]) => drawnOf(name, one, measured.length, placeOf));
  const from = Math.max(0, measured.length - (last ?? measured.length));
  const own = { name: 'measured', x: measured.slice(from).map((_, i) => placeOf(from + i)), y: measured.slice(from) };
  const lines = linesFrom([own, ...drawn], where);
  const first = placeOf(from);
  const shown = (point: { x: number | null }): boolean => point.x !== null && point.x >= first;
  const span = placeOf(measured.length) - first;
  const encoding = encodingOf(lines, frame.width);
  return single(
    frame,
    { title: 'Forecast', note: gapsOf(lines) },
    {
      encoding: {
        x: {
          field: 'x',
          type: 'quantitative',
          title: xLabel,
          scale: { zero: false, nice: false },
          axis: { format: '~r', ...(span > 4 ? { tickMinStep: 1 } : {}) },
        },
      },
      layer: [
        {
          data: { values: drawn.flatMap(({ band }) => band) },
          mark: { type: 'area', opacity: 0.22 },
          encoding: {
            y: { field: 'lower', type: 'quantitative', title: yLabel, scale: { zero: false } },
            y2: { field: 'upper' },
            ...encoding,
          },
        },
        {
          data: { values: pointsOf(lines).filter(shown) },
          mark: { type: 'line' },
          encoding: { y: { field: 'y', type: 'quantitative', title: yLabel, scale: { zero: false } }, ...encoding },
        },
      ],
    },
  );
}
