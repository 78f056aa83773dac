import { smoke } from '../smoke.mjs';

// The one JSON line that every runtime hands back. `hashes`: of inside/ops.ts.
export async function report(sg, hashes, { threads, version }) {
  const start = performance.now();
  const result = await smoke(sg, { threads });
  const ms = Math.round(performance.now() - start);
  return JSON.stringify({ ...result, ms, threads, version, ops: await hashes(threads) });
}
