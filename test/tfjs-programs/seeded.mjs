// Numbers that are the same in every run, for the programs here: the two libraries draw differently.

export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** So many numbers from -scale to scale. */
export function numbers(count, seed, scale = 1) {
  const next = generator(seed);
  return Array.from({ length: count }, () => (2 * next() - 1) * scale);
}

/** Sets the weights of a model or layer: small numbers, in the order of getWeights. */
export function setWeights(tf, model, seed, scale = 0.4) {
  const before = model.getWeights();
  const values = before.map((w, i) => tf.tensor(numbers(w.size, seed + i, scale), w.shape));
  model.setWeights(values);
  tf.dispose(values);
}
