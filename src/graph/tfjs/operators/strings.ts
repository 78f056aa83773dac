/** Strings: replaced, cut, joined to n-grams, hashed. They are on the host only. */
import { tensor } from '../../../ops/create/creation';
import type { Call } from '../../core/call';
import type { Operators } from '../../core/registry';
import { HostArray, hostList, Texts, type Value } from '../../core/value';
import { fingerprint } from './fingerprint';

/** Replaces what a regular expression finds; `\1` in the rewrite is its first group. */
function replace(call: Call): Value {
  const texts = call.texts(0);
  const rewrite = call.text('rewrite');
  let pattern: RegExp;
  try {
    pattern = new RegExp(call.text('pattern'), call.flag('replace_global', true) ? 'gu' : 'u');
  } catch (cause) {
    throw call.fail(`attribute pattern is not a regular expression: ${(cause as Error).message}`);
  }
  const replaced = (...found: unknown[]): string =>
    rewrite.replace(/\\(\d|\\)/g, (_, what: string) => (what === '\\' ? '\\' : String(found[Number(what)] ?? '')));
  return new Texts(
    texts.data.map((text) => text.replace(pattern, replaced)),
    texts.shape,
  );
}

/** The parts of a string between any of some characters; without any, its characters. */
function partsOf(text: string, delimiters: string, skipsEmpty: boolean): string[] {
  if (text === '') return [];
  const parts: string[] = [];
  if (delimiters === '') parts.push(...text);
  else {
    let part = '';
    for (const c of text) {
      if (delimiters.includes(c)) {
        parts.push(part);
        part = '';
      } else part += c;
    }
    parts.push(part);
  }
  return skipsEmpty ? parts.filter((part) => part !== '') : parts;
}

function split(call: Call): Value[] {
  const texts = call.texts(0);
  const delimiters = call.texts(1).data[0] ?? '';
  const parts = texts.data.map((text) => partsOf(text, delimiters, call.flag('skip_empty', true)));
  const values = parts.flat();
  const indices = parts.flatMap((list, row) => list.flatMap((_, column) => [row, column]));
  const longest = parts.reduce((most, list) => Math.max(most, list.length), 0);
  return [
    tensor(Int32Array.from(indices), [values.length, 2], 'int32'),
    new Texts(values, [values.length]),
    hostList([texts.data.length, longest]),
  ];
}

/** Runs of words in one row, of one length. */
function gramsOf(words: readonly string[], width: number, padding: number, call: Call): string[] {
  const [left, right] = [call.text('left_pad', ''), call.text('right_pad', '')];
  const padded = [...new Array<string>(padding).fill(left), ...words, ...new Array<string>(padding).fill(right)];
  const count = Math.max(0, padded.length - width + 1);
  const separator = call.text('separator', ' ');
  return Array.from({ length: count }, (_, k) => padded.slice(k, k + width).join(separator));
}

/** Widths of n-grams. */
const WIDEST = 1000;

function grams(call: Call): Value[] {
  const { data } = call.texts(0);
  const ends = Array.from(call.data(1).data);
  if (ends.some((end, i) => !(end >= (ends[i - 1] ?? 0)) || end > data.length))
    throw call.fail(`splits must ascend from 0 to ${data.length}, got [${ends.slice(0, 8).join(', ')}]`);
  const widths = call.numbers('ngram_widths');
  const given = call.wholeOf('pad_width', 0);
  if (widths.some((w) => w < 1 || w > WIDEST)) throw call.fail(`attribute ngram_widths must be from 1 to ${WIDEST}`);
  const out: string[] = [];
  const outEnds = ends.length ? [0] : [];
  for (let row = 1; row < ends.length; row++) {
    const words = data.slice(ends[row - 1], ends[row]);
    const before = out.length;
    for (const width of widths)
      out.push(...gramsOf(words, width, Math.min(given < 0 ? width - 1 : given, width - 1), call));
    if (out.length === before && words.length && call.flag('preserve_short_sequences')) {
      const padding = Math.max(0, given);
      out.push(...gramsOf(words, words.length + 2 * padding, padding, call));
    }
    outEnds.push(out.length);
  }
  return [new Texts(out, [out.length]), tensor(Int32Array.from(outEnds), [outEnds.length], 'int32')];
}

function bucket(call: Call): Value {
  const { data, shape } = call.texts(0);
  const count = call.wholeOf('num_buckets');
  if (count < 1) throw call.fail(`attribute num_buckets must be positive, got ${count}`);
  const encoder = new TextEncoder();
  return new HostArray(
    data.map((text) => Number(fingerprint(encoder.encode(text)) % BigInt(count))),
    shape,
    'int32',
  );
}

export const strings: Operators = {
  StaticRegexReplace: replace,
  StringSplit: split,
  StringNGrams: grams,
  StringToHashBucketFast: bucket,
};
