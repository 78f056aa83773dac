/**
 * Every setting of every function and method that the recipes know, misspelled in turn: each is refused with the name that
 * was meant.
 */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as sg from '../../src/index';
import { inOwnFolder } from '../support/folder';
import { isPlain } from './junk';
import { findSubjects } from './subjects';
import type { Subject } from './walk';

/** Objects that hold no settings: of names that users choose, data in a certain form, arguments of any layer's call. */
const NO_SETTINGS = new Set([
  'dispose 0',
  'op 0',
  'data.zip 0',
  'data.csv 0',
  'data.csv columnConfigs',
  'callbacks.backupAndRestore 0',
  'browser.fromPixels 0',
  'browser.fromPixelsAsync 0',
  'io.encodeTraining 0',
  'io.fromMemory 0',
  'io.fromMemorySync 0',
  'io.getModelArtifactsInfoForJSON 0',
  'loadGraphModel 0',
  'Model.save 0',
  'Model.saveWeights 0',
  'Model.loadWeights 0',
  'Layer.call 1',
  'Layer.apply 1',
  'Model.call 1',
  'Model.apply 1',
]);
/** Shorter names have others beside them. */
const SHORTEST = 4;

const swapped = (name: string): string => name[0] + (name[2] as string) + name[1] + name.slice(3);
const shortened = (name: string): string => name.slice(0, -1);
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const typosOf = (name: string): string[] =>
  [swapped(name), shortened(name), snake(name)].filter((typo) => typo !== name);

interface Place {
  readonly argument: number;
  /** Names of the objects inside of each other, the setting last. */
  readonly path: readonly string[];
}

const isNone = (name: string, path: readonly string[], argument: number): boolean =>
  NO_SETTINGS.has(`${name} ${path.at(-1) ?? argument}`) || (path.length > 0 && NO_SETTINGS.has(`${name} ${argument}`));

/** Where settings are among arguments. */
function placesOf(name: string, args: readonly unknown[]): Place[] {
  const inside = (value: unknown, argument: number, path: readonly string[]): Place[] =>
    isPlain(value)
      ? Object.entries(value).flatMap(([key, inner]): Place[] => [
          ...(isNone(name, path, argument) || key.length < SHORTEST || inner === undefined
            ? []
            : [{ argument, path: [...path, key] }]),
          ...inside(inner, argument, [...path, key]),
        ])
      : [];
  return args.flatMap((value, i) => inside(value, i, []));
}

/** The value with the key at the end of the path renamed. */
function renamed(value: unknown, [key, ...rest]: readonly string[], typo: string): unknown {
  const object = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(object).map(([k, v]) =>
      k !== key ? [k, v] : rest.length ? [k, renamed(v, rest, typo)] : [typo, v],
    ),
  );
}

/** What a call with a typo does wrong; undefined if it is refused as it should be. */
async function faultOf(subject: Subject, { argument, path }: Place, typo: string): Promise<string | undefined> {
  const opened = subject.open();
  const args = [...opened.args()];
  args[argument] = renamed(args[argument], path, typo);
  const what = `${subject.name}: ${path.join('.')} as ${typo}`;
  try {
    await opened.call(...args);
    return `${what}: silent`;
  } catch (error) {
    const isRight = error instanceof sg.ArgumentError && error.message.includes(`did you mean '${path.at(-1)}'?`);
    return isRight ? undefined : `${what}: ${String(error).slice(0, 200)}`;
  } finally {
    opened.close();
  }
}

inOwnFolder();
beforeAll(() => {
  for (const method of ['log', 'warn', 'error', 'info'] as const) vi.spyOn(console, method).mockReturnValue(undefined);
});
afterAll(() => {
  vi.restoreAllMocks();
});

it('settings that are misspelled', async () => {
  const faults: string[] = [];
  let [count, functions] = [0, 0];
  for (const subject of findSubjects().subjects) {
    const opened = subject.open();
    const places = placesOf(subject.name, [...opened.args()]);
    opened.close();
    if (places.length) functions++;
    for (const place of places)
      for (const typo of typosOf(place.path.at(-1) as string)) {
        const fault = await faultOf(subject, place, typo);
        count++;
        if (fault) faults.push(fault);
      }
  }
  process.stdout.write(`${count} typos in settings of ${functions} functions and methods\n`);
  expect(faults).toEqual([]);
});
