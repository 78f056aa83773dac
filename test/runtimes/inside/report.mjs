import { smoke } from '../smoke.mjs';
import { formats } from './formats.mjs';
import { models } from './models.mjs';
import { serving } from './serve.mjs';

// What every runtime hands back, as one line of JSON. `table`: inside/ops.ts; `server`: the library with its entry serve.
export async function report(sg, table, server, { threads, version }) {
  const start = performance.now();
  const result = await smoke(sg, { threads });
  const ms = Math.round(performance.now() - start);
  const operations = await table.hashes(threads);
  const onnx = await table.scoreOnnx(threads);
  const files = { ...(await formats(sg)), 'answers of a server': await serving(...server) };
  return { ...result, ms, threads, version, ops: operations, onnx, files, models: await models(sg) };
}
