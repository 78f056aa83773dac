// Sentences as vectors of MiniLM, alike in every runtime: the library, the model and the tokenizer are given.

/** Sentences in one batch, and the multiple to which their lengths are padded: few shapes, few programs. */
const [BATCH, STEP] = [16, 8];
const LONGEST = 128;

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

const pieceOf = (word) => {
  if (SPECIAL.includes(word) || /^\[unused\d+\]$/.test(word)) return word;
  return word.startsWith('▁') ? word.slice(1) : `##${word}`;
};

/** BERT's tokenizer in lower case. `words` is its vocabulary in the order of the numbers; there ▁ begins a word. */
export function bertTokenizer(Tokenizer, words) {
  const vocab = Object.fromEntries(words.map((word, id) => [pieceOf(word), id]));
  const ways = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const token = (id) => ({ SpecialToken: { id, type_id: 0 } });
  const single = [token('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, token('[SEP]')];
  const cleaning = { clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true };
  const pieces = { unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab };
  const settings = {
    version: '1.0',
    added_tokens: SPECIAL.map((content) => ({ id: vocab[content], content, ...ways })),
    normalizer: { type: 'BertNormalizer', ...cleaning },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'TemplateProcessing', single, pair: [], special_tokens: {} },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', ...pieces },
  };
  return new Tokenizer(settings, {});
}

/** The mean over the tokens of each row, of length 1: [n, length, width] and the mask become [n, width]. */
function meanOf(sg, vectors, mask) {
  const weights = sg.tensor(mask).expandDims(-1);
  const mean = vectors.mul(weights).sum(1).div(weights.sum(1));
  return mean.div(mean.norm('euclidean', 1, true));
}

/** The vectors of texts, [n, width]. */
export function embed(sg, model, tokenizer, texts) {
  const rows = texts.map((text) => tokenizer.encode(text).ids.slice(0, LONGEST));
  // Rows of about the same length share a batch.
  const order = [...rows.keys()].sort((a, b) => rows[a].length - rows[b].length || a - b);
  const width = model.outputs[0].shape.at(-1);
  const found = new Float32Array(texts.length * width);
  for (let at = 0; at < order.length; at += BATCH) {
    const batch = order.slice(at, at + BATCH);
    const length = Math.ceil(rows[batch.at(-1)].length / STEP) * STEP;
    const padded = (of) => batch.map((i) => Array.from({ length }, (_, t) => of(rows[i], t)));
    const mask = padded((row, t) => (t < row.length ? 1 : 0));
    const ids = padded((row, t) => row[t] ?? 0);
    const types = padded(() => 0);
    sg.tidy(() => {
      const [input_ids, attention_mask, token_type_ids] = [ids, mask, types].map((x) =>
        sg.tensor2d(x, undefined, 'int32'),
      );
      const vectors = meanOf(sg, model.predict({ input_ids, attention_mask, token_type_ids }), mask).dataSync();
      batch.forEach((i, row) => {
        found.set(vectors.subarray(row * width, (row + 1) * width), i * width);
      });
    });
  }
  return sg.tensor(found, [texts.length, width]);
}

/** Sentences of a text, of three words or more. */
export const sentencesOf = (text) =>
  text
    .replace(/\s+/g, ' ')
    .split(/(?<=[.!?;]["”’)]*) (?=["“‘(]*[A-Z])/)
    .filter((sentence) => sentence.split(' ').length >= 3);

/** For each query the numbers of the sentences nearest to it, the nearest first. */
export const nearest = (sg, queries, sentences, count) =>
  sg.tidy(() => sg.topk(queries.matMul(sentences, false, true), count).indices.arraySync());

/** The search as a whole: vectors of sentences and queries, what is found, and the SHA-256 of all vectors. */
export async function search(sg, { model, tokenizer, sentences, queries }) {
  const [stored, asked] = [sentences, queries].map((texts) => embed(sg, model, tokenizer, texts));
  const bytes = sg.concat([stored, asked]).dataSync().slice();
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { found: nearest(sg, asked, stored, 5), sha256 };
}
