/** Steps as nodes of ONNX. */
import type { OpName } from '../../ops/core/table';
import { ArgumentError } from '../../support/errors';
import type { Variable } from '../../tensor/variable';
import { Call, missing, NoForm, type Num, Operand, type Rule, type Value } from './call';
import { type Attribute, GraphBuilder, int, ints } from './graph';
import type { Grid } from './grids';
import { type Elements, plus } from './numbers';
import { patternOf } from './patterns';
import { recurrentOf } from './recurrent';
import { elementwiseRules } from './rules/elementwise';
import { indexingRules } from './rules/indexing';
import { int8Rules } from './rules/int8';
import { filled, movementRules } from './rules/movement';
import { otherRules } from './rules/others';
import { reductionRules } from './rules/reduction';
import { linearRules } from './rules/windows';
import type { Constant, LoopBody, Rule as Numbers, Step } from './unify';

const RULES: { readonly [K in OpName]?: Rule<never> } = {
  ...elementwiseRules,
  ...movementRules,
  ...reductionRules,
  ...linearRules,
  ...indexingRules,
  ...int8Rules,
  ...otherRules,
};

type Distances = Extract<Numbers, { kind: 'range' }>;

/** What could not be written, as lines for one error. */
type Problems = Map<string, Set<string>>;

export class Writer {
  readonly #made = new Map<Step, Operand>();
  readonly #uses = new Map<Step, number>();
  readonly #problems: Problems;

  constructor(
    readonly graph: GraphBuilder,
    /** Names of the variables. */
    readonly names: ReadonlyMap<Variable, string>,
    readonly outer?: Writer,
  ) {
    this.#problems = outer ? outer.#problems : new Map();
  }

  /** Puts what a step is known to be. */
  set(step: Step, operand: Operand): void {
    this.#made.set(step, operand);
  }

  readonly #of = (step: Step): Operand => this.#made.get(step) as Operand;

