/** Where values lie: no two that live at once share memory, and little is wasted. */
import { describe, expect, it, vi } from 'vitest';
import { BINARY, Bin, Un } from '../../assembly/isa';
import * as sg from '../../src/index';
import { readsOf, writesOf } from '../../src/plan/passes/fuse-maps';
import { type Placement, place } from '../../src/plan/passes/place';
import { compileProgram } from '../../src/plan/program';
import { readsInPlace } from '../../src/program/encode';
import type { Buffer, Command, MapCommand, MapOperand } from '../../src/program/ir';
import { RandomFunction, traceOf } from './graphs';

interface Plan {
  readonly commands: readonly Command[];
  readonly kept: ReadonlySet<Buffer>;
  readonly reuse: boolean;
  readonly placement: Placement;
}

/** Looks at each plan while its buffers have no addresses yet. */
const seen = vi.hoisted(() => ({ look: (_: unknown): void => undefined }));

vi.mock('../../src/plan/passes/place', async (original) => {
  const real = await original<typeof import('../../src/plan/passes/place')>();
  const watched: typeof real.place = (commands, kept, reuse = true) => {
    const placement = real.place(commands, kept, reuse);
    seen.look({ commands, kept, reuse, placement });
    return placement;
  };
  return { ...real, place: watched };
});

/** Runs `fn` and gives the plans that were made meanwhile, each checked. */
async function plansOf(fn: () => unknown): Promise<Plan[]> {
  const plans: Plan[] = [];
  seen.look = (plan) => {
    plans.push(plan as Plan);
    check(plan as Plan);
  };
  await fn();
  seen.look = () => undefined;
  return plans;
}

const UNIT = 64;

/** The workspace as runs of 64 bytes, each with the buffer whose content it holds. */
class Workspace {
  readonly #owners: (Buffer | undefined)[];
  readonly #begun = new Set<Buffer>();
  readonly #units = new Map<Buffer, readonly number[]>();

  constructor(readonly placement: Placement) {
    this.#owners = new Array(placement.bytes / UNIT).fill(undefined);
  }

  units(buffer: Buffer): readonly number[] {
    const known = this.#units.get(buffer);
    if (known) return known;
    const units = this.#place(buffer);
    this.#units.set(buffer, units);
    return units;
  }

  #place(buffer: Buffer): number[] {
    const offset = this.placement.offsets.get(buffer);
    if (offset === undefined) throw new Error(`${buffer.label} has no place`);
    expect(offset % UNIT, `${buffer.label} is aligned`).toBe(0);
    const first = offset / UNIT;
    const units = Array.from({ length: Math.max(1, Math.ceil(buffer.bytes / UNIT)) }, (_, i) => first + i);
    expect(units.at(-1), `${buffer.label} lies inside`).toBeLessThan(this.#owners.length);
    return units;
  }

