/** Several files as one. */
import type { Seal, Source } from './format';

async function* piecesOf({ size, read, pieces }: Source, from: number, to: number): AsyncGenerator<Uint8Array> {
  const end = Math.min(size, to);
  if (from >= end) return;
  if (pieces) yield* pieces(from, end);
  else yield read(from, end);
}

/** Files that follow each other. @param seal what all their bytes are compared with */
export function joined(name: string, files: readonly Source[], seal?: Seal): Source {
  let size = 0;
  const starts = files.map((file) => {
    size += file.size;
    return size - file.size;
  });
  async function* pieces(from: number, to: number): AsyncGenerator<Uint8Array> {
    for (const [i, file] of files.entries()) {
      const start = starts[i] as number;
      yield* piecesOf(file, Math.max(0, from - start), to - start);
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
