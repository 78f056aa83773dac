/**
 * Loops of TensorFlow 1 become nodes `While` with functions for their condition and body, as TensorFlow 2 has them.
 *
 * Such a loop is a frame: Enter brings values in, a Merge takes each variable from its Enter or from the step before
 * (NextIteration), a Switch hands it to the body (output 1) or, when LoopCond says so, to Exit (output 0).
 */
import { FormatError } from '../../support/errors';
import type { Attribute, Graph } from '../core/graph';
import { makeGraph, type RawPort } from './order';
import type { RawNode, RawNodes, RawRef } from './raw';

const NO_ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map();
const port = (name: string, ref: RawRef): RawPort => ({ name, ref, dtype: undefined, shape: null });
const isEnter = ({ op }: RawNode): boolean => op === 'Enter' || op === 'RefEnter';

/** A loop by its name, inside another perhaps. */
interface FrameOf {
  readonly name: string;
  readonly parent: FrameOf | undefined;
  readonly depth: number;
}

function frameName(node: RawNode): string {
  const found = node.attributes.get('frame_name');
  return found?.kind === 'text' ? found.value : '';
}

/** The frame that each node belongs to. */
function framesOf(nodes: RawNodes): Map<string, FrameOf | undefined> {
  const frames = new Map<string, FrameOf | undefined>();
  const known = new Map<string, FrameOf>();
  const consumers = new Map<string, RawNode[]>();
  const waiting = new Map<string, number>();
  const ready: RawNode[] = [];
  for (const node of nodes.values()) {
    const isBack = (name: string): boolean => node.op === 'Merge' && nodes.get(name)?.op === 'NextIteration';
    const needs = [...node.inputs.map((r) => r.node), ...node.controls].filter((n) => !isBack(n) && nodes.has(n));
    waiting.set(node.name, needs.length);
    for (const name of needs) consumers.set(name, [...(consumers.get(name) ?? []), node]);
    if (needs.length === 0) ready.push(node);
  }
  for (let node = ready.pop(); node; node = ready.pop()) {
    let inside: FrameOf | undefined;
    for (const name of [...node.inputs.map((r) => r.node), ...node.controls]) {
      const frame = frames.get(name);
      if (frame && (!inside || frame.depth > inside.depth)) inside = frame;
    }
    if (isEnter(node)) {
      const key = `${inside?.name ?? ''}\n${frameName(node)}`;
      const frame = known.get(key) ?? { name: key, parent: inside, depth: (inside?.depth ?? 0) + 1 };
      known.set(key, frame);
      inside = frame;
    } else if (node.op === 'Exit') inside = inside?.parent;
    frames.set(node.name, inside);
    for (const next of consumers.get(node.name) ?? []) {
      const left = (waiting.get(next.name) as number) - 1;
      waiting.set(next.name, left);
      if (left === 0) ready.push(next);
    }
  }
  return frames;
}

/** One variable of a loop. */
interface LoopVariable {
  readonly merge: RawNode;
  readonly initial: RawRef;
  readonly next: RawRef;
  readonly switches: readonly string[];
}

class Loop {
  readonly variables: readonly LoopVariable[];
  readonly condition: RawRef;
  /** Nodes that bring in values that do not change. */
  readonly constants: readonly RawNode[];

