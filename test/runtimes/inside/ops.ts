/**
 * The case table as a program for every runtime: what each op gives, as a few letters. host/ops.mjs bundles it with the
 * library's sources.
 */
import type { Bits } from '../../support/bits';
import { runEagerly } from '../../support/run';
import { casesByOp } from '../../tables/kernels';
import { sharing } from './sharing';

export { scoreOnnx } from './onnx';

/** All results of an op behind each other, each with its shape and type. */
function joined(results: readonly Bits[]): Uint32Array<ArrayBuffer> {
  const parts = results.map(({ shape, dtype, words }) => [[shape.length, ...shape, dtype.length], words]);
  return Uint32Array.from(parts.flatMap(([head, words]) => [...(head as number[]), ...(words as Uint32Array)]));
}

async function digest(words: Uint32Array<ArrayBuffer>): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', words));
  return Array.from(bytes.subarray(0, 8), (b) => b.toString(16).padStart(2, '0')).join('');
}

/** Op to the first half of a SHA-256 over its results in all rows of the table. */
export async function hashes(threads: number): Promise<Record<string, string>> {
  return sharing(threads, async () => {
    const found: Record<string, string> = {};
    for (const [op, rows] of casesByOp) found[op] = await digest(joined(rows.map(runEagerly)));
    return found;
  });
}
