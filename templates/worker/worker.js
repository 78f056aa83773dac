// A Cloudflare Worker that serves a model by the Open Inference Protocol. The model lies beside it: model.safetensors, as
// `await model.save('model.safetensors')` writes it. `npx wrangler dev` runs it here, `npx wrangler deploy` at the edge.
import * as sg from 'samegrad/predict';
import { serve } from 'samegrad/serve';
import bytes from './model.safetensors';

let server;

export default {
  /** If the Worker has a secret TOKEN, requests need it as their bearer token. */
  async fetch(request, env) {
    if (!server) {
      const model = await sg.loadModel(bytes);
      // Another request may have been faster.
      server ??= serve({ models: { model }, bearer: env.TOKEN ? (token) => token === env.TOKEN : null });
    }
    return server.fetch(request);
  },
};
