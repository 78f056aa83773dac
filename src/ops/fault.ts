/** Runs programs and turns what a kernel reports into errors. */
import { Control, FlatIndex, Gather, GatherRows, OneHot, Op, Scatter } from '../../assembly/isa';
import { engine } from '../runtime/engine';
import { IndexError } from '../runtime/errors';

/** Where commands that check indices keep the length of the axis. */
const LIMIT: { readonly [K in Op]?: number } = {
  [Op.OneHot]: OneHot.depth,
  [Op.GatherRows]: GatherRows.limit,
  [Op.Gather]: Gather.limit,
  [Op.Scatter]: Scatter.limit,
  [Op.FlatIndex]: FlatIndex.limit,
};

/**
 * Runs the program at an address.
 * @param where names what was running, given the address of the command that stopped it.
 * @throws IndexError if a kernel met an index outside its axis; commands after it did not run.
 */
export function runProgram(program: number, where: (command: number) => string): void {
  if (engine.run(program) === 0) return;
  const { i32, u32 } = engine.memory;
  const at = u32[Control.faultAt / 4] as number;
  const value = i32[Control.faultValue / 4];
  const opcode = u32[at / 4] as Op;
  const limit = i32[(at + (LIMIT[opcode] as number)) / 4];
  throw new IndexError(`${where(at)}: index ${value} is outside [0, ${limit})`);
}
