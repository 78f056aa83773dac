// What a runtime can be asked for instead of the report. `load` imports a module of the library ('dist/...') or of the
// bundles ('ops/...').
const tasks = {
  switches: async (load, { count, seed }) => (await load('ops/switches.js')).switches(count, seed),
  async answering(load) {
    const { answering, answeringByWorker } = await import('./answering.mjs');
    const line = await answering(await load('dist/index.js'));
    const isPlainPage = typeof document !== 'undefined' && !globalThis.crossOriginIsolated;
    return isPlainPage ? { ...line, ...(await answeringByWorker(await load('dist/worker.js'), line.hash)) } : line;
  },
  bench: async (load, settings) => (await load('ops/bench.js')).bench(await load('dist/index.js'), settings),
};

/** Does a task, { name, settings }. @returns its result, and the milliseconds that it took */
export async function perform({ name, settings }, load) {
  const start = performance.now();
  const result = await tasks[name](load, settings);
  return { ...result, elapsed: Math.round(performance.now() - start) };
}
