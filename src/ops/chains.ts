/** Which steps of a map run as chains, their results in registers. */
import { BINARY, Bin, Link, Un } from '../../assembly/isa';
import type { MapStepIR, Slot } from './ir';

/** How a step stands in its map: the last fields of `MapStep`. */
export interface ChainStep {
  readonly length: number;
  /** undefined: no chain can do the step. */
  readonly link: Link | undefined;
  readonly other: Slot | undefined;
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

/** The link that goes on from the first operand, and the one that goes on from the second. */
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

const isSame = (a: Slot | undefined, b: Slot): boolean => a?.kind === b.kind && a.index === b.index;

/** Whether a step from `first` on reads a slot before another result takes its place. */
function isReadFrom(steps: readonly MapStepIR[], first: number, slot: Slot): boolean {
  for (const { args, target } of steps.slice(first)) {
    if (args.some((a) => isSame(a, slot))) return true;
    if (isSame(target, slot)) return false;
  }
  return false;
}

/** How `step` goes on from the step before it in its chain. */
function chained({ code, args }: MapStepIR, before: MapStepIR | undefined): ChainStep {
  const [onFirst, onSecond] = linksOf(code) as readonly [Link, Link | undefined];
  const [a, b] = args as [Slot, Slot | undefined];
  const step = { length: 1, isLoaded: false, isStored: true };
  if (isSame(before?.target, a)) return { ...step, link: onFirst, other: b };
  if (b && onSecond !== undefined && isSame(before?.target, b)) return { ...step, link: onSecond, other: a };
  return { ...step, link: onFirst, other: b, isLoaded: true };
}

const PLAIN: ChainStep = { length: 1, link: undefined, other: undefined, isLoaded: true, isStored: true };

/** One entry for each step: neighbours that registers can do become chains, as long as possible. */
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
  return made.map((step, i) => {
    const { target } = steps[i] as MapStepIR;
    if (target.kind !== 'temp') return step;
    const next = made[i + 1];
    const isInRegister = next && !next.isLoaded && !(next.other && isSame(next.other, target));
    const isStored = isInRegister
      ? !isSame(steps[i + 1]?.target, target) && isReadFrom(steps, i + 2, target)
      : isReadFrom(steps, i + 1, target);
    return { ...step, isStored };
  });
}
