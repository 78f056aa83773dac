/** Arrays with names, as numpy has them: archives of .npy files. */
import { FormatError } from '../../support/errors';
import type { NamedTensorMap } from '../artifacts';
import { Archive, archive } from '../formats/archive';
import type { Source, StoredWeight } from '../formats/format';
import { sourceOfMemory } from '../formats/in-memory';
import type { NamedNumbers } from '../safetensors/write';
import { toTensors } from '../weights/decode';
import { parseNpyHeader } from './header';
import { storedNpy } from './read';
import { toNpy } from './write';

const EXTENSION = '.npy';

/** @throws FormatError for a damaged archive, and for files in it that are no arrays; DTypeError */
export async function readNpz(source: Source): Promise<NamedTensorMap> {
  const files = await Archive.open(sourceOfMemory(source.name, await source.read(0, source.size)));
  const weights: StoredWeight[] = [];
  for (const file of files.names) {
    if (!file.endsWith(EXTENSION))
      throw new FormatError(`${source.name}: the file '${file}' in it is no ${EXTENSION} file`);
    const name = file.slice(0, -EXTENSION.length);
    const bytes = (await files.get(file)) as Uint8Array;
    const header = parseNpyHeader(`'${name}'`, bytes, bytes.length);
    weights.push(storedNpy(name, header, bytes.subarray(header.start)));
  }
  return toTensors(weights);
}

/** @throws DTypeError */
export const toNpz = (list: readonly NamedNumbers[], compress: boolean): Uint8Array =>
  archive(Object.fromEntries(list.map((entry) => [entry.name + EXTENSION, toNpy(entry)])), compress);
