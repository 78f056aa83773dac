/** Where sums over chunks are: in blocks, each of which is added up at once. */
import type { Location, Node } from '../../tensor/graph';
import { Storage } from '../../tensor/storage';
import type { Pins } from '../../train/optimizers/optimizer';
import { bytesOf, type Segment, startsOf } from './partition';

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
    // Sums of a segment that are not in the place of a gradient, one after another.
    const starts = segments.map(({ sums }) => startsOf(sums.map(({ node }) => (isFixed(node) ? 0 : bytesOf(node)))));
    const begins = startsOf(starts.map((of) => of.at(-1) as number));
    this.#storage = new Storage(Math.max(16, begins.at(-1) as number), 'training');
    this.blocks = segments.flatMap(({ sums }, segment): Block[] => {
      const own = sums.map(({ node }) => (isFixed(node) ? fixed.get(node) : undefined)?.offset);
      const offsets = sums.map(({ node }, i) => (isFixed(node) ? undefined : starts[segment]?.[i]));
      const bytes = starts[segment]?.at(-1) as number;
      const out = { storage: this.#storage, offset: begins[segment] as number };
      return [
        { segment, out: { storage: gradients, offset: 0 }, bytes: gradients.bytes, offsets: own },
        { segment, out, bytes, offsets },
      ].filter((block) => block.offsets.some((offset) => offset !== undefined));
    });
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
