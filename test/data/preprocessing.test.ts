/** Scalers and encoders. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose, expectSameBits } from '../support/compare';
import { flat, goldens, iris, withNaN } from './goldens';

const { preprocessing: pre, ArgumentError, IndexError, ShapeError, StateError } = sg;
const saved = <T>(x: { getConfig(): T }): T => JSON.parse(JSON.stringify(x.getConfig()));
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** As `expectClose`, column by column, with NaN at the same places. */
function expectColumns(actual: sg.Tensor, expected: readonly number[], tolerance: number): void {
  const width = actual.shape.at(-1) as number;
  const got = actual.dataSync();
  for (let c = 0; c < width; c++) {
    const of = (list: ArrayLike<number>): number[] => Array.from(list).filter((_, i) => i % width === c);
    const [a, b] = [of(got), of(expected)];
    expect(a.map(Number.isNaN)).toEqual(b.map(Number.isNaN));
    expectClose(
      a.filter((v) => !Number.isNaN(v)),
      b.filter((v) => !Number.isNaN(v)),
      tolerance,
    );
  }
}

describe('scalers', () => {
  it.each(goldens.scalers.map((c, i) => [`${c.scaler} ${JSON.stringify(c.config)}, ${i}`, c] as const))(
    'as scikit-learn: %s',
    (_, { scaler: kind, config, data, seen, statistics, scaled, back }) => {
      const x = data === null ? iris.x : (withNaN(data) as unknown as number[][]);
      const z = withNaN(seen) as unknown as number[][];
      const scaler = pre[kind]({ ...config, nan: 'keep' }).fit(x);
      const names = kind === 'minMaxScaler' ? ['dataMin', 'dataMax'] : ['mean', 'variance'];
      const learned = scaler.getConfig() as Record<string, number[]>;
      names.forEach((name, k) => {
        // Without deviations scikit-learn has no variance.
        statistics[k]?.forEach((v, f) => {
          expect(Math.abs((learned[name]?.[f] as number) - v)).toBeLessThanOrEqual(2e-12 * Math.max(1, Math.abs(v)));
        });
      });
      const y = scaler.transform(z);
      expectColumns(y, flat(scaled), 3e-7);
      expectColumns(scaler.inverseTransform(y), flat(back), 3e-7);
      // The state as JSON makes a scaler of the same bits, by the factory or the class.
      const state = saved(scaler);
      expectSameBits(pre[kind](state).transform(z), y);
      const type = kind === 'minMaxScaler' ? pre.MinMaxScaler : pre.StandardScaler;
      expect(saved(type.fromConfig(state))).toEqual(state);
      expectSameBits(type.fromConfig(state).inverseTransform(y), scaler.inverseTransform(y));
    },
  );

  const both = ['minMaxScaler', 'standardScaler'] as const;

  it.each(both)('%s takes the last axis for features, at any rank', (kind) => {
    const rows = sg.tensor(iris.x);
    const flatly = pre[kind]().fitTransform(rows);
    const cube = rows.reshape([3, 10, 5, 4]);
    const scaler = pre[kind]().fit(cube);
    expect(scaler.getConfig()).toEqual(pre[kind]().fit(rows).getConfig());
    expectSameBits(scaler.transform(cube).reshape([150, 4]), flatly);
    // Values of one feature may stand in a list.
    const line = pre[kind]().fit(rows.slice([0, 2], [150, 1]).flatten());
    expectSameBits(
      line.transform(sg.tensor1d([1, 2, 6.9])),
      line.transform(sg.tensor2d([[1], [2], [6.9]])).reshape([3]),
    );
    // Integers, booleans and arrays are numbers as well.
    expectSameBits(
      pre[kind]().fitTransform(sg.tensor2d([[0], [1]], [2, 1], 'int32')),
      pre[kind]().fitTransform(sg.tensor2d([[false], [true]])),
    );
  });

  it('the ends of a range are met exactly, a constant feature lies at the lower end or 0', () => {
    const x = [0.1, 0.7, 123.456].map((v) => [v, 7]);
    expect(pre.minMaxScaler().fitTransform(x).slice([0, 0], [3, 1]).max().dataSync()[0]).toBe(1);
    const wide = pre
      .minMaxScaler({ featureRange: [-3, 5] })
      .fitTransform(x)
      .arraySync() as number[][];
    expect(wide.map((row) => row[1])).toEqual([-3, -3, -3]);
    expect([wide[0]?.[0], wide[2]?.[0]]).toEqual([-3, 5]);
    expect((pre.standardScaler().fitTransform(x).arraySync() as number[][]).map((row) => row[1])).toEqual([0, 0, 0]);
    // Far from 0 the deviations survive.
    const far = pre.standardScaler().fit([[16777213], [16777214], [16777214]]);
    expect(far.inverseTransform(far.transform([[16777213]])).dataSync()[0]).toBe(16777213);
    const half = pre.standardScaler().fit([[16777213], [16777214]]);
    expect(half.inverseTransform([[-1], [1]]).arraySync()).toEqual([[16777213], [16777214]]);
    expectClose(far.transform([[16777213], [16777214]]).dataSync(), [-1.414213562, 0.707106781], 2e-7);
  });

  it('NaN and infinities are errors; kept NaN stays and does not count', () => {
    for (const kind of both) {
      const x = [
        [1, nan],
        [3, 2],
      ];
      expect(() => pre[kind]().fit(x)).toThrow(/x\[0\]\[1\] is NaN.*nan: 'keep'/);
      expect(() => pre[kind]({ nan: 'keep' }).fit([[infinity]])).toThrow(ArgumentError);
      expect(() => pre[kind]({ nan: 'keep' }).fit([[nan], [nan]])).toThrow(/feature 0 has no values/);
      expect(() =>
        pre[kind]()
          .fit([[1]])
          .transform([[nan]]),
      ).toThrow(ArgumentError);
      expect(pre[kind]({ nan: 'keep' }).fitTransform(x).slice([0, 1], [1, 1]).dataSync()[0]).toBeNaN();
      expect(() => pre[kind]().fit([[-3e38], [3e38]])).toThrow(/feature 0 spans/);
    }
  });

  it('sizes 0 and 1, and what does not fit, leave the scaler as it was', () => {
    for (const kind of both) {
      const scaler = pre[kind]().fit([[1, 2]]);
      const before = saved(scaler);
      expect(scaler.transform(sg.zeros([0, 2])).shape).toEqual([0, 2]);
      expect(scaler.transform([[1, 2]]).arraySync()).toEqual([[0, 0]]);
      expect(() => scaler.fit(sg.zeros([0, 2]))).toThrow(ArgumentError);
      expect(() => scaler.fit(3)).toThrow(ShapeError);
      expect(() => scaler.fit([[1, nan]])).toThrow(ArgumentError);
      expect(() => scaler.transform([[1, 2, 3]])).toThrow(/fit saw 2 features/);
      expect(() => scaler.transform([1, 2])).not.toThrow();
      expect(() => scaler.inverseTransform([1, 2, 3])).toThrow(ShapeError);
      expect(saved(scaler)).toEqual(before);
      expect(() => pre[kind]().transform([[1]])).toThrow(StateError);
      expect(pre[kind](saved(pre[kind]())).getConfig()).toEqual(pre[kind]().getConfig());
      expect(() => pre[kind]({ nan: 'drop' as never })).toThrow(ArgumentError);
    }
    for (const featureRange of [
      [1, 1],
      [2, 0],
      [0, infinity],
      [0, nan],
    ] as [number, number][])
      expect(() => pre.minMaxScaler({ featureRange })).toThrow(/featureRange/);
    const zero = pre.minMaxScaler().fit([[-0]]);
    expect(saved(zero)).toEqual(zero.getConfig());
    expect(() => pre.minMaxScaler({ dataMin: [1] })).toThrow(ArgumentError);
    expect(() => pre.minMaxScaler({ dataMin: [1], dataMax: [1, 2] })).toThrow(ArgumentError);
    expect(() => pre.standardScaler({ mean: [1], variance: [-1] })).toThrow(ArgumentError);
    expect(() => pre.standardScaler({ mean: [nan], variance: [1] })).toThrow(ArgumentError);
  });

  it('leave nothing but their result', () => {
    const before = sg.memory().numTensors;
    const scaler = pre.standardScaler();
    const y = scaler.fitTransform(iris.x);
    scaler.inverseTransform(y).dispose();
    y.dispose();
    expect(() => scaler.fit([[nan]])).toThrow();
    expect(sg.memory().numTensors).toBe(before);
  });
});

