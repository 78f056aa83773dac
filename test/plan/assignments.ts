/** Random functions that assign variables: the same ops for the same seed, whether they run at once or are traced. */

import * as sg from '../../src/index';
import { loop } from '../../src/plan/loop';
import type { Shape } from '../../src/tensor/shape';
import { Chooser, uniform } from '../support/random';

type Tensor = sg.Tensor;
type DType = 'float32' | 'int32' | 'bool';

export interface VariableSpec {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly trainable: boolean;
  readonly initial: Float32Array<ArrayBuffer>;
}

/** What a function works on: every way to run it gets its own. */
export interface World {
  readonly variables: readonly sg.Variable[];
  readonly optimizers: readonly sg.Optimizer[];
}

/** All variables of a function have as many elements, so that each may take on the value of any other. */
const SIZES: readonly { readonly size: number; readonly shapes: readonly Shape[] }[] = [
  { size: 6, shapes: [[6], [2, 3], [3, 2], [1, 6, 1]] },
  { size: 1, shapes: [[], [1], [1, 1]] },
  { size: 16, shapes: [[16], [4, 4], [2, 8], [2, 2, 4]] },
  // Large enough that threads share the work.
  { size: 24_000, shapes: [[24_000], [150, 160], [40, 600]] },
];

const OPTIMIZERS: readonly (() => sg.Optimizer)[] = [
  () => sg.train.sgd(0.1),
  () => sg.train.momentum(0.1, 0.9),
  () => sg.train.adam(0.05),
  () => sg.train.adamW({ learningRate: 0.05, weightDecay: 0.1, useEma: true, emaMomentum: 0.5 }),
  () => sg.train.adam({ learningRate: 0.05, gradientAccumulationSteps: 2 }),
  () => sg.train.adam({ learningRate: 0.05, globalClipNorm: 0.5 }),
  () => sg.train.lamb({ learningRate: 0.05 }),
];

const UNARY: readonly ((x: Tensor) => Tensor)[] = [
  (x) => x.neg(),
  (x) => x.tanh(),
  (x) => x.mul(0.5),
  (x) => x.add(1),
  (x) => x.relu(),
  (x) => x.square().mul(0.5),
  (x) => x.sub(x.mean()),
];
const BINARY: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => a.add(b),
  (a, b) => a.sub(b),
  (a, b) => a.mul(b).tanh(),
  (a, b) => a.maximum(b),
  (a, b) => sg.where(a.less(b), a, b),
  (a, b) => a.mul(0.9).add(b.mul(0.1)),
];

const float = (x: Tensor): Tensor => (x.dtype === 'float32' ? x : x.cast('float32'));

/** A random function of one tensor and of what is in its world. */
export class Assignments {
  readonly specs: readonly VariableSpec[];
  readonly size: number;
  readonly #shapes: readonly Shape[];
  readonly #optimizers: readonly (() => sg.Optimizer)[];

  /** @param canTrain whether it computes gradients and makes steps of optimizers itself */
  constructor(
    readonly seed: number,
    readonly canTrain = true,
  ) {
    const choose = new Chooser(seed);
    const { size, shapes } = choose.chance(0.05) ? (SIZES[3] as (typeof SIZES)[0]) : choose.of(SIZES.slice(0, 3));
    this.size = size;
    this.#shapes = shapes;
    this.specs = Array.from({ length: 2 + choose.below(5) }, (_, i) => ({
      shape: choose.of(shapes),
      dtype: i > 0 && choose.chance(0.25) ? choose.of(['int32', 'bool'] as const) : 'float32',
      trainable: i === 0 || choose.chance(0.7),
      initial: uniform(31 * seed + i, size, -2, 2),
    }));
    this.#optimizers = [choose.of(OPTIMIZERS), choose.of(OPTIMIZERS)];
  }

  /** Fresh variables, with their first values, and optimizers. */
  world(): World {
    return {
      variables: this.specs.map(({ shape, dtype, trainable, initial }) =>
        sg.variable(sg.tensor(initial, shape).cast(dtype), trainable && dtype === 'float32'),
      ),
      optimizers: this.#optimizers.map((make) => make()),
    };
  }

  input(call: number): Tensor {
    return sg.tensor(uniform(77 * this.seed + call, this.size, -1, 1), [this.size]);
  }

