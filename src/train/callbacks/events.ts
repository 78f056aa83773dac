/** TensorBoard's event files: Event and Summary messages of TensorFlow, each in a TFRecord. */
import type { PbfWriter } from 'pbf';
import { RuntimeSupportError } from '../../support/errors';
import type { Histogram } from './histogram';

/** A value under a name: a number, a distribution, or text in Markdown. */
export interface Summary {
  readonly tag: string;
  readonly value: number | Histogram | string;
}

export interface Event {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  /** Only of the first event of a file. */
  readonly fileVersion?: string;
  readonly summaries?: readonly Summary[];
}

/** TensorFlow's number of the type 'string'. */
const DT_STRING = 7;

function writeHistogram(h: Histogram, pbf: PbfWriter): void {
  [h.min, h.max, h.count, h.sum, h.sumOfSquares].forEach((v, i) => {
    pbf.writeDoubleField(i + 1, v);
  });
  pbf.writePackedDouble(6, [...h.limits]);
  pbf.writePackedDouble(7, [...h.counts]);
}

function writeText(text: string, pbf: PbfWriter): void {
  pbf.writeVarintField(1, DT_STRING);
  pbf.writeMessage(2, () => undefined, null);
  pbf.writeBytesField(8, new TextEncoder().encode(text));
}

function writeSummary({ tag, value }: Summary, pbf: PbfWriter): void {
  pbf.writeStringField(1, tag);
  if (typeof value === 'number') return pbf.writeFloatField(2, value);
  if (typeof value !== 'string') return pbf.writeMessage(5, writeHistogram, value);
  pbf.writeMessage(8, writeText, value);
  pbf.writeMessage(
    9,
    (_, metadata) => metadata.writeMessage(1, (name, data) => data.writeStringField(1, name), 'text'),
    null,
  );
}

function writeEvent({ wallTime, step, fileVersion, summaries }: Event, pbf: PbfWriter): void {
  pbf.writeDoubleField(1, wallTime);
  if (step !== undefined) pbf.writeVarintField(2, step);
  if (fileVersion !== undefined) pbf.writeStringField(3, fileVersion);
  if (!summaries) return;
  pbf.writeMessage(
    5,
    (all, summary) => {
      for (const s of all) summary.writeMessage(1, writeSummary, s);
    },
    summaries,
  );
}

/** Makes the bytes of events. */
export type EventEncoder = (event: Event) => Uint8Array;

/** Loads the packages that encode events. @throws RuntimeSupportError with the command that installs them */
export async function loadEncoder(where: string): Promise<EventEncoder> {
  const fail = (cause: unknown): never => {
    throw new RuntimeSupportError(`${where}: needs the packages pbf and crc-32; install them`, { cause });
  };
  // Bundlers treat an import followed by `catch` as optional.
  const { PbfWriter: Writer } = await import('pbf').catch(fail);
  const { default: crc32c } = await import('crc-32/crc32c.js').catch(fail);
  const masked = (bytes: Uint8Array): number => {
    const crc = crc32c.buf(bytes);
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  };
  return (event) => {
    const pbf = new Writer();
    writeEvent(event, pbf);
    const data = pbf.finish();
    const record = new Uint8Array(data.length + 16);
    const view = new DataView(record.buffer);
    view.setUint32(0, data.length, true);
    view.setUint32(8, masked(record.subarray(0, 8)), true);
    record.set(data, 12);
    view.setUint32(12 + data.length, masked(data), true);
    return record;
  };
}
