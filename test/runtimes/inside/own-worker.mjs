// In a worker that a page made for itself: what the page trains by `samegrad/worker`, as it is not isolated.
import * as sg from '/dist/index.js';
import { expose } from '/dist/worker.js';
import { answering } from './answering.mjs';

expose({ train: () => answering(sg) });
