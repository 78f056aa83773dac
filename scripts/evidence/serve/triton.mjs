// The public client of the Open Inference Protocol (tritonclient of PyPI) asks a server of samegrad/serve, in every way that it
// has: node scripts/evidence/serve/triton.mjs PYTHON, after a build, with a Python that has tritonclient[http].
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as sg from 'samegrad';
import { listen, serve } from 'samegrad/serve';

sg.setSeed(5);
const model = sg.sequential({
  layers: [
    sg.layers.dense({ units: 8, activation: 'tanh', inputShape: [4], name: 'hidden' }),
    sg.layers.dense({ units: 3, activation: 'softmax', name: 'scores' }),
  ],
});
const echo = (datatype) => ({
  inputs: [{ name: 'x', datatype, shape: [-1] }],
  outputs: [{ name: 'y', datatype, shape: [-1] }],
  run: ({ x }) => ({ y: x }),
});
const TYPES = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
];
const repository = { list: () => ['later'], load: async () => echo('FP32') };
const models = { mlp: model, ...Object.fromEntries(TYPES.map((type) => [type, echo(type)])) };
const { port, close } = await listen(serve({ models, repository }), { port: 0 });

const data = [5.1, 3.5, 1.4, 0.2, 6.7, 3, 5.2, 2.3];
const expected = [...model.predict(sg.tensor2d(data, [2, 4])).dataSync()];
const program = fileURLToPath(new URL('triton.py', import.meta.url));
const args = [program, `127.0.0.1:${port}`, JSON.stringify({ input: model.inputNames[0], data, expected })];
execFile(process.argv[2] ?? 'python3', args, async (error, out, errors) => {
  process.stdout.write(out);
  process.stderr.write(errors);
  await close();
  process.exitCode = error ? 1 : 0;
});
