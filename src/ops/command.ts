/** What both emitters do alike. */
import { type Buffer, isRef, type Layout, type Operand, type PlainCommand, type Ref } from './ir';

/** Scratch is rounded up so that threads never write to one cache line. */
const LINE = 64;
export const scratchStride = (bytes: number): number => Math.ceil(bytes / LINE) * LINE;

/** A command with its reads and writes told apart. */
export function plainCommand(
  op: number,
  layout: Layout,
  operands: Record<string, Operand>,
  writes: readonly string[],
  scratchBytes: number,
): PlainCommand {
  const reads: Ref[] = [];
  const written: Ref[] = [];
  for (const [name, operand] of Object.entries(operands)) {
    if (isRef(operand)) (writes.includes(name) ? written : reads).push(operand);
  }
  const scratch: Buffer | undefined = scratchBytes
    ? { bytes: scratchBytes, address: undefined, label: 'scratch' }
    : undefined;
  return { kind: 'plain', op, layout, operands, reads, writes: written, scratch };
}
