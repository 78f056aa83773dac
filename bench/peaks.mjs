// The most memory that a case takes: in a process of its own, so that no other case has left anything behind.
import { Remote } from './remote.mjs';

const RUNS = 4;

/** MB that the process of one peer has held at most, runtime and library included; undefined if the case fails. */
export async function peakOf(peer, url, { id, params }) {
  const remote = new Remote(peer, url);
  try {
    if (!(await remote.open(id, params))) return undefined;
    for (let i = 0; i < RUNS; i++) await remote.time(1);
    return remote.peakMegabytes;
  } catch {
    return undefined; // what fails is told where it is timed
  } finally {
    remote.end();
  }
}
