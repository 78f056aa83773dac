/** Graphs as attackers write them: known kinds of damage, and seeded mutations of whole ones. */
import type { GraphModel } from '../../src/graph/core/model';
import * as sg from '../../src/index';
import { graphs } from './operators/graphs';
import { type GraphSpec, type Nd, ours, tensorOf, topologyOf } from './support';

/** Numbers of [0, 1), the same after the same seed. */
export function generator(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4294967296;
  };
}

const STRANGE: readonly unknown[] = [
  null,
  -1,
  0,
  1e9,
  2 ** 53,
  Number.NaN,
  '9007199254740993',
  '-2147483648',
  '__proto__',
  'constructor',
  '^x',
  'x:1',
  'x:99999999',
  ':0',
  '',
  [],
  {},
  [[]],
  true,
  { shape: { dim: [{ size: '1099511627776' }, { size: '1099511627776' }] } },
  { list: { i: ['-5', '1e300'] } },
  { func: { name: 'rows_body' } },
  { type: 'DT_VARIANT' },
  { s: '!!' },
];

/** Every place of a value that can be replaced. */
function placesOf(value: unknown, out: [Record<string, unknown>, string][] = []): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return out;
  for (const key of Object.keys(value)) {
    out.push([value as Record<string, unknown>, key]);
    placesOf((value as Record<string, unknown>)[key], out);
  }
  return out;
}

/** Changes one to three places of a graph in JSON. */
export function mutate(topology: object, random: () => number): object {
  const copy = JSON.parse(JSON.stringify(topology)) as object;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
    const places = placesOf(copy);
    const [holder, key] = pick(places);
    const [other, otherKey] = pick(places);
    const kind = random();
    if (kind < 0.5) holder[key] = structuredClone(pick(STRANGE));
    else if (kind < 0.65) delete holder[key];
    // A copy, or the graph might contain itself.
    else if (kind < 0.9) holder[key] = structuredClone(other[otherKey]);
    else if (Array.isArray(holder)) holder.reverse();
    else {
      const value = structuredClone(other[otherKey]);
      Object.defineProperty(holder, '__proto__', { value, enumerable: true, configurable: true, writable: true });
    }
  }
  return copy;
}

/** What came of a mutated graph: nothing but a typed error, or a result. */
export interface Outcome {
  readonly kind: 'ran' | 'refused' | 'wrong';
  readonly error?: unknown;
}

/** Loads and runs a mutated graph. */
export function attempt(
  spec: GraphSpec,
  topology: object,
  feeds: Readonly<Record<string, Nd>>,
  outputs: readonly string[],
): Outcome {
  let model: GraphModel | undefined;
  try {
    model = ours({ ...spec, more: { modelTopology: topology } });
    sg.tidy(() => {
      const named = Object.fromEntries(Object.entries(feeds).map(([name, nd]) => [name, tensorOf(nd)]));
      for (let i = 0; i < 2; i++) model?.run(named, outputs);
    });
    return { kind: 'ran' };
  } catch (error) {
    return { kind: error instanceof sg.SamegradError ? 'refused' : 'wrong', error };
  } finally {
    model?.dispose();
  }
}

/** Mutated graphs from a seed on. `see` is told of each outcome and of its milliseconds of processor time. */
export function mutations(
  seed: number,
  count: number,
  see: (outcome: Outcome, took: number, name: string, topology: object) => void,
): void {
  const random = generator(seed);
  for (let i = 0; i < count; i++) {
    const { spec, feeds, outputs, name } = graphs[Math.floor(random() * graphs.length)] as (typeof graphs)[number];
    const topology = mutate(topologyOf(spec), random);
    const start = process.cpuUsage();
    const outcome = attempt(spec, topology, feeds[0] as Record<string, Nd>, outputs);
    const { user, system } = process.cpuUsage(start);
    see(outcome, (user + system) / 1000, name, topology);
  }
}
