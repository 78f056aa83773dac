/** The file system of Node, Deno and Bun. In other runtimes each function throws. */
import { ArgumentError, RuntimeSupportError } from '../support/errors';
import { loadBuiltin } from '../support/optional-modules';

export type FileSystem = typeof import('node:fs/promises');
let loaded: FileSystem | undefined;
/** Writes that are under way, by the name of the file that they fill. */
const writing = new Map<string, Promise<void>>();

export async function loadFileSystem(where: string, instead: string): Promise<FileSystem> {
  try {
    return await loadBuiltin<FileSystem>('node:fs/promises');
  } catch (cause) {
    throw new RuntimeSupportError(`${where}: this runtime has no file system; ${instead}`, { cause });
  }
}

/** Bytes with what a file has from a place on; fewer if it ends before. */
export async function filled(
  handle: { read(into: Uint8Array, at: number, length: number, from: number): Promise<{ bytesRead: number }> },
  bytes: Uint8Array,
  from: number,
): Promise<Uint8Array> {
  let at = 0;
  for (let got = 1; got > 0 && at < bytes.length; at += got)
    got = (await handle.read(bytes, at, bytes.length - at, from + at)).bytesRead;
  return at < bytes.length ? bytes.subarray(0, at) : bytes;
}

/** A path, on behalf of the function that is named in errors. */
export class File {
  /**
   * @param where the function that was called.
   * @param instead what to do where there is no file system, as a clause.
   * @param aside the file that `write` fills before it takes the place of the other. Always the same: what a crash leaves
   *   behind is written over by the next run. One process at a time may write a file.
   */
  constructor(
    readonly path: string,
    readonly where: string,
    readonly instead = 'use a path in Node, Deno or Bun only',
    readonly aside = `${path}.tmp`,
  ) {}

  /** The whole content. @throws ArgumentError if it cannot be read, as all functions here do with their cause */
  read(): Promise<Uint8Array> {
    return this.use('read', (fs) => fs.readFile(this.path));
  }

  /** Its length, and whether it is a directory. */
  stat(): Promise<{ readonly size: number; readonly isDirectory: boolean }> {
    return this.use('read', async (fs) => {
      const stat = await fs.stat(this.path);
      return { size: stat.size, isDirectory: stat.isDirectory() };
    });
  }

  /** The bytes of [from, to), fewer if the file ends before. */
  readPart(from: number, to: number): Promise<Uint8Array> {
    return this.use('read', async (fs) => {
      const handle = await fs.open(this.path, 'r');
      try {
        return await filled(handle, new Uint8Array(to - from), from);
      } finally {
        await handle.close();
      }
    });
  }

  exists(): Promise<boolean> {
    return this.use('look for', (fs) =>
      fs.access(this.path).then(
        () => true,
        () => false,
      ),
    );
  }

  /** Adds to the end of the file, which is made if it is not there. */
  append(data: string | Uint8Array): Promise<void> {
    return this.use('append to', (fs) => fs.appendFile(this.path, data));
  }

  /** Replaces the content atomically: readers see the old one or the new one, also after a crash. */
  async write(data: string | Uint8Array): Promise<void> {
    const { aside } = this;
    const before = writing.get(aside);
    const own = (before ?? Promise.resolve()).then(() => this.#write(data));
    // Those that wait for it do so whether it succeeds or not.
    const over = own.catch(() => {});
    writing.set(aside, over);
    try {
      await own;
    } finally {
      if (writing.get(aside) === over) writing.delete(aside);
    }
  }

  #write(data: string | Uint8Array): Promise<void> {
    const { aside } = this;
    return this.use('write', async (fs) => {
      try {
        const handle = await fs.open(aside, 'w');
        try {
          await handle.writeFile(data);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await fs.rename(aside, this.path);
      } catch (error) {
        await fs.rm(aside, { force: true });
        throw error;
      }
    });
  }

  /** Removes the file, if it is there, and what an interrupted `write` has left behind. */
  remove(): Promise<void> {
    return this.use('remove', async (fs) => {
      await fs.rm(this.path, { force: true });
      await fs.rm(this.aside, { force: true });
    });
  }

  /** Makes a directory of this path, with those above it. */
  makeDirectory(): Promise<void> {
    return this.use('make', async (fs) => {
      await fs.mkdir(this.path, { recursive: true });
    });
  }

  /** Makes the directory that the file is in, with those above it. */
  makeParent(): Promise<void> {
    return this.use('make the directory of', async (fs) => {
      const { dirname } = await loadBuiltin<typeof import('node:path')>('node:path');
      await fs.mkdir(dirname(this.path), { recursive: true });
    });
  }

  /** @param what is done, for errors; @throws ArgumentError with the cause */
  async use<T>(what: string, run: (fs: FileSystem) => Promise<T>): Promise<T> {
    loaded ??= await loadFileSystem(this.where, this.instead);
    try {
      return await run(loaded);
    } catch (cause) {
      throw new ArgumentError(`${this.where}: cannot ${what} '${this.path}': ${(cause as Error).message}`, { cause });
    }
  }
}
