/**
 * A worker that leaves the last barrier late must not look at its program any more. Here programs are given back as
 * soon as they have run, their memory gets other content, and every second one is stopped by a fault half way.
 */

import { tensor } from '../../../src/ops/create/creation';
import { record, runOnce, traceInput } from '../../../src/plan/trace';
import { setThreads } from '../../../src/runtime/threads';
import { IndexError } from '../../../src/support/errors';
import { Graph } from '../../../src/tensor/graph';
import type { Tensor } from '../../../src/tensor/tensor';
import { apply } from '../../support/ops';

const n = 2100;
const axes = { axes: [0], keepDims: false };
const x = tensor(new Float32Array(n).fill(1));
const indices = [tensor([0, 1, 2], undefined, 'int32'), tensor([0, 9, 2], undefined, 'int32')] as const;

/** One-hot rows, then the sums of their columns; of several commands. */
function countByClass(classes: Tensor): Tensor {
  const graph = new Graph();
  const input = traceInput(graph, classes);
  const sums = record(graph, () => {
    const rows = apply('oneHot', [input], { depth: 3, on: 1, off: 0, dtype: 'float32', strict: true });
    return apply('sum', [apply('reshape', [rows], { shape: [9] })], axes);
  });
  return runOnce(graph, [input], [classes], [sums])[0] as Tensor;
}

function expectValue(result: Tensor, value: number, where: string): void {
  if (result.dataSync()[0] !== value) throw new Error(`${where}: ${result.dataSync()[0]} instead of ${value}`);
  result.dispose();
}

await setThreads(Number(process.argv[2]));
for (let i = 0; i < 3000; i++) {
  const sum = apply('sum', [x], axes);
  // As much as the program and its temporary took up, so that it comes to stand where they stood.
  const other = tensor(new Float32Array([22, 48, 128][i % 3] as number).fill(1e30));
  expectValue(sum, n, `sum ${i}`);
  other.dispose();
  try {
    countByClass(indices[1]);
    throw new Error(`run ${i}: an index outside went unnoticed`);
  } catch (error) {
    if (!(error instanceof IndexError)) throw error;
  }
  expectValue(countByClass(indices[0]), 3, `count ${i}`);
}
process.exit(0);