  /** Later writes to a part of a buffer must find the other parts still there. */
  write(buffer: Buffer, where: string): void {
    if (buffer.address !== undefined) return;
    if (this.#begun.has(buffer)) return this.read(buffer, where);
    this.#begun.add(buffer);
    for (const unit of this.units(buffer)) this.#owners[unit] = buffer;
  }

  read(buffer: Buffer, where: string): void {
    if (buffer.address !== undefined) return;
    for (const unit of this.units(buffer)) {
      const owner = this.#owners[unit];
      if (owner !== buffer) expect.fail(`${where}: ${buffer.label} was overwritten by ${owner?.label ?? 'nothing'}`);
    }
  }
}

/** Follows the commands and, inside maps, their steps; every read must find what was written. */
function check({ commands, kept, reuse, placement }: Plan): void {
  const space = new Workspace(placement);
  commands.forEach((command, i) => {
    const where = `command ${i}`;
    const workspace = command.kind === 'loop' ? command.workspace : undefined;
    if (workspace) space.write(workspace, where);
    for (const { buffer } of readsOf(command)) space.read(buffer, where);
    if (command.kind === 'map') checkMap(command, space, where);
    else {
      for (const { buffer } of writesOf(command)) space.write(buffer, where);
      for (const { buffer } of readsOf(command)) space.read(buffer, `${where} after its write`);
    }
    if (workspace) space.read(workspace, `${where}, workspace`);
  });
  for (const buffer of kept) space.read(buffer, 'the end');
  checkSize(commands, kept, reuse, placement, space);
}

/** What is read element by element may be overwritten by later steps; all else must last to the end of the map. */
function checkMap(command: MapCommand, space: Workspace, where: string): void {
  const bufferOf = (s: MapOperand): Buffer | undefined => {
    if (s.kind === 'temp') return undefined;
    return (s.kind === 'input' ? command.inputs[s.index]?.ref : command.outputs[s.index])?.buffer;
  };
  for (const step of command.steps) {
    for (const arg of step.args) {
      const buffer = bufferOf(arg);
      if (buffer) space.read(buffer, `${where}, step`);
    }
    const target = bufferOf(step.target);
    if (target) space.write(target, where);
  }
  for (const input of command.inputs) {
    if (!readsInPlace(command, input)) space.read(input.ref.buffer, `${where}, repeating input`);
  }
}

/** Recomputes lifetimes, and from them the bytes that live at once. */
function checkSize(
  commands: readonly Command[],
  kept: ReadonlySet<Buffer>,
  reuse: boolean,
  placement: Placement,
  space: Workspace,
): void {
  const lives = new Map<Buffer, [number, number]>();
  commands.forEach((command, i) => {
    const workspace = command.kind === 'loop' ? command.workspace : undefined;
    for (const buffer of [...readsOf(command), ...writesOf(command)].map((r) => r.buffer).concat(workspace ?? [])) {
      if (buffer.address === undefined) lives.set(buffer, [lives.get(buffer)?.[0] ?? i, i]);
    }
  });
  for (const buffer of kept) {
    const life = lives.get(buffer);
    if (life) life[1] = commands.length;
  }
  expect(new Set(placement.offsets.keys())).toEqual(new Set(lives.keys()));
  let most = 0;
  for (let i = 0; i <= commands.length; i++) {
    const units = new Set<number>();
    for (const [buffer, [first, last]] of lives)
      if (first <= i && i <= last) for (const u of space.units(buffer)) units.add(u);
    most = Math.max(most, units.size * UNIT);
  }
  expect(placement.bound, 'the largest sum of values alive').toBe(most);
  expect(placement.bytes).toBeGreaterThanOrEqual(placement.bound);
  if (!reuse) {
    const all = [...lives.keys()].flatMap((b) => space.units(b));
    expect(new Set(all).size, 'each buffer on its own').toBe(all.length);
  }
}

describe('random programs', () => {
  it.each(Array.from({ length: 40 }, (_, i) => [i]))('of seed %i', async (seed) => {
    for (const reuse of [true, false]) {
      for (const fuse of [true, false]) {
        const f = new RandomFunction(seed);
        const { graph, inputs, outputs } = traceOf(f, true);
        const nodes = outputs.map((t) => t.node(graph, 'test'));
        const [plan] = await plansOf(() => {
          compileProgram({
            graph,
            inputs: inputs.map((t) => t.node(graph, 'test')),
            outputs: nodes,
            bindOutputs: fuse,
            options: { fuse, reuse },
          }).dispose();
        });
        expect(plan?.commands.length).toBeGreaterThan(10);
        f.dispose();
      }
    }
  });
});

describe('models', () => {
  const conv = (): sg.Sequential => {
    const model = sg.sequential({
      layers: [
        sg.layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu', padding: 'same', inputShape: [12, 12, 2] }),
        sg.layers.batchNormalization(),
        sg.layers.maxPooling2d(),
        sg.layers.dropout({ rate: 0.3 }),
        sg.layers.conv2d({ filters: 16, kernelSize: 3, activation: 'tanh' }),
        sg.layers.averagePooling2d(),
        sg.layers.flatten(),
        sg.layers.dense({ units: 24, activation: 'sigmoid' }),
        sg.layers.dense({ units: 10, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  };

  it('steps of training, testing and predicting', async () => {
    const model = conv();
    const [x, y] = [sg.randomUniform([20, 12, 12, 2]), sg.randomUniformInt([20], 0, 10)];
    const plans = await plansOf(async () => {
      await model.fit(x, y, { batchSize: 8, validationSplit: 0.2 });
      await model.trainOnBatch(x, y);
      model.predict(x);
    });
    expect(plans.length).toBeGreaterThanOrEqual(4);
    for (const { placement } of plans) expect(placement.bytes / placement.bound).toBeLessThan(1.15);
    model.dispose();
  });

  it('the printed program tells size, bound and ratio', async () => {
    const model = conv();
    const [x, y] = [sg.zeros([4, 12, 12, 2]), sg.zeros([4], 'int32')];
    let text = '';
    const [plan] = await plansOf(() => {
      text = model.describeStep('train', x, y);
    });
    const { bytes, bound } = (plan as Plan).placement;
    const kib = (n: number): string => `${(n / 1024).toFixed(1)} KiB`;
    expect(text.split('\n').at(-1)).toBe(
      `workspace ${kib(bytes)}, largest sum of values alive at once ${kib(bound)}, ratio ${(bytes / bound).toFixed(3)}`,
    );
    model.dispose();
  });
});

describe('place', () => {
  const buffer = (label: string, bytes = 400): Buffer => ({ bytes, address: undefined, label });
  const input = (index: number): MapOperand => ({ kind: 'input', index });
  const output = (index: number): MapOperand => ({ kind: 'output', index });
  const map = (inputs: readonly Buffer[], outputs: readonly Buffer[], steps: MapCommand['steps']): MapCommand => ({
    kind: 'map',
    shape: [100],
    inputs: inputs.map((b) => ({ ref: { buffer: b, offset: 0 }, strides: [1] })),
    outputs: outputs.map((b) => ({ buffer: b, offset: 0 })),
    temps: 0,
    steps,
  });
  const unary = (from: MapOperand, to: MapOperand) => ({
    code: Un.neg as number,
    args: [from],
    target: to,
    p: 0,
    q: 0,
  });
  const make = (b: Buffer): MapCommand => map([], [b], []);
  const lay = (commands: readonly Command[], kept: readonly Buffer[], reuse?: boolean): Placement =>
    place(commands, new Set(kept), reuse);

  it('a result takes over the memory of an operand that dies', () => {
    const [a, b] = [buffer('a'), buffer('b')];
    const { offsets, bytes } = lay([make(a), map([a], [b], [unary(input(0), output(0))])], [b]);
    expect(offsets.get(b)).toBe(offsets.get(a));
    expect(bytes).toBe(448);
  });

  it.each([
    ['is kept', (a: Buffer, b: Buffer) => [[map([a], [b], [unary(input(0), output(0))])], [a, b]]],
    ['is read later', (a: Buffer, b: Buffer) => [[map([a], [b], [unary(input(0), output(0))]), map([a], [], [])], [b]]],
    [
      'is read by a later step',
      (a: Buffer, b: Buffer) => {
        const c = buffer('c');
        const both = { code: BINARY + Bin.mul, args: [input(0), output(0)], target: output(1), p: 0, q: 0 };
        return [[map([a], [b, c], [unary(input(0), output(0)), both])], [b, c]];
      },
    ],
    [
      'is read in another order',
      (a: Buffer, b: Buffer) => {
        const command = map([a], [b], [unary(input(0), output(0))]);
        return [[{ ...command, inputs: [{ ref: { buffer: a, offset: 0 }, strides: [0] }] }], [b]];
      },
    ],
    [
      'is read in two orders',
      (a: Buffer, b: Buffer) => {
        const command = map([a], [b], [unary(input(0), output(0))]);
        return [[{ ...command, inputs: [...command.inputs, { ref: { buffer: a, offset: 0 }, strides: [0] }] }], [b]];
      },
    ],
  ] as [string, (a: Buffer, b: Buffer) => [Command[], Buffer[]]][])('but not of one that %s', (_, build) => {
    const [a, b] = [buffer('a'), buffer('b')];
    const [commands, kept] = build(a, b);
    const { offsets } = lay([make(a), ...commands], kept);
    expect(offsets.get(b)).not.toBe(offsets.get(a));
  });

  it('memory is used again when its value has died', () => {
    const [a, b, c] = [buffer('a'), buffer('b', 800), buffer('c')];
    const copy = (from: Buffer, to: Buffer): MapCommand => ({ ...map([from], [to], []), shape: [7] });
    const commands = [make(a), copy(a, b), copy(b, c)];
    expect(lay(commands, [c]).bytes).toBe(448 + 832);
    expect(lay(commands, [c], false).bytes).toBe(448 + 832 + 448);
    expect(lay(commands, [a, b, c]).bytes).toBe(448 + 832 + 448);
  });
});
