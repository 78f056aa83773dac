/** The file system of Node, Deno and Bun. Elsewhere there is none, and each function says so. */
import { ArgumentError, RuntimeSupportError } from './errors';
import { loadBuiltin } from './hidden';

export type FileSystem = typeof import('node:fs/promises');
let loaded: FileSystem | undefined;
let writes = 0;

export async function loadFileSystem(where: string, instead: string): Promise<FileSystem> {
  try {
    return await loadBuiltin<FileSystem>('node:fs/promises');
  } catch (cause) {
    throw new RuntimeSupportError(`${where}: this runtime has no file system; ${instead}`, { cause });
  }
}

/** A path, on behalf of the function that is named in errors. */
export class File {
  /**
   * @param where the function that was called.
   * @param instead what to do where there is no file system, as a clause.
   */
  constructor(
    readonly path: string,
    readonly where: string,
    readonly instead = 'use a path in Node, Deno or Bun only',
  ) {}

  /** The whole content. @throws ArgumentError if it cannot be read, as all functions here do with their cause */
  read(): Promise<Uint8Array> {
    return this.#use('read', (fs) => fs.readFile(this.path));
  }

  exists(): Promise<boolean> {
    return this.#use('look for', (fs) =>
      fs.access(this.path).then(
        () => true,
        () => false,
      ),
    );
  }

  /** Adds to the end of the file, which is made if it is not there. */
  append(data: string | Uint8Array): Promise<void> {
    return this.#use('append to', (fs) => fs.appendFile(this.path, data));
  }

  /** Replaces the content at once: whoever reads sees the old one or the new one, also after a crash in between. */
  write(data: string | Uint8Array): Promise<void> {
    return this.#use('write', async (fs) => {
      const aside = `${this.path}.${Date.now()}.${writes++}.tmp`;
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

  /** Removes the file, if it is there. */
  remove(): Promise<void> {
    return this.#use('remove', (fs) => fs.rm(this.path, { force: true }));
  }

  /** Makes a directory of this path, with those above it. */
  makeDirectory(): Promise<void> {
    return this.#use('make', async (fs) => {
      await fs.mkdir(this.path, { recursive: true });
    });
  }

  /** Makes the directory that the file is in, with those above it. */
  makeParent(): Promise<void> {
    return this.#use('make the directory of', async (fs) => {
      const { dirname } = await loadBuiltin<typeof import('node:path')>('node:path');
      await fs.mkdir(dirname(this.path), { recursive: true });
    });
  }

  async #use<T>(what: string, run: (fs: FileSystem) => Promise<T>): Promise<T> {
    loaded ??= await loadFileSystem(this.where, this.instead);
    try {
      return await run(loaded);
    } catch (cause) {
      throw new ArgumentError(`${this.where}: cannot ${what} '${this.path}': ${(cause as Error).message}`, { cause });
    }
  }
}
