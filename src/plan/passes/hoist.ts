/** Command pass for loops: work that is the same in every step is done once, before the loop. */
import { type Gemm, Op, PANEL, PackPanels, UNPACKED_ROWS } from '../../../assembly/isa';
import type { Command, PlainCommand, Ref } from '../../program/ir';
import type { PlanEmitter } from '../emitter';

/**
 * Products whose right operand is the same in all steps (recurrent kernels) read it packed: `e`, which emits the commands
 * before the loop, packs it there, once for all products that read it in the same way.
 * @param isSame whether the loop leaves that memory unchanged
 */
export function hoistPacking(
  e: PlanEmitter,
  commands: readonly Command[],
  origins: readonly string[],
  isSame: (ref: Ref) => boolean,
): Command[] {
  const packed = new Map<string, Ref>();
  const ids = new Map<Ref['buffer'], number>();
  const idOf = (buffer: Ref['buffer']): number => ids.get(buffer) ?? (ids.set(buffer, ids.size).get(buffer) as number);
  return commands.map((command, i) => {
    if (command.kind !== 'plain' || command.op !== Op.Gemm) return command;
    const { b, m, n, k, bRow, bCol, bBatch } = command.operands as Record<keyof typeof Gemm, number> & { b: Ref };
    if (bBatch !== 0 || (m <= UNPACKED_ROWS && bCol === 4) || n * k === 0 || !isSame(b)) return command;
    const rowBytes = Math.ceil(n / PANEL) * PANEL * 4;
    const key = [idOf(b.buffer), b.offset, n, k, bRow, bCol].join();
    let out = packed.get(key);
    if (!out) {
      const { origin } = e;
      e.origin = origins[i] as string;
      out = { buffer: e.buffer(k * rowBytes, 'packed'), offset: 0 };
      packed.set(key, out);
      e.command(Op.PackPanels, PackPanels, { b, out, n, k, bRow, bCol }, ['out']);
      e.origin = origin;
    }
    return reading(command, b, out, rowBytes);
  });
}

const reading = (command: PlainCommand, b: Ref, packed: Ref, bRow: number): PlainCommand => ({
  ...command,
  operands: { ...command.operands, b: packed, bRow, bCol: 0 },
  reads: [...command.reads.filter((r) => r !== b), packed],
});
