/** What tests of pictures share. */
import { inflateSync } from 'node:zlib';
import type { Picture } from '../../src/vis';

/** A specification as JSON has it, to be looked into. */
export type Json = Readonly<Record<string, unknown>>;

/** The specification as JSON; all of it must survive. */
export const jsonOf = (picture: Picture): Json => JSON.parse(JSON.stringify(picture)) as Json;

/** The rows of the table of a picture, or of one of its parts. */
export const rowsOf = (part: Json): Record<string, unknown>[] =>
  (part.data as { values: Record<string, unknown>[] }).values;

/** All texts that an SVG shows. */
export const textsOf = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>|<tspan[^>]*>([^<]*)<\/tspan>/g)].map(([, a, b]) => a || b || '');

/** Width and height of a PNG in a data URL. */
export function sizeOf(url: string): [number, number] {
  const bytes = Buffer.from(url.replace('data:image/png;base64,', ''), 'base64');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

/** The pixels of a PNG without filters, as rows of [red, green, blue, opacity]. */
export function pixelsOf(url: string): number[][][] {
  const bytes = Buffer.from(url.replace('data:image/png;base64,', ''), 'base64');
  const [width, height] = sizeOf(url);
  const data = inflateSync(bytes.subarray(41, 41 + bytes.readUInt32BE(33)));
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => [
      ...data.subarray(y * (width * 4 + 1) + 1 + x * 4, y * (width * 4 + 1) + 5 + x * 4),
    ]),
  );
}
