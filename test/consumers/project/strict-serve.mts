import * as sg from 'samegrad';
import * as onnx from 'samegrad/onnx';
import * as serving from 'samegrad/serve';

const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
const written: Promise<Uint8Array> = onnx.toONNX(model);
const read: onnx.OnnxModel = await onnx.load(await written);
const outputs = read.run({ [read.inputNames[0] ?? '']: sg.ones([4, 2]) });

const doubled: serving.Servable = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
  run({ x }) {
    const values = x?.data as Float32Array;
    return { y: { datatype: 'FP32', shape: x?.shape ?? [], data: values.map((v) => 2 * v) } };
  },
};
const statuses: number[] = [];
const settings: serving.ModelSettings = { model: read, maxBatchSize: 8, isBatched: true };
const options: serving.ServeOptions = {
  models: { model, doubled, read: settings },
  log: ({ status }: serving.LogEntry) => statuses.push(status),
};
const server: serving.Server = serving.serve(options);
const listening: serving.Listening = await serving.listen(server, { port: 0 });
await listening.close({ grace: 10 });
const samplerOptions: serving.SamplerOptions = { temperature: 0.5, topK: 3, topP: 0.9, seed: 'text' };
const token: number = serving.sampler(samplerOptions)(new Float32Array([1, 2]));
// @ts-expect-error an element type that there is not
const wrong: serving.Port = { name: 'x', datatype: 'FP8', shape: null };

export { outputs, statuses, token, wrong };
