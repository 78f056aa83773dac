import { eagerCases } from '../eager.mjs';
import { memoryCase } from '../memory/ops.mjs';
import { layersCases } from '../models.mjs';
import { startup } from '../startup.mjs';

async function load(backend) {
  const { default: tf } = await import('@tensorflow/tfjs');
  if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend(backend);
  await tf.ready();
  return tf;
}

const peer = (backend) => ({
  name: `tfjs ${backend}`,
  available: async () => true,
  cases: {
    ...layersCases(() => load(backend)),
    ...eagerCases(() => load(backend)),
    ...(backend === 'wasm' && { memory: memoryCase(() => load(backend)) }),
    importToFirstPrediction: startup('tfjs.mjs', backend),
  },
});

export const peers = [peer('wasm'), peer('cpu')];
