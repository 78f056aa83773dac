import { result } from './program.mjs';

addEventListener('message', (event) => {
  event.waitUntil(
    result().then(
      (hash) => event.source.postMessage(hash),
      (error) => event.source.postMessage(`${error.stack}`),
    ),
  );
});
