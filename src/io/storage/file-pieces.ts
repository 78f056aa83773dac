/** Files in pieces. */
import { type File, filled } from '../../runtime/files';

/** Pieces that are there or on their way: more than one thread reads. */
const AHEAD = 4;
/** Memory of pieces that are done with, until it is collected: fresh memory takes as long as reading. */
let spares: WeakRef<Uint8Array[]> | undefined;

function spare(buffer: Uint8Array): void {
  const list = spares?.deref() ?? [];
  if (list.length < 2 * AHEAD) list.push(buffer);
  spares = new WeakRef(list);
}

function buffer(size: number): Uint8Array {
  const list = spares?.deref();
  const last = list?.[list.length - 1];
  return last?.length === size ? (list?.pop() as Uint8Array) : new Uint8Array(size);
}

/**
 * The bytes of [from, to) in pieces: the next are read while one is used, and take its place afterwards.
 * @param size of the pieces; the last may be shorter, also because the file ends before
 */
export async function* piecesOfFile(file: File, from: number, to: number, size: number): AsyncGenerator<Uint8Array> {
  const handle = await file.use('read', (fs) => fs.open(file.path, 'r'));
  const reading: { readonly buffer: Uint8Array; readonly filled: Promise<Uint8Array> }[] = [];
  let next = from;
  const begin = (buffer: Uint8Array): void => {
    const start = next;
    if (start >= to) return spare(buffer);
    const wanted = buffer.subarray(0, Math.min(size, to - start));
    const read = file.use('read', () => filled(handle, wanted, start));
    // Looked at when its turn comes.
    read.catch(() => {});
    reading.push({ buffer, filled: read });
    next += size;
  };
  try {
    for (let i = 0; i < AHEAD && next < to; i++) begin(buffer(size));
    for (let at = from; at < to; at += size) {
      const { buffer, filled: read } = reading[0] as (typeof reading)[number];
      const piece = await read;
      yield piece;
      reading.shift();
      if (piece.length < Math.min(size, to - at)) return spare(buffer);
      begin(buffer);
    }
  } finally {
    // What was begun must not end in a closed file.
    await Promise.allSettled(reading.map((read) => read.filled));
    await handle.close();
  }
}
