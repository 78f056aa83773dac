/**
 * Convolutions of 3x3 by Winograd's F(4x4, 3x3): assembly/conv/winograd. A specification of their own, with a quarter of
 * the products: which convolutions have it depends on channels and plane alone.
 */
import {
  Op,
  PANEL,
  WINOGRAD_BLOCK,
  WINOGRAD_BYTES,
  WINOGRAD_INPUTS,
  WINOGRAD_OUTPUTS,
  WINOGRAD_STRIP,
  WINOGRAD_TILES,
  WINOGRAD_WORK,
  Winograd,
} from '../../../assembly/isa';
import type { Emitter, FloatOperand, Ref } from '../../program/ir';

/** Outputs of a tile in one dimension. */
const SIDE = 4;
export const POINTS = 36;
/** A block of fewer tiles would read the filter too often. */
const LEAST_TILES = 32;

export const tilesOf = (oh: number, ow: number): number => Math.ceil(oh / SIDE) * Math.ceil(ow / SIDE);

/** Products that have to be saved for one image, and each pair of channels, before the filter's transform pays. */
const LEAST_SAVED = 9 * 33;

/**
 * Enough channels for the transforms of tiles, a plane that fills at least half of its tiles and that is large enough for the
 * filter's transform: even one image alone takes no longer than term by term.
 */
export const isWinograd = (filter: readonly number[], oh: number, ow: number, steps: readonly number[]): boolean =>
  filter[0] === 3 &&
  filter[1] === 3 &&
  (filter[2] as number) >= 8 &&
  (filter[3] as number) >= 16 &&
  oh * ow >= 8 * tilesOf(oh, ow) &&
  9 * oh * ow - POINTS * tilesOf(oh, ow) >= LEAST_SAVED &&
  steps.every((s) => s === 1);

/** What all three commands need, by the names of `Winograd`. */
export interface WinogradOperands {
  readonly x: Ref;
  readonly filter: Ref;
  readonly y: Ref;
  readonly bias?: Ref;
  readonly center?: Ref;
  readonly factor?: Ref;
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
  readonly oh: number;
  readonly ow: number;
  readonly oc: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly activation: number;
  readonly alpha: FloatOperand;
}

const panels = (channels: number): number => Math.ceil(channels / PANEL);

/** Values of `rows` rows of a panel, at one point and at all. */
export const pointBytes = (rows: number): number => rows * PANEL * 4 + 64;
export const panelBytes = (rows: number): number => POINTS * pointBytes(rows);
export const workBytes = (channels: number): number => WINOGRAD_WORK + channels * 4 + 32;

/** As many tiles as have room in a cache, with so many channels each. */
export function blockOf(tiles: number, channels: number): number {
  const fitting = Math.max(LEAST_TILES, Math.floor(WINOGRAD_BYTES / (POINTS * 4 * channels)));
  return Math.max(1, Math.min(tiles, WINOGRAD_BLOCK, fitting));
}

/** Emits y, or dx. */
function emitTiles(e: Emitter, isGrad: boolean, o: WinogradOperands): void {
  const tiles = o.n * tilesOf(o.oh, o.ow);
  const [rows, columns] = isGrad ? [o.oc, o.c] : [o.c, o.oc];
  const block = blockOf(tiles, rows);
  const strip = 9 * WINOGRAD_STRIP * PANEL * 4;
  // Panels that are read once are transformed where they are read, and never leave the cache.
  const isShared = tiles > block;
  const shared = { shape: [(panels(columns) * panelBytes(rows)) / 4], dtype: 'float32' } as const;
  const points = isShared ? e.temporary(shared).ref : undefined;
  if (points) {
    const { filter, c, oc } = o;
    const operands = { filter, points, c, oc, isGrad: isGrad ? 1 : 0 };
    e.command(Op.WinogradFilter, Winograd, operands, ['points'], workBytes(rows) + strip);
  }
  e.command(
    isGrad ? Op.WinogradInputGrad : Op.Winograd,
    Winograd,
    { ...o, ...(points ? { points } : {}), block },
    [isGrad ? 'x' : 'y'],
    workBytes(rows) +
      POINTS * (block * Math.ceil(rows / 4) * 16 + 64 + pointBytes(block + 1)) +
      strip +
      (isShared ? 0 : panelBytes(rows)),
  );
}

export const emitWinograd = (e: Emitter, o: WinogradOperands): void => emitTiles(e, false, o);
export const emitWinogradInputGrad = (e: Emitter, o: WinogradOperands): void => emitTiles(e, true, o);

/** Emits dFilter. */
export function emitWinogradFilterGrad(e: Emitter, o: WinogradOperands): void {
  const inputs = panels(Math.min(o.c, WINOGRAD_INPUTS)) * PANEL;
  const outputs = panels(Math.min(o.oc, WINOGRAD_OUTPUTS)) * PANEL;
  const values = WINOGRAD_TILES * (inputs + outputs) * 4 + 128;
  const sums = inputs * outputs * 4 + 64;
  e.command(
    Op.WinogradFilterGrad,
    Winograd,
    { ...o },
    ['filter'],
    workBytes(Math.max(o.c, o.oc)) + POINTS * (values + sums),
  );
}
