/** Files on servers, of which only the bytes that are needed are asked for. */
import { show } from '../../support/arguments';
import { FormatError } from '../../support/errors';
import type { Source } from '../formats/format';
import type { LoadOptions } from '../model/options';
import { checkAddress, Requests } from './http';

/** What is asked for first: headers of files are seldom longer. */
const FIRST = 65_536;

/** Bytes of a file, and what the server says of the whole. */
interface Part {
  readonly bytes: Uint8Array;
  /** Of the whole file; undefined where the server does not say, or the page may not read it. */
  readonly size: number | undefined;
  readonly isWhole: boolean;
  /** Tells one content of the file from another. */
  readonly tag: string | undefined;
}

const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+|\*)$/;

class RangedFile implements Source {
  readonly name: string;
  size = 0;
  #tag: string | undefined;
  /** What is here already: the beginning, or all. */
  #here = new Uint8Array(0);

  constructor(
    readonly requests: Requests,
    readonly url: string,
  ) {
    this.name = `'${url}'`;
  }

  async open(): Promise<this> {
    const part = await this.#ask(0, FIRST);
    this.#here = part.bytes as Uint8Array<ArrayBuffer>;
    this.#tag = part.tag;
    this.size = part.isWhole ? part.bytes.length : (part.size ?? (await this.#askSize()));
    return this;
  }

  async read(from: number, to: number): Promise<Uint8Array> {
    if (to <= this.#here.length) return this.#here.subarray(from, to);
    const part = await this.#ask(from, to);
    if (part.tag !== this.#tag || (part.size ?? this.size) !== this.size)
      throw new FormatError(`${this.name} was changed on its server while it was read`);
    if (part.isWhole) {
      // A server that does not know ranges, or no longer: it is not asked twice.
      this.#here = part.bytes as Uint8Array<ArrayBuffer>;
      return this.#here.subarray(from, to);
    }
    return part.bytes;
  }

  async #ask(from: number, to: number): Promise<Part> {
    const headers = new Headers((this.requests.options.requestInit as { headers?: HeadersInit } | null)?.headers);
    headers.set('range', `bytes=${from}-${to - 1}`);
    const response = await this.requests.response(this.url, { headers }, [416]);
    const tag = response.headers.get('etag') ?? response.headers.get('last-modified') ?? undefined;
    // No byte is there: an empty file has no range.
    if (response.status === 416) return { bytes: new Uint8Array(0), size: 0, isWhole: true, tag };
    const bytes = new Uint8Array(await this.requests.bytesOf(response, this.url));
    if (response.status !== 206) return { bytes, size: bytes.length, isWhole: true, tag };
    return { bytes, isWhole: false, tag, size: this.#check(response.headers.get('content-range'), from, to, bytes) };
  }

  /** The size of the file. @throws FormatError unless the bytes are those that were asked for */
  #check(range: string | null, from: number, to: number, { length }: Uint8Array): number | undefined {
    // Pages cannot read it of other servers unless those allow it.
    if (range === null) {
      if (length === to - from || (from === 0 && length < to)) return undefined;
      throw new FormatError(`${this.name}: ${length} bytes came of the ${to - from} from byte ${from} on`);
    }
    const [, first, last, total] = CONTENT_RANGE.exec(range) ?? [];
    const size = total === '*' ? undefined : Number(total);
    // A file may be shorter than what is asked for first.
    const end = Math.min(to, size ?? (from === 0 ? Number(last) + 1 : to));
    if (Number(first) !== from || Number(last) !== end - 1 || length !== end - from)
      throw new FormatError(
        `${this.name}: the server was asked for the bytes ${from} to ${end - 1}, and sent ${length} as ${show(range)}`,
      );
    return size;
  }

  async #askSize(): Promise<number> {
    const response = await this.requests.response(this.url, { method: 'HEAD' });
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    if (Number.isSafeInteger(length)) return length;
    throw new FormatError(`${this.name}: the server says nowhere how long the file is; load it whole, as bytes`);
  }
}

/**
 * A file on a server: its beginning is loaded at once, the rest by ranges when it is needed. From a server that does not
 * know ranges all comes with the first request.
 * @throws ArgumentError for failed requests
 */
export function openRanges(where: string, url: string, options: LoadOptions): Promise<Source> {
  checkAddress(where, url, options);
  return new RangedFile(new Requests(where, options), url).open();
}
