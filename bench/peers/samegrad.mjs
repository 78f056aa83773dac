import { libraryCases } from '../library.mjs';
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
    ...libraryCases(() => load(threads), threads === 1),
    ...(threads === 1 && { importToFirstPrediction: startup('samegrad.mjs') }),
  },
});

export const peers = [peer(1), peer(2)];
