/** Chains: steps whose results stay in registers give the bits of the same steps one by one. */
import { describe, expect, it } from 'vitest';
import { BINARY, Bin, CHAIN_TILE, Link, MAP_BLOCK, Un } from '../../assembly/isa';
import * as sg from '../../src/index';
import { chainSteps } from '../../src/program/chains';
import type { MapOperand, MapStepIR } from '../../src/program/ir';
import { expectSameBits } from '../support/compare';
import { compile } from './compile';

type Tensor = sg.Tensor;

const input = (index: number): MapOperand => ({ kind: 'input', index });
const temp = (index: number): MapOperand => ({ kind: 'temp', index });
const output: MapOperand = { kind: 'output', index: 0 };
const step = (code: number, args: MapOperand[], target: MapOperand): MapStepIR => ({ code, args, target, p: 0, q: 0 });
const [mul, sub] = [BINARY + Bin.mul, BINARY + Bin.sub];

describe('which steps are chains', () => {
  it('neighbours that registers can do, and what is stored of them', () => {
    const chain = chainSteps([
      step(mul, [input(0), input(1)], temp(0)),
      step(sub, [input(2), temp(0)], temp(0)),
      step(Un.relu, [temp(0)], output),
    ]);
    expect(chain.map((s) => s.length)).toEqual([3, 1, 1]);
    expect(chain.map((s) => s.link)).toEqual([Link.mul, Link.subFrom, Link.relu]);
    expect(chain.map((s) => s.isLoaded)).toEqual([true, false, false]);
    expect(chain.map((s) => s.isStored)).toEqual([false, false, true]);
    expect(chain[1]?.other).toEqual(input(2));
  });

  it('a costly function between them parts them', () => {
    const steps = chainSteps([
      step(mul, [input(0), input(1)], temp(0)),
      step(Un.neg, [temp(0)], temp(0)),
      step(Un.exp, [temp(0)], temp(1)),
      step(mul, [temp(1), input(1)], output),
    ]);
    expect(steps.map((s) => s.length)).toEqual([2, 1, 1, 1]);
    expect(steps.map((s) => s.isStored)).toEqual([false, true, true, true]);
    expect(steps[2]?.link).toBeUndefined();
  });

  it('what is read again later, or twice at once, is stored', () => {
    const steps = chainSteps([
      step(mul, [input(0), input(1)], temp(0)),
      step(mul, [temp(0), temp(0)], temp(1)),
      step(sub, [temp(1), input(0)], temp(2)),
      step(sub, [temp(2), temp(1)], temp(2)),
      step(mul, [input(0), input(1)], temp(1)),
      step(sub, [temp(2), temp(1)], output),
    ]);
    expect(steps.map((s) => s.length)).toEqual([6, 1, 1, 1, 1, 1]);
    expect(steps.map((s) => s.isStored)).toEqual([true, true, false, true, false, true]);
    expect(steps.map((s) => s.isLoaded)).toEqual([true, false, false, false, true, false]);
    expect(steps[5]?.link).toBe(Link.subFrom);
  });
});

/** Numbers of all kinds: zeros, infinities, NaN, denormals, large and small. */
function mixed(n: number, seed: number): Tensor {
  const special = [0, -0, Infinity, -Infinity, Number.NaN, 1e-40, -1e-40, 3e38, -3e38, 1, -1];
  const values = Float32Array.from({ length: n }, (_, i) => {
    const k = (i * 2654435761 + seed * 40503) >>> 0;
    return k % 5 === 0 ? (special[(k >>> 8) % special.length] as number) : ((k >>> 4) % 2001) / 250 - 4;
  });
  return sg.tensor(values, [n]);
}

/** A chain that goes on from x, for each link. */
const links: Record<keyof typeof Link, (x: Tensor, b: Tensor) => Tensor> = {
  neg: (x) => x.neg(),
  abs: (x) => x.abs(),
  square: (x) => x.square(),
  relu: (x) => x.relu(),
  leakyRelu: (x) => x.leakyRelu(0.3),
  clip: (x) => x.clipByValue(-1.5, 2),
  add: (x, b) => x.add(b),
  sub: (x, b) => x.sub(b),
  subFrom: (x, b) => b.sub(x),
  mul: (x, b) => x.mul(b),
  div: (x, b) => x.div(b),
  divInto: (x, b) => b.div(x),
  maximum: (x, b) => x.maximum(b),
  minimum: (x, b) => b.minimum(x),
  reluGrad: (x, b) => sg.grad((y: Tensor) => y.relu().mul(x))(b),
};

const sizes = [0, 1, 3, CHAIN_TILE - 1, CHAIN_TILE, CHAIN_TILE + 1, 3 * CHAIN_TILE + 6, MAP_BLOCK, 2 * MAP_BLOCK + 37];

describe('the bits of chains', () => {
  it.each(Object.keys(links) as (keyof typeof Link)[])('%s', (name) => {
    for (const n of sizes) {
      const [a, b] = [mixed(n, 1), mixed(n, 2)];
      const f = (x: Tensor, y: Tensor): Tensor => links[name](x.mul(y), y);
      const { program, run, lines } = compile(f, [a, b]);
      expect(lines.filter((l) => l.includes('Map')).length, lines.join('\n')).toBeLessThanOrEqual(1);
      expectSameBits(run()[0] as Tensor, f(a, b), `${name} of ${n}`);
      program.dispose();
    }
  });

  it('long ones, with rows and single values beside, some results kept', () => {
    for (const [rows, columns] of [
      [5, 7],
      [3, 1500],
      [40, 33],
    ] as const) {
      const x = mixed(rows * columns, 3).reshape([rows, columns]);
      const row = mixed(columns, 4);
      const f = (t: Tensor, r: Tensor): Tensor[] => {
        const centred = t.sub(r).mul(0.5);
        const scaled = centred.mul(centred).add(r).neg();
        return [centred, scaled.sub(centred).relu().mul(t), scaled.sigmoid().mul(r).sub(t)];
      };
      const { program, run } = compile(f, [x, row]);
      const expected = f(x, row);
      run().forEach((y, i) => {
        expectSameBits(y, expected[i] as Tensor, `${rows} x ${columns}, result ${i}`);
      });
      program.dispose();
    }
  });

  it('a result far larger than the caches, where a costly function takes small blocks', () => {
    const n = 2 ** 21 + 77;
    const [a, b] = [mixed(n, 5), mixed(n, 6)];
    const f = (x: Tensor, y: Tensor): Tensor => x.mul(y).add(y).sigmoid().mul(x).sub(y);
    const { program, run } = compile(f, [a, b]);
    expectSameBits(run()[0] as Tensor, f(a, b));
    program.dispose();
    sg.dispose([a, b]);
  });
});
