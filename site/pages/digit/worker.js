import * as sg from 'samegrad';
import { weightsDigest } from '../shared/digest.js';
import { serve, tell, useThreads } from '../shared/serve.js';
import { train } from './training.js';

let model;
let looks;

/** What each convolution makes of an image: one picture for each of its filters, in bytes. */
function maps(outputs) {
  return outputs.map((output) => {
    const [, height, width, count] = output.shape;
    const largest = sg.max(output).dataSync()[0] || 1;
    const pictures = sg.transpose(output.squeeze([0]).mul(255 / largest), [2, 0, 1]).dataSync();
    return { height, width, count, pixels: Uint8Array.from(pictures) };
  });
}

serve({
  async train(url) {
    const threads = await useThreads(sg);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the digits could not be fetched: ${response.status} ${response.statusText}`);
    const unpacked = response.body.pipeThrough(new DecompressionStream('gzip'));
    const bytes = new Uint8Array(await new Response(unpacked).arrayBuffer());
    const start = performance.now();
    const trained = await train(sg, bytes, tell);
    model = trained.model;
    const convolutions = model.layers.filter((layer) => layer.getClassName() === 'Conv2D');
    looks = sg.model({
      inputs: model.inputs,
      outputs: [...convolutions.map((layer) => layer.output), model.outputs[0]],
    });
    return {
      threads,
      seconds: (performance.now() - start) / 1000,
      accuracy: trained.accuracy,
      sha256: await weightsDigest(model),
    };
  },

  /** @param {Float32Array} pixels 28 x 28 in [0, 1] */
  look(pixels) {
    return sg.tidy(() => {
      const outputs = looks.predict(sg.tensor(pixels, [1, 28, 28, 1]));
      return { probabilities: [...outputs.at(-1).dataSync()], maps: maps(outputs.slice(0, -1)) };
    });
  },
});
