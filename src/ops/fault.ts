/** Runs programs and turns what a kernel reports into errors. */
import {
  Control,
  FlatIndex,
  Gather,
  GatherRows,
  OneHot,
  Op,
  PutAlong,
  Scatter,
  TakeRows,
  Tally,
} from '../../assembly/isa';
import { engine } from '../runtime/engine';
import { IndexError } from '../runtime/errors';
import { observeProgram, programObservers } from './observers';

/** Where a command that checks indices says how many there are. */
const LIMIT: Partial<Record<Op, number>> = {
  [Op.GatherRows]: GatherRows.limit,
  [Op.OneHot]: OneHot.depth,
  [Op.PutAlong]: PutAlong.limit,
  [Op.Gather]: Gather.limit,
  [Op.Scatter]: Scatter.limit,
  [Op.FlatIndex]: FlatIndex.limit,
  [Op.TakeRows]: TakeRows.n,
  [Op.SumRows]: TakeRows.n,
  [Op.Tally]: Tally.limit,
};

/**
 * Runs the program at an address.
 * @param where names what was running, given the address of the command that stopped it.
 * @param threads how many walk it; at most as many as there are.
 * @throws IndexError if a kernel met an index outside its axis; commands after it did not run.
 */
export function runProgram(program: number, where: (command: number) => string, threads = engine.threads): void {
  const isWatched = programObservers.size > 0;
  const fault = isWatched ? observeProgram(() => engine.run(program, threads)) : engine.run(program, threads);
  if (fault === 0) return;
  const { i32, u32 } = engine.memory;
  const at = u32[Control.faultAt / 4] as number;
  const value = i32[Control.faultValue / 4];
  const limit = i32[(at + (LIMIT[u32[at / 4] as Op] as number)) / 4];
  throw new IndexError(`${where(at)}: index ${value} is outside [0, ${limit})`);
}
