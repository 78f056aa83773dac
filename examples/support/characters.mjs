// Text as characters: passages to learn from, and writing on.
import * as sg from 'samegrad';

/**
 * A text as a language model sees it.
 * @param length of passages
 */
export function characters(text, length) {
  const alphabet = [...new Set(text)].sort();
  const places = new Map(alphabet.map((character, i) => [character, i]));
  const ids = sg.tensor1d(
    Array.from(text, (character) => places.get(character)),
    'int32',
  );
  const next = ids.slice(1);
  return {
    alphabet,

    /** Passages from anywhere within a share of the text, and for each place the character that comes next: [count, length] */
    passages: (count, [from, to]) =>
      sg.tidy(() => {
        const [low, high] = [from, to].map((share) => Math.floor(share * (text.length - 1)));
        const at = sg.randomUniformInt([count, 1], low, high - length).add(sg.range(0, length, 1, 'int32'));
        return [ids.gather(at), next.gather(at)];
      }),

    /** A text and `count` characters more, each drawn by what `model` thinks of it; a low temperature prefers likely ones. */
    write: (model, text, count, temperature = 0.6) => {
      let written = text;
      for (let i = 0; i < count; i++)
        written += sg.tidy(() => {
          const seen = Array.from(written.slice(-length), (character) => places.get(character));
          const padded = sg.tensor2d([...seen, ...Array(length - seen.length).fill(0)], [1, length], 'int32');
          const logits = model
            .predict(padded)
            .slice([0, seen.length - 1], [1, 1])
            .flatten();
          return alphabet[sg.multinomial(logits.div(temperature), 1).dataSync()[0]];
        });
      return written;
    },

    /** The characters of a passage, for pictures. */
    read: (passage) => Array.from(passage.dataSync(), (id) => alphabet[id].replace(/\s/, '·')),
  };
}
