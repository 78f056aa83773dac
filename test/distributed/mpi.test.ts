/** The world of Open MPI, and of MPICH, in Node, Deno and Bun: sums with the bits of the reference, and common ends. */
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { alone, init } from '../../src/distributed/index';
import type { Foreign } from '../../src/distributed/mpi/foreign';
import { openLibrary } from '../../src/distributed/mpi/library';
import { engine } from '../../src/runtime/engine';
import { ArgumentError, RuntimeSupportError, StateError } from '../../src/support/errors';
import { sumTree } from '../reference/tree';
import { runScript } from '../support/child';
import { canLaunch, Launchable, launchers, runtimes } from './launch';
import { blockOf, CASES } from './programs/blocks';

const sums = new Launchable('sums');
const failing = new Launchable('failing');
const entering = new Launchable('entering');
afterAll(() => {
  sums.dispose();
  failing.dispose();
  entering.dispose();
});

function expectedHash(): string {
  const hash = createHash('sha256');
  for (const sumCase of CASES) {
    const sum = sumTree(Array.from({ length: sumCase.chunks }, (_, i) => blockOf(sumCase, i)));
    hash.update(new Uint8Array(sum.buffer, sum.byteOffset, sum.byteLength));
  }
  return hash.digest('hex');
}

const pairs = launchers.flatMap((launcher) => runtimes.map((runtime) => [launcher, runtime] as const));

describe.each(pairs)('%s, %s', (launcher, runtime) => {
  const hash = expectedHash();

  it.each(runtime === 'node' ? [1, 2, 3, 4, 8] : [1, 3])('%i ranks: every sum is that of the tree', async (ranks) => {
    const { code, stdout, stderr } = await sums.launch(runtime, { launcher, ranks });
    expect(code, stderr).toBe(0);
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { rank: number });
    const expected = Array.from({ length: ranks }, (_, rank) => ({
      rank,
      size: ranks,
      hash,
      words: [1, 2, 0xffffffff],
    }));
    expect(found.sort((a, b) => a.rank - b.rank)).toEqual(expected);
  });

  it('threads inside of ranks', async () => {
    const { code, stdout, stderr } = await sums.launch(runtime, { launcher, ranks: 2, args: ['2'] });
    expect(code, stderr).toBe(0);
    expect(stdout.split(hash).length).toBe(3);
  });

  it.each(['throw', 'later', 'reject'])('an error of rank 1 ends all: %s', async (way) => {
    const { code, stderr, milliseconds } = await failing.launch(runtime, {
      launcher,
      ranks: 3,
      args: [way],
      timeout: 30_000,
    });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/rank 1 of 3 failed: TypeError: the sky fell/);
    expect(milliseconds).toBeLessThan(30_000);
  });

  it('so does an exit with a code', async () => {
    const { code, stderr } = await failing.launch(runtime, { launcher, ranks: 2, args: ['exit'], timeout: 30_000 });
    expect(code).toBe(3);
    expect(stderr).toContain('rank 1 of 2 exits with code 3');
  });

  it('and a kill, by name', async () => {
    const { code, stdout, stderr } = await failing.launch(runtime, {
      launcher,
      ranks: 3,
      args: ['kill'],
      timeout: 30_000,
    });
    expect(code).not.toBe(0);
    // MPICH tells it without the rank, on the other stream.
    expect(stdout + stderr).toMatch(launcher === 'openmpi' ? /rank 1 .*signal 9/s : /signal:? 9/i);
  });

  it('nothing may be called after finalize', async () => {
    const { stderr } = await failing.launch(runtime, { launcher, ranks: 2, args: ['finalized'], timeout: 30_000 });
    expect(stderr).toContain('finalize must be the last call');
  });
});

describe('entering', () => {
  it('without a launcher there is no world', async () => {
    await expect(init()).rejects.toThrow(StateError);
    await expect(init()).rejects.toThrow(/start it with, for instance: mpirun -n 2 node train.mjs/);
  });

  it('other settings are refused', async () => {
    await expect(init({ ranks: 2 } as object)).rejects.toThrow(ArgumentError);
  });

  // Bundled where no package is found.
  it('Node without koffi is told to install it', async () => {
    const env = { ...process.env, OMPI_COMM_WORLD_SIZE: '1' };
    expect(await runScript('distributed/programs/entering', [], 60_000, { env })).toMatch(
      /^RuntimeSupportError: mpi: .* npm install koffi$/m,
    );
  });

  it.runIf(launchers.length === 2)('a library of another kind than the launcher is refused', async () => {
    const args = [JSON.stringify({ library: 'libmpi.so.40' })];
    const { stdout } = await entering.launch('node', { launcher: 'mpich', ranks: 2, args });
    expect(stdout).toMatch(/^RuntimeSupportError: mpi.init: 2 processes were started, but this library of MPI knows/);
  });

  it('an MPI of a third kind is refused: nobody knows its handles', () => {
    const symbols = new Set(['MPI_Init_thread', 'MPI_COMM_WORLD']);
    const textAt = (at: number): string => {
      const u8 = new Uint8Array(engine.memory.u32.buffer);
      return new TextDecoder().decode(u8.slice(at, u8.indexOf(0, at)));
    };
    const calls = {
      setenv: () => 0,
      dlopen: () => 1,
      dlsym: (_: number, name: number) => Number(symbols.has(textAt(name))),
    };
    const stranger = { open: () => calls, addressOf: () => 0 } as unknown as Foreign;
    const enter = () => openLibrary(stranger, { PMI_RANK: '0' });
    expect(enter).toThrow(RuntimeSupportError);
    expect(enter).toThrow(/libmpich.so.12 is an MPI of another kind than Open MPI and MPICH; install/);
    symbols.add('MPIR_Dup_fn');
    expect(enter().comm).toBe(0x44000000);
    symbols.add('ompi_mpi_comm_world').add('ompi_mpi_int32_t');
    expect(enter().comm).toBe(1);
  });

  it('the world of one process cannot be ended', () => expect(() => alone.abort(2)).toThrow(StateError));

  it.runIf(canLaunch)('a library is found, or its absence is told', async () => {
    const enter = async (args: object): Promise<string> =>
      (await entering.launch('node', { ranks: 1, args: [JSON.stringify(args)] })).stdout;
    expect(await enter({})).toBe('rank 0 of 1, once\n');
    expect(await enter({ library: 'libmpi.so.40' })).toBe('rank 0 of 1, once\n');
    expect(await enter({ library: '/nowhere/libmpi.so' })).toMatch(
      /^RuntimeSupportError: mpi: \/nowhere\/libmpi.so is no library/,
    );
    expect(await enter({ library: 'libc.so.6' })).toMatch(/^RuntimeSupportError: mpi: libc.so.6 is no library of MPI/);
  });
});