  run(world: World, x: Tensor): Tensor[] {
    const choose = new Chooser(this.seed + 1_000_003);
    const body = new Body(choose, world, this.#shapes, this.canTrain);
    const pool: Tensor[] = [x];
    for (let i = 3 + choose.below(14); i > 0; i--) body.step(pool, 0);
    return [pool[pool.length - 1] as Tensor, choose.of(pool), choose.of(pool), body.look(choose.of(world.variables))];
  }
}

type Step = (pool: Tensor[], depth: number) => void;

class Body {
  readonly #steps: readonly Step[];

  constructor(
    readonly choose: Chooser,
    readonly world: World,
    readonly shapes: readonly Shape[],
    canTrain: boolean,
  ) {
    const { assign, read, compute, rotate, shift, average, select, repeat, loop, train, gradients, apply, slope } =
      this;
    const plain = [assign, assign, read, read, compute, compute, rotate, shift, average, select, repeat, loop];
    this.#steps = canTrain ? [...plain, train, train, gradients, apply, slope] : plain;
  }

  step(pool: Tensor[], depth: number): void {
    this.choose.of(this.#steps)(pool, depth);
  }

  /** A variable itself, a copy of it, or a view. */
  look(v: sg.Variable): Tensor {
    const { choose } = this;
    const looks: (() => Tensor)[] = [
      () => v,
      () => v.clone(),
      () => v.reshape(choose.of(this.shapes)),
      () => v.transpose(),
      () => v.flatten().slice([v.size >> 1], [v.size - (v.size >> 1)]),
      () => v.reshape([1, -1]).transpose(),
      () => v.cast(v.dtype as DType),
      () => sg.stopGradient(v),
      () => v.reshape([-1]).reverse(),
    ];
    return choose.of(looks)();
  }

  /** Any tensor as one of a shape and dtype. */
  fit(t: Tensor, shape: Shape, dtype: DType): Tensor {
    const size = shape.reduce((a, b) => a * b, 1);
    let y = t.dtype === dtype ? t : t.cast(dtype);
    if (y.size !== size) {
      y = y.flatten();
      while (y.size < size) y = y.concat(y);
      y = y.slice([0], [size]);
    }
    return y.reshape(shape);
  }

  #put(v: sg.Variable, t: Tensor): void {
    v.assign(this.fit(t, v.shape, v.dtype as DType));
  }

  #some(least = 2): sg.Variable[] {
    const count = least + this.choose.below(3);
    const chosen: sg.Variable[] = [];
    for (let i = 0; i < count; i++) {
      const v = this.choose.of(this.world.variables);
      if (!chosen.includes(v)) chosen.push(v);
    }
    return chosen;
  }

  readonly assign: Step = (pool) => this.#put(this.choose.of(this.world.variables), this.choose.of(pool));

  readonly read: Step = (pool) => {
    pool.push(this.look(this.choose.of(this.world.variables)));
  };

  readonly compute: Step = (pool) => {
    const { choose } = this;
    const x = float(choose.of(pool));
    if (choose.chance(0.5)) pool.push(choose.of(UNARY)(x));
    else pool.push(choose.of(BINARY)(x, this.fit(choose.of(pool), x.shape, 'float32')));
  };

  /** Variables change places. */
  readonly rotate: Step = (pool) => {
    const vs = this.#some();
    const olds = vs.map((v) =>
      this.choose.chance(0.5) ? v.clone() : this.fit(this.look(v), v.shape, v.dtype as DType),
    );
    vs.forEach((v, i) => {
      this.#put(v, olds[(i + 1) % vs.length] as Tensor);
    });
    if (this.choose.chance(0.3)) pool.push(...olds);
  };

  /** a takes on b, b takes on c, … or the other way round; the last takes on something new. */
  readonly shift: Step = (pool) => {
    const vs = this.#some();
    const isAtOnce = this.choose.chance(0.5);
    const news = vs.map((_, i) => vs[i + 1]?.clone() ?? this.choose.of(pool));
    vs.forEach((v, i) => {
      this.#put(v, isAtOnce ? (news[i] as Tensor) : (vs[i + 1] ?? (news[i] as Tensor)));
    });
  };

