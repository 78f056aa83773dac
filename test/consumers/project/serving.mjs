import * as sg from './dist/index.js';
import { serve } from './dist/serve.js';
import { serverOf } from './serve.mjs';

const server = serverOf(sg, serve);
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  if (new URL(event.request.url).pathname !== '/with-serving.mjs') event.respondWith(server.fetch(event.request));
});
