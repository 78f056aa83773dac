import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sharing } from '../../assembly/isa';
import { engine } from '../../src/runtime/engine';
import { Pace } from '../../src/runtime/pace';

/** Milliseconds that a run takes on this machine, with threads and alone. */
let machine = { shared: 1, alone: 1 };
let now = 0;
let runs = { shared: 0, alone: 0 };

beforeEach(() => {
  now = 0;
  runs = { shared: 0, alone: 0 };
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.spyOn(engine, 'threads', 'get').mockReturnValue(2);
  vi.spyOn(engine, 'run').mockImplementation((_, sharing) => {
    const way = sharing === Sharing.none ? 'alone' : 'shared';
    runs[way]++;
    now += machine[way];
    return 0;
  });
});
afterEach(() => vi.restoreAllMocks());

/** Runs for so many milliseconds; returns how much longer that took than the faster way alone would have. */
function loss(pace: Pace, milliseconds: number): number {
  const start = now;
  let count = 0;
  for (; now < start + milliseconds; count++) pace.run(0, Sharing.all);
  return (now - start) / (count * Math.min(machine.shared, machine.alone));
}

describe('the pace of a program', () => {
  it.each([0.03, 0.45, 7, 150])('shares runs of %s ms where threads help, and hardly ever tries without', (alone) => {
    machine = { shared: alone / 1.8, alone };
    const pace = new Pace(1e6);
    expect(loss(pace, 500 * Math.max(1, alone))).toBeLessThan(1.03);
    expect(runs.alone).toBeGreaterThan(0);
  });

  it.each([0.03, 0.45, 7, 150])('leaves runs of %s ms alone where threads are in the way', (alone) => {
    machine = { shared: alone * 1.3, alone };
    const pace = new Pace(1e6);
    loss(pace, 30 * Math.max(1, alone));
    expect(loss(pace, 500 * Math.max(1, alone))).toBeLessThan(1.03);
  });

  it('follows a machine that gets busy, and idle again', () => {
    machine = { shared: 0.3, alone: 0.5 };
    const pace = new Pace(1e6);
    loss(pace, 10_000);
    machine = { shared: 0.8, alone: 0.5 };
    loss(pace, 3000);
    expect(loss(pace, 10_000)).toBeLessThan(1.03);
    machine = { shared: 0.3, alone: 0.5 };
    loss(pace, 3000);
    expect(loss(pace, 10_000)).toBeLessThan(1.03);
  });

  it('soon takes back what it chose while the workers were starting', () => {
    machine = { shared: 0.8, alone: 0.5 };
    const pace = new Pace(1e6);
    loss(pace, 25);
    machine = { shared: 0.3, alone: 0.5 };
    loss(pace, 150);
    expect(loss(pace, 200)).toBeLessThan(1.03);
  });

  it('does not measure what cannot be shared', () => {
    const pace = new Pace(0);
    for (let i = 0; i < 5000; i++) pace.run(0, Sharing.none);
    expect(runs).toEqual({ shared: 0, alone: 5000 });
    vi.spyOn(engine, 'threads', 'get').mockReturnValue(1);
    for (let i = 0; i < 5000; i++) pace.run(0, Sharing.all);
    expect(runs).toEqual({ shared: 5000, alone: 5000 });
  });
});
