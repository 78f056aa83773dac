/** Kernels of optimizers against their references: every slot and parameter, bit for bit, over several steps. */
import { afterEach, describe, expect, it } from 'vitest';
import { Op, StepCells, Update } from '../../assembly/isa';
import * as sg from '../../src/index';
import type { Ref } from '../../src/program/ir';
import { type Numbers, type RuleName, type State, update } from '../reference/update';
import { type Bits, bitsAt, bitsOf, difference } from '../support/bits';
import { generate, type Kind } from '../support/generate';
import { Sandbox } from '../support/sandbox';

const f = Math.fround;
const SIZES = [0, 1, 3, 4, 5, 15, 16, 17, 33, 130];
const STEPS = 3;
const RATE = f(0.01);

const OPS: Record<RuleName, Op> = {
  sgd: Op.Sgd,
  momentum: Op.Momentum,
  rmsProp: Op.RmsProp,
  adam: Op.Adam,
  nadam: Op.Nadam,
  adagrad: Op.Adagrad,
  adadelta: Op.Adadelta,
  adamax: Op.Adamax,
  lion: Op.Lion,
  ftrl: Op.Ftrl,
  average: Op.Average,
};

const flags = [false, true];
const both = (rule: RuleName, ...numbers: Numbers[]): [RuleName, Numbers][] =>
  numbers.flatMap((n) => flags.map((flag): [RuleName, Numbers] => [rule, { ...n, flag }]));

const CASES: [RuleName, Numbers][] = [
  ['sgd', {}],
  ['sgd', { decay: f(1e-3) }],
  ...both('momentum', { p: 0, s: 1 }, { p: f(0.9), s: 1 }, { p: f(0.9), s: f(1 - 0.9), decay: f(0.01) }),
  ...both('rmsProp', { p: f(0.9), s: f(1 - 0.9), r: f(1e-7) }, { p: f(0.9), q: f(0.9), s: f(1 - 0.9), e: f(1e-3) }),
  ...both(
    'adam',
    { p: f(0.9), q: f(0.999), r: f(1e-7), s: f(1 - 0.999), fix: f(1.5) },
    { p: 0, q: 0.5, r: f(1e-7), s: 0.5, fix: 1, decay: f(4e-5) },
    // RAdam before its variance is known.
    { p: f(0.9), q: f(0.999), r: 1, s: f(1 - 0.999), fix: 0 },
  ),
  ['nadam', { p: f(0.9), q: f(0.999), r: f(1e-7), s: f(1 - 0.999), fix: f(1.5), e: f(0.02) }],
  ['adagrad', { r: f(1e-7) }],
  ['adagrad', { e: f(1e-3), decay: f(0.1) }],
  ['adadelta', { p: f(0.95), r: f(1e-7), s: f(1 - 0.95) }],
  ['adamax', { p: f(0.9), q: f(0.999), r: f(1e-7) }],
  ['lion', { p: f(0.9), q: f(0.99), decay: f(0.02) }],
  ...both('ftrl', { r: 0.5 }, { r: f(0.6), p: f(0.3), q: f(0.2), s: f(0.01), decay: f(0.02) }),
  ...both('average', { p: f(0.99) }, { p: 0 }),
];

const floats = (kind: Kind, n: number, seed: number): Float32Array =>
  generate({ kind, shape: [n] }, seed).data as Float32Array;
const bits = (data: Float32Array): Bits => bitsOf({ shape: [data.length], dtype: 'float32', data });
const read = (ref: Ref, n: number): Bits => bitsAt((ref.buffer.address as number) + ref.offset, [n], 'float32');

function cellsOf(rule: RuleName, { flag, decay, ...numbers }: Numbers, gate: number): Float32Array {
  const cells = new Float32Array(StepCells.size / 4);
  const words = new Uint32Array(cells.buffer);
  words[StepCells.gate / 4] = gate;
  cells[StepCells.decay / 4] = decay ?? 0;
  cells[StepCells.rate / 4] = RATE;
  for (const [name, value] of Object.entries(numbers)) cells[(StepCells[name as 'p'] as number) / 4] = value as number;
  if (rule === 'average') {
    cells[StepCells.average / 4] = numbers.p as number;
    words[StepCells.overwrite / 4] = flag ? 1 : 0;
  }
  return cells;
}

afterEach(() => sg.setThreads(1));

describe.each(['float', 'wild'] as const)('on %s gradients', (kind) => {
  it.each(CASES.map(([rule, n]) => [rule, JSON.stringify(n), n] as const))('%s %s', async (rule, _, numbers) => {
    for (const threads of [1, 2]) {
      await sg.setThreads(threads);
      for (const n of threads === 1 ? SIZES : [17, 130]) {
        const sandbox = new Sandbox();
        // The slots begin with something in them; what is squared must not be negative.
        const state: State = {
          w: floats('float', n, 1),
          a: floats('factor', n, 2),
          b: floats('factor', n, 3),
          c: floats('float', n, 4),
        };
        const all = [state.w, state.a, state.b, state.c];
        const [w, a, b, c] = all.map((x, i) => sandbox.place(x, 'wabc'[i] as string)) as [Ref, Ref, Ref, Ref];
        for (let i = 0; i < STEPS; i++) {
          // Shut in the middle: nothing changes.
          const gate = i === 1 ? 0 : 1;
          const g = floats(kind, n, 10 + i);
          const step = sandbox.place(cellsOf(rule, numbers, gate), 'step');
          const grad = sandbox.place(g, 'gradient');
          const flag = numbers.flag ? 1 : 0;
          const decays = numbers.decay === undefined ? 0 : 1;
          const operands = { param: w, grad, count: n, slotA: a, slotB: b, slotC: c, step, flag, decays };
          sandbox.command(OPS[rule], Update, operands, ['param', 'slotA', 'slotB', 'slotC']);
          sandbox.run();
          if (gate) update(rule, state, g, { rate: RATE, ...numbers });
          const found = [w, a, b, c].map((ref, k) => difference(read(ref, n), bits(all[k] as Float32Array)));
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
    }
  });
});
