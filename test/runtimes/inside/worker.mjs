// Runs under workerd, where every module is listed in the configuration (adapters/workerd.mjs).
import { report } from './inside/report.mjs';
import * as sg from './library/index.js';
import { hashes } from './ops-workerd.js';

export default {
  async test() {
    console.log(await report(sg, hashes, { threads: 1 }));
  },
};
