/** What both emitters do alike. */
import { isRef, type Layout, type Operand, type PlainCommand, type Ref } from './ir';

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
  return { kind: 'plain', op, layout, operands, reads, writes: written, scratchBytes };
}
