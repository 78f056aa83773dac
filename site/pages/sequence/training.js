/** A small Transformer that reads and writes characters (Vaswani et al., 2017); `sg` is the library. */

export const CONTEXT = 48;
const DIM = 64;
const HEADS = 4;
const BLOCKS = 2;
const BATCH = 16;

/** Layers that are shared by the network that is trained and the one that shows its attention. */
function network(sg, vocabulary) {
  const { embedding, positionEmbedding, add, layerNormalization, multiHeadAttention, dense } = sg.layers;
  const input = sg.input({ shape: [CONTEXT], dtype: 'int32' });
  const embedded = embedding({ inputDim: vocabulary, outputDim: DIM }).apply(input);
  let x = add().apply([embedded, positionEmbedding({ sequenceLength: CONTEXT }).apply(embedded)]);
  const attentions = [];
  for (let block = 0; block < BLOCKS; block++) {
    const before = layerNormalization().apply(x);
    const attention = multiHeadAttention({ numHeads: HEADS, keyDim: DIM / HEADS });
    const [seen, scores] = attention.apply([before, before], { useCausalMask: true, returnAttentionScores: true });
    attentions.push(scores);
    x = add().apply([x, seen]);
    const wide = dense({ units: 2 * DIM, activation: 'gelu' }).apply(layerNormalization().apply(x));
    x = add().apply([x, dense({ units: DIM }).apply(wide)]);
  }
  const logits = dense({ units: vocabulary }).apply(layerNormalization().apply(x));
  return {
    model: sg.model({ inputs: input, outputs: logits }),
    looks: sg.model({ inputs: input, outputs: [logits, ...attentions] }),
  };
}

/**
 * A model for the characters of a text.
 * @param {string} text at least as long as two contexts
 */
export function characterModel(sg, text, seed = 1) {
  const characters = [...new Set(text)].sort();
  const codes = new Map(characters.map((character, i) => [character, i]));
  const data = Int32Array.from(text, (character) => codes.get(character));
  if (data.length <= 2 * CONTEXT)
    throw new Error(`the text has ${data.length} characters; it needs more than ${2 * CONTEXT}`);
  sg.setSeed(seed);
  const { model, looks } = network(sg, characters.length);
  model.compile({
    optimizer: sg.train.adam({ learningRate: 0.002, clipNorm: 1 }),
    loss: { className: 'SparseCategoricalCrossentropy', config: { fromLogits: true } },
  });
  let steps = 0;

  /** Pieces of the text from random places, and the same one character on. */
  function batch() {
    const starts = sg.randomUniform([BATCH], 0, data.length - CONTEXT - 1).dataSync();
    const [x, y] = [new Int32Array(BATCH * CONTEXT), new Int32Array(BATCH * CONTEXT)];
    starts.forEach((value, i) => {
      const start = Math.floor(value);
      x.set(data.subarray(start, start + CONTEXT), i * CONTEXT);
      y.set(data.subarray(start + 1, start + CONTEXT + 1), i * CONTEXT);
    });
    return [sg.tensor2d(x, [BATCH, CONTEXT]), sg.tensor2d(y, [BATCH, CONTEXT])];
  }

  return {
    characters: characters.length,
    /** Trains on `count` batches. Returns the steps so far and the mean loss, in nats a character. */
    async train(count) {
      let sum = 0;
      for (let i = 0; i < count; i++) {
        const [x, y] = batch();
        const loss = await model.trainOnBatch(x, y);
        sum += Array.isArray(loss) ? loss[0] : loss;
        x.dispose();
        y.dispose();
      }
      steps += count;
      return { steps, loss: sum / count };
    },
    /**
     * Goes on from a beginning.
     * @param {string} start characters that the text does not have are left out
     * @param {number} temperature below 1 it is careful, above 1 daring
     */
    write(start, length, temperature) {
      let written = [...start].filter((character) => codes.has(character)).map((character) => codes.get(character));
      if (written.length === 0) written = [data[0]];
      for (let i = 0; i < length; i++) {
        sg.tidy(() => {
          const window = written.slice(-CONTEXT);
          const padded = [...window, ...Array(CONTEXT - window.length).fill(0)];
          const logits = model.predict(sg.tensor2d(padded, [1, CONTEXT], 'int32'));
          const last = logits
            .slice([0, window.length - 1, 0], [1, 1, -1])
            .reshape([1, -1])
            .div(temperature);
          written.push(sg.multinomial(last, 1).dataSync()[0]);
        });
      }
      return written.map((code) => characters[code]).join('');
    },
    /** Where each character of the end of a text looks: [blocks x heads] maps of `length` x `length`. */
    attention(ending) {
      const window = [...ending].filter((character) => codes.has(character)).slice(-CONTEXT);
      return sg.tidy(() => {
        const ids = window.map((character) => codes.get(character));
        const padded = [...ids, ...Array(CONTEXT - ids.length).fill(0)];
        const [, ...scores] = looks.predict(sg.tensor2d(padded, [1, CONTEXT], 'int32'));
        const maps = scores.flatMap((t) => {
          const values = t.dataSync();
          return Array.from({ length: HEADS }, (_, head) =>
            ids.map((_, from) => ids.map((_, to) => values[(head * CONTEXT + from) * CONTEXT + to])),
          );
        });
        return { characters: window, maps, heads: HEADS };
      });
    },
  };
}
