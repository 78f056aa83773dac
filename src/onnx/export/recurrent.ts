/** Loops that are one of ONNX' recurrent operators: RNN, GRU, LSTM. */
import { sizeOf } from '../../tensor/shape';
import { constantOf } from './constants';
import { type Attribute, type GraphBuilder, int, Operand, text, type Value } from './graph';
import { isOpen, type Num } from './numbers';
import type { LoopBody, Step } from './unify';

/** An activation, by its name in ONNX, of a step. */
interface Activation {
  readonly name: string;
  readonly alpha?: number;
  readonly beta?: number;
  readonly x: Step;
}

const PLAIN: Readonly<Record<string, string>> = {
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  relu: 'Relu',
  softplus: 'Softplus',
};

/** min(max(alpha x + beta, 0), 1) */
export function hardSigmoidOf(step: Step, outer: (s: Step) => Step = (s) => s): Activation | undefined {
  const { min, max } = (step.attrs ?? {}) as { min?: number; max?: number };
  const [sum] = step.inputs;
  if (step.op !== 'clipByValue' || min !== 0 || max !== 1 || sum?.op !== 'add') return undefined;
  const [scaled, shift] = sum.inputs as [Step, Step];
  const [x, by] = scaled.inputs as [Step, Step];
  const beta = constantOf(outer(shift));
  const factor = by && constantOf(outer(by));
  if (beta === undefined || factor === undefined || (scaled.op !== 'mul' && scaled.op !== 'div')) return undefined;
  return { name: 'HardSigmoid', alpha: scaled.op === 'mul' ? factor : 1 / factor, beta, x };
}

/** What the body of a loop is matched against. */
class Cell {
  readonly #outer: ReadonlyMap<Step, Step>;

  constructor(
    readonly body: LoopBody,
    readonly loop: Step,
  ) {
    const own = body.carry.length + body.xs.length;
    this.#outer = new Map(body.captured.map((s, i) => [s, loop.inputs[own + i] as Step]));
  }

  /** The step outside that a step of the body stands for, or itself. */
  readonly outer = (step: Step): Step => this.#outer.get(step) ?? step;

  activation(step: Step | undefined): Activation | undefined {
    if (!step) return undefined;
    const name = PLAIN[step.op];
    return name ? { name, x: step.inputs[0] as Step } : hardSigmoidOf(step, this.outer);
  }

  /** The operands of an op of two. */
  pair(step: Step | undefined, op: string): [Step, Step] | undefined {
    return step?.op === op ? (step.inputs as [Step, Step]) : undefined;
  }

  /** Columns [from, to) of a matrix that a step slices. */
  isColumns(step: Step | undefined, of: Step, from: number, to: number): boolean {
    if (step === of) return from === 0 && of.shape[1] === to;
    if (step?.op !== 'slice' || step.inputs[0] !== of) return false;
    const { begin, size, strides } = step.attrs as { begin: Num[]; size: Num[]; strides?: unknown };
    return strides === undefined && begin[0] === 0 && begin[1] === from && size[1] === to - from;
  }

  /** a · b with a matrix b from outside. */
  product(step: Step | undefined, a: Step | undefined): Step | undefined {
    const found = this.pair(step, 'matMul');
    const attrs = step?.attrs as { transposeA: boolean; transposeB: boolean };
    if (!found || found[0] !== a || attrs.transposeA || attrs.transposeB) return undefined;
    return this.outer(found[1]);
  }
}

/** Elements of stored tensors, and of slices of them in other shapes. */
function elementsOf(step: Step): Float32Array | undefined {
  if (step.shape.some(isOpen)) return undefined;
  const { constant } = step;
  if (constant) return constant.rule ? undefined : (constant.elements() as Float32Array);
  const [from] = step.inputs;
  if (step.op === 'reshape') return from && elementsOf(from);
  if (step.op !== 'slice' || from?.shape.length !== 2) return undefined;
  const all = elementsOf(from);
  const { begin, size, strides } = step.attrs as { begin: number[]; size: number[]; strides?: unknown };
  if (!all || strides) return undefined;
  const width = from.shape[1] as number;
  const [rows, columns] = size as [number, number];
  const at = (i: number): number =>
    ((begin[0] as number) + Math.floor(i / columns)) * width + (begin[1] as number) + (i % columns);
  return Float32Array.from({ length: rows * columns }, (_, i) => all[at(i)] as number);
}