  /** Writes all steps that the results need. */
  write(steps: readonly Step[], results: readonly Step[]): Value[] {
    const live = new Set<Step>(results);
    for (const step of [...steps].reverse()) {
      if (!live.has(step)) continue;
      for (const input of step.inputs) {
        live.add(input);
        this.#uses.set(input, (this.#uses.get(input) ?? 0) + 1);
      }
    }
    for (const step of results) this.#uses.set(step, (this.#uses.get(step) ?? 0) + 1);
    const { shared } = this.graph;
    for (const step of steps) {
      if (!live.has(step) || this.#made.has(step)) continue;
      shared.layer = step.layer;
      this.#made.set(step, this.#write(step));
    }
    shared.layer = undefined;
    return results.map((step) => this.graph.value(this.#of(step)));
  }

  /** @throws ArgumentError that lists all ops without a form in ONNX */
  check(): void {
    if (this.#problems.size === 0) return;
    const lines = [...this.#problems].map(([layer, whats]) => `${layer}: ${[...whats].join('; ')}`);
    throw new ArgumentError(`toONNX: no form in ONNX for\n  ${lines.join('\n  ')}`);
  }

  #write(step: Step): Operand {
    if (step.kind === 'constant') return this.#constant(step, step.constant as Constant);
    if (step.kind === 'loop') return this.#loop(step, step.body as LoopBody);
    if (step.kind === 'part') return this.#of(step.inputs[0] as Step).parts?.[step.attrs as number] as Operand;
    // Runtimes differ in what they do with nothing.
    if (step.shape.includes(0) && step.kind === 'op') return this.#empty(step);
    const call = new Call<never>(step, this.graph, step.inputs.map(this.#of), this.#of, (s) => this.#uses.get(s) ?? 0);
    try {
      return patternOf(call) ?? (RULES[step.op as OpName] ?? missing('it has no rule'))(call);
    } catch (error) {
      if (!(error instanceof NoForm)) throw error;
      const layer = step.layer ? `layer '${step.layer}'` : 'the function';
      const whats = this.#problems.get(layer) ?? new Set();
      this.#problems.set(layer, whats.add(`${step.op} (${error.message})`));
      // Stands for what is missing, so that the others are found too.
      return new Operand(this.graph.stored('missing', step.shape as number[], step.dtype, () => new Float32Array(0)));
    }
  }

  /** No elements, in a shape that may be open elsewhere. */
  #empty(step: Step): Operand {
    const { graph } = this;
    const nothing = graph.stored('empty', [0], step.dtype, () => new Float32Array(0));
    return new Operand(graph.reshape(nothing, step.shape));
  }

  /** What a stored tensor is called: the name of its variable, if it is one's value. */
  #nameOf({ constant, layer }: Step): string {
    const variable = constant?.variable;
    const own = variable && (this.names.get(variable) ?? variable.name);
    return own ?? (layer ? `${layer}/constant` : 'constant');
  }

  #constant(step: Step, { variable, elements, rule }: Constant): Operand {
    const { graph } = this;
    if (rule) return new Operand(this.#computed(step, rule));
    if (!variable && step.shape.length === 0) return new Operand(graph.scalar(elements()[0] as number, step.dtype));
    return new Operand(graph.stored(this.#nameOf(step), step.shape as number[], step.dtype, elements));
  }

  /** Elements that follow from open dimensions. */
  #computed(step: Step, rule: Numbers): Value {
    const { graph } = this;
    const call = new Call(step, graph, [], this.#of, () => 0);
    const scalar = (n: Num): Value => call.cast(graph.reshape(graph.size(n), []), step.dtype);
    if (rule.kind === 'same') return filled(call, scalar(rule.value), step.shape);
    if (rule.kind === 'each') return graph.reshape(call.cast(graph.integers(rule.values), step.dtype), step.shape);
    if (rule.kind === 'grid') return this.#grid(call, rule, scalar);
    return graph.reshape(this.#range(call, step.shape.find((n) => n !== 1) as Num, rule, scalar), step.shape);
  }

  /** Numbers at equal distances. */
  #range(call: Call, count: Num, { start, step }: Distances, scalar: (n: Num) => Value): Value {
    const spec = { shape: [count] };
    const range = (from: Num, to: Num, by: Num): Value =>
      call.node('Range', [scalar(from), scalar(to), scalar(by)], [], spec);
    if (typeof step === 'number') return range(start, plus(start, count, step), step);
    const steps = call.node('Mul', [range(0, count, 1), scalar(step)], [], spec);
    return call.node('Add', [steps, scalar(start)], [], spec);
  }

  /** Numbers that count places along several dimensions. */
  #grid(call: Call, { open, shape, start, steps }: Grid, scalar: (n: Num) => Value): Value {
    const { graph } = this;
    const { dtype, shape: full } = call.step;
    const stored = (elements: Elements): Value => graph.stored('places', shape, dtype, () => elements);
    const wider = (sizes: readonly Num[], d: number): Num[] => sizes.map((n, k) => (k === d ? (full[d] as Num) : n));
    let sum = stored(start);
    for (const [i, d] of open.entries()) {
      const count = full[d] as Num;
      const range = call.node('Range', [scalar(0), scalar(count), scalar(1)], [], { shape: [count] });
      const places = graph.reshape(
        range,
        wider(
          shape.map(() => 1),
          d,
        ),
      );
      const term = call.node('Mul', [places, stored(steps[i] as Elements)], [], { shape: wider(shape, d) });
      sum = call.node('Add', [sum, term], [], { shape: wider(sum.shape, d) });
    }
    return sum;
  }

  #loop(step: Step, body: LoopBody): Operand {
    const { graph } = this;
    const context = { graph, of: this.#of, nameOf: (s: Step) => this.#nameOf(s) };
    const known = recurrentOf(step, body, context);
    if (known) return Object.assign(new Operand((known[0] as Operand).base), { parts: known });
    const carried = body.carry.length;
    const own = carried + body.xs.length;
    const inner = new GraphBuilder([], graph);
    const writer = new Writer(inner, this.names, this);
    const input = (name: string) => (s: Step, i: number) =>
      writer.set(s, new Operand(inner.input(`${step.layer ?? 'loop'}/${name}_${i}`, s.shape, s.dtype)));
    body.carry.forEach(input('state'));
    body.xs.forEach(input('slice'));
    body.captured.forEach((s, i) => {
      writer.set(s, this.#of(step.inputs[own + i] as Step));
    });
    const results = writer.write(body.steps, [...body.next, ...body.ys]);
    for (const value of results) inner.outputs.push(inner.node('Identity', [value], value));
    const first = step.inputs.slice(0, carried).map((s) => graph.value(this.#of(s)));
    const sequences = step.inputs.slice(carried, own).map((s) => alongTime(graph, this.#of(s)));
    const axes = sequences.map(({ axis }) => axis);
    const count = body.ys.length;
    const attributes: Attribute[] = [
      { name: 'body', graph: inner },
      int('num_scan_inputs', sequences.length),
      ...(axes.some((a) => a !== 0) ? [ints('scan_input_axes', axes)] : []),
      ...(body.reverse
        ? [
            ints(
              'scan_input_directions',
              axes.map(() => 1),
            ),
          ]
        : []),
      ...(body.reverse && count ? [ints('scan_output_directions', new Array<number>(count).fill(1))] : []),
    ];
    const time = (step.inputs[carried] as Step).shape[0] as Num;
    const specs = results.map(({ shape, type }, i) => ({ shape: i < carried ? shape : [time, ...shape], type }));
    const { shared } = graph;
    shared.layer = step.layer;
    const made = graph.many('Scan', [...first, ...sequences.map(({ value }) => value)], specs, attributes);
    return Object.assign(new Operand(made[0] as Value), { parts: made.map((v) => new Operand(v)) });
  }
}

/** A sequence, and the axis of its time: a transposition that only moves that axis is not needed. */
function alongTime(graph: GraphBuilder, x: Operand): { value: Value; axis: number } {
  const [axis = 0, ...rest] = x.perm ?? [];
  const isMoved = x.perm !== undefined && rest.every((p, i) => i === 0 || p > (rest[i - 1] as number));
  return isMoved ? { value: x.base, axis } : { value: graph.value(x), axis: 0 };
}
