/** How a program enters the world of MPI that it was started in. */
import { RuntimeSupportError, StateError } from '../../support/errors';
import * as is from '../../support/settings';
import { type TrainingWorld, training } from '../distribute';
import { endTogether } from './failure';
import { foreign, thisProcess } from './foreign';
import { isLaunched, launchedSize, openLibrary } from './library';
import { MpiWorld } from './world';

/** Settings of `init`. */
export interface InitArgs {
  /** File of the library; default: that of the launcher, as the system finds it. */
  library?: string;
}

const INIT = { library: is.text() } satisfies is.TableOf<InitArgs>;

let world: (MpiWorld & TrainingWorld) | undefined;

/**
 * Enters the world of MPI: all processes that `mpirun`, or another launcher, has started together. Call it once, at the
 * start; a second call returns the same world. An error that nothing catches, in any process, then ends all of them, and is
 * printed with its rank; at the end of the program the world is finalized.
 * @param args the library, if it is not to be the one that fits the launcher
 * @returns the world, with the rank of this process and the number of all
 * @throws RuntimeSupportError in other runtimes than Node, Deno and Bun, if koffi (Node) or a library of
 * MPI is missing, or that is of another kind than the launcher;
 * StateError if no launcher has started the program, or the world was finalized; ArgumentError for other settings
 * @example
 * // In a page there is no MPI; a cluster runs this by `mpirun -n 4 node train.mjs`.
 * const world = await mpi.init();
 */
export async function init(args?: InitArgs | null): Promise<TrainingWorld> {
  const { library } = is.checked('mpi.init', INIT, args);
  if (world?.isFinal) throw new StateError('mpi.init: the world was finalized, and MPI cannot be started twice');
  if (world) return world;
  const env = thisProcess()?.env ?? {};
  if (!isLaunched(env))
    throw new StateError(
      'mpi.init: no launcher of MPI has started this program; start it with, for instance: mpirun -n 2 node train.mjs (Debian: apt-get install openmpi-bin)',
    );
  const caller = await foreign();
  const own = new MpiWorld(openLibrary(caller, env, library));
  // Each process would train alone, and nobody would notice.
  const started = launchedSize(env);
  if (own.size === 1 && started > 1) {
    own.finalize();
    throw new RuntimeSupportError(
      `mpi.init: ${started} processes were started, but this library of MPI knows of one: it is of another kind than the launcher; use the launcher that belongs to it (mpirun.openmpi, mpiexec.mpich), or name its file: init({ library: '/…/libmpi.so' })`,
    );
  }
  world = training(own);
  await endTogether(world);
  return world;
}
