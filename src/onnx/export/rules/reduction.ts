/** Ops that fold, order or look up elements along dimensions. */
import type { CumulativeOps, ReductionOps, SortingOps } from '../../../ops/core/table';
import type { CumulativeAttrs } from '../../../ops/descriptors/cumulative';
import type { ReduceAttrs } from '../../../ops/descriptors/reduction';
import { type Call, fixed, type Num, Operand, type Rule, type RulesOf, type Value } from '../call';
import { type Attribute, GraphBuilder, int, ints, inverse, text, type ValueSpec } from '../graph';
import type { Sized } from '../numbers';
import { chosen } from './elementwise';
import { filled, sliced } from './movement';

type Table = ReductionOps & SortingOps & CumulativeOps;
type Rules = RulesOf<Table>;

/** The order of the dimensions that are left. */
function without(perm: readonly number[], axes: readonly number[]): number[] {
  const left = perm.filter((_, i) => !axes.includes(i));
  const sorted = [...left].sort((a, b) => a - b);
  return left.map((p) => sorted.indexOf(p));
}

type Make = (base: Value, axes: readonly number[], spec: ValueSpec) => Value;

/** An op along axes of an operand, whatever the order of its dimensions. */
function along(c: Call, axes: readonly number[], keepDims: boolean, make: Make): Operand {
  const x = c.operand(0);
  const own = axes.map((a) => x.perm?.[a] ?? a).sort((a, b) => a - b);
  const perm = keepDims ? x.perm : x.perm && without(x.perm, axes);
  const isPlain = !perm || perm.every((p, i) => p === i);
  const shape = isPlain ? c.shape : inverse(perm).map((p) => c.shape[p] as Num);
  return new Operand(make(x.base, own, { shape, type: c.type }), isPlain ? undefined : perm);
}

const keeping = (keepDims: boolean): Attribute[] => (keepDims ? [] : [int('keepdims', 0)]);

const fold =
  (op: string): Rule<Sized<ReduceAttrs>> =>
  (c) => {
    const { axes, keepDims } = c.attrs;
    if (axes.length === 0) return c.operand(0);
    return along(c, axes.map(fixed), keepDims, (base, own, spec) =>
      c.graph.node(op, [base, c.graph.integers(own)], spec, keeping(keepDims)),
    );
  };

/** Whether any is true, as a sum: ONNX folds no bools. */
const any: Rule<Sized<ReduceAttrs>> = (c) => {
  const { axes, keepDims } = c.attrs;
  if (axes.length === 0) return new Operand(c.cast(c.value(0), 'bool'));
  return along(c, axes.map(fixed), keepDims, (base, own, { shape }) => {
    const inputs = [c.cast(base, 'int32'), c.graph.integers(own)];
    return c.cast(c.graph.node('ReduceSum', inputs, { shape, type: 'int32' }, keeping(keepDims)), 'bool');
  });
};

/** None is false. */
const all: Rule<Sized<ReduceAttrs>> = (c) => {
  const { axes, keepDims } = c.attrs;
  const not = (x: Value): Value => c.graph.node('Not', [x], x);
  if (axes.length === 0) return new Operand(c.cast(c.value(0), 'bool'));
  return along(c, axes.map(fixed), keepDims, (base, own, { shape }) => {
    const inputs = [c.cast(not(c.cast(base, 'bool')), 'int32'), c.graph.integers(own)];
    const count = c.graph.node('ReduceSum', inputs, { shape, type: 'int32' }, keeping(keepDims));
    return not(c.cast(count, 'bool'));
  });
};

const place =
  (op: string): Rule<{ readonly axis: Num }> =>
  (c) =>
    along(c, [fixed(c.attrs.axis)], false, (base, [axis], { shape }) => {
      const attributes = [int('axis', axis as number), int('keepdims', 0)];
      return c.cast(c.graph.node(op, [base], { shape, type: 'int64' }, attributes), 'int32');
    });

const rows =
  (op: string): Rule<unknown> =>
  (c) =>
    along(c, [c.shape.length - 1], true, (base, [axis], spec) =>
      c.graph.node(op, [base], spec, [int('axis', axis as number)]),
    );

const last = (shape: readonly Num[]): Num => shape[shape.length - 1] as Num;

/** Whether indices are those of `topk` of the same values: none is outside. */
const isOwnOrder = ({ step: { inputs } }: Call): boolean =>
  inputs[1]?.op === 'topkIndices' && inputs[1].inputs[0] === inputs[0];

const takeAlong: Rules['takeAlong'] = (c) => {
  const [x, indices] = [c.value(0), c.value(1)];
  const { graph } = c;
  const axis = [int('axis', c.shape.length - 1)];
  if (isOwnOrder(c)) return c.result('GatherElements', [x, indices], axis);
  const bool = { shape: c.shape, type: 'bool' } as const;
  const count = c.cast(graph.reshape(graph.size(last(x.shape)), []), 'int32');
  const zero = graph.scalar(0, 'int32');
  const bounds = [graph.node('GreaterOrEqual', [indices, zero], bool), graph.node('Less', [indices, count], bool)];
  const isInside = graph.node('And', bounds, bool);
  const safe = graph.node('Where', [isInside, indices, zero], indices);
  const found = c.node('GatherElements', [x, safe], axis);
  return new Operand(chosen(graph, isInside, found, graph.scalar(0, c.step.dtype), found));
};

