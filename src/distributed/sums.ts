/** Programs that sum blocks by the tree, and whose blocks may be elsewhere in every run. */
import { Op, SUM_TREE_STRIP, SumTree, TreeBlock } from '../../assembly/isa';
import { encode, writeProgram } from '../program/encode';
import type { Buffer, PlainCommand } from '../program/ir';
import { plainCommand } from '../program/operands';
import { runProgram } from '../program/run';
import { engine } from '../runtime/engine';
import { Pace } from '../runtime/pace';
import { roundUp } from '../support/round';
import { type Held, Storage } from '../tensor/storage';

/** Areas that are bound before each run. */
export enum Area {
  /** Of the chunks of this rank. */
  partials,
  /** The result. */
  out,
  /** From other ranks. */
  received,
}

/** So many bytes from the start of an area. */
export interface Place {
  readonly area: Area;
  readonly offset: number;
}

/** The sum of blocks in the order of `additionsOf`. */
export interface BlockSum {
  readonly blocks: readonly Place[];
  readonly additions: readonly number[];
  readonly out: Place;
  readonly elements: number;
  readonly isDouble: boolean;
}

/** A word of linear memory that holds an address inside an area. */
interface Patch extends Place {
  readonly word: number;
}

/** Sums on the stack at most. */
function depthOf(additions: readonly number[]): number {
  let depth = 0;
  let most = 0;
  for (const merged of additions) {
    most = Math.max(most, ++depth);
    depth -= merged;
  }
  return most;
}

const where = (): string => 'sum of chunks';

/** One program for several sums. */
export class SumProgram implements Held {
  readonly #storage: Storage;
  readonly #patches: readonly Patch[];
  /** The areas that its words hold addresses of now. */
  readonly #bound = [-1, -1, -1];
  readonly #pace: Pace;
  readonly #scratchBytes: number;

  /** @throws OutOfMemoryError */
  constructor(sums: readonly BlockSum[]) {
    const areas = [Area.partials, Area.out, Area.received].map(
      (area): Buffer => ({ bytes: 0, address: 0, label: Area[area] as string }),
    );
    const table: Buffer = { bytes: 0, address: 0, label: 'table' };
    const places = sums.flatMap((s) => s.blocks);
    const additions = sums.flatMap((s) => s.additions);
    let entries = 0;
    const commands = sums.map((sum): PlainCommand => {
      const offset = entries * TreeBlock.size;
      entries += sum.blocks.length;
      const scratch = 128 + depthOf(sum.additions) * SUM_TREE_STRIP * 4;
      return plainCommand(
        Op.SumTree,
        SumTree,
        {
          table: { buffer: table, offset },
          blocks: sum.blocks.length,
          count: sum.elements,
          out: { buffer: areas[sum.out.area] as Buffer, offset: sum.out.offset },
          isDouble: Number(sum.isDouble),
        },
        ['out'],
        scratch,
      );
    });
    const encoded = encode(commands);
    const tableAt = roundUp(encoded.words.byteLength, 8);
    this.#storage = new Storage(tableAt + entries * TreeBlock.size, 'programs');
    this.#pace = new Pace(encoded.shared);
    this.#scratchBytes = encoded.scratchBytes;
    const { address } = this.#storage;
    writeProgram(encoded, address);
    const { u32 } = engine.memory;
    const patches: Patch[] = [];
    for (const { at, ref } of encoded.patches) {
      const word = (address + at) >>> 2;
      if (ref.buffer === table) u32[word] = address + tableAt + ref.offset;
      else patches.push({ word, area: areas.indexOf(ref.buffer), offset: ref.offset });
    }
    places.forEach((place, i) => {
      const entry = (address + tableAt + i * TreeBlock.size) >>> 2;
      patches.push({ ...place, word: entry + TreeBlock.address / 4 });
      u32[entry + TreeBlock.additions / 4] = additions[i] as number;
    });
    this.#patches = patches;
  }

  /** Runs it on areas at these addresses. @throws OutOfMemoryError, StateError as `runProgram` */
  run(partials: number, out: number, received: number): void {
    const bound = this.#bound;
    if (bound[0] !== partials || bound[1] !== out || bound[2] !== received) {
      bound[0] = partials;
      bound[1] = out;
      bound[2] = received;
      const { u32 } = engine.memory;
      for (const { word, area, offset } of this.#patches) u32[word] = (bound[area] as number) + offset;
    }
    engine.holdScratch(this.#scratchBytes);
    runProgram(this.#storage.address, where, this.#pace);
  }

  release(): void {
    this.#storage.release();
  }
}
