// Runs in a browser's page: /?threads=N&isolated=0|1&script=0|1, or with &task={...} a task of tasks.mjs; where that has
// `inWorker`, in a worker of the page.
// Other imports within the try, so that their errors are handed back too.
import { perform } from './tasks.mjs';

const query = new URLSearchParams(location.search);

// The library as pages without modules have it: a global that a script makes.
async function classic(src) {
  const element = Object.assign(document.createElement('script'), { src });
  const loaded = new Promise((resolve, reject) => Object.assign(element, { onload: resolve, onerror: reject }));
  document.head.append(element);
  await loaded;
  return globalThis.sg;
}

// Without isolation the error says what to do.
async function refusesThreads(sg) {
  const error = await sg.setThreads(2).catch((reason) => reason);
  if (!(error instanceof sg.RuntimeSupportError && /Cross-Origin-Opener-Policy/.test(error.message)))
    throw new Error(`setThreads(2) of a page that is not isolated: ${error}`);
  if (sg.getThreads() !== 1) throw new Error(`${sg.getThreads()} threads in a page that is not isolated`);
}

// As `perform`, in a worker.
function performInWorker(task) {
  const worker = new Worker(new URL('./page-worker.mjs', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message ?? 'the worker did not start'));
    worker.onmessage = ({ data }) => {
      if (data === 'ready') worker.postMessage(task);
      else if (data.error === undefined) resolve(data.line);
      else reject(new Error(data.error));
    };
  });
}

async function run() {
  const isolated = query.get('isolated') === '1';
  if (globalThis.crossOriginIsolated !== isolated) {
    throw new Error(`crossOriginIsolated is ${globalThis.crossOriginIsolated}, not ${isolated}`);
  }
  if (query.has('task')) {
    const task = JSON.parse(query.get('task'));
    return task.inWorker ? performInWorker(task) : perform(task, (path) => import(`/${path}`));
  }
  const { report } = await import('./report.mjs');
  const { pixels } = await import('./pixels.mjs');
  const sg = query.get('script') === '1' ? await classic('/dist/samegrad.min.js') : await import('/dist/index.js');
  const ops = await import('/ops/ops.js');
  if (!isolated) await refusesThreads(sg);
  await pixels(sg);
  // A classic script has no such entry: there the modules serve beside it.
  const server = [await import('/dist/index.js'), await import('/dist/serve.js')];
  return report(sg, ops, server, { threads: Number(query.get('threads')) });
}

// JavaScriptCore's stacks lack the message, V8's begin with it.
const explain = (error) => ({ error: `${error}\n${error?.stack ?? ''}` });

await fetch('/result', { method: 'POST', body: JSON.stringify(await run().catch(explain)) });
