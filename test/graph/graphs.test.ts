/** Loops, conditions, lists, tables; and that the table of operators is complete. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { operators } from '../../src/graph/tfjs/operators';
import * as sg from '../../src/index';
import { families } from './operators';
import { graphs } from './operators/graphs';
import { distance, type Nd, ndOf, ours, tensorOf, theirNdOf, theirs, theirTensorOf } from './support';

test.each(graphs.map((g) => [g.name, g] as const))('%s', async (_, { spec, feeds, outputs, expected, fault }) => {
  const model = ours(spec);
  const before = sg.memory().numTensors;
  const other = fault ? undefined : await theirs(spec);
  const run = (feed: Readonly<Record<string, Nd>>): Nd[] =>
    sg.tidy(() => {
      const named = Object.fromEntries(Object.entries(feed).map(([name, nd]) => [name, tensorOf(nd)]));
      const found = model.run(named, outputs);
      return outputs.map((name) => ndOf(found[name] as sg.Tensor));
    });
  const rounds = [0, 1, 2, 3].map(() => feeds.map(run));
  for (const round of rounds.slice(1)) expect(round).toEqual(rounds[0]);
  for (const [k, feed] of feeds.entries()) {
    const found = rounds[0]?.[k] as Nd[];
    if (expected && k === 0) expect(found).toEqual(expected);
    if (!other) continue;
    const named = Object.fromEntries(Object.entries(feed).map(([name, nd]) => [name, theirTensorOf(nd)]));
    const wanted = [await other.executeAsync(named, [...outputs])].flat().map(theirNdOf);
    for (const [i, nd] of found.entries())
      expect(distance(nd, wanted[i] as Nd), `${outputs[i]}: ${JSON.stringify([nd, wanted[i]])}`).toBeLessThan(1e-6);
  }
  expect(sg.memory().numTensors).toBe(before);
  model.dispose();
});

/** In tests of their own: what they compute is not the same twice, or is printed. */
const ELSEWHERE = [
  'Const',
  'Placeholder',
  'RandomStandardNormal',
  'RandomUniform',
  'RandomUniformInt',
  'TruncatedNormal',
  'Multinomial',
  'Print',
];

async function theirOperators(): Promise<string[]> {
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-converter');
  const folder = join(dirname(main), 'operations', 'op_list');
  const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const lists = await Promise.all(files.map((name) => import(pathToFileURL(join(folder, name)).href)));
  return lists.flatMap(({ json }) => (json as { tfOpName: string }[]).map(({ tfOpName }) => tfOpName));
}

test('every operator of the converter has a case, or is refused with a reason', async () => {
  const listed = await theirOperators();
  expect(listed.length).toBeGreaterThan(240);
  const covered = new Set([
    ...Object.values(families)
      .flat()
      .map(({ op }) => op),
    ...graphs.flatMap(({ spec }) => [
      ...spec.nodes.map(({ op }) => op),
      ...(spec.functions ?? []).flatMap((f) => (f as { nodeDef: { op: string }[] }).nodeDef.map(({ op }) => op)),
    ]),
    ...ELSEWHERE,
    ...Object.keys(operators.refused),
  ]);
  expect(listed.filter((op) => !covered.has(op))).toEqual([]);
  // And nothing runs here that no case has run.
  const known = [...Object.keys(operators.pure), ...Object.keys(operators.other)];
  expect(known.filter((op) => !covered.has(op))).toEqual([]);
});
