/** Random functions of tensors: the same ops for the same seed, whether the operands are real or traced. */

import { gradients } from '../../src/autodiff/reverse';
import * as sg from '../../src/index';
import type { OpName } from '../../src/ops/core/table';
import { compileProgram, type PlanOptions } from '../../src/plan/program';
import { record, traceInput } from '../../src/plan/trace';
import { engine } from '../../src/runtime/engine';
import { Graph, type Location, type Node } from '../../src/tensor/graph';
import { broadcastShapes, type Shape } from '../../src/tensor/shape';
import { apply } from '../support/ops';
import { Chooser, uniform } from '../support/random';

type Tensor = sg.Tensor;

const LARGEST = 12_000;
const INPUTS: readonly (readonly Shape[])[] = [
  [[4, 6], [6], [2, 3, 4, 2]],
  [[3, 1500], [1500], [3, 1]],
  [[2, 7, 6, 3], [3], [1, 7, 1, 3]],
  [[33, 17], [17, 5], []],
  [[5, 1, 40], [4, 40], [1]],
  [[70, 33], [33], [70, 1]],
];

/** A random function; tensors that it captures are made once. */
export class RandomFunction {
  readonly shapes: readonly Shape[];
  readonly #captured: Tensor[] = [];

  constructor(
    readonly seed: number,
    readonly steps = 22,
  ) {
    this.shapes = INPUTS[seed % INPUTS.length] as readonly Shape[];
  }

  inputs(): Tensor[] {
    return this.shapes.map((shape, i) =>
      sg.tensor(
        uniform(
          this.seed * 7 + i,
          shape.reduce((a, b) => a * b, 1),
          -2,
          2,
        ),
        shape,
      ),
    );
  }

  dispose(): void {
    sg.dispose(this.#captured.splice(0));
  }

  run(inputs: readonly Tensor[]): Tensor[] {
    const choose = new Chooser(this.seed);
    const pool = [...inputs];
    let count = 0;
    const capture = (shape: Shape): Tensor => {
      this.#captured[count] ??= sg.keep(
        sg.tensor(
          uniform(
            this.seed + 1000 * count,
            shape.reduce((a, b) => a * b, 1),
            -0.6,
            0.6,
          ),
          shape,
        ),
      );
      return this.#captured[count++] as Tensor;
    };
    for (let i = 0; i < this.steps; i++) {
      // Late values are taken more often, so that chains get long.
      const x = choose.chance(0.5) ? (pool[pool.length - 1] as Tensor) : choose.of(pool);
      const y = step(choose, x, pool, capture);
      if (y && y.size > 0 && y.size <= LARGEST && y.rank <= 6) pool.push(y);
    }
    return [pool[pool.length - 1] as Tensor, ...[1, 2, 3].map(() => choose.of(pool))];
  }
}

const ACTIVATIONS: readonly ((x: Tensor) => Tensor)[] = [
  (x) => x.relu(),
  (x) => x.leakyRelu(0.1),
  (x) => x.sigmoid(),
  (x) => x.tanh(),
  (x) => x.softplus(),
  (x) => x,
];
const UNARY: readonly ((x: Tensor) => Tensor)[] = [
  ...ACTIVATIONS,
  (x) => x.neg(),
  (x) => x.abs().sqrt(),
  (x) => x.clipByValue(-1.5, 1).square(),
  (x) => x.tanh().exp(),
  (x) => x.erf(),
  (x) => x.sign(),
  (x) => x.abs().add(0.5).rsqrt(),
  (x) => x.abs().add(0.5).log(),
  (x) => x.mul(3).round().div(3),
  (x) => x.greater(0.2).cast('float32'),
  (x) => x.cast('int32').cast('float32'),
  (x) => x.sin().add(x.cos()),
  (x) => x.tanh().asin().atan(),
  (x) => x.elu().add(x.relu6()),
  (x) => x.abs().add(0.1).pow(x.tanh()),
  (x) => integers(x.mul(4).cast('int32')).cast('float32').mul(0.1),
];

/** A chain on int32. */
const integers = (x: Tensor): Tensor => {
  const y = x.abs().sub(sg.scalar(3, 'int32')).relu().maximum(x.neg());
  return y.square().mod(sg.scalar(11, 'int32')).add(x.sign()).squaredDifference(x.floorDiv(y));
};
const BINARY: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => a.add(b),
  (a, b) => a.sub(b),
  (a, b) => a.mul(b),
  (a, b) => a.div(b.abs().add(1)),
  (a, b) => a.maximum(b),
  (a, b) => a.minimum(b),
  (a, b) => a.squaredDifference(b).mul(0.2),
  (a, b) => sg.where(a.less(b), a, b.neg()),
  (a, b) => a.tanh().mul(a.sub(b)),
  (a, b) => a.mod(b.abs().add(0.5)),
  (a, b) => a.atan2(b.add(3)),
  (a, b) => a.divNoNan(b.relu()).tanh(),
  (a, b) => a.prelu(b),
];
const REDUCE = ['sum', 'mean', 'max', 'min', 'prod'] as const;

