/** Fills linear memory. Prints the error, whether all can be used again, and what an idle program gave up before. */
import * as sg from '../../../src/index';
import { Storage } from '../../../src/tensor/storage';

const w = sg.variable(sg.zeros([1024, 1024]));
const f = sg.jit((x: sg.Tensor) => x.exp().cumsum(0).mul(x).sum());
const x = sg.ones([1024, 4096]);
const first = sg.tidy(() => f(x).dataSync()[0]);
// Blocks as tensors have them, whose pages are never touched.
const blocks: Storage[] = [];
let error: unknown;
try {
  for (;;) blocks.push(new Storage(64 << 20));
} catch (e) {
  error = e;
}
const count = blocks.length;
const isTyped = error instanceof sg.OutOfMemoryError;
for (const b of blocks) b.release();
const again = sg.tidy(() => f(x).dataSync()[0]);
w.dispose();
console.log(JSON.stringify({ message: String(error), isTyped, count, isEqual: first === again }));
