// Runs under workerd, where every module is listed in the configuration (adapters/workerd.mjs).
import { report } from './inside/report.mjs';
import * as sg from './library/index.js';
import * as serve from './library/serve.js';
import * as ops from './ops-workerd.js';

export default {
  async test() {
    console.log(JSON.stringify({ line: await report(sg, ops, [sg, serve], { threads: 1 }) }));
  },
};
