import { startup } from '../startup.mjs';

// The runner reads this list in its own process, which must not load the library.
const lazy = (name, model) => async (params) => (await import('./jaxjs-cases.mjs'))[name](params, model);

const memory = async (params) => (await import('./jaxjs-memory.mjs')).memory(params);

const available = async () => true;

export const peers = [
  {
    name: 'jax-js',
    available,
    cases: {
      gemm: lazy('gemm'),
      trainMlp: lazy('train', 'mlp'),
      trainCnn: lazy('train', 'cnn'),
      predictMlp: lazy('predict', 'mlp'),
      predictCnn: lazy('predict', 'cnn'),
      memory,
      importToFirstPrediction: startup('jaxjs.mjs'),
    },
  },
  {
    name: 'jax-js im2col',
    available,
    cases: { trainCnn: lazy('train', 'cnnIm2col'), predictCnn: lazy('predict', 'cnnIm2col') },
  },
];
