// A step of an optimizer over ten million parameters against a copy of as many bytes in the same memory.
import * as sg from 'samegrad';
import { local, measure } from './measure.mjs';

const PARAMETERS = 1e7;
const FLOAT = 4;
/** Label to { make, arrays: how many are read or written }. */
const optimizers = {
  SGD: { make: () => sg.train.sgd(1e-3), arrays: 3 },
  momentum: { make: () => sg.train.momentum(1e-3, 0.9), arrays: 5 },
  Adam: { make: () => sg.train.adam(1e-3), arrays: 7 },
  AdamW: { make: () => sg.train.adamW(1e-3), arrays: 7 },
};

/** TypedArray.set within one buffer, of as many bytes read and written. */
function copy(bytes) {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) + 1 });
  const half = Math.floor(bytes / 2 / FLOAT);
  const [from, to] = [new Float32Array(memory.buffer, 0, half), new Float32Array(memory.buffer, half * FLOAT, half)];
  from.fill(1);
  to.fill(1);
  return () => to.set(from);
}

/** Rows as { what, value }. */
export async function optimizerFigures(pace) {
  const rows = [];
  const g = sg.randomNormal([PARAMETERS]);
  for (const [name, { make, arrays }] of Object.entries(optimizers)) {
    const w = sg.variable(sg.randomNormal([PARAMETERS]));
    const optimizer = make();
    const step = sg.jit((tensor) => optimizer.applyGradients([{ name: w.name, tensor }]));
    const bytes = arrays * FLOAT * PARAMETERS;
    const [ours, plain] = await measure([local(name, () => step(g)), local('copy', copy(bytes))], pace);
    const rate = ({ min }) => bytes / min / 1e6;
    rows.push({
      what: `${name}, 10 million parameters: ms, GB/s, share of a copy's ${rate(plain).toFixed(1)} GB/s`,
      value: `${ours.min.toFixed(1)}, ${rate(ours).toFixed(1)}, ${((100 * rate(ours)) / rate(plain)).toFixed(0)} %`,
    });
    step.dispose();
    optimizer.dispose();
    w.dispose();
  }
  g.dispose();
  return rows;
}