/** The stored tensor that a step is a part of. */
const origin = (step: Step): Step => (step.constant ? step : origin(step.inputs[0] as Step));

/** A cell of one of ONNX' operators, found in a loop. */
interface Found {
  readonly op: 'RNN' | 'GRU' | 'LSTM';
  readonly activations: readonly Activation[];
  /** [units, gates · units] */
  readonly recurrent: Step;
  /** Added to the product with the state: [gates · units]. */
  readonly bias?: Step;
  /** Position in ONNX of each gate here. */
  readonly order: readonly number[];
  readonly attributes: readonly Attribute[];
}

function simple(cell: Cell): Found | undefined {
  const { carry, next, xs } = cell.body;
  const activation = cell.activation(next[0]);
  const [product, x] = cell.pair(activation?.x, 'add') ?? [];
  const recurrent = cell.product(product, carry[0]);
  if (!activation || !recurrent || x !== xs[0]) return undefined;
  return { op: 'RNN', activations: [activation], recurrent, order: [0], attributes: [] };
}

/** Gates in the order input, forget, candidate, output; ONNX has input, output, forget, candidate. */
const LSTM_ORDER = [0, 2, 3, 1];

function lstm(cell: Cell, units: number): Found | undefined {
  const { carry, next, xs } = cell.body;
  const [h, c] = carry as [Step, Step];
  const [output, state] = next as [Step, Step];
  const [o, shown] = cell.pair(output, 'mul') ?? [];
  const [kept, added] = cell.pair(state, 'add') ?? [];
  const [f, before] = cell.pair(kept, 'mul') ?? [];
  const [i, g] = cell.pair(added, 'mul') ?? [];
  const gates = [i, f, g, o].map((s) => cell.activation(s));
  const last = cell.activation(shown);
  if (before !== c || last?.x !== state || gates.some((a) => !a)) return undefined;
  const [ia, fa, ga, oa] = gates as Activation[] as [Activation, Activation, Activation, Activation];
  const z = ia.x.inputs[0] as Step;
  if (![ia, fa, ga, oa].every((a, k) => cell.isColumns(a.x, z, k * units, (k + 1) * units))) return undefined;
  if (!sameActivation(ia, fa) || !sameActivation(ia, oa)) return undefined;
  const [product, x] = cell.pair(z, 'add') ?? [];
  const recurrent = cell.product(product, h);
  if (!recurrent || x !== xs[0]) return undefined;
  return { op: 'LSTM', activations: [ia, ga, last], recurrent, order: LSTM_ORDER, attributes: [] };
}

const sameActivation = (a: Activation, b: Activation): boolean =>
  a.name === b.name && a.alpha === b.alpha && a.beta === b.beta;

/** z h + (1 - z) g */
function mixed(cell: Cell): { z: Step; g: Activation } | undefined {
  const [h] = cell.body.carry;
  const [kept, fresh] = cell.pair(cell.body.next[0], 'add') ?? [];
  const [z, before] = cell.pair(kept, 'mul') ?? [];
  const [rest, candidate] = cell.pair(fresh, 'mul') ?? [];
  const [one, again] = cell.pair(rest, 'sub') ?? [];
  const g = cell.activation(candidate);
  if (!z || !g || before !== h || again !== z || !one || constantOf(cell.outer(one)) !== 1) return undefined;
  return { z, g };
}

