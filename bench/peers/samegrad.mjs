import { eagerCases } from '../eager.mjs';
import { trainEncoder } from '../encoder.mjs';
import { memoryCase } from '../memory-ops.mjs';
import { layersCases } from '../models.mjs';
import { startup } from '../startup.mjs';

async function load(threads) {
  const sg = await import('samegrad');
  await sg.setThreads(threads);
  return sg;
}

const peer = (threads) => ({
  name: `samegrad ${threads}t`,
  async available() {
    try {
      const sg = await import('samegrad');
      return typeof sg.sequential === 'function' || 'it exports no sequential()';
    } catch (error) {
      return error.message;
    }
  },
  cases: {
    ...layersCases(() => load(threads)),
    ...eagerCases(() => load(threads)),
    trainEncoder: async (params) => trainEncoder(await load(threads), params),
    memory: memoryCase(() => load(threads), threads === 1),
    ...(threads === 1 && { importToFirstPrediction: startup('samegrad.mjs') }),
  },
});

export const peers = [peer(1), peer(2)];
