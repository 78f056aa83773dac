/** Rank 1 fails, in one of several ways; the others wait for it. */
import { init } from '../../../src/distributed/index';

const world = await init();
world.barrier();
const way = process.argv[2];
if (world.rank === 1) {
  if (way === 'throw') throw new TypeError('the sky fell');
  if (way === 'later')
    setTimeout(() => {
      throw new TypeError('the sky fell');
    }, 10);
  if (way === 'reject') void Promise.reject(new TypeError('the sky fell'));
  if (way === 'exit') process.exit(3);
  if (way === 'kill') process.kill(process.pid, 'SIGKILL');
  if (way === 'finalized') {
    world.finalize();
    world.barrier();
  }
}
if (way === 'finalized') world.finalize();
else if (world.rank !== 1) world.barrier();
