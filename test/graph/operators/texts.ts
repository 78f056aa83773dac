import { at } from '../support';
import { type Case, FLOAT, int, ints, list, real, reals, stored, texts } from './case';

const splitAt = stored(texts([' '], []));

export const strings: Case[] = [
  {
    op: 'StaticRegexReplace',
    inputs: [texts(['a1b22', 'c'])],
    attr: { pattern: at.text('([0-9]+)'), rewrite: at.text('<\\1>'), replace_global: at.flag(true) },
    fault: 'does not insert groups',
    expected: [texts(['a<1>b<22>', 'c'])],
  },
  {
    op: 'StaticRegexReplace',
    inputs: [texts(['a1b22', 'c'])],
    attr: { pattern: at.text('[0-9]'), rewrite: at.text('-'), replace_global: at.flag(false) },
  },
  {
    op: 'StringSplit',
    inputs: [texts(['a b  c', '', 'dd']), splitAt],
    attr: { skip_empty: at.flag(true) },
    outputs: 3,
  },
  { op: 'StringSplit', inputs: [texts(['a b  c', 'dd']), splitAt], attr: { skip_empty: at.flag(false) }, outputs: 3 },
  ...[0, -1, 1].map(
    (padding): Case => ({
      op: 'StringNGrams',
      inputs: [texts(['a', 'b', 'c', 'd']), stored(ints([0, 3, 3, 4]))],
      attr: {
        separator: at.text('|'),
        ngram_widths: at.ints(2, 3),
        left_pad: at.text('l'),
        right_pad: at.text('r'),
        pad_width: at.int(padding),
        preserve_short_sequences: at.flag(true),
      },
      outputs: 2,
    }),
  ),
  {
    op: 'StringToHashBucketFast',
    inputs: [
      texts(
        Array.from({ length: 140 }, (_, i) => 'The quick brown fox jumps over the lazy dog. '.repeat(4).slice(0, i)),
      ),
    ],
    attr: { num_buckets: at.int(1_000_003) },
  },
];

const partitions = (...types: string[]): Record<string, unknown> => ({
  row_partition_types: at.texts(...types),
  num_row_partition_tensors: at.int(types.length),
});

const fault = 'its converter does not know it';

export const ragged: Case[] = [
  {
    op: 'RaggedGather',
    inputs: [stored(ints([0, 2, 3])), stored(ints([0, 1, 3, 6])), reals([0, 1, 2, 3, 4, 5]), ints([1, 0, 1], [3])],
    attr: { OUTPUT_RAGGED_RANK: at.int(2), PARAMS_RAGGED_RANK: at.int(2), Tvalues: FLOAT },
    outputs: 3,
    fault,
    expected: [ints([0, 1, 3, 4]), ints([0, 3, 4, 6, 9]), reals([3, 4, 5, 0, 1, 2, 3, 4, 5])],
  },
  {
    op: 'RaggedRange',
    inputs: [ints([1, 5]), ints([4, 1]), ints([1, -2])],
    outputs: 2,
    fault,
    expected: [ints([0, 3, 5]), ints([1, 2, 3, 5, 3])],
  },
  {
    op: 'RaggedTensorToTensor',
    inputs: [list(-1, -1), reals([1, 2, 3, 4]), stored(reals([9], [])), int(3), stored(ints([0, 0, 2, 2]))],
    attr: partitions('FIRST_DIM_SIZE', 'VALUE_ROWIDS'),
    fault,
    expected: [reals([1, 2, 9, 9, 3, 4], [3, 2])],
  },
  {
    op: 'RaggedTensorToTensor',
    inputs: [list(2, -1), reals([1, 2, 3, 4]), stored(reals([9], [])), stored(ints([0, 3, 3, 4]))],
    attr: partitions('ROW_SPLITS'),
    fault,
    expected: [reals([1, 2, 3, 9, 9, 9], [2, 3])],
  },
];

export const sparse: Case[] = [
  {
    op: 'SparseFillEmptyRows',
    inputs: [ints([0, 1, 2, 0, 2, 3], [3, 2]), real([3]), list(5, 6), stored(reals([-1], []))],
    outputs: 4,
  },
  { op: 'SparseReshape', inputs: [ints([0, 1, 2, 0, 2, 3], [3, 2]), list(3, 4), list(2, -1)], outputs: 2 },
  { op: 'SparseSegmentSum', inputs: [real([4, 3]), ints([0, 3, 1]), ints([0, 0, 2])] },
  { op: 'SparseSegmentMean', inputs: [real([4, 3]), ints([0, 3, 1]), ints([0, 0, 2])] },
];
