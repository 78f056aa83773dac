/**
 * Products that threads would share, about a second of them, while nobody asks for threads, or one is asked for. Prints how
 * many threads there are in the end, and the sum of the last product.
 */
import * as sg from '../../../src/index';

if (process.argv[2] === 'asked') await sg.setThreads(1);
const a = sg.randomUniform([400, 400], 0, 1, 'float32', 7);
let sum = 0;
for (let i = 0; i < 400; i++) {
  using product = a.matMul(a);
  using total = product.sum();
  sum = (await total.data())[0] as number;
  // What starts threads waits for messages.
  if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
// Workers are started by now, or never: a second at most.
for (let i = 0; i < 100 && sg.getThreads() === 1; i++) await new Promise((resolve) => setTimeout(resolve, 10));
console.log(JSON.stringify({ threads: sg.getThreads(), sum }));
