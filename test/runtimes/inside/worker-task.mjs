// Runs under workerd (adapters/workerd.mjs): a task that needs no more than the library.
import * as bench from './bench.js';
import { perform } from './inside/tasks.mjs';
import * as sg from './library/index.js';
import task from './task.json';

const modules = { 'dist/index.js': sg, 'ops/bench.js': bench };

export default {
  async test() {
    console.log(JSON.stringify({ line: await perform(task, (path) => modules[path]) }));
  },
};
