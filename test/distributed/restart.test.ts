/** A rank is killed, all end, and the training continues from its checkpoint with another number of ranks: the same hash. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { canLaunch, Launchable, launchers } from './launch';

const restart = new Launchable('restart');
const folder = mkdtempSync(join(tmpdir(), 'samegrad-restart-'));
afterAll(() => {
  restart.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe.runIf(canLaunch).each(launchers)('%s', (launcher) => {
  it('a killed training continues with more ranks, or with none beside it', async () => {
    const at = (name: string): string => join(folder, `${launcher}-${name}`);
    const killed = await restart.launch('node', { launcher, ranks: 2, args: ['kill', at('killed')] });
    const ended = Date.now();
    expect(killed.code).not.toBe(0);
    const began = Number(/killed at (\d+)/.exec(killed.stdout)?.[1]);
    expect(ended - began).toBeLessThan(10_000);
    // MPICH does not tell which rank it was.
    expect(killed.stdout + killed.stderr).toMatch(launcher === 'openmpi' ? /rank 1 .*signal 9/s : /signal:? 9/i);

    const unbroken = execFileSync(process.execPath, [restart.file, 'alone', at('unbroken')], { encoding: 'utf8' });
    const [hash] = unbroken.split(' ');
    expect(unbroken).toMatch(/^[0-9a-f]{64} after 6 epochs\n$/);
    for (const ranks of [3, 1]) {
      cpSync(at('killed'), at(`resumed-${ranks}`), { recursive: true });
      const { code, stdout, stderr } = await restart.launch('node', {
        launcher,
        ranks,
        args: ['all', at(`resumed-${ranks}`)],
      });
      expect(code, stderr).toBe(0);
      expect(stdout).toContain(`${hash} after 3 epochs\n`);
    }
    cpSync(at('killed'), at('resumed-alone'), { recursive: true });
    const alone = execFileSync(process.execPath, [restart.file, 'alone', at('resumed-alone')], { encoding: 'utf8' });
    expect(alone).toBe(`${hash} after 3 epochs\n`);
  });
});
