/** Bytes that arrive piece by piece. */
import type { Piece } from './pieces';

interface Reader {
  read(): Promise<{ done: boolean; value?: Piece | undefined }>;
}

/** All pieces of a stream, as they came. */
export async function gather(stream: { getReader(): Reader }): Promise<Piece[]> {
  const reader = stream.getReader();
  const pieces: Piece[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) if (next.value) pieces.push(next.value);
  return pieces;
}