/** The reset gate before the product with the state: the matrix comes in two parts. */
function gruBefore(cell: Cell, units: number): Found | undefined {
  const { carry, xs } = cell.body;
  const [[h], [x]] = [carry, xs] as [[Step], [Step]];
  const found = mixed(cell);
  const both = found?.z.inputs[0];
  const gates = cell.activation(both);
  if (!found || !both || !gates || !cell.isColumns(found.z, both, 0, units)) return undefined;
  const [product, own] = cell.pair(gates.x, 'add') ?? [];
  const [second, candidate] = cell.pair(found.g.x, 'add') ?? [];
  const [first, rest] = [cell.product(product, h), cell.product(second, second?.inputs[0])];
  const [r, state] = cell.pair(second?.inputs[0], 'mul') ?? [];
  const fits =
    cell.isColumns(own, x, 0, 2 * units) &&
    cell.isColumns(candidate, x, 2 * units, 3 * units) &&
    cell.isColumns(r, both, units, 2 * units) &&
    state === h;
  const recurrent = first && rest && first.op === 'slice' ? (first.inputs[0] as Step) : undefined;
  if (!fits || !recurrent || !cell.isColumns(first, recurrent, 0, 2 * units)) return undefined;
  if (!cell.isColumns(rest, recurrent, 2 * units, 3 * units)) return undefined;
  return { op: 'GRU', activations: [gates, found.g], recurrent, order: [0, 1, 2], attributes: [] };
}

/** The reset gate after the product with the state. */
function gruAfter(cell: Cell, units: number): Found | undefined {
  const { carry, xs } = cell.body;
  const [[h], [x]] = [carry, xs] as [[Step], [Step]];
  const found = mixed(cell);
  const [own, scaled] = cell.pair(found?.g.x, 'add') ?? [];
  const [r, part] = cell.pair(scaled, 'mul') ?? [];
  const [za, ra] = [cell.activation(found?.z), cell.activation(r)];
  const p = part?.inputs[0];
  if (!found || !za || !ra || !p || !sameActivation(za, ra)) return undefined;
  const isGate = ({ x: sum }: Activation, k: number): boolean => {
    const [a, b] = cell.pair(sum, 'add') ?? [];
    return cell.isColumns(a, x, k * units, (k + 1) * units) && cell.isColumns(b, p, k * units, (k + 1) * units);
  };
  const fits =
    isGate(za, 0) &&
    isGate(ra, 1) &&
    cell.isColumns(own, x, 2 * units, 3 * units) &&
    cell.isColumns(part, p, 2 * units, 3 * units);
  const [product, added] = cell.pair(p, 'add') ?? [p];
  const recurrent = cell.product(product, h);
  if (!fits || !recurrent) return undefined;
  const attributes = [int('linear_before_reset', 1)];
  const base = { op: 'GRU', activations: [za, found.g], recurrent, order: [0, 1, 2], attributes } as const;
  return added ? { ...base, bias: cell.outer(added) } : base;
}

/** Which operator the body is, if any. */
function cellOf(body: LoopBody, loop: Step): Found | undefined {
  const [state] = body.carry;
  const units = state?.shape[1];
  if (state?.shape.length !== 2 || typeof units !== 'number' || body.xs.length !== 1) return undefined;
  const isState = body.ys.every((y) => y === body.next[0]);
  if (!isState || body.ys.length > 1 || body.xs[0]?.shape.length !== 2) return undefined;
  const cell = new Cell(body, loop);
  if (body.carry.length === 2) return lstm(cell, units);
  return body.carry.length === 1 ? (simple(cell) ?? gruBefore(cell, units) ?? gruAfter(cell, units)) : undefined;
}

/** A sequence that is x · W + b. */
interface Projection {
  readonly x: Step;
  readonly kernel: Step;
  readonly bias: Step | undefined;
}

function projectionOf(step: Step): Projection | undefined {
  const isSum = step.op === 'add';
  const [product, bias] = isSum ? (step.inputs as [Step, Step]) : [step, undefined];
  const [x, kernel] = product.inputs as [Step, Step];
  const { transposeA, transposeB } = (product.attrs ?? {}) as { transposeA?: boolean; transposeB?: boolean };
  if (product.op !== 'matMul' || transposeA || transposeB || kernel.shape.length !== 2 || x.shape.length !== 3)
    return undefined;
  return { x, kernel, bias };
}

/** Columns of gates as rows, in the order of ONNX. */
function gateRows(values: Float32Array, rows: number, units: number, order: readonly number[]): Float32Array {
  const gates = order.length;
  const to = new Float32Array(values.length);
  for (let k = 0; k < gates; k++)
    for (let u = 0; u < units; u++)
      for (let i = 0; i < rows; i++)
        to[((order[k] as number) * units + u) * rows + i] = values[i * gates * units + k * units + u] as number;
  return to;
}

