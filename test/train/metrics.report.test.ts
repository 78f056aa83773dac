/** Reports as scikit-learn prints them. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import goldens from '../goldens/metrics.json';

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
    expect(sg.metrics.classificationReport(Uint8Array.of(0, 1, 1), Int32Array.of(0, 1, 0))).toBe(text);
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