describe('encoders', () => {
  const { encoders: golden } = goldens;

  it('labelEncoder, as scikit-learn', () => {
    const encoder = pre.labelEncoder();
    const indices = encoder.fitTransform(golden.words);
    expect(encoder.classes).toEqual(golden.classes);
    expect([indices.dtype, indices.arraySync()]).toEqual(['int32', golden.indices]);
    expect(encoder.inverseTransform(indices)).toEqual(golden.words);
    expect(pre.labelEncoder().fit(golden.numbers).classes).toEqual(golden.numberClasses);
    const again = pre.LabelEncoder.fromConfig(saved(encoder));
    expect(again.transform(golden.words).arraySync()).toEqual(golden.indices);
    expect(pre.labelEncoder(saved(again)).getConfig()).toEqual(encoder.getConfig());
  });

  it('labelEncoder of tensors, typed arrays and booleans; sizes 0 and 1', () => {
    expect(
      pre
        .labelEncoder()
        .fitTransform(sg.tensor1d([5, 3, 5], 'int32'))
        .arraySync(),
    ).toEqual([1, 0, 1]);
    expect(
      pre
        .labelEncoder()
        .fitTransform(new Float32Array([0.5, -2]))
        .arraySync(),
    ).toEqual([1, 0]);
    const booleans = pre.labelEncoder().fit([true, false]);
    expect(booleans.inverseTransform(booleans.transform(sg.tensor1d([true, false])))).toEqual([true, false]);
    expect(pre.labelEncoder().fitTransform(['x']).arraySync()).toEqual([0]);
    expect(pre.labelEncoder().fitTransform([]).shape).toEqual([0]);
  });

  it('labelEncoder: errors, unknown labels', () => {
    expect(() => pre.labelEncoder().transform(['a'])).toThrow(StateError);
    expect(() => pre.labelEncoder().fit(['a', 1])).toThrow(/labelEncoder.fit.*all be strings, or all numbers, got 1/);
    expect(() => pre.labelEncoder().fit([1, nan])).toThrow(ArgumentError);
    expect(() => pre.labelEncoder().fit([null])).toThrow(ArgumentError);
    expect(() => pre.labelEncoder().fit('abc' as never)).toThrow(ArgumentError);
    expect(() => pre.labelEncoder().fit(sg.scalar(1))).toThrow(ShapeError);
    expect(() => pre.labelEncoder({ classes: ['a', 'a'] })).toThrow(/listed twice/);
    const strict = pre.labelEncoder().fit(['a', 'b']);
    expect(() => strict.transform(['a', 'c'])).toThrow(/element 1 of y is 'c'.*handleUnknown: 'ignore'/);
    // What is in every object is not a class for that.
    expect(() => strict.transform(['constructor'])).toThrow(ArgumentError);
    for (const wrong of [[2], [-1], [0.5], [nan]]) expect(() => strict.inverseTransform(wrong)).toThrow(IndexError);
    const lenient = pre.labelEncoder({ handleUnknown: 'ignore' }).fit(['a', 'b']);
    expect(lenient.transform(['c', 'b']).arraySync()).toEqual([-1, 1]);
    expect(lenient.inverseTransform([-1, 1])).toEqual([null, 'b']);
    expect(() => pre.labelEncoder({ handleUnknown: 'skip' as never })).toThrow(ArgumentError);
  });

  it('oneHotEncoder, as scikit-learn', () => {
    const encoder = pre.oneHotEncoder({ handleUnknown: 'ignore' }).fit(golden.table);
    expect(encoder.categories).toEqual(golden.categories);
    const rows = encoder.transform(golden.unseen);
    expect([rows.dtype, rows.arraySync()]).toEqual(['float32', golden.rows]);
    expect(encoder.inverseTransform(rows)).toEqual(golden.back);
    expect(encoder.inverseTransform(encoder.transform(golden.table))).toEqual(golden.table);
    const again = pre.OneHotEncoder.fromConfig(saved(encoder));
    expectSameBits(again.transform(golden.unseen), rows);
    expect(pre.oneHotEncoder(saved(again)).getConfig()).toEqual(encoder.getConfig());
  });

  it('oneHotEncoder of one column, of tensors, of given categories', () => {
    const species = pre.oneHotEncoder();
    const y = species.fitTransform(iris.y);
    expect(species.categories).toEqual(['setosa', 'versicolor', 'virginica']);
    expect(y.sum(0).arraySync()).toEqual([50, 50, 50]);
    expect(species.inverseTransform(y)).toEqual(iris.y);
    expect(species.inverseTransform([[0.2, 0.5, 0.3]])).toEqual(['versicolor']);
    expect(pre.oneHotEncoder(saved(species)).inverseTransform([[0, 0, 1]])).toEqual(['virginica']);
    const table = sg.tensor2d(
      [
        [1, 7],
        [2, 7],
      ],
      [2, 2],
      'int32',
    );
    expect(pre.oneHotEncoder().fitTransform(table).arraySync()).toEqual([
      [1, 0, 1],
      [0, 1, 1],
    ]);
    const given = pre.oneHotEncoder({ categories: ['low', 'high'] });
    expect(given.fit(['high']).transform(['low', 'high']).arraySync()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(() => given.fit(['middle'])).toThrow(ArgumentError);
    expect(given.transform([]).shape).toEqual([0, 2]);
    expect(
      pre
        .oneHotEncoder()
        .fitTransform([[3]])
        .arraySync(),
    ).toEqual([[1]]);
  });

  it('oneHotEncoder: errors', () => {
    const encoder = pre.oneHotEncoder().fit([
      ['a', 1],
      ['b', 2],
    ]);
    expect(() => encoder.transform([['a', 3]])).toThrow(/row 0, column 1 of x is 3/);
    expect(() => encoder.transform([['a']])).toThrow(ShapeError);
    expect(() => encoder.transform([['a', 1], ['b']])).toThrow(ShapeError);
    expect(() => encoder.fit([])).toThrow(ArgumentError);
    expect(() => encoder.fit(sg.zeros([1, 1, 1]))).toThrow(ShapeError);
    expect(encoder.categories).toEqual([
      ['a', 'b'],
      [1, 2],
    ]);
    expect(() => encoder.inverseTransform([[1, 0, 0]])).toThrow(ShapeError);
    expect(() => encoder.inverseTransform([[1, 0, 0, 0]])).toThrow(/row 0 of y names no category of column 1/);
    expect(() => encoder.inverseTransform([[1, 0, nan, 1]])).toThrow(ArgumentError);
    expect(() => pre.oneHotEncoder().transform(['a'])).toThrow(StateError);
    expect(() => pre.oneHotEncoder().inverseTransform([[1]])).toThrow(StateError);
  });
});
