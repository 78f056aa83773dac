/** What a function costs. */
import { type OpRun, opObservers, programObservers } from '../program/observers';
import { relieve } from '../runtime/pressure';
import { ArgumentError } from '../support/errors';
import { memory } from '../tensor/lifetime';
import type { Shape } from '../tensor/shape';

/** Milliseconds that a function took, as `sg.time` returns them. */
export interface TimingInfo {
  /** In total. */
  readonly wallMs: number;
  /** In WebAssembly programs: ops, compiled functions, training steps. */
  readonly kernelMs: number;
}

/** An op that ran during a profile. */
export interface KernelInfo {
  /** Name of the op. */
  readonly name: string;
  /** Bytes more in use after the op than before. */
  readonly bytesAdded: number;
  /** Bytes in use after the op. */
  readonly totalBytesSnapshot: number;
  /** Tensors more after the op than before. */
  readonly tensorsAdded: number;
  /** Tensors after the op. */
  readonly totalTensorsSnapshot: number;
  /** Shapes of the operands. */
  readonly inputShapes: readonly Shape[];
  /** Shapes of the results. */
  readonly outputShapes: readonly Shape[];
  /** Milliseconds that the op took. */
  readonly kernelTimeMs: number;
}

/** What a function did, as `sg.profile` returns it. */
export interface ProfileInfo<T = unknown> {
  /** Bytes more in use than before. */
  readonly newBytes: number;
  /** Tensors more than before. */
  readonly newTensors: number;
  /** The most bytes in use after an op. */
  readonly peakBytes: number;
  /** The ops that ran immediately, in order; a compiled function or a training step is one program, not listed here. */
  readonly kernels: readonly KernelInfo[];
  /** Their names, each once. */
  readonly kernelNames: readonly string[];
  /** What the function returned. */
  readonly result: T;
}

async function watching<T, Run>(
  observers: Set<(run: Run) => void>,
  tell: (run: Run) => void,
  fn: () => T,
): Promise<Awaited<T>> {
  observers.add(tell);
  try {
    const value = await fn();
    await relieve();
    return value;
  } finally {
    observers.delete(tell);
  }
}

const checkFunction = (fn: unknown, where: string): void => {
  if (typeof fn !== 'function') throw new ArgumentError(`${where}: needs a function, got ${typeof fn}`);
};

/**
 * How long a function takes.
 * @param f may return a promise.
 * @throws ArgumentError unless f is a function; the promise is rejected
 * @example
 * const { wallMs, kernelMs } = await sg.time(() => sg.matMul(sg.ones([64, 64]), sg.ones([64, 64])));
 */
export async function time(f: () => unknown): Promise<TimingInfo> {
  checkFunction(f, 'time');
  let kernelMs = 0;
  const start = performance.now();
  await watching(programObservers, (milliseconds: number) => (kernelMs += milliseconds), f);
  const wallMs = performance.now() - start;
  return { wallMs: Math.max(wallMs, kernelMs), kernelMs };
}

/**
 * Which ops a function runs, and how much memory they use.
 * @param f may return a promise.
 * @throws ArgumentError unless f is a function; the promise is rejected
 * @example
 * const { kernelNames, newBytes } = await sg.profile(() => sg.ones([4]).square());
 */
export async function profile<T>(f: () => T): Promise<ProfileInfo<Awaited<T>>> {
  checkFunction(f, 'profile');
  const before = memory();
  let last = before;
  let peakBytes = 0;
  const kernels: KernelInfo[] = [];
  const note = ({ name, inputs, output, milliseconds }: OpRun): void => {
    const now = memory();
    kernels.push({
      name,
      bytesAdded: now.numBytes - last.numBytes,
      totalBytesSnapshot: now.numBytes,
      tensorsAdded: now.numTensors - last.numTensors,
      totalTensorsSnapshot: now.numTensors,
      inputShapes: inputs.map((t) => t.shape),
      outputShapes: [output.shape],
      kernelTimeMs: milliseconds,
    });
    peakBytes = Math.max(peakBytes, now.numBytes);
    last = now;
  };
  const result = await watching(opObservers, note, f);
  const after = memory();
  return {
    newBytes: after.numBytes - before.numBytes,
    newTensors: after.numTensors - before.numTensors,
    peakBytes,
    kernels,
    kernelNames: [...new Set(kernels.map(({ name }) => name))],
    result,
  };
}
