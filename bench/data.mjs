// The same numbers for every peer: a 32-bit LCG, repeated in peers/torch_bench.py. The runner compares the losses
// that come of them, so no peer can win by computing something else.

export const size = (shape) => shape.reduce((a, b) => a * b, 1);

export function uniform(seed, count, scale = 1) {
  const out = new Float32Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    out[i] = (state / 2 ** 31 - 1) * scale;
  }
  return out;
}

export const input = (shape) => uniform(1, size(shape));

/** As many indices into as many rows, without an order. */
export const indices = (rows) =>
  Int32Array.from(uniform(7, rows), (u) => Math.min(rows - 1, Math.floor(((u + 1) / 2) * rows)));

/** One array per shape: kernels He-uniform, biases zero. */
export function weights(shapes) {
  return shapes.map((shape, i) => {
    if (shape.length === 1) return new Float32Array(shape[0]);
    return uniform(100 + i, size(shape), Math.sqrt(6 / size(shape.slice(0, -1))));
  });
}

/**
 * One-hot targets for a few steps in turn. They contradict each other, so that however long a peer trains its loss
 * stays away from zero and its gradients from denormals, which would be timed instead of the arithmetic.
 */
export function targets(batch, classes = 10, variants = 4) {
  return Array.from({ length: variants }, (_, v) => {
    const out = new Float32Array(batch * classes);
    for (let i = 0; i < batch; i++) out[i * classes + ((7 * i + 3 * v) % classes)] = 1;
    return out;
  });
}

/** Swaps the axes of a dense array: out axis i is in axis order[i]. */
export function transpose(data, shape, order) {
  const strides = shape.map((_, i) => size(shape.slice(i + 1)));
  const outShape = order.map((axis) => shape[axis]);
  const out = new Float32Array(data.length);
  const index = order.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    out[i] = data[index.reduce((sum, at, axis) => sum + at * strides[order[axis]], 0)];
    for (let axis = index.length - 1; axis >= 0 && ++index[axis] === outShape[axis]; axis--) index[axis] = 0;
  }
  return out;
}
