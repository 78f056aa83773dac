/**
 * In a worker: answers the calls of the page, in the order in which they come.
 * @param {Record<string, (...args: any[]) => unknown>} functions
 */
export function serve(functions) {
  let last = Promise.resolve();
  self.onmessage = ({ data: { call, name, args } }) => {
    last = last
      .then(() => functions[name](...args))
      .then(
        (result) => self.postMessage({ call, result }),
        (error) => self.postMessage({ call, error: error.message }),
      );
  };
  self.postMessage({ isReady: true });
}

/** Tells the page how far the work is. */
export const tell = (told) => self.postMessage({ told });

/** Two threads and more where the page is isolated, one where it is not. Returns how many. */
export async function useThreads(sg, most = 4) {
  if (!self.crossOriginIsolated) return 1;
  return sg.setThreads(Math.max(1, Math.min(most, navigator.hardwareConcurrency)));
}
