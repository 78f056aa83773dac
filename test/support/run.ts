/** Runs rows of the case table: eagerly, and in a sandbox. */

import { tensor } from '../../src/ops/create/creation';
import type { Value } from '../../src/program/ir';
import { reserves } from '../../src/runtime/reserves';
import { tidy } from '../../src/tensor/scope';
import type { Tensor } from '../../src/tensor/tensor';
import { compile } from '../plan/compile';
import type { NdArray } from '../reference/array';
import type { Case } from '../tables/kernels/case';
import { type Bits, bitsAt, bitsOf, difference } from './bits';
import { apply, descriptorOf } from './ops';
import { Sandbox } from './sandbox';

export const toTensor = (x: NdArray): Tensor => tensor(x.data as Float32Array<ArrayBuffer>, x.shape, x.dtype);

/** The op's result on real tensors. @throws if an operand has changed */
export function runEagerly(c: Case): Bits {
  return tidy(() => {
    const arrays = c.inputs();
    const inputs = arrays.map(toTensor);
    const out = apply(c.op, inputs, c.attrs as never);
    const result = bitsAt(out.address(), out.shape, out.dtype);
    inputs.forEach((t, i) => {
      const changed = difference(bitsAt(t.address(), t.shape, t.dtype), bitsOf(arrays[i] as NdArray));
      if (changed) throw new Error(`operand ${i} was changed: ${changed}`);
    });
    return result;
  });
}

/** The op's result as a program of its own, whose workspace is elsewhere than when it was compiled. */
function runCompiled(c: Case): Bits {
  return tidy(() => {
    const { program, run } = compile((...xs) => apply(c.op, xs, c.attrs as never), c.inputs().map(toTensor));
    reserves.trim(0);
    const [result] = run() as [Tensor];
    program.dispose();
    return bitsAt(result.address(), result.shape, result.dtype);
  });
}

/** Eager against the reference. */
export const checkReference = (c: Case): string | undefined => difference(runEagerly(c), bitsOf(c.expected()));

/** Compiled against eager. */
export const checkCompiled = (c: Case): string | undefined => difference(runCompiled(c), runEagerly(c));

/** The op's result by its own commands in a sandbox, and what was damaged there; undefined for ops that move nothing. */
export function runGuarded(c: Case): { result: Bits; damaged: string[] } | undefined {
  const descriptor = descriptorOf(c.op);
  const sandbox = new Sandbox();
  try {
    const inputs = c
      .inputs()
      .map((x, i): Value => ({ shape: x.shape, dtype: x.dtype, ref: sandbox.place(x, `operand ${i}`) }));
    const spec = descriptor.infer(inputs, c.attrs);
    if (descriptor.view?.(inputs, c.attrs, spec)) return undefined;
    const bytes = spec.shape.reduce((size, d) => size * d, 4);
    const out: Value = { ...spec, ref: sandbox.block(bytes, 'result') };
    descriptor.lower(sandbox, inputs, out, c.attrs);
    sandbox.run();
    return { result: bitsAt(out.ref.buffer.address as number, spec.shape, spec.dtype), damaged: sandbox.damaged() };
  } finally {
    sandbox.dispose();
  }
}

/** Runs a check for every row; returns what it complains about, with the rows' names. */
export function complaints(rows: readonly Case[], check: (c: Case) => string | undefined): string[] {
  return rows.flatMap((c) => {
    let complaint: string | undefined;
    try {
      complaint = check(c);
    } catch (error) {
      complaint = String(error);
    }
    return complaint === undefined ? [] : [`${c.op} ${c.name}: ${complaint}`];
  });
}