export const ADDING = text('reduction', 'add');

/** Adds to zeros at indices along the last dimension; what is outside goes to one more place, which is cut off. */
const putAlong: Rules['putAlong'] = (c) => {
  const [x, indices] = [c.value(0), c.value(1)];
  const { graph } = c;
  const size = fixed(c.attrs.size);
  const axis = c.shape.length - 1;
  const bool = { shape: indices.shape, type: 'bool' } as const;
  const [zero, limit] = [graph.scalar(0, 'int32'), graph.scalar(size, 'int32')];
  const bounds = [graph.node('Less', [indices, zero], bool), graph.node('GreaterOrEqual', [indices, limit], bool)];
  const at = graph.node('Where', [graph.node('Or', bounds, bool), limit, indices], indices);
  const wide = [...c.shape.slice(0, -1), size + 1];
  const zeros = filled(c, graph.scalar(0, c.step.dtype), wide);
  const sums = c.node('ScatterElements', [zeros, at, x], [int('axis', axis), ADDING], { shape: wide });
  return sliced(c, new Operand(sums), [{ axis, from: 0, to: size, step: 1 }], c.shape);
};

const topkIndices: Rules['topkIndices'] = (c) => {
  const x = c.value(0);
  const specs: ValueSpec[] = [
    { shape: c.shape, type: x.type },
    { shape: c.shape, type: 'int64' },
  ];
  const [, indices] = c.graph.many('TopK', [x, c.graph.integers([c.attrs.k])], specs);
  return new Operand(c.cast(indices as Value, 'int32'));
};

/** How many of the sorted elements are below each value. */
const searchSorted: Rules['searchSorted'] = (c) => {
  const [sorted, values] = [c.value(0), c.value(1)];
  const { graph } = c;
  const row = graph.reshape(sorted, [...sorted.shape.slice(0, -1), 1, last(sorted.shape)]);
  const column = graph.reshape(values, [...values.shape, 1]);
  const shape = [...values.shape, last(sorted.shape)];
  const isBelow = graph.node(c.attrs.right ? 'LessOrEqual' : 'Less', [row, column], { shape, type: 'bool' });
  return c.result('ReduceSum', [c.cast(isBelow, 'int32'), graph.integers([-1])], [int('keepdims', 0)]);
};

const cumsum: Rules['cumsum'] = (c) => {
  const { axis, exclusive, reverse } = c.attrs;
  const attributes = [...(exclusive ? [int('exclusive', 1)] : []), ...(reverse ? [int('reverse', 1)] : [])];
  return c.result('CumSum', [c.value(0), c.graph.integer(fixed(axis))], attributes);
};

/** A running fold that ONNX has no operator for: a loop along the axis. @param next from the value before and slices */
function running(
  c: Call,
  { axis, reverse, exclusive }: Sized<CumulativeAttrs>,
  start: number,
  next: (body: GraphBuilder, before: Value, slices: readonly Value[]) => Value,
): Operand {
  const { graph } = c;
  const at = fixed(axis);
  const spec = { shape: c.shape.filter((_, i) => i !== at), type: c.type };
  const body = new GraphBuilder([], graph);
  const before = body.input('before', spec.shape, c.type);
  const slices = c.operands.map((_, i) => body.input(`slice_${i}`, spec.shape, c.type));
  const after = next(body, before, slices);
  body.outputs.push(after, body.node('Identity', [exclusive ? before : after], spec));
  const inputs = c.operands.map((_, i) => c.value(i));
  const each = (name: string, count: number, value: number): Attribute[] =>
    value ? [ints(name, new Array<number>(count).fill(value))] : [];
  const [, result] = graph.many(
    'Scan',
    [filled(c, graph.scalar(start, c.step.dtype), spec.shape), ...inputs],
    [spec, { shape: c.shape, type: c.type }],
    [
      { name: 'body', graph: body },
      int('num_scan_inputs', inputs.length),
      ...each('scan_input_axes', inputs.length, at),
      ...each('scan_output_axes', 1, at),
      ...each('scan_input_directions', inputs.length, Number(reverse)),
      ...each('scan_output_directions', 1, Number(reverse)),
    ],
  );
  return new Operand(result as Value);
}

export const reductionRules: Rules = {
  sum: fold('ReduceSum'),
  mean: fold('ReduceMean'),
  prod: fold('ReduceProd'),
  max: fold('ReduceMax'),
  min: fold('ReduceMin'),
  all,
  any,
  argMax: place('ArgMax'),
  argMin: place('ArgMin'),
  softmax: rows('Softmax'),
  logSoftmax: rows('LogSoftmax'),
  topkIndices,
  searchSorted,
  takeAlong,
  putAlong,
  cumsum,
  cumprod: (c) => running(c, c.attrs, 1, (body, before, [x]) => body.node('Mul', [before, x], before)),
  recurrence: (c) =>
    running(c, { ...c.attrs, exclusive: false }, 0, (body, before, [a, b]) =>
      body.node('Add', [body.node('Mul', [a, before], before), b], before),
    ),
};
