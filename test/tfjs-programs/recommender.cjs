// Films for people: two embeddings, their product, biases; then the most similar films by core's functions.
const tf = require('@tensorflow/tfjs');

const [USERS, FILMS, SIZE] = [12, 15, 4];
let seed = 4;
const next = () => {
  seed = (seed * 16807) % 2147483647;
  return seed / 2147483647;
};
const rated = [];
for (let u = 0; u < USERS; u++)
  for (let f = 0; f < FILMS; f++) if (next() < 0.6) rated.push([u, f, (u % 3) - (f % 3) === 0 ? 4.5 : 2]);

function createModel() {
  const user = tf.input({ shape: [1], dtype: 'int32', name: 'user' });
  const film = tf.input({ shape: [1], dtype: 'int32', name: 'film' });
  const embed = (input, count, size, name) =>
    tf.layers.flatten().apply(
      tf.layers
        .embedding({
          inputDim: count,
          outputDim: size,
          inputLength: 1,
          embeddingsInitializer: tf.initializers.randomUniform({ minval: -0.05, maxval: 0.05 }),
          embeddingsRegularizer: tf.regularizers.l2({ l2: 1e-4 }),
          name,
        })
        .apply(input),
    );
  const dot = tf.layers.dot({ axes: 1 }).apply([embed(user, USERS, SIZE, 'users'), embed(film, FILMS, SIZE, 'films')]);
  const biases = [embed(user, USERS, 1, 'userBias'), embed(film, FILMS, 1, 'filmBias')];
  const output = tf.layers.add().apply([dot, ...biases]);
  return tf.model({ inputs: [user, film], outputs: output });
}

(async () => {
  const model = createModel();
  model.setWeights(
    model.getWeights().map((w) =>
      tf.tensor(
        Array.from({ length: w.size }, () => next() - 0.3),
        w.shape,
      ),
    ),
  );
  model.compile({ optimizer: tf.train.adamax(0.05), loss: tf.losses.meanSquaredError, metrics: ['mae'] });
  const columns = [0, 1].map((c) =>
    tf.tensor2d(
      rated.map((r) => [r[c]]),
      [rated.length, 1],
      'int32',
    ),
  );
  const stars = tf.tensor2d(rated.map((r) => [r[2]]));
  const { history } = await model.fit(columns, stars, { epochs: 12, batchSize: 32, shuffle: false, verbose: 0 });
  for (const [key, values] of Object.entries(history)) console.log(key, ...values);

  const films = model.getLayer('films').getWeights()[0];
  const { values, indices } = tf.tidy(() => {
    const unit = films.div(tf.norm(films, 'euclidean', 1, true));
    const similar = tf.matMul(unit, unit, false, true).sub(tf.eye(FILMS).mul(2));
    return tf.topk(similar, 2, true);
  });
  console.log('similar', ...values.dataSync());
  console.log(
    'films',
    indices
      .arraySync()
      .map((r) => r.join(':'))
      .join(' '),
  );
  const guess = model.predict([tf.fill([FILMS, 1], 3, 'int32'), tf.range(0, FILMS, 1, 'int32').reshape([FILMS, 1])]);
  console.log('for user 3', ...(await guess.array()).map(([x]) => x));
})();
