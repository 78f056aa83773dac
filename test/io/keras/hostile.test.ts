/** Damaged files of Keras: each ends with a model or a typed error, soon, and with no memory held. */
import { beforeAll, describe, expect, it } from 'vitest';
import * as sg from '../../../src/index';
import { effort } from '../../support/effort';
import { damagedArchive, damagedBytes, randomOf } from './damage';
import { fixture, goldens, load, Sampling } from './files';

beforeAll(async () => {
  sg.serialization.registerClass(Sampling as never, 'vae');
  // What is made once, and stays.
  for (const name of names) (await load(fixture('archives', name))).dispose();
});

/** Errors of the library: what is wrong in a configuration is told by the class that it is a setting of. */
const typed = [sg.FormatError, sg.ArgumentError, sg.ShapeError, sg.StateError, sg.DTypeError];
const names = Object.keys(goldens);
const COUNT = effort(60, 20);

/** What is wrong with how a file is refused, or undefined. */
async function fault(bytes: Uint8Array): Promise<string | undefined> {
  const before = sg.memory();
  try {
    (await sg.loadModel(bytes)).dispose();
  } catch (error) {
    if (!typed.some((type) => error instanceof type))
      return `${(error as Error).name}: ${(error as Error).stack?.slice(0, 600)}`;
  }
  const after = sg.memory();
  if (after.numTensors !== before.numTensors) return `${after.numTensors - before.numTensors} tensors are left`;
  if (after.numBytes !== before.numBytes) return `${after.numBytes - before.numBytes} bytes are left`;
  return undefined;
}

describe.each(names)('%s', (name) => {
  it.each<[string, (random: ReturnType<typeof randomOf>) => Uint8Array]>([
    ['archive', (random) => damagedArchive(fixture('archives', name), random)],
    ['bytes of the archive', (random) => damagedBytes(fixture('archives', name), random)],
    ['.h5', (random) => damagedBytes(fixture('legacy', name), random)],
  ])('%s', async (_, damage) => {
    const faults: string[] = [];
    for (let seed = 0; seed < COUNT; seed++) {
      const found = await fault(damage(randomOf(seed * 97 + names.indexOf(name))));
      if (found) faults.push(`${seed}: ${found}`);
    }
    expect(faults.slice(0, 3)).toEqual([]);
  });
});
