// In a worker of page.mjs: does a task and posts its result, or its error.
import { perform } from './tasks.mjs';

self.onmessage = async ({ data: task }) => {
  try {
    self.postMessage({ line: await perform(task, (path) => import(`/${path}`)) });
  } catch (error) {
    self.postMessage({ error: `${error}\n${error?.stack ?? ''}` });
  }
};
// Browsers lose messages to a module that has not run yet.
self.postMessage('ready');
