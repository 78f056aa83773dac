/** Ops that read or write by index. */
import type { IndexingOps } from '../../../ops/core/table';
import { type Call, fixed, isOpen, NoForm, type Num, Operand, type RulesOf, type Value } from '../call';
import { int } from '../graph';
import { times } from '../numbers';
import { filled, sliced } from './movement';
import { ADDING } from './reduction';

type Rules = RulesOf<IndexingOps>;

/** Indices [batch, count] for each element of rows [batch, outer, count, inner]. */
function spread(c: Call, indices: Value, shape: readonly Num[]): Value {
  const [batch, , count] = shape as [Num, Num, Num];
  const column = c.graph.reshape(indices, [batch, 1, count, 1]);
  return c.graph.node('Expand', [column, c.graph.integers(shape)], { shape, type: indices.type });
}

const isNegative = (c: Call, indices: Value): Value =>
  c.graph.node('Less', [indices, c.graph.scalar(0, 'int32')], { shape: indices.shape, type: 'bool' });

const gather: Rules['gather'] = (c) => {
  const [x, given] = [c.value(0), c.value(1)];
  const { graph } = c;
  const [batch, , count] = c.shape as [Num, Num, Num];
  const nowhere = c.attrs.drop ? isNegative(c, given) : undefined;
  const indices = nowhere ? graph.node('Where', [nowhere, graph.scalar(0, 'int32'), given], given) : given;
  const rows =
    batch === 1
      ? c.node('Gather', [x, graph.reshape(indices, [count])], [int('axis', 2)])
      : c.node('GatherElements', [x, spread(c, indices, c.shape)], [int('axis', 2)]);
  if (!nowhere) return new Operand(rows);
  const mask = graph.reshape(nowhere, [batch, 1, count, 1]);
  return c.result('Where', [mask, graph.scalar(0, c.step.dtype), rows]);
};

/** Adds rows to zeros, or puts them over others; dropped ones go to one more row, which is cut off. */
function scattered(
  c: Call,
  base: Value | undefined,
  indices: Value,
  updates: Value,
  drop: boolean,
  isSum: boolean,
): Operand {
  const { graph } = c;
  const count = c.shape[2] as Num;
  const wide = drop ? c.shape.map((d, i) => (i === 2 ? fixed(d) + 1 : d)) : c.shape;
  const under = base ?? filled(c, graph.scalar(0, c.step.dtype), drop && isOpen(count) ? c.shape : wide);
  const roomy = base && drop ? padded(c, base, wide) : under;
  const limit = drop ? graph.scalar(fixed(count), 'int32') : undefined;
  const at = limit ? graph.node('Where', [isNegative(c, indices), limit, indices], indices) : indices;
  const attributes = [int('axis', 2), ...(isSum ? [ADDING] : [])];
  const sums = c.node('ScatterElements', [roomy, spread(c, at, updates.shape), updates], attributes, { shape: wide });
  if (!drop) return new Operand(sums);
  return sliced(c, new Operand(sums), [{ axis: 2, from: 0, to: count, step: 1 }], c.shape);
}

const padded = (c: Call, x: Value, shape: readonly Num[]): Value =>
  c.node('Pad', [x, c.graph.integers([0, 0, 0, 0, 0, 0, 1, 0])], [], { shape });

/** Coordinates times strides, added up. */
/** How far places along each dimension are apart. */
function stridesOf(dims: readonly Num[]): Num[] {
  const strides: Num[] = [];
  let stride: Num | undefined = 1;
  for (const n of [...dims].reverse()) {
    if (stride === undefined) throw new NoForm('its elements are a square of an open dimension');
    strides.unshift(stride);
    stride = times(stride, n);
  }
  return strides;
}

const flatIndex: Rules['flatIndex'] = (c) => {
  const { graph } = c;
  const { dims } = c.attrs;
  const indices = c.value(0);
  if (dims.length === 0) return new Operand(filled(c, graph.scalar(0, 'int32'), c.shape));
  const steps = c.cast(graph.integers(stridesOf(dims)), 'int32');
  const places = graph.node('Mul', [indices, steps], indices);
  return c.result('ReduceSum', [places, graph.integers([1])], [int('keepdims', 0)]);
};

/** How many running sums of shares are at most u. */
const pick: Rules['pick'] = (c) => {
  const { graph } = c;
  const [shares, u] = [c.value(0), c.value(1)];
  const [rows, n] = shares.shape as [Num, Num];
  const sums = graph.node('CumSum', [shares, graph.integer(1)], shares);
  const shape = [...c.shape, n];
  const inputs = [graph.reshape(sums, [rows, 1, n]), graph.reshape(u, [...u.shape, 1])];
  const isBelow = graph.node('LessOrEqual', inputs, { shape, type: 'bool' });
  const found = c.node('ReduceSum', [c.cast(isBelow, 'int32'), graph.integers([2])], [int('keepdims', 0)]);
  return c.result('Min', [found, graph.scalar(fixed(n) - 1, 'int32')]);
};

export const indexingRules: Rules = {
  gather,
  segmentSum: (c) => scattered(c, undefined, c.value(1), c.value(0), c.attrs.drop, true),
  replaceRows: (c) => scattered(c, c.value(0), c.value(1), c.value(2), c.attrs.drop, false),
  flatIndex,
  takeRows: (c) => c.result('Gather', [c.value(0), c.value(1)], [int('axis', fixed(c.attrs.axis))]),
  sumRows: (c) => {
    const { graph } = c;
    const { axis } = c.attrs;
    const rows = c.value(0);
    const at = fixed(axis);
    const one = rows.shape.map((d, i) => (i === at ? d : 1));
    const indices = graph.node('Expand', [graph.reshape(c.value(1), one), graph.integers(rows.shape)], {
      shape: rows.shape,
      type: 'int32',
    });
    const zeros = filled(c, graph.scalar(0, 'float32'), c.shape);
    return c.result('ScatterElements', [zeros, indices, rows], [int('axis', at), ADDING]);
  },
  pick,
};
