import { asked } from './serve.mjs';

async function run() {
  const controlled = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
  await navigator.serviceWorker.register('./serving.mjs', { type: 'module' });
  await controlled;
  return asked((path, init) => fetch(path, init));
}
globalThis.result = run().catch((error) => `${error.stack}`);
