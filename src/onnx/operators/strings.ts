/** Strings: joined, split, matched, normalized. They are on the host only. */
import type { Call } from '../../graph/core/call';
import type { Operator } from '../../graph/core/registry';
import { HostArray, Texts, type Value } from '../../graph/core/value';
import { sizeOf } from '../../tensor/shape';
import { type Definitions, define, firstThen, fixed } from './define';
import { broadcastPositions, commonShape } from './elementwise';

const joined: Operator = (call) => {
  const [a, b] = [call.texts(0), call.texts(1)];
  const shape = commonShape(call, [a.shape, b.shape]);
  const [left, right] = [broadcastPositions(a.shape, shape), broadcastPositions(b.shape, shape)];
  return new Texts(
    Array.from(left, (i, k) => `${a.data[i]}${b.data[right[k] as number]}`),
    shape,
  );
};

/** Parts between delimiters, or between runs of white space; after `most` splits the rest stays whole. */
function partsOf(text: string, delimiter: string, most: number): string[] {
  if (delimiter !== '') {
    const parts = text.split(delimiter);
    return parts.length > most + 1 ? [...parts.slice(0, most), parts.slice(most).join(delimiter)] : parts;
  }
  const parts: string[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const end = parts.length < most ? rest.search(/\s/) : -1;
    parts.push(end < 0 ? rest.trimEnd() : rest.slice(0, end));
    rest = end < 0 ? '' : rest.slice(end).trimStart();
  }
  return parts;
}

const split: Operator = (call) => {
  const { data, shape } = call.texts(0);
  const most = call.hasAttribute('maxsplit') ? call.wholeOf('maxsplit') : Number.POSITIVE_INFINITY;
  const parts = data.map((text) => partsOf(text, call.text('delimiter', ''), most));
  const longest = parts.reduce((n, list) => Math.max(n, list.length), 0);
  const filled = parts.flatMap((list) => Array.from({ length: longest }, (_, i) => list[i] ?? ''));
  return [
    new Texts(filled, [...shape, longest]),
    new HostArray(
      parts.map((list) => list.length),
      shape,
      'int32',
    ),
  ];
};

const matched: Operator = (call) => {
  const { data, shape } = call.texts(0);
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^(?:${call.text('pattern')})$`, 'u');
  } catch (cause) {
    throw call.fail(`attribute pattern is not a regular expression: ${(cause as Error).message}`);
  }
  return new HostArray(
    data.map((text) => Number(pattern.test(text))),
    shape,
    'bool',
  );
};

const CASES: Readonly<Record<string, (text: string) => string>> = {
  NONE: (text) => text,
  LOWER: (text) => text.toLowerCase(),
  UPPER: (text) => text.toUpperCase(),
};

/** Without some words, in one case: a row of strings. */
function normalized(call: Call): Value {
  const { data, shape } = call.texts(0);
  if (shape.length > 2 || (shape.length === 2 && shape[0] !== 1))
    throw call.fail(`needs one row of strings, got [${String(shape)}]`);
  const name = call.text('case_change_action', 'NONE');
  const change = Object.hasOwn(CASES, name) ? CASES[name] : undefined;
  if (!change) throw call.fail(`attribute case_change_action must be NONE, LOWER or UPPER, got '${name}'`);
  const keyOf = (text: string): string => (call.flag('is_case_sensitive') ? text : text.toLowerCase());
  const words = new Set(call.textsOf('stopwords', []).map(keyOf));
  const kept = data.filter((text) => !words.has(keyOf(text))).map(change);
  // Of nothing an empty string is left.
  const all = kept.length > 0 || sizeOf(shape) === 0 ? kept : [''];
  return new Texts(all, shape.length === 2 ? [1, all.length] : [all.length]);
}

const STRING = { types: fixed('string') };

export const strings: Definitions = {
  StringConcat: define({ 20: joined }, STRING),
  StringSplit: define({ 20: split }, { types: firstThen('int64') }),
  RegexFullMatch: define({ 20: matched }, { types: fixed('bool') }),
  StringNormalizer: define({ 10: normalized }, STRING),
};
