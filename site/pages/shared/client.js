/**
 * A worker as functions: the page stays free while it computes. The other side is `serve` in serve.js.
 *
 * @param {Worker} worker
 * @param {(message: any) => void} progress called with what the worker tells meanwhile
 * @returns {(name: string, ...args: unknown[]) => Promise<any>} calls a function of the worker
 */
export function connect(worker, progress) {
  const waiting = new Map();
  let calls = 0;
  // Browsers lose messages to a module that has not run yet.
  let unsent = [];
  worker.onmessage = ({ data }) => {
    if (data.isReady) {
      for (const message of unsent) worker.postMessage(message);
      unsent = undefined;
      return;
    }
    if (data.call === undefined) return progress(data.told);
    const { resolve, reject } = waiting.get(data.call);
    waiting.delete(data.call);
    if (data.error === undefined) resolve(data.result);
    else reject(new Error(data.error));
  };
  worker.onerror = (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message || 'the worker did not start'));
    waiting.clear();
  };
  return (name, ...args) =>
    new Promise((resolve, reject) => {
      const call = calls++;
      waiting.set(call, { resolve, reject });
      const message = { call, name, args };
      if (unsent) unsent.push(message);
      else worker.postMessage(message);
    });
}
