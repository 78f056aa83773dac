/** Which steps of a map run as chains, their results in registers. */
import { BINARY, Bin, Link, Un } from '../../assembly/isa';
import type { MapOperand, MapStepIR } from './ir';

/** The place of a step in its map: the last fields of `MapStep`. */
export interface ChainStep {
  readonly length: number;
  /** undefined: no chain can do the step. */
  readonly link: Link | undefined;
  readonly other: MapOperand | undefined;
  readonly isLoaded: boolean;
  readonly isStored: boolean;
}

const UNARY: ReadonlyMap<number, Link> = new Map([
  [Un.neg, Link.neg],
  [Un.abs, Link.abs],
  [Un.square, Link.square],
  [Un.relu, Link.relu],
  [Un.leakyRelu, Link.leakyRelu],
  [Un.clip, Link.clip],
]);

/** The link that continues from the first operand, and the one that continues from the second. */
const BINARIES: ReadonlyMap<number, readonly [Link, Link | undefined]> = new Map([
  [Bin.add, [Link.add, Link.add]],
  [Bin.sub, [Link.sub, Link.subFrom]],
  [Bin.mul, [Link.mul, Link.mul]],
  [Bin.div, [Link.div, Link.divInto]],
  [Bin.maximum, [Link.maximum, Link.maximum]],
  [Bin.minimum, [Link.minimum, Link.minimum]],
  [Bin.reluGrad, [Link.reluGrad, undefined]],
]);

const linksOf = (code: number): readonly [Link, Link | undefined] | undefined => {
  const link = UNARY.get(code);
  return link === undefined ? BINARIES.get(code - BINARY) : [link, undefined];
};

const isSame = (a: MapOperand | undefined, b: MapOperand): boolean => a?.kind === b.kind && a.index === b.index;

/** What a step's result, in a temporary, is read by before another one takes its place. */
interface Readers {
  readonly next: boolean;
  /** By a step after the next one. */
  readonly later: boolean;
}

function readersOf(steps: readonly MapStepIR[]): Readers[] {
  const found = new Array<Readers>(steps.length);
  /** Temporaries that are read from the step after the next one on. */
  const later = new Set<number>();
  for (let i = steps.length - 1; i >= 0; i--) {
    const { target } = steps[i] as MapStepIR;
    const next = steps[i + 1];
    const isOver = next !== undefined && isSame(next.target, target);
    found[i] = {
      next: next?.args.some((a) => isSame(a, target)) ?? false,
      later: target.kind === 'temp' && !isOver && later.has(target.index),
    };
    if (next?.target.kind === 'temp') later.delete(next.target.index);
    for (const a of next?.args ?? []) if (a.kind === 'temp') later.add(a.index);
  }
  return found;
}

/** How `step` continues from the step before it in its chain. */
function chained({ code, args }: MapStepIR, before: MapStepIR | undefined): ChainStep {
  const [onFirst, onSecond] = linksOf(code) as readonly [Link, Link | undefined];
  const [a, b] = args as [MapOperand, MapOperand | undefined];
  const step = { length: 1, isLoaded: false, isStored: true };
  if (isSame(before?.target, a)) return { ...step, link: onFirst, other: b };
  if (b && onSecond !== undefined && isSame(before?.target, b)) return { ...step, link: onSecond, other: a };
  return { ...step, link: onFirst, other: b, isLoaded: true };
}

const PLAIN: ChainStep = { length: 1, link: undefined, other: undefined, isLoaded: true, isStored: true };

/** One entry for each step: neighbouring steps that fit into registers form chains, as long as possible. */
export function chainSteps(steps: readonly MapStepIR[]): ChainStep[] {
  const made: ChainStep[] = [];
  while (made.length < steps.length) {
    const first = made.length;
    for (let i = first; i < steps.length && linksOf((steps[i] as MapStepIR).code); i++)
      made.push(chained(steps[i] as MapStepIR, i > first ? steps[i - 1] : undefined));
    if (made.length === first) made.push(PLAIN);
    else made[first] = { ...(made[first] as ChainStep), length: made.length - first };
  }
  // What only the next step reads, from its register, has no need of memory.
  const readers = readersOf(steps);
  return made.map((step, i) => {
    const { target } = steps[i] as MapStepIR;
    if (target.kind !== 'temp') return step;
    const next = made[i + 1];
    const isInRegister = next && !next.isLoaded && !(next.other && isSame(next.other, target));
    const read = readers[i] as Readers;
    return { ...step, isStored: read.later || (!isInRegister && read.next) };
  });
}
