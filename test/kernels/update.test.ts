/** Optimizers against their references: every slot and parameter, bit for bit, over several steps. */
import { describe, expect, it } from 'vitest';
import { Op, Update } from '../../assembly/isa';
import { zeros } from '../../src/ops/creation';
import { f32, type Operand, type Ref } from '../../src/ops/ir';
import { variable } from '../../src/ops/variables';
import { engine } from '../../src/runtime/engine';
import { Arena } from '../../src/train/arena';
import type { Optimizer } from '../../src/train/optimizer';
import * as optimizers from '../../src/train/optimizers';
import * as reference from '../reference/update';
import { type Bits, bitsAt, bitsOf, difference } from '../support/bits';
import { generate, type Kind } from '../support/generate';
import { Sandbox } from '../support/sandbox';

const f = Math.fround;
const SIZES = [0, 1, 3, 4, 5, 15, 16, 17, 33, 130];
const STEPS = 3;

/** What the reference changes: parameters and slots. */
interface State {
  readonly w: Float32Array;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly c: Float32Array;
}

interface Setting {
  readonly name: string;
  readonly op: Op;
  /** Rate, decays and the like as the host gives them. */
  readonly operands: Record<string, Operand>;
  readonly rate: number;
  /** Factors of the running powers. */
  readonly betas?: readonly [number, number];
  step(s: State, g: Float32Array, power1: number, power2: number): void;
}

const RATE = f(0.01);

const momentums = [false, true].flatMap((nesterov) =>
  [0, 0.9].map(
    (p): Setting => ({
      name: `momentum ${p}${nesterov ? ' nesterov' : ''}`,
      op: Op.Momentum,
      operands: { p: f32(p), flag: nesterov ? 1 : 0 },
      rate: RATE,
      step: (s, g) => reference.momentum(s.w, g, s.a, RATE, f(p), nesterov),
    }),
  ),
);

const rmsProps = [false, true].flatMap((centered) =>
  [0, 0.9].map((momentum): Setting => {
    const settings = { rate: RATE, decay: f(0.9), rest: f(1 - 0.9), momentum: f(momentum), epsilon: f(1e-7) };
    return {
      name: `rmsProp, momentum ${momentum}${centered ? ', centered' : ''}`,
      op: Op.RmsProp,
      operands: { p: f32(0.9), q: f32(momentum), r: f32(1e-7), s: f32(1 - 0.9), flag: centered ? 1 : 0 },
      rate: RATE,
      step: (s, g) => reference.rmsProp(s.w, g, s.a, s.b, centered ? s.c : undefined, settings),
    };
  }),
);

const adams = [
  [0.9, 0.999],
  [0, 0.5],
].map(([beta1, beta2]): Setting => {
  const [b1, b2] = [beta1 as number, beta2 as number];
  const settings = { rate: RATE, beta1: f(b1), beta2: f(b2), rest2: f(1 - b2), epsilon: f(1e-7) };
  return {
    name: `adam ${b1} ${b2}`,
    op: Op.Adam,
    operands: { p: f32(b1), q: f32(b2), r: f32(1e-7), s: f32(1 - b2) },
    rate: RATE,
    betas: [b1, b2],
    step: (s, g, power1, power2) => reference.adam(s.w, g, s.a, s.b, { ...settings, power1, power2 }),
  };
});

const SETTINGS: Setting[] = [
  { name: 'sgd', op: Op.Sgd, operands: {}, rate: RATE, step: (s, g) => reference.sgd(s.w, g, RATE) },
  ...momentums,
  ...rmsProps,
  ...adams,
];

const floats = (kind: Kind, n: number, seed: number): Float32Array =>
  generate({ kind, shape: [n] }, seed).data as Float32Array;
const doubles = (...values: number[]): Float32Array => new Float32Array(Float64Array.from(values).buffer);
const bits = (data: Float32Array): Bits => bitsOf({ shape: [data.length], dtype: 'float32', data });
const read = (ref: Ref, n: number): Bits => bitsAt((ref.buffer.address as number) + ref.offset, [n], 'float32');

