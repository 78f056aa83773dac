import * as sg from 'samegrad';
import * as onnx from 'samegrad/onnx';
import { weightsDigest } from '../shared/digest.js';
import { serve, tell, useThreads } from '../shared/serve.js';
import { run } from './training.js';

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} could not be fetched: ${response.status} ${response.statusText}`);
  return response;
}

serve({
  /** @param {string} data address of the folder with the files */
  async train(data) {
    const threads = await useThreads(sg);
    const [model, characters, packed] = await Promise.all([
      fetched(`${data}ocr.onnx`).then((response) => response.arrayBuffer()),
      fetched(`${data}ocr.txt`).then((response) => response.text()),
      fetched(`${data}digits.dat`),
    ]);
    const unpacked = packed.body.pipeThrough(new DecompressionStream('gzip'));
    const digits = new Uint8Array(await new Response(unpacked).arrayBuffer());
    const start = performance.now();
    const { model: trained, ...accuracies } = await run(sg, onnx, { model, characters, digits }, tell);
    return {
      ...accuracies,
      threads,
      seconds: (performance.now() - start) / 1000,
      sha256: await weightsDigest(trained),
    };
  },
});
