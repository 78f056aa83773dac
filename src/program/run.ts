/** Runs programs and turns what a kernel reports into errors. */
import {
  Control,
  Fault,
  FlatIndex,
  Gather,
  GatherRows,
  OneHot,
  Op,
  PutAlong,
  Scatter,
  Sharing,
  TakeRows,
  Tally,
} from '../../assembly/isa';
import { isAsideWorth } from '../runtime/aside';
import type { Outcome } from '../runtime/delegate';
import { engine } from '../runtime/engine';
import type { Pace } from '../runtime/pace';
import { noteWork } from '../runtime/worth';
import { IndexError, StateError } from '../support/errors';
import { sharingOf } from './chunks';
import { opOf } from './encode';
import { observeProgram, programObservers } from './observers';

/** The word of a command that checks indices with their upper bound. */
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
 * @param where describes the running program, given the address of the command that stopped it.
 * @param pace of this program, from run to run.
 * @throws IndexError if a kernel met an index outside its axis, StateError if a worker was ended from outside in the
 * middle of its work; commands after it did not run.
 */
export function runProgram(program: number, where: (command: number) => string, pace: Pace): void {
  const sharing = sharingOf(pace.work);
  if (sharing !== Sharing.none) noteWork(pace.work);
  const isWatched = programObservers.size > 0;
  const fault = isWatched ? observeProgram(() => pace.run(program, sharing)) : pace.run(program, sharing);
  if (fault === Fault.None) return;
  const { i32, u32 } = engine.memory;
  explain({ fault, at: u32[Control.faultAt / 4] as number, value: i32[Control.faultValue / 4] as number }, where);
}

/** Whether a program with so much work, in nanoseconds, is run by a worker while this thread is free. */
export const runsAside = (work: number): boolean => isAsideWorth(work) && programObservers.size === 0;

/** As `runProgram`, by a worker while this thread is free; see `runsAside`. @param shared as `Pace.work` */
export async function runProgramAside(
  program: number,
  where: (command: number) => string,
  shared: number,
): Promise<void> {
  const sharing = sharingOf(shared);
  if (sharing !== Sharing.none) noteWork(shared);
  const outcome = await engine.runAside(program, sharing);
  if (outcome.fault !== Fault.None) explain(outcome, where);
}

/** @throws the error that a fault stands for */
function explain({ fault, at, value }: Outcome, where: (command: number) => string): never {
  const { i32, u32 } = engine.memory;
  if (fault === Fault.WorkerLost)
    throw new StateError(
      `${where(at)}: a worker thread was ended in the middle of a computation, which is not finished; variables that it ` +
        'was changing may be half changed. The library continues with one thread; setThreads starts others',
    );
  const limit = i32[(at + (LIMIT[opOf(u32[at / 4] as number)] as number)) / 4];
  throw new IndexError(`${where(at)}: index ${value} is outside [0, ${limit})`);
}
