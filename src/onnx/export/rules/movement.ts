/** Ops that move elements. */
import type { MovementOps } from '../../../ops/core/table';
import { type Call, fixed, isOpen, type Num, Operand, plus, type RulesOf, sameNum, type Value } from '../call';
import { int, inverse } from '../graph';

type Rules = RulesOf<MovementOps>;

type Pair = readonly [Num, Num];

/** Past the end, or, negative, before the start. */
const FAR = Number.MAX_SAFE_INTEGER;

export interface Cut {
  readonly axis: number;
  readonly from: Num;
  readonly to: Num;
  readonly step: number;
}

/** The order of the dimensions of an operand in its base. */
const orderOf = (x: Operand): readonly number[] => x.perm ?? x.shape.map((_, i) => i);

/** Slices an operand, whatever the order of its dimensions. */
export function sliced(c: Call, x: Operand, cuts: readonly Cut[], shape: readonly Num[]): Operand {
  if (cuts.length === 0) return x;
  const { graph } = c;
  const order = orderOf(x);
  const own = inverse(order).map((p) => shape[p] as Num);
  const inputs = [
    x.base,
    graph.integers(cuts.map((cut) => cut.from)),
    graph.integers(cuts.map((cut) => cut.to)),
    graph.integers(cuts.map(({ axis }) => order[axis] as number)),
    ...(cuts.every(({ step }) => step === 1) ? [] : [graph.integers(cuts.map(({ step }) => step))]),
  ];
  return new Operand(graph.node('Slice', inputs, { shape: own, type: x.type }), x.perm);
}

const slice: Rules['slice'] = (c) => {
  const x = c.operand(0);
  const { begin, size, strides } = c.attrs;
  const cuts = size.flatMap((count, axis): Cut[] => {
    const step = fixed(strides?.[axis] ?? 1);
    const from = begin[axis] as Num;
    const whole = x.shape[axis] as Num;
    if (from === 0 && step === 1 && sameNum(count, whole)) return [];
    const end = plus(from, count, step);
    if (step === 1 && sameNum(end, whole)) return [{ axis, from, to: FAR, step }];
    // A negative end would count from the back.
    const to = step < 0 && !isOpen(end) && end < 0 ? -FAR : end;
    return [{ axis, from, to, step }];
  });
  return sliced(c, x, cuts, c.shape);
};

/** Neighbours along an axis moved apart, with `value` between them. */
function apart(c: Call, x: Value, axis: number, step: number, value: Value): Value {
  const { graph } = c;
  const { shape, type } = x;
  const count = fixed(shape[axis] as Num);
  if (step < 0) {
    const backwards = sliced(c, new Operand(x), [{ axis, from: -1, to: -FAR, step: -1 }], shape);
    return apart(c, graph.value(backwards), axis, -step, value);
  }
  if (step === 1 || count <= 1) return x;
  const column = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
  const wide = column.map((d, i) => (i === axis + 1 ? step : d));
  const pads = [...column.map(() => 0), ...column.map((_, i) => (i === axis + 1 ? step - 1 : 0))];
  const padded = graph.node('Pad', [graph.reshape(x, column), graph.integers(pads), value], { shape: wide, type });
  const sized = (n: number): Num[] => shape.map((d, i) => (i === axis ? n : d));
  const to = (count - 1) * step + 1;
  const long = graph.reshape(padded, sized(count * step));
  return graph.value(sliced(c, new Operand(long), [{ axis, from: 0, to, step: 1 }], sized(to)));
}

const pad: Rules['pad'] = (c) => {
  const { steps, value } = c.attrs;
  const paddings = c.attrs.paddings as readonly Pair[];
  const element = c.graph.scalar(fixed(value), c.step.dtype);
  let x = c.operand(0);
  steps?.forEach((step, axis) => {
    if (step !== 1) x = new Operand(apart(c, c.graph.value(x), axis, fixed(step), element));
  });
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const back = inverse(orderOf(x));
  const own = back.map((p) => paddings[p] as Pair);
  const pads = c.graph.integers([...own.map(([before]) => before), ...own.map(([, after]) => after)]);
  const shape = back.map((p) => c.shape[p] as Num);
  return new Operand(c.graph.node('Pad', [x.base, pads, element], { shape, type: x.type }), x.perm);
};

const concat: Rules['concat'] = (c) => {
  const { values, perm } = c.aligned();
  const axis = fixed(c.attrs.axis);
  const shape = perm ? inverse(perm).map((p) => c.shape[p] as Num) : c.shape;
  const at = perm ? (perm[axis] as number) : axis;
  return new Operand(c.graph.node('Concat', values, { shape, type: c.type }, [int('axis', at)]), perm);
};

/** A number in all places. */
export function filled(c: Call, value: Value, shape: readonly Num[]): Value {
  if (shape.length === 0) return value;
  return c.graph.node('Expand', [value, c.graph.integers(shape)], { shape, type: value.type });
}

const fill: Rules['fill'] = (c) => {
  const { value, shape, dtype } = c.attrs;
  const number = isOpen(value)
    ? c.cast(c.graph.reshape(c.graph.size(value), []), c.type)
    : c.graph.scalar(value, dtype);
  return new Operand(filled(c, number, shape));
};

/** By comparison: ONNX' own operator counts negative indices from the back. */
const oneHot: Rules['oneHot'] = (c) => {
  const { depth, on, off, dtype } = c.attrs;
  const indices = c.cast(c.value(0), 'int32');
  const column = c.graph.reshape(indices, [...indices.shape, 1]);
  const isOn = c.node('Equal', [column, c.graph.counting(fixed(depth))], [], { type: 'bool' });
  if (dtype === 'bool' && on === 1 && off === 0) return new Operand(isOn);
  return c.result('Where', [isOn, c.graph.scalar(fixed(on), dtype), c.graph.scalar(fixed(off), dtype)]);
};

export const movementRules: Rules = {
  fill,
  reshape: (c) => new Operand(c.graph.reshape(c.value(0), c.attrs.shape)),
  transpose: (c) => c.operand(0).permuted(c.attrs.perm.map(fixed)),
  slice,
  pad,
  concat,
  oneHot,
};
