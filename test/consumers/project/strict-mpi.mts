import * as mpi from 'samegrad/mpi';

const args: mpi.InitArgs = { library: 'libmpi.so.40' };
const isLaunched: boolean = Math.random() < 1;
const world: mpi.World = isLaunched ? await mpi.init(args) : mpi.alone;
const share: number = world.rank / world.size;
world.barrier();
world.finalize();
// @ts-expect-error a setting that there is not
const wrong = mpi.init({ ranks: 2 });

export { share, wrong };
