/** Where sums over chunks are: in blocks, each of which is added up at once. */
import type { Location, Node } from '../../tensor/graph';
import { Storage } from '../../tensor/storage';
import type { Pins } from '../../train/optimizers/optimizer';
import { bytesOf, type Segment } from './partition';

/** A block of sums. */
export interface Block {
  /** The segment after which it is added up. */
  readonly segment: number;
  /** Where the sums are. */
  readonly out: Location;
  readonly bytes: number;
  /** The place of each sum of the segment in the block, in bytes; undefined: it is in another block. */
  readonly offsets: readonly (number | undefined)[];
}

/** The sums that the optimizer reads where they are: their place in the block of gradients. */
function pinned(pins: Pins): ReadonlyMap<Node, Location> {
  const found = new Map<Node, Location>();
  for (const [node, place] of pins) if (!found.has(node)) found.set(node, place);
  return found;
}

/** The blocks of a step's sums. All chunks, of whatever size, write to the same. */
export class Layout {
  readonly blocks: readonly Block[];
  /** The form of all sums: chunks of other sizes must have the same. */
  readonly form: string;
  readonly #storage: Storage;

  /** @param gradients the block that pins are in */
  constructor(segments: readonly Segment[], pins: Pins, gradients: Storage) {
    const fixed = pinned(pins);
    const isFixed = (node: Node): boolean => fixed.get(node)?.storage === gradients;
    this.form = formOf(segments);
    const sizes = segments.map(({ sums }) =>
      sums.reduce((all, { node }) => all + (isFixed(node) ? 0 : bytesOf(node)), 0),
    );
    this.#storage = new Storage(
      Math.max(
        16,
        sizes.reduce((a, b) => a + b, 0),
      ),
      'training',
    );
    let start = 0;
    const blocks: Block[] = [];
    segments.forEach(({ sums }, segment) => {
      const own = sums.map(({ node }) => (isFixed(node) ? fixed.get(node) : undefined)?.offset);
      if (own.some((offset) => offset !== undefined))
        blocks.push({ segment, out: { storage: gradients, offset: 0 }, bytes: gradients.bytes, offsets: own });
      let at = 0;
      const offsets = sums.map(({ node }) => {
        if (isFixed(node)) return undefined;
        const offset = at;
        at += bytesOf(node);
        return offset;
      });
      if (at > 0) blocks.push({ segment, out: { storage: this.#storage, offset: start }, bytes: at, offsets });
      start += at;
    });
    this.blocks = blocks;
  }

  /** Where each of a trace's sums is; the trace may be that of another chunk. */
  placesOf(segments: readonly Segment[]): Map<Node, Location> {
    const places = new Map<Node, Location>();
    for (const { segment, out, offsets } of this.blocks)
      segments[segment]?.sums.forEach(({ node }, i) => {
        const offset = offsets[i];
        if (offset !== undefined) places.set(node, { storage: out.storage, offset: out.offset + offset });
      });
    return places;
  }

  release(): void {
    this.#storage.release();
  }
}

/** The shapes of all sums, by segment. */
export const formOf = (segments: readonly Segment[]): string =>
  JSON.stringify(segments.map(({ sums }) => sums.map(({ node }) => node.shape)));
