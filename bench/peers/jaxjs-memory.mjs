// The memory-bound ops in jax-js. It is lazy: a result is computed when it is waited for, and a transpose, which by
// itself is only a view, at the end of a jitted function.

import { defaultDevice, init, jit, nn, numpy as np, tree } from '@jax-js/jax';
import * as data from '../data.mjs';
import { sample } from '../memory/ops.mjs';

await init('wasm');
defaultDevice('wasm');

const chain = (a, b, c, d) => nn.relu(a.mul(b).add(c)).mul(d);
const curve = (a, b, c, d) => nn.sigmoid(a.mul(b).add(c)).mul(np.exp(d));
const reduction =
  (name) =>
  ({ axis }) =>
    jit((x) => np[name](x, axis));

/** What runs an op, given its params; it uses its operands up. */
const ops = {
  add: () => jit((a, b) => a.add(b)),
  chain: () => chain,
  chainCompiled: () => jit(chain),
  curve: () => curve,
  curveCompiled: () => jit(curve),
  sum: reduction('sum'),
  mean: reduction('mean'),
  max: reduction('max'),
  softmax: () => jit((x) => nn.softmax(x, -1)),
  transpose: ({ perm }) => jit((x) => np.transpose(x, perm)),
  gather: () => jit((x, indices) => x.slice(indices)),
};

/** Where its ops take fewer operands than four. */
const operands = { add: 2, chain: 4, chainCompiled: 4, curve: 4, curveCompiled: 4 };

export function memory(params) {
  if (!ops[params.op]) return undefined;
  const { op, shape } = params;
  const run = ops[op](params);
  const x = Array.from({ length: operands[op] ?? 1 }, (_, i) =>
    np.array(data.uniform(i + 1, data.size(shape)), { shape }),
  );
  if (op === 'gather') x.push(np.array(data.indices(shape[0]), { dtype: np.int32 }));
  let read = 2;
  return {
    async run() {
      const y = run(...tree.ref(x));
      if (read-- > 0) return sample(await y.data());
      await y.blockUntilReady();
      y.dispose();
    },
    dispose: () => tree.dispose(x),
  };
}
