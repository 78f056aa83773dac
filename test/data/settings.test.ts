/** Unknown settings: everything that takes an object of them says which there are. */
import { describe, expect, it } from 'vitest';
import * as sg from '../../src/index';

const { preprocessing: p, data } = sg;
const x = [[1], [2], [3], [4]];
const text = { text: 'a,b\n1,2\n' };

/** A call with an object, and settings that it knows. */
const calls: Record<string, [call: (settings: never) => unknown, known: readonly string[]]> = {
  trainTestSplit: [(s) => p.trainTestSplit(x, s), ['testSize', 'trainSize', 'randomState', 'shuffle', 'stratify']],
  kFold: [p.kFold, ['nSplits', 'shuffle', 'randomState', 'stratify']],
  textVectorizer: [
    p.textVectorizer,
    ['maxTokens', 'standardize', 'split', 'ngrams', 'outputMode', 'outputSequenceLength', 'vocabulary', 'idfWeights'],
  ],
  minMaxScaler: [p.minMaxScaler, ['nan', 'featureRange', 'clip', 'dataMin', 'dataMax']],
  standardScaler: [p.standardScaler, ['nan', 'withMean', 'withStd', 'mean', 'variance']],
  oneHotEncoder: [p.oneHotEncoder, ['handleUnknown', 'categories']],
  labelEncoder: [p.labelEncoder, ['handleUnknown', 'classes']],
  padSequences: [(s) => p.padSequences(x, s), ['maxLen', 'padding', 'truncating', 'value', 'dtype']],
  timeSeriesWindows: [
    (s) => p.timeSeriesWindows([1, 2, 3], { sequenceLength: 2, ...(s as object) }),
    ['sequenceLength', 'targets', 'sequenceStride', 'samplingRate', 'startIndex', 'endIndex', 'horizon'],
  ],
  'data.csv': [
    (s) => data.csv(text, s),
    ['hasHeader', 'columnNames', 'columnConfigs', 'configuredColumnsOnly', 'delimiter', 'delimWhitespace'],
  ],
  "data.csv: columnConfigs 'a'": [
    (s) => data.csv(text, { columnConfigs: { a: s } }),
    ['required', 'dtype', 'default', 'isLabel'],
  ],
};

describe('unknown settings', () => {
  const cases = Object.entries(calls);

  it.each(cases)('%s', (name, [call, known]) => {
    for (const wrong of ['max_tokens', 'test_size', 'toString', '__proto__']) {
      const settings = Object.defineProperty({}, wrong, { value: 1, enumerable: true }) as never;
      expect(() => call(settings)).toThrow(sg.ArgumentError);
      expect(() => call(settings)).toThrow(`${name}: unknown setting '${wrong}'; `);
      expect(() => call(settings)).toThrow(`known are ${known.join(', ')}`);
    }
  });

  it.each(cases)('%s takes all that it names, if they are left out', (_, [call, known]) => {
    for (const name of known) {
      if (name !== 'sequenceLength') call({ [name]: undefined } as never);
    }
    call({} as never);
  });

  it('what getConfig gives is known', () => {
    const { MinMaxScaler, StandardScaler, LabelEncoder, OneHotEncoder, TextVectorizer } = p;
    for (const make of [MinMaxScaler, StandardScaler]) make.fromConfig(new make().fit(x).getConfig());
    for (const make of [LabelEncoder, OneHotEncoder]) make.fromConfig(new make().fit(['a', 'b']).getConfig());
    TextVectorizer.fromConfig(new TextVectorizer().adapt(['a b']).getConfig());
  });

  it('options of a split are no data, and data no options', () => {
    expect(() => p.trainTestSplit(x, { testsize: 0.5 } as never)).toThrow(/unknown setting 'testsize'/);
    expect(p.trainTestSplit(x, { testSize: 0.5 })).toHaveLength(2);
    expect(p.trainTestSplit(x, x)).toHaveLength(4);
  });
});

it('a stratified split of long data', () => {
  const labels = new Int32Array(400_000).map((_, i) => (i % 1000 === 0 ? 1 : 0));
  const [train, test] = p.trainTestSplit(labels, { stratify: labels, testSize: 0.5, randomState: 1 });
  expect([train, test].map((part) => part.reduce((a, b) => a + b, 0))).toEqual([200, 200]);
});
