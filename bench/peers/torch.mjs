import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// SAMEGRAD_BENCH_PYTHON may name the python of a virtual environment that has torch.
const python = process.env.SAMEGRAD_BENCH_PYTHON ?? 'python3';

/** Native PyTorch on one thread: not a competitor in JavaScript but the height of the bar. */
const torch = {
  name: 'torch 1t',
  command: [python, fileURLToPath(new URL('./torch_bench.py', import.meta.url))],
  available: () =>
    new Promise((resolve) => {
      execFile(python, ['-c', 'import torch; print(torch.__version__)'], (error, stdout) => {
        torch.version = stdout.trim();
        resolve(error ? `${python} has no torch` : true);
      });
    }),
};

export const peers = [torch];
