/** Loops to commands: what `loop` hands to the planner with each body. */

import type { Body, LowerLoop } from '../ops/core/loop';
import type { Buffer, Moving, Ref, Value } from '../program/ir';
import { type Node, withGraph } from '../tensor/graph';
import { sizeOf } from '../tensor/shape';
import { PlanEmitter } from './emitter';
import { lowerNodes } from './lower';
import { settleCarried } from './passes/carry';
import { fuseCommands } from './passes/fold-copies';
import { readsOf, writesOf } from './passes/fuse-maps';
import { hoistPacking } from './passes/hoist';
import { moveAll } from './passes/moves';
import { place } from './passes/place';
import { fuseEpilogues, mergeEqual, type Rewritten, reachable } from './passes/simplify';

/** How a loop holds a carried value. */
interface Carried {
  /** Where each step reads it and writes its new value; undefined where all of its values are kept. */
  readonly buffer: Buffer | undefined;
  /** Where a step leaves it. */
  readonly target: Buffer;
  /** Where it is after the last step. */
  readonly end: Ref;
}

/** The values of a body that its loop knows by their roles. */
interface Roles {
  readonly carry: readonly Node[];
  readonly xs: readonly Node[];
  readonly captured: readonly Node[];
  readonly next: readonly Node[];
  /** Results that some node reads. */
  readonly ys: readonly Node[];
}

const at = (buffer: Buffer, offset = 0): Ref => ({ buffer, offset });
const bytesOf = (node: Node): number => sizeOf(node.shape) * 4;

/** The values of the body after simplification: equal values are one, epilogues are part of their products. */
function simplified(body: Body, ys: readonly Node[]): Roles {
  const { carry, xs, captured, next } = body;
  const lists = [carry, xs, captured, next, ys];
  let roots = lists.flat();
  const follow = ({ of }: Rewritten): void => {
    roots = roots.map((n) => of.get(n) as Node);
  };
  withGraph(undefined, () => {
    follow(mergeEqual(reachable(roots)));
    follow(fuseEpilogues(reachable(roots), new Set(roots)));
  });
  const rest = [...roots];
  const [a, b, c, d, e] = lists.map((list) => rest.splice(0, list.length)) as [Node[], Node[], Node[], Node[], Node[]];
  return { carry: a, xs: b, captured: c, next: d, ys: e };
}

/**
 * A loop: its body becomes a list of commands, planned like a program, with its own workspace. Slices of sequences
 * are read and written where they are. Carried values are in buffers that the end of each step fills again; where a
 * sequence of them is wanted, as gradients do, it is kept instead, and each step reads its slice and computes the next.
 * @param read the parts that some node reads
 * @returns those parts
 */
export const lowerLoop: LowerLoop = (e, loop, read, operands) => {
  const body = loop.attrs as Body;
  const wanted = [...new Set(read)].filter((i) => i >= body.next.length);
  const roles = simplified(
    body,
    wanted.map((i) => body.ys[i - body.next.length] as Node),
  );
  const lowering = new LoopLowering(e as PlanEmitter, body, roles);
  lowering.bindInputs(operands);
  const carried = roles.carry.map((n, i) => lowering.carry(n, roles.next[i] as Node, i, operands[i] as Value));
  const results = new Map(roles.ys.map((n, i) => [wanted[i] as number, lowering.collect(n, wanted[i] as number, i)]));
  lowering.emit(carried);
  roles.carry.forEach((n, i) => {
    results.set(i, { shape: n.shape, dtype: n.dtype, ref: (carried[i] as Carried).end });
  });
  return results;
};

/** The steps of `lowerLoop`, in the order of their calls. */
class LoopLowering {
  /** The commands of the body. */
  readonly #inner = new PlanEmitter();
  readonly #moving: Moving[] = [];
  /** Where values of the body come from. */
  readonly #sources = new Map<Node, Ref>();
  /** Where values of the body have to end up, and where they are copied to. */
  readonly #places = new Map<Node, Buffer>();
  readonly #copies = new Map<Node, Buffer[]>();
  /** Sequences of carried values that are kept: results that need no separate buffer. */
  readonly #histories = new Map<Node, Ref>();
  /** Memory outside that slices are written to. */
  readonly #written: Ref[] = [];

  constructor(
    readonly e: PlanEmitter,
    readonly body: Body,
    readonly roles: Roles,
  ) {
    this.#inner.step = e.step;
    this.#inner.rowsOf = e.rowsOf;
  }

