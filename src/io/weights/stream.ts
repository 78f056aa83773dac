/** Bytes that arrive piece by piece. */
import { FormatError } from '../../support/errors';
import type { Tensor } from '../../tensor/tensor';
import type { NamedTensorMap } from '../artifacts';
import { storedWeight, toTensor } from './decode';
import { type Piece, Pieces } from './pieces';
import { checkSpecs, sizeOfSpec } from './specs';

interface Reader {
  read(): Promise<{ done: boolean; value?: Piece | undefined }>;
  cancel?(reason?: unknown): Promise<void>;
}

/** A stream of bytes, as far as it is used. */
export interface ByteStream {
  getReader(): Reader;
}

/** All pieces of a stream, as they came. */
export async function gather(stream: ByteStream): Promise<Piece[]> {
  const reader = stream.getReader();
  const pieces: Piece[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) if (next.value) pieces.push(next.value);
  return pieces;
}

/** What came of a stream and was not taken yet. */
class Waiting {
  readonly #reader: Reader;
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** The next bytes. @throws FormatError if the stream ends before */
  async take(name: string, size: number): Promise<Uint8Array> {
    while (this.#length < size) {
      const { done, value } = await this.#reader.read();
      if (done)
        throw new FormatError(`weight '${name}' needs ${size} bytes, ${this.#length} came: the stream broke off`);
      if (value) this.#add(new Pieces(value).bytes());
    }
    const all = new Pieces(this.#pieces);
    const [bytes, rest] = [all.bytes(0, size), all.bytes(size)];
    this.#pieces = rest.length ? [rest] : [];
    this.#length = rest.length;
    return bytes;
  }

  #add(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }
}

/**
 * Tensors of a stream, each made when its bytes are there: no more of them is kept than one weight and one piece. What
 * follows the last weight is not read.
 * @throws FormatError, DTypeError; no tensor is left then
 */
export async function decodeStream(stream: ByteStream, specs: unknown): Promise<NamedTensorMap> {
  const list = checkSpecs(specs);
  const reader = stream.getReader();
  const made = new Map<string, Tensor>();
  try {
    const waiting = new Waiting(reader);
    for (const spec of list) {
      if (made.has(spec.name)) throw new FormatError(`there are two weights '${spec.name}'`);
      const size = sizeOfSpec(spec) ?? 0;
      // Before its bytes are read: there may be no tensors of its type.
      storedWeight({ spec, from: 0, to: size }, new Pieces([]));
      const data = new Pieces([await waiting.take(spec.name, size)]);
      made.set(spec.name, toTensor(storedWeight({ spec, from: 0, to: size }, data)));
    }
  } catch (error) {
    for (const tensor of made.values()) tensor.dispose();
    throw error;
  } finally {
    await reader.cancel?.().catch(() => {});
  }
  return Object.fromEntries(made);
}
