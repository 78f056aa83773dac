/** What both emitters do alike. */
import { isRef, type Operand, type OperandOffsets, type PlainCommand, type Ref } from './ir';

/** A command with its reads and writes separated. */
export function plainCommand(
  op: number,
  offsets: OperandOffsets,
  operands: Record<string, Operand>,
  writes: readonly string[],
  scratchBytes: number,
  each?: number,
): PlainCommand {
  const reads: Ref[] = [];
  const written: Ref[] = [];
  for (const [name, operand] of Object.entries(operands)) {
    if (isRef(operand)) (writes.includes(name) ? written : reads).push(operand);
  }
  return { kind: 'plain', op, offsets, operands, reads, writes: written, scratchBytes, each };
}
