/** Settings of a server. */
import type { TableOf, Values } from '../support/settings';
import * as is from '../support/settings';
import type { ModelRepository, ModelSettings } from './models/pool';
import type { Served } from './models/servable';

/** One line of a server's log. */
export interface LogEntry {
  /** When the answer was ready, as ISO 8601 has it. */
  readonly time: string;
  /** Of HTTP, such as 'POST'. */
  readonly method: string;
  /** Of the URL, without its query. */
  readonly path: string;
  /** Of HTTP, such as 200. */
  readonly status: number;
  /** From the request to its answer. */
  readonly milliseconds: number;
  /** What the client was told, for statuses from 400 on. */
  readonly error?: string;
  /** What happened, for statuses from 500 on: it is not told to clients. */
  readonly cause?: unknown;
}

/** Settings of `serve`. */
export interface ServeOptions {
  /** Models by the names that clients use, each alone or with settings of its own; by default none. */
  models?: Readonly<Record<string, Served | ModelSettings>> | null;
  /** Where clients may load further models from; by default nowhere. */
  repository?: ModelRepository | null;
  /** The server's name in its metadata, by default 'samegrad'. */
  name?: string | null;
  /**
   * Whether the bearer of a token may do what it asks for; without a token it is called with ''. By default everyone may.
   * Whether the server is alive and ready is told to everyone.
   */
  bearer?: ((token: string) => boolean | Promise<boolean>) | null;
  /** Told of every answer; by default nobody is. */
  log?: ((entry: LogEntry) => void) | null;
  /** Bytes of a request at most; by default 16 MiB. */
  maxBodySize?: number | null;
  /** Milliseconds in which a request must have come, and then be answered; by default 30,000. */
  timeout?: number | null;
  /** Requests that wait for one model at most; by default 256. */
  maxQueue?: number | null;
  /** Rows in a batch at most; by default 32. 1: no requests are joined. */
  maxBatchSize?: number | null;
  /** Milliseconds that a request waits for others; by default 0: it is joined with what has come meanwhile. */
  maxDelay?: number | null;
}

/** The longest time that timers know, in milliseconds. */
const LONGEST = 2_147_483_647;

/** Milliseconds that timers know. */
export const milliseconds = (initial: number): ReturnType<typeof is.amount> =>
  is.given(
    `a number of milliseconds from 0 to ${LONGEST}`,
    (v) => Number.isFinite(v) && (v as number) >= 0 && (v as number) <= LONGEST,
    initial,
  );

const func = is.given('a function', (v) => typeof v === 'function');
const object = (v: unknown): boolean => typeof v === 'object' && v !== null && !Array.isArray(v);

export const OPTIONS = {
  models: is.given('an object of models by name', object),
  repository: is.given(
    'an object with the methods list and load',
    (v) => object(v) && ['list', 'load'].every((name) => typeof (v as Record<string, unknown>)[name] === 'function'),
  ),
  name: is.text('samegrad'),
  bearer: func,
  log: func,
  maxBodySize: is.count(16 * 1024 * 1024),
  timeout: is.given(
    `a number of milliseconds above 0, at most ${LONGEST}`,
    (v) => Number.isFinite(v) && (v as number) > 0 && (v as number) <= LONGEST,
    30_000,
  ),
  maxQueue: is.count(256),
  maxBatchSize: is.count(32),
  maxDelay: milliseconds(0),
} satisfies TableOf<ServeOptions>;

/** Settings with their defaults. */
export type Settings = Values<typeof OPTIONS>;
