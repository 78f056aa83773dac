/** Reports as scikit-learn prints them; and all examples of the documentation of metrics, run. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import goldens from '../goldens/metrics.json';
import { linear } from '../models/helpers';
import { expectClose } from '../support/compare';

describe('classificationReport', () => {
  type Options = sg.metrics.ReportOptions;
  const given = goldens.reports.map((r) => {
    const options = { ...r.options } as Record<string, unknown>;
    if (options.zeroDivision === null) options.zeroDivision = Number.NaN;
    return [JSON.stringify(r.options), r, options as Options] as const;
  });

  it.each(given)('%s', (_, { y, p, text, dict }, options) => {
    expect(sg.metrics.classificationReport(y, p, options)).toBe(text);
    const report = sg.metrics.classificationReport(y, p, { ...options, outputDict: true });
    const rows = Object.entries(dict as Record<string, unknown>);
    expect(Object.keys(report).sort()).toEqual(rows.map(([k]) => k).sort());
    for (const [name, row] of rows) {
      const numbers = (v: unknown): number[] => (typeof v === 'number' ? [v] : Object.values(v as object));
      const want = numbers(row).map((v) => v ?? Number.NaN);
      numbers(report[name]).forEach((v, i) => {
        if (Number.isNaN(want[i])) expect(v).toBeNaN();
        else expect(Math.abs(v - (want[i] as number))).toBeLessThan(1e-15 + 1e-15 * (want[i] as number));
      });
    }
  });

  it('takes tensors, scores and texts', () => {
    const text = sg.metrics.classificationReport([0, 1, 1], [0, 1, 0]);
    const scores = [
      [0.9, 0.1],
      [0.2, 0.8],
      [0.6, 0.4],
    ];
    expect(sg.metrics.classificationReport(sg.tensor1d([0, 1, 1], 'int32'), sg.tensor2d(scores))).toBe(text);
    expect(
      sg.metrics.classificationReport(
        [
          [1, 0],
          [0, 1],
          [0, 1],
        ],
        scores,
      ),
    ).toBe(text);
    expect(sg.metrics.classificationReport(sg.tensor2d([[0], [1], [1]]), [0, 1, 0])).toBe(text);
  });

  const refused: [run: () => unknown, message: RegExp][] = [
    [() => sg.metrics.classificationReport([], []), /at least 1, got 0 and 0/],
    [() => sg.metrics.classificationReport([1, 2], [1]), /got 2 and 1/],
    [() => sg.metrics.classificationReport([1], [1], { sampleWeight: [1, 2] }), /got 1 and 1 and 2/],
    [() => sg.metrics.classificationReport([1, 2], [1, 2], { targetNames: ['a'] }), /targetNames must be 2/],
    [() => sg.metrics.classificationReport([1], [1], { digits: -1 }), /digits must be/],
    [() => sg.metrics.classificationReport([1], [1], { zeroDivision: 2 }), /zeroDivision must be/],
    [() => sg.metrics.classificationReport([Number.NaN], [1]), /finite numbers or texts/],
  ];
  it.each(refused.map(([run, message]) => [message.source, run, message] as const))(
    'ArgumentError: %s',
    (_, run, message) => {
      expect(run).toThrow(sg.ArgumentError);
      expect(run).toThrow(message);
    },
  );
});

describe('examples of the documentation', () => {
  const folder = new URL('../../src/train/metrics/', import.meta.url);
  const examples = readdirSync(folder).flatMap((file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    return [...text.matchAll(/@example\n([\s\S]*?)\*\//g)].map((m) => {
      const code = (m[1] as string).replace(/^ *\* ?/gm, '').trim();
      return [`${file}: ${code.split('\n')[0]}`, code] as const;
    });
  });

  it('are many', () => expect(examples.length).toBeGreaterThan(24));

  it.each(examples)('%s', (_, code) => {
    const model = linear(3, 3);
    // 'expression; // value' says what the expression gives.
    const checked = code.replace(/^(.+); \/\/ (.+)$/gm, (_all, expression, value) => {
      const number = value.replace(/√(\d+)/g, 'Math.sqrt($1)');
      return `same(${expression}, ${number});`;
    });
    const flat = (v: unknown): number[] =>
      [v].flat(9).flatMap((x) => (ArrayBuffer.isView(x) ? [...(x as Float32Array)] : [x as number]));
    const same = (actual: unknown, expected: unknown): void => expectClose(flat(actual), flat(expected), 1e-7);
    new Function('sg', 'model', 'same', 'console', checked)(sg, model, same, { log: () => undefined });
  });
});