type Capture = (shape: Shape) => Tensor;
type Step = (c: Chooser, x: Tensor, pool: readonly Tensor[], capture: Capture) => Tensor | undefined;

const STEPS: readonly Step[] = [
  (c, x) => c.of(UNARY)(x),
  (c, x) => c.of(UNARY)(c.of(UNARY)(x)),
  (c, x, pool) => {
    const other = [c.of(pool), c.of(pool), c.of(pool)].find((t) => broadcastShapes(x.shape, t.shape));
    return other && c.of(BINARY)(x, other);
  },
  (c, x, pool) => {
    const [a, b] = [c.of(BINARY), c.of(BINARY)];
    const same = pool.filter((t) => broadcastShapes(x.shape, t.shape));
    return b(a(x, c.of(same)), x);
  },
  (c, x) => {
    const axes = x.shape.map((_, i) => i).filter(() => c.chance(0.5));
    const reduced = x.clipByValue(-1.2, 1.2)[c.of(REDUCE)](axes, c.chance(0.6));
    return c.chance(0.5) && broadcastShapes(x.shape, reduced.shape) ? x.sub(reduced) : reduced;
  },
  (c, x, _, capture) => {
    if (x.rank < 2) return undefined;
    const k = x.shape[x.rank - 1] as number;
    const n = c.of([1, 3, 8, 17]);
    const product = c.chance(0.5) ? sg.matMul(x, capture([k, n])) : sg.matMul(x, capture([n, k]), false, true);
    return c.of(ACTIVATIONS)(c.chance(0.6) ? product.add(capture([n])) : product);
  },
  (c, x) => {
    if (x.rank < 2 || x.size * (x.shape[x.rank - 2] as number) > 200_000) return undefined;
    return (c.chance(0.5) ? sg.matMul(x, x, true) : sg.matMul(x, x, false, true)).mul(0.02).tanh();
  },
  (c, x, _, capture) => {
    const image = asImage(x);
    if (!image) return undefined;
    const [kh, kw, oc] = [c.of([1, 2, 3]), c.of([1, 2, 3]), c.of([1, 2, 18])];
    // The filter depends on x, so that its gradient is needed too.
    const filter = capture([kh, kw, image.shape[3] as number, oc]).mul(x.mean().tanh().add(1));
    const y = sg.conv2d(image, filter, c.of([1, 2]), 'same');
    return c.of(ACTIVATIONS)(c.chance(0.6) ? y.add(capture([oc])) : y);
  },
  (c, x) => {
    const image = asImage(x);
    return image && (c.chance(0.5) ? sg.maxPool : sg.avgPool)(image, c.of([2, 3]), c.of([1, 2]), 'same');
  },
  (c, x) => (x.rank > 0 ? (c.chance(0.5) ? x.softmax(c.below(x.rank)) : x.clipByValue(-9, 9).logSoftmax()) : undefined),
  (c, x) => x.reshape(c.of([[-1], [1, ...x.shape], [x.size, 1], ...(x.size % 2 ? [] : [[2, -1]])])),
  (c, x) => {
    const perm = x.shape.map((_, i) => i);
    for (let i = perm.length - 1; i > 0; i--) {
      const j = c.below(i + 1);
      [perm[i], perm[j]] = [perm[j] as number, perm[i] as number];
    }
    return x.transpose(perm);
  },
  (c, x, pool) => {
    if (x.rank === 0) return undefined;
    const like = pool.filter((t) => t.shape.join() === x.shape.join());
    return sg.concat([x, c.of(like), c.of(UNARY)(c.of(like))], c.below(x.rank));
  },
  (c, x) => {
    const begin = x.shape.map((d) => c.below(Math.ceil(d / 2)));
    return x.slice(
      begin,
      x.shape.map((d, i) => 1 + c.below(d - (begin[i] as number))),
    );
  },
  (c, x) =>
    x.rank > 0
      ? x.pad(
          x.shape.map(() => [c.below(2), c.below(3)] as const),
          c.of([0, -0.5]),
        )
      : undefined,
  (c, x) => {
    if (x.rank === 0) return undefined;
    const y = x.tanh();
    const axis = c.below(x.rank);
    return c.chance(0.5)
      ? y.cumsum(axis, c.chance(0.5), c.chance(0.5)).mul(0.1)
      : y.cumprod(axis, c.chance(0.5), c.chance(0.5));
  },
  (c, x) => {
    if (x.rank === 0) return undefined;
    const { values, indices } = x.topk(1 + c.below(x.shape[x.rank - 1] as number));
    return c.chance(0.7) ? values : indices.cast('float32').mul(0.1);
  },
  (c, x) => (x.rank > 1 ? sg.oneHot(x.argMax(c.below(x.rank)), 3).mul(0.5) : undefined),
  (c, x) => {
    if (x.rank === 0) return undefined;
    const axis = c.below(x.rank);
    const n = x.shape[axis] as number;
    const ids = Array.from({ length: 1 + c.below(Math.min(n, 40)) }, () => c.below(n));
    return c.chance(0.5) ? x.gather(ids, axis) : x.gather(x.argMax(axis), axis).tanh();
  },
  (c, x) => {
    if (x.rank === 0) return undefined;
    const n = x.shape[0] as number;
    const ids = Array.from({ length: n }, () => c.below(5) - 1);
    return c.chance(0.5)
      ? x.unsortedSegmentSum(ids, 4).mul(0.3)
      : sg.tensorScatterUpdate(
          x,
          [[c.below(n)], [c.below(n)]],
          x
            .slice(0, 1)
            .tile([2, ...x.shape.slice(1).map(() => 1)])
            .tanh(),
        );
  },
  (c, x) => {
    if (x.rank === 0) return undefined;
    const strides = x.shape.map(() => c.of([1, 1, 2, -1, -3]));
    return x.stridedSlice(
      x.shape.map(() => 0),
      x.shape.map(() => 0),
      strides,
      255,
      255,
    );
  },
  (c, x) =>
    x.rank > 0 && x.size < 2000
      ? c.chance(0.5)
        ? x.tile(x.shape.map(() => 1 + c.below(2)))
        : x.mirrorPad(
            x.shape.map((d) => [c.below(Math.min(d, 3)), c.below(Math.min(d, 3))] as const),
            'reflect',
          )
      : undefined,
];

