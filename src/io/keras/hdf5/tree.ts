/**
 * HDF5 files (https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html) as h5py writes them: groups, attributes, arrays of
 * numbers. Everything is read when it is asked for, and checked before anything is allocated.
 */
import { FormatError } from '../../../support/errors';
import { type AttributeValue, readAttributes } from './attributes';
import { FileBytes } from './cursor';
import { Dataset } from './datasets';
import { readLinks } from './links';
import { Message, type ObjectHeader, readHeader } from './objects';

export { Dataset, FileBytes };

/** Groups are nested as layers are: deeper than any model goes. */
const DEEPEST = 200;

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Where a file begins: 0, or 512, 1024, 2048 … behind what users put in front; undefined for another file. */
export function startOf(file: FileBytes): number | undefined {
  for (let at = 0; at + 8 <= file.size; at = at ? at * 2 : 512) {
    const found = file.bytes(at, at + 8);
    if (SIGNATURE.every((b, i) => found[i] === b)) return at;
  }
  return undefined;
}

/** A group: objects by name. */
export class Group {
  #links: ReadonlyMap<string, number> | undefined;
  #attributes: ReadonlyMap<string, AttributeValue> | undefined;
  readonly #found = new Map<string, Group | Dataset>();

  constructor(
    readonly path: string,
    private readonly header: ObjectHeader,
  ) {}

  get attributes(): ReadonlyMap<string, AttributeValue> {
    this.#attributes ??= readAttributes(this.header);
    return this.#attributes;
  }

  get #addresses(): ReadonlyMap<string, number> {
    this.#links ??= readLinks(this.header);
    return this.#links;
  }

  /** Names of what it contains. */
  get names(): readonly string[] {
    return [...this.#addresses.keys()];
  }

  /** Elements of all arrays inside that can be read, each counted once however many names it has. */
  countElements(seen = new Set<number>(), depth = 0): number {
    if (depth > DEEPEST) return 0;
    let count = 0;
    for (const [name, address] of this.#addresses) {
      if (seen.has(address)) continue;
      seen.add(address);
      const child = this.#readable(name);
      if (child) count += child instanceof Dataset ? child.size : child.countElements(seen, depth + 1);
    }
    return count;
  }

  /** A child, if it is not damaged. */
  #readable(name: string): Group | Dataset | undefined {
    try {
      return this.#child(name);
    } catch (error) {
      if (error instanceof FormatError) return undefined;
      throw error;
    }
  }

  /** What a path of names leads to, if anything. @throws FormatError if it is damaged */
  get(path: string): Group | Dataset | undefined {
    const [name = '', ...rest] = path.split('/').filter((part) => part !== '');
    const found = this.#child(name);
    if (rest.length === 0) return found;
    return found instanceof Group ? found.get(rest.join('/')) : undefined;
  }

  group(path: string): Group | undefined {
    const found = this.get(path);
    return found instanceof Group ? found : undefined;
  }

  dataset(path: string): Dataset | undefined {
    const found = this.get(path);
    return found instanceof Dataset ? found : undefined;
  }

  #child(name: string): Group | Dataset | undefined {
    const known = this.#found.get(name);
    const address = this.#addresses.get(name);
    if (known || address === undefined) return known;
    const path = `${this.path}/${name}`;
    const header = readHeader(this.header.file, address);
    const isGroup = header.has(Message.symbols) || header.has(Message.linkInfo) || header.has(Message.link);
    const child = isGroup ? new Group(path, header) : new Dataset(path, header);
    this.#found.set(name, child);
    return child;
  }
}

/** The root of a file. @throws FormatError if it is not such a file, or damaged */
export function openHDF5(file: FileBytes): Group {
  const start = startOf(file);
  if (start === undefined) return file.refuse('the file does not begin as such a file does');
  const head = file.rest(start + 8, 'the file', 128);
  const version = head.u8();
  if (version > 3) head.refuse(`version ${version} is not known`);
  if (version < 2) head.skip(4);
  const [offset, length] = [head.u8(), head.u8()];
  if (![2, 4, 8].includes(offset) || ![2, 4, 8].includes(length)) head.refuse('addresses have odd sizes');
  file.widths = { offset, length };
  head.skip(version < 2 ? 9 + (version === 1 ? 4 : 0) : 1);
  const base = head.offset();
  head.offset();
  const end = head.offset();
  if (base < 0 || base > file.size) head.refuse('its beginning is not in it');
  if (end > file.size) head.refuse(`ends at byte ${end}, but there are only ${file.size}: it was cut off`);
  if (version < 2) head.skip(2 * offset);
  const root = head.offset();
  file.base = base;
  return new Group('', readHeader(file, root));
}
