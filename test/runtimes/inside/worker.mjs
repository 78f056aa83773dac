// Runs under workerd, where every module is listed in the configuration (adapters/workerd.mjs).
import { report } from './inside/report.mjs';
import * as sg from './workerd.js';

export default {
  async test() {
    console.log(await report(sg, { threads: 1 }));
  },
};
