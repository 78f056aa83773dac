/** Amounts by name. */
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { isPlainObject } from '../../support/plain-object';
import * as is from '../../support/settings';
import { plain } from '../numbers';
import { type Picture, single } from '../picture';
import { paletteOf } from '../theme';
import { AXES, type AxesOptions } from './lines';
import { legendColumns } from './series';

/** Amounts by name; or, by the names of groups, amounts by name. */
export type Amounts = Readonly<Record<string, number>> | Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Settings of `bars`. */
export interface BarsOptions extends AxesOptions {
  /** Whether bars are horizontal; by default if the names are long or there are many. */
  horizontal?: boolean;
}

const BARS = {
  ...AXES,
  horizontal: is.given<boolean | undefined>('true or false', is.flag().fits),
} satisfies is.TableOf<BarsOptions>;

/** A bar, as a row of the table. */
interface Bar {
  readonly group: string;
  readonly name: string;
  readonly value: number | null;
}

function barsOf(amounts: Amounts): Bar[] {
  const bar = (group: string, name: string, value: unknown): Bar => {
    if (typeof value === 'number') return { group, name, value: plain(value) };
    throw new ArgumentError(`bars: the amount of '${name}' must be a number, got ${show(value)}`);
  };
  if (!isPlainObject(amounts) || Object.keys(amounts).length === 0)
    throw new ArgumentError(`bars: amounts must be an object of numbers by name, got ${show(amounts)}`);
  return Object.entries(amounts).flatMap(([name, value]) =>
    isPlainObject(value) ? Object.entries(value).map(([inner, v]) => bar(name, inner, v)) : [bar('', name, value)],
  );
}

/**
 * Bars, in the order that they are given. With groups the bars of one name stand side by side, a colour for each group.
 * @param amounts numbers by name, or by group and name
 * @returns a specification of Vega-Lite
 * @throws ArgumentError if it is not a number, and for settings out of range
 * @example
 * const picture = vis.bars({ adam: 0.021, sgd: 0.094 }, { yLabel: 'loss' });
 * picture.data.values.length; // 2
 * vis.bars({ training: { mlp: 0.98, cnn: 0.99 }, test: { mlp: 0.96, cnn: 0.99 } }, { yLabel: 'accuracy' });
 */
export function bars(amounts: Amounts, options?: BarsOptions | null): Picture {
  const { xLabel = '', yLabel = 'value', horizontal, ...frame } = is.checked('bars', BARS, options);
  const values = barsOf(amounts);
  const names = [...new Set(values.map((v) => v.name))];
  const groups = [...new Set(values.map((v) => v.group))];
  const letters = names.reduce((sum, name) => sum + name.length + 2, 0);
  const isLong = horizontal ?? letters * 9 > frame.width - 60;
  const [along, across, offset] = isLong ? ['y', 'x', 'yOffset'] : ['x', 'y', 'xOffset'];
  const isGrouped = groups.length > 1;
  const legend = isGrouped ? { title: null, columns: legendColumns(groups, frame.width) } : null;
  const step = isGrouped ? 10 * groups.length + 10 : 22;
  return single(
    { ...frame, height: frame.height ?? (isLong ? Math.max(60, names.length * step) : undefined) },
    { title: '' },
    {
      data: { values },
      mark: { type: 'bar', cornerRadiusEnd: 2 },
      encoding: {
        [along]: {
          field: 'name',
          type: 'nominal',
          sort: null,
          title: xLabel || null,
          axis: { labelAngle: 0, labelOverlap: false, labelLimit: frame.width * 0.42 },
        },
        [across]: { field: 'value', type: 'quantitative', title: yLabel },
        ...(isGrouped ? { [offset]: { field: 'group', sort: groups } } : {}),
        color: isGrouped
          ? { field: 'group', type: 'nominal', scale: { domain: groups }, legend }
          : { value: paletteOf(frame.theme).categories[0] },
      },
    },
  );
}
