// The memory-bound ops in the language of TF.js, which samegrad speaks too. A function of (api, operands) gives a
// function that runs the op once; what it makes on the way is disposed of as it goes.

import * as data from '../data.mjs';

/** A result of one op after another, each of which takes the place of the one before. */
function follow(first, ...steps) {
  let value = first;
  for (const step of steps) {
    const next = step(value);
    value.dispose();
    value = next;
  }
  return value;
}

const chain = (api, [a, b, c, d]) =>
  follow(
    api.mul(a, b),
    (x) => api.add(x, c),
    (x) => api.relu(x),
    (x) => api.mul(x, d),
  );

function curve(api, [a, b, c, d]) {
  const s = follow(
    api.mul(a, b),
    (x) => api.add(x, c),
    (x) => api.sigmoid(x),
  );
  const e = api.exp(d);
  const out = api.mul(s, e);
  s.dispose();
  e.dispose();
  return out;
}

const chained = {
  chainCompiled: (a, b, c, d) => a.mul(b).add(c).relu().mul(d),
  curveCompiled: (a, b, c, d) => a.mul(b).add(c).sigmoid().mul(d.exp()),
};

const compiled = (name) => ({
  operands: 4,
  start(api, x) {
    const fn = api.jit?.(chained[name]);
    return fn && { run: () => fn(...x), stop: () => fn.dispose?.() };
  },
});

const plain = (operands, run) => ({ operands, start: (api, x, params) => ({ run: () => run(api, x, params) }) });

const reduction = (name) => plain(1, (api, [x], { axis }) => api[name](x, axis));

const ops = {
  add: plain(2, (api, [a, b]) => api.add(a, b)),
  chain: plain(4, chain),
  chainCompiled: compiled('chainCompiled'),
  curve: plain(4, curve),
  curveCompiled: compiled('curveCompiled'),
  sum: reduction('sum'),
  mean: reduction('mean'),
  max: reduction('max'),
  softmax: plain(1, (api, [x]) => api.softmax(x)),
  transpose: plain(1, (api, [x], { perm }) => api.transpose(x, perm)),
  gather: {
    operands: 1,
    start(api, [x], { shape }) {
      if (!api.gather) return undefined;
      const indices = api.tensor(data.indices(shape[0]), [shape[0]], 'int32');
      return { run: () => api.gather(x, indices), stop: () => indices.dispose() };
    },
  },
};

/** Elements of a result by which peers are compared. */
export const sample = (values) => values[0] + values[values.length >> 1] + values[values.length - 1];

/** TypedArray.set between two blocks of linear memory: what the others have to reach. */
function copy({ shape }) {
  const bytes = data.size(shape) * 4;
  const { buffer } = new WebAssembly.Memory({ initial: Math.ceil((2 * bytes) / 65536) });
  const [from, to] = [0, bytes].map((at) => new Float32Array(buffer, at, bytes / 4));
  from.set(data.uniform(1, from.length));
  return { run: () => to.set(from), dispose() {} };
}

/** The case of a library; load gives its namespace. Results are read in the first two runs, for comparison. */
export function memoryCase(load, hasCopy = false) {
  return async (params) => {
    if (params.op === 'copy') return hasCopy ? copy(params) : undefined;
    const api = await load();
    const { operands, start } = ops[params.op];
    const n = data.size(params.shape);
    const x = Array.from({ length: operands }, (_, i) => api.tensor(data.uniform(i + 1, n), params.shape));
    const started = start(api, x, params);
    const free = () => {
      for (const t of x) t.dispose();
    };
    if (!started) return free();
    let read = 2;
    return {
      run() {
        const y = started.run();
        const value = read-- > 0 ? sample(y.dataSync()) : undefined;
        y.dispose();
        return value;
      },
      dispose() {
        started.stop?.();
        free();
      },
    };
  };
}
