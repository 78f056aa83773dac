/** Each operator beside TensorFlow.js', with operands that are computed, stored and unknown: always the same bits. */
import { describe, expect, test } from 'vitest';
import * as sg from '../../src/index';
import { families } from './operators';
import type { Case } from './operators/case';
import { distance, type GraphSpec, type Nd, ndOf, ours, tensorOf, theirNdOf, theirs, theirTensorOf } from './support';

type Storing = 'as stated' | 'all' | 'none';

function specOf({ op, inputs, attr, before, takes, after }: Case, storing: Storing): GraphSpec {
  const named = inputs.map((input, i) => [`in${i}`, input] as const);
  const isStored = ({ isStored }: Case['inputs'][number]): boolean =>
    storing === 'all' || (storing === 'as stated' && isStored === true);
  return {
    nodes: [
      ...(before ?? []),
      { name: 'x', op, input: takes ?? named.map(([name]) => name), attr: attr ?? {} },
      ...(after ?? []),
    ],
    constants: Object.fromEntries(named.filter(([, input]) => isStored(input))),
    placeholders: Object.fromEntries(
      named.filter(([, input]) => !isStored(input)).map(([name, { dtype }]) => [name, { dtype }]),
    ),
  };
}

const resultsOf = ({ outputs, results }: Case): string[] =>
  results ? [...results] : Array.from({ length: outputs ?? 1 }, (_, k) => (k ? `x:${k}` : 'x'));

const feedsOf = (c: Case, spec: GraphSpec): [string, Nd][] =>
  c.inputs.flatMap((input, i): [string, Nd][] => (`in${i}` in (spec.placeholders ?? {}) ? [[`in${i}`, input]] : []));

/** What the operator computes, run twice: the second time what depends on numbers is compiled too. */
function computed(c: Case, storing: Storing): Nd[] {
  const spec = specOf(c, storing);
  const model = ours(spec);
  const before = sg.memory().numTensors;
  const run = (): Nd[] =>
    sg.tidy(() => {
      const feeds = Object.fromEntries(feedsOf(c, spec).map(([name, nd]) => [name, tensorOf(nd)]));
      const found = model.run(feeds, resultsOf(c));
      return resultsOf(c).map((name) => ndOf(found[name] as sg.Tensor));
    });
  const results = [run(), run(), run()] as const;
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
  expect(sg.memory().numTensors).toBe(before);
  model.dispose();
  return results[0];
}

async function computedByThem(c: Case): Promise<Nd[]> {
  const spec = specOf(c, 'as stated');
  const model = await theirs(spec);
  const feeds = Object.fromEntries(feedsOf(c, spec).map(([name, nd]) => [name, theirTensorOf(nd)]));
  const found = await model.executeAsync(feeds, resultsOf(c));
  return [found].flat().map(theirNdOf);
}

describe.each(Object.entries(families))('%s', (_, cases) => {
  test.each(cases.map((c, i): [string, Case] => [`${c.op} ${i}`, c]))('%s', async (_name, c) => {
    const found = computed(c, 'as stated');
    const wanted = c.expected ?? (c.fault ? undefined : await computedByThem(c));
    if (wanted) {
      found.forEach((nd, k) =>
        expect(distance(nd, wanted[k] as Nd), `${JSON.stringify(nd)} ${JSON.stringify(wanted[k])}`).toBeLessThan(
          c.bound ?? 2e-6,
        ),
      );
      if (c.op !== 'LinSpace') expect(found.map(({ dtype }) => dtype)).toEqual(wanted.map(({ dtype }) => dtype));
    }
    // Operands that are stored in the graph, or that are known only when it runs, change no bit.
    expect(computed(c, 'all')).toEqual(found);
    expect(computed(c, 'none')).toEqual(found);
  });
});