  /** One slice, of the node's size, at ref; `ahead` slices after that of the present step. */
  #slice(ref: Ref, node: Node, label: string, ahead = 0): Buffer {
    const { reverse, length } = this.body;
    const bytes = bytesOf(node);
    const buffer: Buffer = { bytes, address: 0, label };
    const first = (reverse ? Math.max(0, length - 1) : 0) + ahead;
    this.#moving.push({ buffer, base: at(ref.buffer, ref.offset + first * bytes), stride: reverse ? -bytes : bytes });
    return buffer;
  }

  /** Sequences are read slice by slice, captured values where they are. */
  bindInputs(operands: readonly Value[]): void {
    const { carry, xs, captured } = this.roles;
    xs.forEach((n, i) => {
      this.#sources.set(n, at(this.#slice((operands[carry.length + i] as Value).ref, n, `sequence ${i}`)));
    });
    captured.forEach((n, i) => {
      this.#sources.set(n, (operands[carry.length + xs.length + i] as Value).ref);
    });
  }

  /** Finds room for a carried value: one place, or its whole history where that is a result. */
  carry(n: Node, result: Node, i: number, start: Value): Carried {
    const isResult = this.roles.ys.includes(n) || this.roles.ys.includes(result);
    if (isResult && result.kind === 'op' && !this.#places.has(result)) return this.#carryHistory(n, result, i, start);
    const buffer = this.e.buffer(bytesOf(n), `carried ${i}`);
    this.e.copy(start, at(buffer));
    this.#sources.set(n, at(buffer));
    return { buffer, target: buffer, end: at(buffer) };
  }

  /** The history has length + 1 values: the one before the first step is at the end from which time runs. */
  #carryHistory(n: Node, result: Node, i: number, start: Value): Carried {
    const { reverse, length } = this.body;
    const bytes = bytesOf(n);
    const buffer = this.e.buffer((length + 1) * bytes, `carried ${i}`);
    const [before, after] = reverse ? [1, 0] : [0, 1];
    this.e.copy(start, at(buffer, before * length * bytes));
    this.#sources.set(n, at(this.#slice(at(buffer), n, `before ${i}`, before)));
    const target = this.#slice(at(buffer), n, `after ${i}`, after);
    this.#places.set(result, target);
    this.#histories.set(n, at(buffer, before * bytes)).set(result, at(buffer, after * bytes));
    this.#written.push(at(buffer));
    return { buffer: undefined, target, end: at(buffer, after * length * bytes) };
  }

  /** Where the slices of a result are collected. */
  collect(n: Node, part: number, i: number): Value {
    const spec = this.body.part(part);
    const history = this.#histories.get(n);
    if (history) return { ...spec, ref: history };
    const ref = at(this.e.buffer(sizeOf(spec.shape) * 4, `results ${i}`));
    this.#written.push(ref);
    const buffer = this.#slice(ref, n, `result ${i}`);
    if (n.kind === 'op' && !this.#places.has(n)) this.#places.set(n, buffer);
    else this.#copies.set(n, [...(this.#copies.get(n) ?? []), buffer]);
    return { ...spec, ref };
  }

  /** Values that are the same in every step are computed before the loop, all others by the body's commands. */
  #lowerBody(carried: readonly Carried[]): void {
    const { captured, next } = this.roles;
    const roots = Object.values(this.roles).flat();
    const all = reachable(roots);
    const invariant = new Set<Node>(captured);
    const isRoot = new Set(roots);
    for (const n of all)
      if (n.kind === 'op' && !isRoot.has(n) && n.inputs.every((i) => invariant.has(i))) invariant.add(n);
    const before = all.filter((n) => invariant.has(n));
    const known = lowerNodes(this.e, before, this.#sources, new Map(), new Map());
    const varying = all.filter((n) => !invariant.has(n));
    const values = lowerNodes(this.#inner, varying, this.#sources, this.#places, this.#copies, known);
    this.#inner.origin = 'next step';
    moveAll(
      this.#inner,
      next.map((n, i) => ({ value: values.get(n) as Value, to: (carried[i] as Carried).target })),
    );
  }

  /** Plans the body and emits the loop. */
  emit(carried: readonly Carried[]): void {
    this.#lowerBody(carried);
    const { length } = this.body;
    const inner = this.#inner;
    const inPlace = carried.flatMap(({ buffer }) => buffer ?? []);
    const whole = fuseCommands(inner.commands, inner.origins, new Set());
    const fused = settleCarried(whole.commands, whole.origins, inPlace, (b) => inner.own.has(b));
    const touched = new Set([...inPlace, ...fused.commands.flatMap(writesOf).map((r) => r.buffer)]);
    const slices = new Set(this.#moving.map((m) => m.buffer));
    const isOutside = ({ buffer }: Ref): boolean => !inner.own.has(buffer) && !slices.has(buffer);
    const isSame = (ref: Ref): boolean => length > 1 && isOutside(ref) && !touched.has(ref.buffer);
    const commands = hoistPacking(this.e, fused.commands, fused.origins, isSame);
    const placement = place(commands, new Set(), true, (b) => inner.own.has(b));
    this.e.loop({
      count: length,
      body: commands,
      origins: fused.origins,
      moving: this.#moving,
      workspace: this.e.buffer(placement.bytes, 'loop'),
      offsets: placement.offsets,
      reads: [...commands.flatMap(readsOf).filter(isOutside), ...this.#moving.map((m) => m.base)],
      writes: [...inPlace.map((b) => at(b)), ...commands.flatMap(writesOf).filter(isOutside), ...this.#written],
    });
  }
}
