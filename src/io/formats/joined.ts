/** Several files as one. */
import type { Seal, Source } from './format';

async function* piecesOf({ size, read, pieces }: Source, from: number, to: number): AsyncGenerator<Uint8Array> {
  const end = Math.min(size, to);
  if (from >= end) return;
  if (pieces) yield* pieces(from, end);
  else yield read(from, end);
}

/** A file whose first piece is on its way. */
interface Begun {
  readonly rest: AsyncGenerator<Uint8Array>;
  readonly first: Promise<IteratorResult<Uint8Array>>;
}

/** Files that follow each other. @param seal what all their bytes are compared with */
export function joined(name: string, files: readonly Source[], seal?: Seal): Source {
  let size = 0;
  const starts = files.map((file) => {
    size += file.size;
    return size - file.size;
  });
  async function* pieces(from: number, to: number): AsyncGenerator<Uint8Array> {
    const begun = files.slice(0, 1).map(begin);
    try {
      for (let i = 0; i < files.length; i++) {
        // The next file is opened while this one is read.
        if (i + 1 < files.length) begun.push(begin(files[i + 1] as Source, i + 1));
        const { rest, first } = begun[0] as Begun;
        for (let { done, value } = await first; !done; { done, value } = await rest.next()) yield value;
        begun.shift();
      }
    } finally {
      for (const { rest } of begun) await rest.return(undefined);
    }
    function begin(file: Source, i: number): Begun {
      const start = starts[i] as number;
      const rest = piecesOf(file, Math.max(0, from - start), to - start);
      const first = rest.next();
      // Looked at when its turn comes.
      first.catch(() => {});
      return { rest, first };
    }
  }
  async function read(from: number, to: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.min(to, size) - from);
    let at = 0;
    for await (const piece of pieces(from, to)) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }
  return files.length === 1 ? { ...(files[0] as Source), name, seal } : { name, size, seal, read, pieces };
}