  constructor(
    readonly nodes: RawNodes,
    readonly members: readonly RawNode[],
    readonly where: string,
  ) {
    const conds = members.filter(({ op }) => op === 'LoopCond');
    const [cond] = conds;
    if (!cond || conds.length > 1 || !cond.inputs[0])
      throw this.fail(`needs one LoopCond with an input, has ${conds.length}`);
    this.condition = cond.inputs[0];
    const variables: LoopVariable[] = [];
    for (const merge of members) if (merge.op === 'Merge') variables.push(...this.#variable(merge, cond.name));
    this.variables = variables;
    const initials = new Set(variables.flatMap((v) => v.merge.inputs.map((r) => r.node)));
    this.constants = members.filter((node) => isEnter(node) && !initials.has(node.name));
  }

  fail(what: string): FormatError {
    return new FormatError(
      `${this.where}: the loop of ${this.members[0] ? `'${this.members[0].name}'` : 'a frame'} ${what}`,
    );
  }

  /** Nothing for a Merge that belongs to a condition inside the loop. */
  #variable(merge: RawNode, cond: string): LoopVariable[] {
    const sources = merge.inputs.map((ref) => this.nodes.get(ref.node));
    const enter = sources.find((node) => node && isEnter(node));
    const back = sources.find((node) => node?.op === 'NextIteration');
    if (!enter && !back) return [];
    const [initial, next] = [enter?.inputs[0], back?.inputs[0]];
    if (!initial || !next) throw this.fail(`has the variable '${merge.name}' without a start or without a next value`);
    const isOwn = (node: RawNode): boolean =>
      node.op === 'Switch' && node.inputs[0]?.node === merge.name && node.inputs[1]?.node === cond;
    const switches = this.members.filter(isOwn).map(({ name }) => name);
    return [{ merge, initial, next, switches }];
  }
}

/** A function of the nodes that some values need, with arguments in the place of others. */
class Cutter {
  readonly #taken: RawNodes = new Map();
  /** Values from outside of the loop that the function uses, by name of node and output. */
  constructor(
    readonly loop: Loop,
    readonly args: ReadonlyMap<string, RawRef>,
    readonly isInside: (name: string) => boolean,
    readonly capture: (ref: RawRef) => RawRef,
  ) {}

  ref(ref: RawRef): RawRef {
    const arg = this.args.get(`${ref.node}:${ref.output}`);
    if (arg) return arg;
    if (!this.isInside(ref.node)) return this.capture(ref);
    return ref;
  }