describe.each(['float', 'wild'] as const)('kernels on %s gradients', (kind) => {
  it.each(SETTINGS)('$name', ({ op, operands, rate, betas = [0, 0], step }) => {
    for (const n of SIZES) {
      const sandbox = new Sandbox();
      // The slots begin with something in them; what is squared must not be negative.
      const state: State = {
        w: floats('float', n, 1),
        a: floats('factor', n, 2),
        b: floats('factor', n, 3),
        c: floats('float', n, 4),
      };
      const [w, a, b, c] = [state.w, state.a, state.b, state.c].map((x, i) =>
        sandbox.place(x, 'wabc'[i] as string),
      ) as [Ref, Ref, Ref, Ref];
      const rateAt = sandbox.place(new Float32Array([rate]), 'rate');
      for (let i = 0; i < STEPS; i++) {
        const g = floats(kind, n, 10 + i);
        const powers = betas.map((beta) => beta ** (i + 1)) as [number, number];
        const [powerA, powerB] = powers.map((p) => sandbox.place(doubles(p), 'power')) as [Ref, Ref];
        const grad = sandbox.place(g, 'gradient');
        const places = { param: w, grad, count: n, rate: rateAt, slotA: a, slotB: b, slotC: c, powerA, powerB };
        sandbox.command(op, Update, { ...places, ...operands }, ['param', 'slotA', 'slotB', 'slotC']);
        sandbox.run();
        step(state, g, ...powers);
        const found = [w, a, b, c].map((ref, k) =>
          difference(read(ref, n), bits([state.w, state.a, state.b, state.c][k] as Float32Array)),
        );
        expect({ n, i, found, gradient: difference(read(grad, n), bits(g)), damaged: sandbox.damaged() }).toEqual({
          n,
          i,
          found: [undefined, undefined, undefined, undefined],
          gradient: undefined,
          damaged: [],
        });
      }
      sandbox.dispose();
    }
  });
});

/** The library's optimizers: which settings they round how, and that their counters move on. */
describe('optimizers', () => {
  const adamSettings = { rate: f(0.001), beta1: f(0.9), beta2: f(0.999), rest2: f(1 - 0.999), epsilon: f(1e-7) };
  const rmsSettings = { rate: f(0.001), decay: f(0.9), rest: f(1 - 0.9), momentum: 0, epsilon: f(1e-7) };
  type Step = (s: State, g: Float32Array, i: number) => void;
  const table: [string, Optimizer, Step][] = [
    ['sgd', optimizers.sgd(), (s, g) => reference.sgd(s.w, g, f(0.01))],
    ['momentum', optimizers.momentum(0.1, 0.9), (s, g) => reference.momentum(s.w, g, s.a, f(0.1), f(0.9), false)],
    ['nesterov', optimizers.momentum(0.1, 0.8, true), (s, g) => reference.momentum(s.w, g, s.a, f(0.1), f(0.8), true)],
    ['rmsprop', optimizers.rmsprop(), (s, g) => reference.rmsProp(s.w, g, s.a, s.b, undefined, rmsSettings)],
    [
      'centered rmsprop',
      optimizers.rmsprop(0.001, 0.9, 0.5, 1e-7, true),
      (s, g) => reference.rmsProp(s.w, g, s.a, s.b, s.c, { ...rmsSettings, momentum: 0.5 }),
    ],
    [
      'adam',
      optimizers.adam(),
      (s, g, i) => {
        // The kernel multiplies its running powers step by step.
        const power = (beta: number): number => Array.from({ length: i }).reduce((p: number) => p * beta, beta);
        reference.adam(s.w, g, s.a, s.b, { ...adamSettings, power1: power(0.9), power2: power(0.999) });
      },
    ],
  ];

  it.each(table)('%s', (_, optimizer, step) => {
    // Two variables: the arena puts them side by side, each padded to four floats.
    const variables = [variable(zeros([3, 5])), variable(zeros([4]))];
    const arena = new Arena(variables);
    optimizer.attach(arena);
    const gradients = arena.mirror();
    const n = arena.bytes / 4;
    const state: State = {
      w: new Float32Array(n),
      a: new Float32Array(n),
      b: new Float32Array(n),
      c: new Float32Array(n),
    };
    const sandbox = new Sandbox();
    for (let i = 0; i < 5; i++) {
      const g = floats('float', n, 20 + i);
      engine.memory.f32.set(g, gradients.address >>> 2);
      optimizer.emit(sandbox as never, gradients);
      sandbox.run();
      step(state, g, i);
      const [segment] = arena.segments;
      const at = (segment?.param.storage.address as number) + (segment?.param.offset as number);
      expect(difference(bitsAt(at, [n], 'float32'), bits(state.w))).toBeUndefined();
      expect(optimizer.iterations).toBe(i + 1);
    }
    sandbox.dispose();
    optimizer.detach();
    arena.dispose();
    for (const v of variables) v.dispose();
  });
});
