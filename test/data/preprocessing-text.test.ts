/** Text, padded sequences and windows of series. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';
import { expectClose, expectSameBits } from '../support/compare';
import { flat, goldens } from './goldens';

const { preprocessing: pre, ArgumentError, IndexError, ShapeError, StateError } = sg;
const { textVectorizer, padSequences, timeSeriesWindows } = pre;
const saved = (x: sg.preprocessing.TextVectorizer): Record<string, unknown> =>
  JSON.parse(JSON.stringify(x.getConfig()));

describe('textVectorizer', () => {
  const { corpus, fresh, cases } = goldens.text;

  it.each(cases.map((c) => [JSON.stringify(c.config), c] as const))(
    'as Keras: %s',
    (_, { config, vocabulary, output }) => {
      const vectorizer = textVectorizer(config).adapt(corpus);
      expect(vectorizer.getVocabulary()).toEqual(vocabulary);
      const y = vectorizer.vectorize(fresh);
      expect(y.shape).toEqual([output.length, output[0]?.length]);
      expect(y.dtype).toBe(config.outputMode ? 'float32' : 'int32');
      if (config.outputMode === 'tf_idf') expectClose(y.dataSync(), output.flat(), 2e-7);
      else expect(y.arraySync()).toEqual(output);
      // One text is a row without the first dimension.
      expectSameBits(
        vectorizer.vectorize(fresh[0] as string).dataSync(),
        y.slice([0], [1]).dataSync().subarray(0, y.shape[1]),
      );
      for (const again of [textVectorizer(saved(vectorizer)), pre.TextVectorizer.fromConfig(saved(vectorizer))]) {
        expectSameBits(again.vectorize(fresh), y);
        expect(saved(again)).toEqual(saved(vectorizer));
      }
    },
  );

  it('leads back to text', () => {
    const vectorizer = textVectorizer({ maxTokens: 12 }).adapt(corpus);
    expect(vectorizer.inverse(vectorizer.vectorize(['Alice and  the king', '']))).toEqual(['alice and the [UNK]', '']);
    expect(vectorizer.inverse(vectorizer.vectorize('of the'))).toBe('of the');
    const letters = textVectorizer({ split: 'character', standardize: null }).adapt(['añ😀']);
    expect(letters.inverse([[2, 0, 3, 4]])).toEqual(['añ😀']);
    for (const wrong of [[2.5], [12], [-1], [Number.NaN]]) expect(() => vectorizer.inverse(wrong)).toThrow(IndexError);
    expect(() => vectorizer.inverse(2)).toThrow(ShapeError);
    expect(() => textVectorizer({ ngrams: 2 }).adapt(corpus).inverse([2])).toThrow(ArgumentError);
    expect(() => textVectorizer({ outputMode: 'count' }).adapt(corpus).inverse([0])).toThrow(ArgumentError);
  });

  it('the vocabulary goes by frequency, then by code points, whatever the order of the texts', () => {
    const texts = ['b ｅ b', 'z é', '𝒳 a ab', 'a'];
    const expected = ['a', 'b', 'ab', 'z', 'é', 'ｅ', '𝒳'];
    for (const list of [texts, [...texts].reverse()])
      expect(textVectorizer().adapt(list).getVocabulary(false)).toEqual(expected);
  });

  it('knows letters, cases, punctuation and spaces beyond ASCII', () => {
    const tokens = (text: string, args: sg.preprocessing.TextVectorizerArgs = {}): string[] =>
      textVectorizer(args).adapt([text]).getVocabulary(false);
    expect(tokens('ÄRGER Straße ИГРА')).toEqual(['straße', 'ärger', 'игра']);
    expect(tokens('“Où?” — l’été…')).toEqual(['lété', 'où']);
    expect(tokens('हिन्दी। 世界。 ¿qué?')).toEqual(['qué', 'हिन्दी', '世界']);
    expect(tokens('a\u00a0b\u3000c\u2003d')).toEqual(['a', 'b', 'c', 'd']);
    expect(tokens('😀a😀', { split: 'character' })).toEqual(['😀', 'a']);
    // Also what every object has is only a word.
    expect(tokens('constructor __proto__ toString', { standardize: null })).toEqual([
      '__proto__',
      'constructor',
      'toString',
    ]);
  });

  it('takes functions, and both spellings of names', () => {
    const vectorizer = textVectorizer({
      standardize: (text) => text.replaceAll('-', ','),
      split: (text) => text.split(','),
    }).adapt(['x-y,x']);
    expect(vectorizer.getVocabulary()).toEqual(['', '[UNK]', 'x', 'y']);
    expect(vectorizer.vectorize(['y-z']).arraySync()).toEqual([[3, 1]]);
    expect(() => vectorizer.getConfig()).toThrow(/standardize is a function/);
    expect(() => textVectorizer({ split: (() => 'x') as never }).adapt(['x'])).toThrow(/split must give/);
    const whole = textVectorizer({ split: null, outputMode: 'multi_hot', standardize: 'strip_punctuation' });
    expect(whole.adapt(['New York', 'Oslo!']).getVocabulary()).toEqual(['[UNK]', 'New York', 'Oslo']);
    expect(whole.vectorize(['Oslo', 'Rome']).arraySync()).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });

  it('a given vocabulary may begin with the special tokens', () => {
    for (const vocabulary of [
      ['a', 'b'],
      ['[UNK]', 'a', 'b'],
      ['', '[UNK]', 'a', 'b'],
      ['', 'a', 'b'],
    ]) {
      const vectorizer = textVectorizer({ vocabulary });
      expect(vectorizer.getVocabulary()).toEqual(['', '[UNK]', 'a', 'b']);
      expect(vectorizer.vectorize('b c [UNK] a').arraySync()).toEqual([3, 1, 1, 2]);
      expect(() => vectorizer.adapt(['c'])).toThrow(ArgumentError);
    }
    const weighted = textVectorizer({ vocabulary: ['a', 'b'], idfWeights: [0.5, 1], outputMode: 'tfIdf' });
    expect(weighted.vectorize(['a a c', 'b']).arraySync()).toEqual([
      [0.75, 1, 0],
      [0, 0, 1],
    ]);
    // '[UNK]' in the data is a token that is not known.
    expect(textVectorizer({ standardize: null }).adapt(['a [UNK] a']).getVocabulary(false)).toEqual(['a']);
  });

  it('sizes 0 and 1', () => {
    const vectorizer = textVectorizer().adapt(['a']);
    expect(vectorizer.vectorize([]).shape).toEqual([0, 0]);
    expect(vectorizer.vectorize(['', '']).shape).toEqual([2, 0]);
    expect(vectorizer.vectorize('').shape).toEqual([0]);
    expect(vectorizer.vectorize('a').arraySync()).toEqual([2]);
    expect(textVectorizer({ outputMode: 'count' }).adapt([]).vectorize(['x x']).arraySync()).toEqual([[2]]);
    expect(textVectorizer({ outputMode: 'tfIdf' }).adapt([]).vectorize(['x']).arraySync()).toEqual([[0]]);
    expect(textVectorizer({ maxTokens: 2 }).adapt(['a b']).vectorize('a b').arraySync()).toEqual([1, 1]);
    // Another `adapt` begins afresh.
    expect(vectorizer.adapt('b').getVocabulary(false)).toEqual(['b']);
  });

  it('errors leave the vocabulary as it was', () => {
    const wrong: sg.preprocessing.TextVectorizerArgs[] = [
      { maxTokens: 1 },
      { maxTokens: 3, vocabulary: ['a', 'b'] },
      { ngrams: 0 },
      { ngrams: [] },
      { ngrams: [1, 1.5] },
      { outputMode: 'float' as never },
      { split: 'lines' },
      { standardize: 'upper' },
      { outputSequenceLength: 0 },
      { outputSequenceLength: 2, outputMode: 'count' },
      { vocabulary: ['a', 'a'] },
      { vocabulary: ['a', ''] },
      { vocabulary: ['a', '[UNK]'] },
      { vocabulary: ['a', 1 as never] },
      { idfWeights: [1] },
      { vocabulary: ['a'], idfWeights: [1] },
      { vocabulary: ['a'], outputMode: 'tfIdf' },
      { vocabulary: ['a'], outputMode: 'tfIdf', idfWeights: [Number.NaN] },
    ];
    for (const args of wrong) {
      expect(() => textVectorizer(args), JSON.stringify(args)).toThrow(ArgumentError);
      expect(() => textVectorizer(args)).toThrow('textVectorizer');
    }
    const vectorizer = textVectorizer();
    for (const call of [
      () => vectorizer.vectorize('a'),
      () => vectorizer.getVocabulary(),
      () => vectorizer.inverse([1]),
    ])
      expect(call).toThrow(StateError);
    expect(textVectorizer(saved(vectorizer)).adapt('a').getVocabulary(false)).toEqual(['a']);
    vectorizer.adapt('a');
    expect(() => vectorizer.adapt(['b', null as never])).toThrow(/element 1 of data must be a text, got null/);
    expect(() => vectorizer.vectorize(3 as never)).toThrow(ArgumentError);
    expect(vectorizer.getVocabulary(false)).toEqual(['a']);
  });
});

describe('padSequences', () => {
  it.each(goldens.pads.map((c) => [`${JSON.stringify(c.sequences)} ${JSON.stringify(c.config)}`, c] as const))(
    'as Keras: %s',
    (_, { sequences, config, output }) => {
      const y = padSequences(sequences, config);
      expect(y.dtype).toBe(config.dtype ?? 'int32');
      expect(y.shape.slice(0, 2)).toEqual([output.length, output[0]?.length]);
      expectClose(y.dataSync(), flat(output), 1e-7);
    },
  );

  it('takes typed arrays and tensors, and integers beyond those of float32', () => {
    const y = padSequences([new Float64Array([16777217]), sg.tensor1d([1, 2], 'int32'), Uint8Array.of(255)]);
    expect(y.arraySync()).toEqual([
      [0, 16777217],
      [1, 2],
      [0, 255],
    ]);
    const vectors = padSequences([sg.ones([2, 3]), [[1.5, 2, 3]]], { dtype: 'float32', maxLen: 1, truncating: 'post' });
    expect(vectors.arraySync()).toEqual([[[1, 1, 1]], [[1.5, 2, 3]]]);
    expect(padSequences([[true], []], { dtype: 'bool', value: 1 }).arraySync()).toEqual([[1], [1]]);
    expect(padSequences([]).shape).toEqual([0, 0]);
    expect(padSequences([], { maxLen: 3 }).shape).toEqual([0, 3]);
    expect(padSequences([[1], [2]], { maxLen: 0 }).shape).toEqual([2, 0]);
  });

  it('errors leave nothing behind', () => {
    const before = sg.memory().numTensors;
    expect(() => padSequences([[[1, 2]], [[1]]])).toThrow(
      /elements of sequences\[1\] are \[1\], of those before \[2\]/,
    );
    expect(() => padSequences([[1], 2 as never])).toThrow(/sequences\[1\]/);
    expect(() => padSequences('12' as never)).toThrow(ArgumentError);
    expect(() => padSequences([[1]], { maxLen: -1 })).toThrow(/maxLen/);
    expect(() => padSequences([[1]], { padding: 'left' as never })).toThrow(/padding 'left'/);
    expect(() => padSequences([[1]], { truncating: 'left' as never })).toThrow(/truncating 'left'/);
    expect(() => padSequences([[1]], { dtype: 'int64' as never })).toThrow(sg.DTypeError);
    expect(sg.memory().numTensors).toBe(before);
  });
});

describe('timeSeriesWindows', () => {
  it.each(goldens.series.map((c) => [`${c.count} ${JSON.stringify(c.config)}`, c] as const))(
    'as Keras: %s',
    (_, { count, features, config, x, y }) => {
      const steps = sg.range(0, count * Math.max(features, 1));
      const data = features ? steps.reshape([count, features]) : steps;
      const found = timeSeriesWindows(data, { ...config, targets: y && sg.range(0, count).neg() });
      expect(found.x.arraySync()).toEqual(x);
      if (y) expectClose(found.y?.dataSync() ?? [], y, 0);
      else expect(found.y).toBeUndefined();
    },
  );

  it('a horizon sets the target so many steps after the window', () => {
    const series = [10, 11, 12, 13, 14, 15, 16, 17];
    const { x, y } = timeSeriesWindows(series, { sequenceLength: 3, samplingRate: 2, horizon: 2 });
    expect(x.arraySync()).toEqual([
      [10, 12, 14],
      [11, 13, 15],
    ]);
    expect(y?.arraySync()).toEqual([16, 17]);
    const targets = sg.tensor2d(
      series.map((v) => [v, -v]),
      undefined,
      'int32',
    );
    const own = timeSeriesWindows(series, {
      sequenceLength: 2,
      sequenceStride: 3,
      horizon: 0,
      targets,
      startIndex: 1,
      endIndex: 7,
    });
    expect(own.x.arraySync()).toEqual([
      [11, 12],
      [14, 15],
    ]);
    expect([own.y?.dtype, own.y?.arraySync()]).toEqual([
      'int32',
      [
        [12, -12],
        [15, -15],
      ],
    ]);
    // The last of the data has its target one step on.
    expect(timeSeriesWindows(series, { sequenceLength: 7, horizon: 1 }).y?.arraySync()).toEqual([17]);
  });

  it('targets that are fewer limit the windows', () => {
    const { x, y } = timeSeriesWindows([0, 1, 2, 3, 4, 5], {
      sequenceLength: 2,
      startIndex: 1,
      targets: [0, 10, 20, 30],
    });
    expect(x.arraySync()).toEqual([
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
    expect(y?.arraySync()).toEqual([10, 20, 30]);
  });

  it('errors leave nothing behind', () => {
    const series = [1, 2, 3, 4];
    const wrong: [sg.preprocessing.TimeSeriesWindowsArgs, RegExp][] = [
      [{ sequenceLength: 0 }, /sequenceLength/],
      [{ sequenceLength: 2, sequenceStride: 0 }, /sequenceStride/],
      [{ sequenceLength: 2, samplingRate: 1.5 }, /samplingRate/],
      [{ sequenceLength: 2, horizon: -1 }, /horizon/],
      [{ sequenceLength: 2, startIndex: -1 }, /startIndex/],
      [{ sequenceLength: 2, startIndex: 3, endIndex: 2 }, /endIndex/],
      [{ sequenceLength: 2, endIndex: 5 }, /beyond the 4 steps/],
      [{ sequenceLength: 5 }, /does not fit/],
      [{ sequenceLength: 3, samplingRate: 2 }, /does not fit/],
      [{ sequenceLength: 4, horizon: 1 }, /does not fit/],
      [{ sequenceLength: 1, targets: [] }, /does not fit/],
    ];
    const before = sg.memory().numTensors;
    for (const [args, message] of wrong) {
      expect(() => timeSeriesWindows(series, args)).toThrow(ArgumentError);
      expect(() => timeSeriesWindows(series, args)).toThrow(message);
    }
    expect(() => timeSeriesWindows(3, { sequenceLength: 1 })).toThrow(ShapeError);
    expect(() => timeSeriesWindows([], { sequenceLength: 1 })).toThrow(ArgumentError);
    expect(sg.memory().numTensors).toBe(before);
    const { x } = timeSeriesWindows(series, { sequenceLength: 1 });
    expect(sg.memory().numTensors).toBe(before + 1);
    x.dispose();
  });
});