  readonly average: Step = () => {
    const [a, b = a] = this.#some() as [sg.Variable, sg.Variable?];
    const mixed = float(a)
      .mul(0.75)
      .add(this.fit(b as Tensor, a.shape, 'float32').mul(0.25));
    this.#put(a, mixed);
  };

  readonly select: Step = (pool) => {
    const { choose } = this;
    const v = choose.of(this.world.variables);
    const other = this.fit(choose.of(pool), v.shape, v.dtype as DType);
    const condition = float(choose.of(pool)).mean().greater(0);
    this.#put(v, sg.where(condition, v, other));
    if (choose.chance(0.5)) pool.push(other);
  };

  readonly repeat: Step = (pool, depth) => {
    if (depth > 1) return;
    for (let i = 1 + this.choose.below(3); i > 0; i--) this.step(pool, depth + 1);
  };

  /** A loop whose steps read a variable; what it carries may change places, and goes into variables after. */
  readonly loop: Step = (pool) => {
    const { choose } = this;
    const [a, b = a] = this.#some() as [sg.Variable, sg.Variable?];
    const like = (t: Tensor): Tensor => this.fit(t, [a.size], 'float32');
    const isSwap = choose.chance(0.5);
    const f = choose.of(BINARY);
    const xs = sg.stack([like(choose.of(pool)), like(this.look(a))]);
    const { carry, ys } = loop(
      ([p, q], [x]) => {
        const next = f(p as Tensor, (x as Tensor).add(like(b as Tensor)));
        return { carry: isSwap ? [q as Tensor, next] : [next, p as Tensor], ys: [x as Tensor, p as Tensor] };
      },
      [like(a), like(b as Tensor)],
      [xs],
      choose.chance(0.3),
    );
    this.#put(a, carry[0] as Tensor);
    if (choose.chance(0.5)) this.#put(b as sg.Variable, carry[1] as Tensor);
    pool.push(choose.of([...carry, ...ys]));
  };

  /** A loss that depends on trainable variables; it may assign some on the way. */
  #loss(pool: readonly Tensor[], canAssign: boolean): () => Tensor {
    const { choose } = this;
    const seed = choose.below(1 << 30);
    return () => {
      const inner = new Body(new Chooser(seed), this.world, this.shapes, false);
      const own = [...pool];
      const [first] = this.world.variables;
      own.push(inner.fit(first as Tensor, (first as Tensor).shape, 'float32').mul(0.7));
      for (let i = 1 + inner.choose.below(4); i > 0; i--)
        canAssign ? inner.step(own, 1) : inner.choose.of([inner.read, inner.compute])(own, 1);
      const parts = [own[own.length - 1], own[pool.length]] as Tensor[];
      return parts.map((t) => float(t).tanh().square().mean()).reduce((s, t) => s.add(t));
    };
  }

  readonly train: Step = (pool) => {
    const optimizer = this.choose.of(this.world.optimizers);
    const before = this.look(this.choose.of(this.world.variables));
    pool.push(optimizer.minimize(this.#loss(pool, this.choose.chance(0.4)), true));
    pool.push(before);
  };

  readonly gradients: Step = (pool) => {
    const { choose } = this;
    const { value, grads } = sg.variableGrads(this.#loss(pool, choose.chance(0.4)));
    const list = Object.values(grads);
    pool.push(value, choose.of(list));
    if (choose.chance(0.5)) this.#put(choose.of(this.world.variables), choose.of(list));
  };

  /** A step of gradients that are values of variables. */
  readonly apply: Step = (pool) => {
    const { choose } = this;
    const trainable = this.world.variables.filter((v) => v.trainable);
    const v = choose.of(trainable);
    const w = choose.of(trainable);
    const named = new Map([v, w].map((u) => [u.name, this.fit(this.look(choose.of(trainable)), u.shape, 'float32')]));
    const before = v.clone();
    if (choose.chance(0.5)) this.#put(v, choose.of(pool));
    choose.of(this.world.optimizers).applyGradients(Object.fromEntries(named));
    pool.push(before);
  };

  readonly slope: Step = (pool) => {
    const { choose } = this;
    const [v] = this.#some(1) as [sg.Variable];
    const f = choose.of(BINARY);
    const x = float(choose.of(pool));
    pool.push(
      sg.grad((t) =>
        f(t, this.fit(v, t.shape, 'float32'))
          .tanh()
          .sum(),
      )(x),
    );
  };
}