/** What the writer knows. */
interface Context {
  readonly graph: GraphBuilder;
  readonly of: (step: Step) => Operand;
  readonly nameOf: (step: Step) => string;
}

/** Weights in the form of the operator: W, R, and B if there are biases. */
function weightsOf(
  found: Found,
  projection: Projection,
  units: number,
  { graph, nameOf }: Context,
): Value[] | undefined {
  const { order, recurrent, bias } = found;
  const width = order.length * units;
  const stored = [projection.kernel, recurrent, projection.bias, bias].map((s) => s && elementsOf(s));
  const [kernel, own, inner, outer] = stored;
  if (!kernel || !own || (projection.bias && !inner) || (bias && !outer)) return undefined;
  const features = projection.kernel.shape[0] as number;
  if (kernel.length !== features * width || own.length !== units * width) return undefined;
  if ((inner ?? outer) && ![inner, outer].every((b) => !b || b.length === width)) return undefined;
  const put = (step: Step, shape: readonly number[], values: () => Float32Array): Value =>
    graph.stored(nameOf(origin(step)), shape, 'float32', values);
  const weights = [
    put(projection.kernel, [1, width, features], () => gateRows(kernel, features, units, order)),
    put(recurrent, [1, width, units], () => gateRows(own, units, units, order)),
  ];
  const named = projection.bias ?? bias;
  if (!named) return weights;
  const both = (): Float32Array => {
    const all = new Float32Array(2 * width);
    if (inner) all.set(gateRows(inner, 1, units, order));
    if (outer) all.set(gateRows(outer, 1, units, order), width);
    return all;
  };
  return [...weights, put(named, [1, 2 * width], both)];
}

const isZeros = (step: Step): boolean => step.op === 'fill' && (step.attrs as { value: Num }).value === 0;

/** A loop as an operator of ONNX: its results, the states first; undefined if it is none. */
export function recurrentOf(step: Step, body: LoopBody, context: Context): Operand[] | undefined {
  const found = cellOf(body, step);
  const states = body.carry.length;
  const projection = found && projectionOf(step.inputs[states] as Step);
  if (!found || !projection) return undefined;
  const { graph, of } = context;
  const [time] = projection.x.shape as [Num];
  const [batch, units] = (body.carry[0] as Step).shape as [Num, number];
  const weights = weightsOf(found, projection, units, context);
  if (!weights || sizeOf(weights[0]?.shape as number[]) === 0) return undefined;
  const initial = step.inputs.slice(0, states);
  const first = initial.every(isZeros) ? [] : initial.map((s) => graph.reshape(graph.value(of(s)), [1, batch, units]));
  const optional = first.length ? [...(weights.length === 3 ? [] : [undefined]), undefined, ...first] : [];
  const spec = (shape: readonly Num[]) => ({ shape, type: 'float32' }) as const;
  const made = graph.many(
    found.op,
    [graph.value(of(projection.x)), ...weights, ...optional],
    [spec([time, 1, batch, units]), ...initial.map(() => spec([1, batch, units]))],
    [int('hidden_size', units), ...activationAttributes(found.activations), ...directionOf(body), ...found.attributes],
  );
  const [all, ...last] = made as [Value, ...Value[]];
  const results = last.map((value) => new Operand(graph.reshape(value, [batch, units])));
  return [...results, ...body.ys.map(() => new Operand(graph.reshape(all, [time, batch, units])))];
}

const directionOf = ({ reverse }: LoopBody): Attribute[] => (reverse ? [text('direction', 'reverse')] : []);

function activationAttributes(activations: readonly Activation[]): Attribute[] {
  const names = activations.map(({ name }) => name);
  const encoder = new TextEncoder();
  const floats = (name: string, values: readonly number[]): Attribute => ({ name, type: 6, floats: values });
  // Parameters are listed for the activations that have some, in their order.
  const [alphas, betas] = [
    activations.flatMap(({ alpha }) => alpha ?? []),
    activations.flatMap(({ beta }) => beta ?? []),
  ];
  return [
    { name: 'activations', type: 8, strings: names.map((n) => encoder.encode(n)) },
    ...(alphas.length ? [floats('activation_alpha', alphas)] : []),
    ...(betas.length ? [floats('activation_beta', betas)] : []),
  ];
}