  /** Takes in the node of a value and all that it needs. */
  take(root: RawRef): RawRef {
    const open = [this.ref(root)];
    for (let ref = open.pop(); ref; ref = open.pop()) {
      if (this.#taken.has(ref.node) || !this.isInside(ref.node)) continue;
      const node = this.loop.nodes.get(ref.node);
      if (!node) throw this.loop.fail(`needs the node '${ref.node}', which is missing`);
      const inputs = node.inputs.map((r) => this.ref(r));
      // Those that a Switch of the loop drives only say that the loop goes on.
      const controls = node.controls.filter((name) => this.isInside(name) && !this.#isDriver(name));
      this.#taken.set(node.name, { ...node, inputs, controls });
      open.push(...inputs, ...controls.map((name) => ({ node: name, output: 0 })));
    }
    return this.ref(root);
  }

  #isDriver(name: string): boolean {
    const isDriven = (ref: RawRef | undefined): boolean =>
      ref !== undefined && [0, 1].some((k) => this.args.has(`${ref.node}:${k}`));
    const node = this.loop.nodes.get(name);
    return (
      node === undefined ||
      [0, 1].some((k) => this.args.has(`${name}:${k}`)) ||
      isDriven(node.inputs[0]) ||
      isEnter(node) ||
      node.op === 'LoopCond'
    );
  }

  get nodes(): RawNodes {
    return this.#taken;
  }
}

const ARGUMENT = 'Placeholder';

/** Puts a node `While` in the place of the loop's nodes. */
function replaceLoop(nodes: RawNodes, loop: Loop, inner: ReadonlySet<string>, functions: Map<string, Graph>): void {
  const name = loop.variables[0]?.merge.name ?? loop.members[0]?.name ?? 'loop';
  const isInside = (node: string): boolean => inner.has(node);
  const argName = (i: number): string => `${name}/argument_${i}`;
  // Variables first, then what comes in from outside.
  const captured: RawRef[] = [];
  const places = new Map<string, number>();
  const capture = (ref: RawRef): RawRef => {
    const key = `${ref.node}:${ref.output}`;
    let at = places.get(key);
    if (at === undefined) {
      at = loop.variables.length + captured.push(ref) - 1;
      places.set(key, at);
    }
    return { node: argName(at), output: 0 };
  };
  const args = new Map<string, RawRef>();
  loop.variables.forEach(({ merge, switches }, i) => {
    const arg = { node: argName(i), output: 0 };
    args.set(`${merge.name}:0`, arg);
    for (const s of switches) args.set(`${s}:1`, arg);
  });
  for (const enter of loop.constants) {
    const [from] = enter.inputs;
    if (!from) throw loop.fail(`has '${enter.name}' without an input`);
    args.set(`${enter.name}:0`, capture(from));
  }
  const cond = new Cutter(loop, args, isInside, capture);
  const body = new Cutter(loop, args, isInside, capture);
  const condition = cond.take(loop.condition);
  const next = loop.variables.map((v) => body.take(v.next));

  const count = loop.variables.length + captured.length;
  const all = Array.from({ length: count }, (_, i) => i);
  const inputs = all.map((i) => port(argName(i), { node: argName(i), output: 0 }));
  const withArgs = (own: RawNodes): RawNodes => {
    const out: RawNodes = new Map(own);
    for (const i of all)
      out.set(argName(i), { name: argName(i), op: ARGUMENT, inputs: [], controls: [], attributes: NO_ATTRIBUTES });
    return out;
  };
  const kept = captured.map((_, k) => ({ node: argName(loop.variables.length + k), output: 0 }));
  const outputs = [...next, ...kept].map((ref, i) => port(`result_${i}`, ref));
  const [condName, bodyName] = [`${name}/condition`, `${name}/body`];
  functions.set(condName, makeGraph(condName, withArgs(cond.nodes), inputs, [port('condition', condition)]));
  functions.set(bodyName, makeGraph(bodyName, withArgs(body.nodes), inputs, outputs));
  const result = `${name}/while`;
  for (const member of loop.members) {
    if (member.op !== 'Exit') nodes.delete(member.name);
  }
  nodes.set(result, {
    name: result,
    op: 'While',
    inputs: [...loop.variables.map((v) => v.initial), ...captured],
    controls: [],
    attributes: new Map<string, Attribute>([
      ['cond', { kind: 'function', value: condName }],
      ['body', { kind: 'function', value: bodyName }],
    ]),
  });
  loop.variables.forEach(({ switches }, i) => {
    for (const node of nodes.values()) {
      const [ref] = node.inputs;
      if (node.op === 'Exit' && ref && ref.output === 0 && switches.includes(ref.node))
        nodes.set(node.name, { ...node, op: 'Identity', inputs: [{ node: result, output: i }], controls: [] });
    }
  });
}

/** The nodes with `While` in the place of all loops; their functions are added to `functions`. */
export function structureLoops(nodes: RawNodes, functions: Map<string, Graph>, where: string): RawNodes {
  if (![...nodes.values()].some(isEnter)) return nodes;
  const out: RawNodes = new Map(nodes);
  for (;;) {
    const frames = framesOf(out);
    let deepest: FrameOf | undefined;
    for (const frame of frames.values()) if (frame && (!deepest || frame.depth > deepest.depth)) deepest = frame;
    if (!deepest) break;
    const inner = new Set([...frames].filter(([, frame]) => frame === deepest).map(([name]) => name));
    const members = [...inner].map((name) => out.get(name) as RawNode);
    // Exits are outside of the loop, but belong to it.
    const exits = [...out.values()].filter((n) => n.op === 'Exit' && n.inputs[0] && inner.has(n.inputs[0].node));
    const before = out.size;
    replaceLoop(out, new Loop(out, [...members, ...exits], where), inner, functions);
    if (out.size >= before + members.length) throw new FormatError(`${where}: a loop cannot be read`);
  }
  return out;
}
