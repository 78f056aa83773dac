/** Text as numbers: the places of its tokens in a vocabulary. */
import { oneOf } from '../layers/conv/space';
import { type TensorLike, tensor, toTensor } from '../ops/create/creation';
import { log } from '../ops/math/arithmetic';
import { checkFunction, checkList, show } from '../support/arguments';
import { ArgumentError, IndexError, ShapeError, StateError } from '../support/errors';
import { lookUp } from '../support/names';
import * as is from '../support/settings';
import { tidy } from '../tensor/scope';
import { checkElements, showShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { Categories, compareText, toArray } from './categories';

type Standardize = (text: string) => string;
type Split = (text: string) => string[];

const UNKNOWN = '[UNK]';
const lower: Standardize = (text) => text.toLowerCase();
/** Of ASCII what Keras takes out, and the punctuation of all other scripts. */
const strip: Standardize = (text) => text.replace(/[\p{P}$+<=>^`|~]/gu, '');
const STANDARDIZE = { lowerAndStripPunctuation: (text: string) => strip(lower(text)), lower, stripPunctuation: strip };
const SPLIT = {
  whitespace: (text: string) => text.split(/\s+/).filter(Boolean),
  character: (text: string) => [...text],
};

/** Settings of `textVectorizer`. */
export interface TextVectorizerArgs {
  /** Maximum size of the vocabulary, with padding and '[UNK]', at least 2; default: no limit. */
  maxTokens?: number | null;
  /** 'lowerAndStripPunctuation' (default), 'lower', 'stripPunctuation', null: nothing, or a function of a text. */
  standardize?: string | ((text: string) => string) | null;
  /**
   * 'whitespace' (default), 'character' (code points), null: the text is one token, or a function that returns tokens.
   */
  split?: string | ((text: string) => string[]) | null;
  /** Joins so many neighboring tokens by spaces: n means 1 to n, a list the lengths in it; default 1. */
  ngrams?: number | readonly number[] | null;
  /**
   * 'int' (default): one index for each token. One number for each entry of the vocabulary: 'multiHot': 1 where it
   * occurs, 'count': how often, 'tfIdf': how often, times log(1 + texts / (1 + texts with it)).
   */
  outputMode?: 'int' | 'multiHot' | 'count' | 'tfIdf' | 'multi_hot' | 'tf_idf';
  /** Number of tokens of each text in mode 'int', truncated or padded at the end; default that of the longest text. */
  outputSequenceLength?: number | null;
  /** A vocabulary, whose first tokens may be '' and '[UNK]'; by default `adapt` makes one. */
  vocabulary?: readonly string[] | null;
  /** For mode 'tfIdf' and a given vocabulary: the logarithm of each token. '[UNK]' has their mean, or 0 if there are none. None by default. */
  idfWeights?: readonly number[] | null;
}

/** Names are looked up where they are used. */
const isRule = (v: unknown): boolean => v === null || typeof v === 'string' || typeof v === 'function';
const SETTINGS = {
  maxTokens: is.given<number | undefined>('an integer >= 2', (v) => is.count().fits(v) && v !== 1),
  standardize: is.given<TextVectorizerArgs['standardize']>(
    'a name, a function or null',
    isRule,
    'lowerAndStripPunctuation',
  ),
  split: is.given<TextVectorizerArgs['split']>('a name, a function or null', isRule, 'whitespace'),
  ngrams: is.sizes(),
  outputMode: is.text('int'),
  outputSequenceLength: is.count(),
  vocabulary: is.list() as is.Setting<readonly string[] | undefined>,
  idfWeights: is.list() as is.Setting<readonly number[] | undefined>,
} satisfies is.TableOf<TextVectorizerArgs>;

/** Turns text into tensors by a vocabulary, like TextVectorization of Keras. */
export class TextVectorizer {
  readonly #args: TextVectorizerArgs;
  readonly #mode: 'int' | 'multiHot' | 'count' | 'tfIdf';
  readonly #standardize: Standardize;
  readonly #split: Split;
  readonly #ngrams: readonly number[];
  /** Index of the first token of the vocabulary: after padding, if there is any, and '[UNK]'. */
  readonly #first: number;
  #vocabulary: Categories | undefined;
  #weights: readonly number[] = [];

  constructor(args?: TextVectorizerArgs | null) {
    const where = 'textVectorizer';
    const settings = is.checked(where, SETTINGS, args);
    this.#args = { ...args };
    const { standardize, split, ngrams, outputMode, outputSequenceLength, vocabulary, idfWeights } = settings;
    this.#mode = oneOf(['int', 'multiHot', 'count', 'tfIdf'], outputMode, 'outputMode', where);
    this.#standardize =
      typeof standardize === 'string'
        ? lookUp<Standardize>(STANDARDIZE, standardize, 'standardize', where)
        : checkFunction(standardize ?? ((text: string) => text), where, 'standardize');
    this.#split =
      typeof split === 'string'
        ? lookUp<Split>(SPLIT, split, 'split', where)
        : checkFunction(split ?? ((text: string) => [text]), where, 'split');
    this.#ngrams =
      typeof ngrams === 'number'
        ? Array.from({ length: checkElements(ngrams, where) }, (_, i) => i + 1)
        : (ngrams ?? [1]);
    if (!this.#ngrams.length) throw new ArgumentError(`${where}: ngrams must name a length`);
    this.#first = this.#mode === 'int' ? 2 : 1;
    if (outputSequenceLength !== undefined && this.#mode !== 'int')
      throw new ArgumentError(`${where}: outputSequenceLength needs outputMode 'int'`);
    if (vocabulary) this.#set(vocabulary, idfWeights ?? []);
    else if (idfWeights) throw new ArgumentError(`${where}: idfWeights need a vocabulary`);
  }

  /**
   * Learns the vocabulary, replacing one learned before: the most frequent tokens first, equally frequent ones by code
   * points.
   * @throws ArgumentError if the vocabulary was a setting, or for anything but text
   */
  adapt(data: string | readonly string[]): this {
    const where = 'textVectorizer.adapt';
    if (this.#args.vocabulary) throw new ArgumentError(`${where}: cannot change the vocabulary of the settings`);
    const texts = this.#read(data, where);
    const counts = new Map<string, number>();
    const holders = new Map<string, number>();
    const count = (map: Map<string, number>, tokens: Iterable<string>): void => {
      for (const token of tokens) map.set(token, (map.get(token) ?? 0) + 1);
    };
    for (const tokens of texts) {
      count(counts, tokens);
      count(holders, new Set(tokens));
    }
    counts.delete(UNKNOWN);
    const tokens = [...counts].sort(([a, m], [b, n]) => n - m || compareText(a, b)).map(([token]) => token);
    const kept = tokens.slice(0, (this.#args.maxTokens ?? Number.POSITIVE_INFINITY) - this.#first);
    const shares = kept.map((token) => 1 + texts.length / (1 + (holders.get(token) as number)));
    this.#set(kept, this.#mode === 'tfIdf' ? tidy(() => Array.from(log(tensor(shares)).dataSync())) : []);
    return this;
  }

  /** Texts as a tensor: int32 [n, tokens], or float32 [n, vocabulary]. */
  vectorize(data: string | readonly string[]): Tensor {
    const where = 'textVectorizer.vectorize';
    const vocabulary = this.#known(where);
    const first = this.#first;
    const places = this.#read(data, where).map((tokens) =>
      tokens.map((token) => (vocabulary.indexOf(token) + 1 || 0) + first - 1),
    );
    const isInt = this.#mode === 'int';
    const width = isInt
      ? (this.#args.outputSequenceLength ?? places.reduce((most, row) => Math.max(most, row.length), 0))
      : vocabulary.values.length + first;
    const out = new (isInt ? Int32Array : Float32Array)(places.length * width);
    places.forEach((row, i) => {
      if (isInt) return out.set(row.slice(0, width), i * width);
      for (const k of row) {
        const at = i * width + k;
        out[at] = this.#mode === 'multiHot' ? 1 : (out[at] as number) + 1;
      }
      // The product of a small count and a float32 is exact here, and rounds once as it is stored.
      this.#weights.forEach((weight, k) => {
        out[i * width + k] = (out[i * width + k] as number) * weight;
      });
    });
    return tensor(out, typeof data === 'string' ? [width] : [places.length, width]);
  }

  /**
   * Text of indices: tokens joined by spaces (by nothing if they are characters), without padding.
   * @param indices [tokens], or [n, tokens].
   * @returns a text, or n
   * @throws ArgumentError unless the mode is 'int' and without n-grams; IndexError for an index outside of the
   * vocabulary; ShapeError, StateError
   */
  inverse(indices: TensorLike): string | string[] {
    const where = 'textVectorizer.inverse';
    const vocabulary = this.getVocabulary();
    if (this.#mode !== 'int' || `${this.#ngrams}` !== '1')
      throw new ArgumentError(`${where}: only indices of single tokens, mode 'int', lead back to text`);
    return tidy(() => {
      const t = toTensor(indices, where, 'indices');
      if (t.rank !== 1 && t.rank !== 2)
        throw new ShapeError(`${where}: indices must be [tokens] or [n, tokens], got ${showShape(t.shape)}`);
      const textOf = (row: readonly number[]): string => {
        const tokens = row.map((k) => {
          if (!(k in vocabulary)) throw new IndexError(`${where}: index ${k} is outside [0, ${vocabulary.length})`);
          return vocabulary[k] as string;
        });
        return tokens.filter(Boolean).join(this.#split === SPLIT.character ? '' : ' ');
      };
      const rows = toArray(t, where, 'indices');
      return t.rank === 1 ? textOf(rows as number[]) : (rows as number[][]).map(textOf);
    });
  }

  /** The tokens by index; without special tokens only those that were learned or given. @throws StateError */
  getVocabulary(includeSpecialTokens = true): string[] {
    const tokens = this.#known('textVectorizer.getVocabulary').values as readonly string[];
    return [...(includeSpecialTokens ? ['', UNKNOWN].slice(-this.#first) : []), ...tokens];
  }

  /** Settings and vocabulary, as plain JSON. @throws ArgumentError if a setting is a function */
  getConfig(): Record<string, unknown> {
    for (const key of ['standardize', 'split'] as const)
      if (typeof this.#args[key] === 'function')
        throw new ArgumentError(`textVectorizer.getConfig: ${key} is a function, which cannot be saved`);
    const vocabulary = this.#vocabulary?.values ?? null;
    const idfWeights = vocabulary && this.#mode === 'tfIdf' ? this.#weights.slice(1) : null;
    return { ...this.#args, outputMode: this.#mode, vocabulary, idfWeights };
  }

  /** Creates a vectorizer from what `getConfig` returned. */
  static fromConfig(config: Readonly<Record<string, unknown>>): TextVectorizer {
    return new TextVectorizer(config);
  }

  #known(where: string): Categories {
    if (!this.#vocabulary) throw new StateError(`${where}: call adapt first, or give a vocabulary`);
    return this.#vocabulary;
  }

  #set(given: readonly string[], weights: readonly number[]): void {
    const where = 'textVectorizer';
    checkList(given, where, 'vocabulary', 'texts');
    checkList(weights, where, 'idfWeights', 'numbers');
    const special = given[0] === '' ? 1 : 0;
    const tokens = given.slice(given[special] === UNKNOWN ? special + 1 : special);
    const wrong = tokens.find((token) => typeof token !== 'string' || token === '' || token === UNKNOWN);
    if (wrong !== undefined)
      throw new ArgumentError(`${where}: vocabulary holds ${show(wrong)}; only other text can be a token`);
    const { maxTokens } = this.#args;
    if (tokens.length + this.#first > (maxTokens ?? Number.POSITIVE_INFINITY))
      throw new ArgumentError(`${where}: ${tokens.length} tokens and the special ones are more than ${maxTokens}`);
    const isWeighted = this.#mode === 'tfIdf';
    const needed = isWeighted ? tokens.length : 0;
    if (weights.length !== needed || !weights.every(Number.isFinite))
      throw new ArgumentError(`${where}: ${this.#mode} of ${tokens.length} tokens needs ${needed} finite idfWeights`);
    this.#vocabulary = new Categories(tokens, `${where}: vocabulary`);
    const mean = weights.reduce((sum, w) => sum + w, 0) / (weights.length || 1);
    this.#weights = isWeighted ? [mean, ...weights].map(Math.fround) : [];
  }

  /** Tokens of each text. */
  #read(data: string | readonly string[], where: string): string[][] {
    const texts = typeof data === 'string' ? [data] : data;
    if (!Array.isArray(texts)) throw new ArgumentError(`${where}: data must be text or an array of text`);
    return Array.from<unknown, string[]>(texts, (text, i) => {
      if (typeof text !== 'string')
        throw new ArgumentError(`${where}: element ${i} of data must be a text, got ${show(text)}`);
      const words = this.#split(this.#standardize(text));
      if (!Array.isArray(words) || words.some((word) => typeof word !== 'string'))
        throw new ArgumentError(`${where}: split must give an array of text`);
      return this.#ngrams
        .flatMap((n) => words.slice(n - 1).map((_, k) => words.slice(k, k + n).join(' ')))
        .filter(Boolean);
    });
  }
}