const step: Step = (choose, ...rest) => choose.of(STEPS)(choose, ...rest);

function asImage(x: Tensor): Tensor | undefined {
  if (x.rank === 4) return x;
  return x.rank === 3 ? x.expandDims(0) : x.rank === 2 ? x.expandDims(0).expandDims(3) : undefined;
}

/** What a trace of the function contains: its results and, if wanted, the gradients of their sum. */
export function traceOf(
  f: RandomFunction,
  withGradients: boolean,
): { graph: Graph; inputs: Tensor[]; outputs: Tensor[] } {
  const graph = new Graph();
  const inputs = f.shapes.map((shape) => traceInput(graph, { shape, dtype: 'float32' }));
  const outputs = record(graph, () => {
    const results = f.run(inputs);
    if (!withGradients) return results;
    const sum = results.map((r) => r.mean()).reduce((a, b) => a.add(b));
    return [...results, ...gradients(graph, sum, inputs)];
  });
  return { graph, inputs, outputs };
}

/** Each node of a trace computed by an eager op, one at a time. */
export function interpret(f: RandomFunction, values: readonly Tensor[], withGradients: boolean): Float32Array[] {
  const { graph, inputs, outputs } = traceOf(f, withGradients);
  const known = new Map<Node, Tensor>(inputs.map((t, i) => [t.node(graph, 'test'), (values[i] as Tensor).clone()]));
  const results = sg.tidy(() => {
    for (const node of graph.nodes) {
      if (known.has(node)) continue;
      if (node.kind === 'constant') {
        const { storage, offset } = node.attrs as Location;
        known.set(node, new sg.Tensor({ storage: storage.retain(), offset }, node));
      } else
        known.set(
          node,
          apply(
            node.op as OpName,
            node.inputs.map((i) => known.get(i) as Tensor),
            node.attrs as never,
          ),
        );
    }
    return outputs.map((t) => (known.get(t.node(graph, 'test')) as Tensor).dataSync<'float32'>());
  });
  for (const t of known.values()) t.dispose();
  graph.release();
  return results;
}

/** The trace compiled and run. `bindOutputs`: results go to tensors, else they stay in the workspace. */
export function compiled(
  f: RandomFunction,
  values: readonly Tensor[],
  withGradients: boolean,
  bindOutputs: boolean,
  options: PlanOptions,
): Float32Array[] {
  const { graph, inputs, outputs: traced } = traceOf(f, withGradients);
  // A result that is only another view of an input has no place in the workspace; times 1 it has the same bits there.
  const outputs = bindOutputs ? traced : record(graph, () => traced.map((t) => t.mul(1)));
  const nodes = outputs.map((t) => t.node(graph, 'test'));
  const program = compileProgram({
    graph,
    inputs: inputs.map((t) => t.node(graph, 'test')),
    outputs: nodes,
    bindOutputs,
    options,
  });
  values.forEach((v, i) => program.bindInput(i, v.address()));
  const targets = bindOutputs ? outputs.map((t) => sg.fill(t.shape, Number.NaN)) : [];
  targets.forEach((t, i) => program.bindOutput(i, t.address()));
  program.run();
  const results = outputs.map((t, i) => {
    if (bindOutputs) return (targets[i] as Tensor).dataSync<'float32'>();
    const at = program.outputAddress(i) >>> 2;
    return new Float32Array(engine.memory.f32.subarray(at, at + t.size));
  });
  sg.dispose(targets);
  program.dispose();
  return results;
}
