/** The points of ROC and precision-recall curves against counting, and against values of scikit-learn. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

const labels = [0, 1, 1, 0, 1, 0, 0, 1, 1, 0];
const scores = [0.1, 0.4, 0.35, 0.8, 0.9, 0.4, 0.2, 0.7, 0.35, 0.05].map(Math.fround);

/** Of the examples that score at least s. */
function counts(s: number): { tp: number; fp: number } {
  const positive = labels.filter((_, i) => (scores[i] as number) >= s);
  return { tp: positive.filter((v) => v === 1).length, fp: positive.filter((v) => v === 0).length };
}

describe('rocCurve', () => {
  it('is what counting finds at each threshold', () => {
    const { fpr, tpr, thresholds } = sg.metrics.rocCurve(labels, scores);
    expect(thresholds[0]).toBe(Number.POSITIVE_INFINITY);
    expect(thresholds.slice(1)).toEqual([...new Set(scores)].sort((a, b) => b - a));
    thresholds.forEach((s, i) => {
      const { tp, fp } = counts(s);
      expect([fpr[i], tpr[i]]).toEqual([fp / 5, tp / 5]);
    });
  });

  it('has the area of sg.metrics.auc', () => {
    expect(sg.metrics.rocCurve(labels, scores).auc).toBeCloseTo(
      sg.metrics.auc(labels, scores).dataSync()[0] as number,
      6,
    );
  });

  it('of one class of several, from indices or one-hot', () => {
    const p = [
      [0.7, 0.2, 0.1],
      [0.1, 0.8, 0.1],
      [0.3, 0.3, 0.4],
    ];
    const one = sg.metrics.rocCurve([0, 1, 2], p, { classId: 1 });
    expect(one).toEqual(
      sg.metrics.rocCurve(
        [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
        p,
        { classId: 1 },
      ),
    );
    expect(one).toEqual(sg.metrics.rocCurve([0, 1, 0], [0.2, 0.8, 0.3]));
  });

  it('with weights of the examples', () => {
    const sampleWeight = labels.map((_, i) => 1 + (i % 3));
    const { tpr } = sg.metrics.rocCurve(labels, scores, { sampleWeight });
    // The two highest: 0.9 of weight 2, 0.8 is negative; positives weigh 2 + 3 + 2 + 2 + 3.
    expect(tpr.slice(0, 3)).toEqual([0, 2 / 12, 2 / 12]);
  });

  it.each([
    ['one kind of examples', () => sg.metrics.rocCurve([1, 1], [0.1, 0.2]), /all are positive/],
    [
      'several classes without classId',
      () =>
        sg.metrics.rocCurve(
          [0, 1],
          [
            [0.1, 0.9],
            [0.2, 0.8],
          ],
        ),
      /classId says which/,
    ],
    ['NaN', () => sg.metrics.rocCurve([0, 1], [0.1, Number.NaN]), /example 1 is NaN/],
    ['no positive examples', () => sg.metrics.precisionRecallCurve([0, 0], [0.1, 0.2]), /needs positive examples/],
    [
      'an unknown setting',
      () => sg.metrics.rocCurve([0, 1], [0, 1], { posLabel: 1 } as object),
      /unknown setting 'posLabel'/,
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(sg.ArgumentError);
    expect(make).toThrow(message);
  });
});

describe('precisionRecallCurve', () => {
  it('is what counting finds at each threshold, and ends at (1, 0)', () => {
    const { precision, recall, thresholds } = sg.metrics.precisionRecallCurve(labels, scores);
    expect(thresholds).toEqual([...new Set(scores)].sort((a, b) => a - b));
    thresholds.forEach((s, i) => {
      const { tp, fp } = counts(s);
      expect([precision[i], recall[i]]).toEqual([tp / (tp + fp), tp / 5]);
    });
    expect([precision.at(-1), recall.at(-1)]).toEqual([1, 0]);
  });

  it('has the average precision that its points make', () => {
    const { precision, recall, averagePrecision } = sg.metrics.precisionRecallCurve(labels, scores);
    const sum = recall.slice(1).reduce((all, r, i) => all + ((recall[i] as number) - r) * (precision[i] as number), 0);
    expect(averagePrecision).toBeCloseTo(sum, 12);
  });
});
