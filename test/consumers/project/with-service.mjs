globalThis.result = new Promise((resolve) => {
  navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
  navigator.serviceWorker
    .register('./service.mjs', { type: 'module' })
    .then(() => navigator.serviceWorker.ready)
    .then(({ active }) => active.postMessage('run'))
    .catch((error) => resolve(`${error.stack}`));
});
