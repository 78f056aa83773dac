/** Running folds: every axis of shapes around the width of vectors, both directions. */
import type { NdArray } from '../../reference/array';
import { type CumulativeAttrs, cumprod, cumsum } from '../../reference/cumulative';
import { type Kind, SPECIALS } from '../../support/generate';
import { type Case, of, row, x } from './case';

const SHAPES = [[1], [2], [17], [600], [0], [3, 4], [4, 1], [1, 5], [2, 0, 3], [0, 3], [2, 5, 3], [3, 2, 4], [2, 7, 9]];
const DEEP = [
  { shape: [2, 1, 3, 2, 2, 3], axis: 3 },
  { shape: [5, 40, 33], axis: 1 },
];
export const layouts = [...SHAPES.flatMap((shape) => shape.map((_, axis) => ({ shape, axis }))), ...DEEP];

const DIRECTIONS = [
  { exclusive: false, reverse: false },
  { exclusive: true, reverse: false },
  { exclusive: false, reverse: true },
  { exclusive: true, reverse: true },
];

function cumulative(
  name: 'cumsum' | 'cumprod',
  kinds: readonly Kind[],
  reference: (x: NdArray, attrs: CumulativeAttrs) => NdArray,
): Case[] {
  const specs = layouts.flatMap(({ shape, axis }) => kinds.map((kind) => ({ spec: x(kind, ...shape), axis })));
  specs.push({ spec: of('float', [SPECIALS.length], SPECIALS), axis: 0 });
  return specs.flatMap(({ spec, axis }) =>
    DIRECTIONS.map((direction) =>
      row(name, [spec], { axis, ...direction }, ([a], attrs) => reference(a as NdArray, attrs)),
    ),
  );
}

export const cumulativeCases: Case[] = [
  ...cumulative('cumsum', ['float', 'wild', 'int'], cumsum),
  ...cumulative('cumprod', ['factor', 'wild', 'int'], cumprod),
];
