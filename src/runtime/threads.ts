/** Threads: a module with shared memory, and workers that take chunks of each program beside the caller. */
import { instantiate, instantiateSync } from '@assemblyscript/loader';
import { threaded } from '#kernels-threads';
import { SLOTS } from '../../assembly/isa';
import { show } from '../support/arguments';
import { ArgumentError, OutOfMemoryError, RuntimeSupportError, SamegradError } from '../support/errors';
import { admit, dismiss, type Seat } from './control';
import { Delegate } from './delegate';
import { engine, imports, type Kernels } from './engine';
import { MAX_PAGES } from './memory';
import { WorkerThread } from './workers';

/** A worker in force. */
interface Member extends Seat {
  readonly thread: WorkerThread;
}

/** What workers share with the caller. */
interface Shared {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Pages that it may grow to. */
  readonly maximum: number;
}

let members: readonly Member[] = [];
let shared: Shared | undefined;
/** Numbers given to workers so far. */
let workers = 0;
/** The last change that was asked for. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Number of threads that compute, including the calling one.
 * @example
 * sg.getThreads(); // 1
 */
export const getThreads = (): number => engine.threads;

/**
 * Sets how many threads compute. Without it, threads start by themselves when a program has worked for about half a second
 * on what they could share: as many as there are cores, up to 8 (or as SAMEGRAD_THREADS of the environment says), but not
 * on the main thread of a page. It may be called at any time, even while a model trains: the bits of every result stay
 * the same. Overlapping calls take effect one after the other; a call that fails changes nothing. If a worker is
 * terminated from outside, the others continue, and `getThreads` returns how many there are.
 * @param count 1 to 256; more than there are cores is slower.
 * @returns the number of threads now
 * @throws RuntimeSupportError where the runtime has no threads (Cloudflare Workers; pages that are not cross-origin
 * isolated) or refuses to start them; OutOfMemoryError; ArgumentError
 * @example
 * await sg.setThreads(2);
 * await sg.setThreads(1);
 */
export async function setThreads(count: number): Promise<number> {
  if (!Number.isInteger(count) || count < 1 || count > SLOTS + 1)
    throw new ArgumentError(
      `setThreads: the number of threads must be an integer from 1 to ${SLOTS + 1}, got ${show(count)}`,
    );
  engine.threadsSetBy = 'user';
  return inTurn(() => changeTo(count));
}

/** Starts threads that nobody has asked for, unless somebody has by now. @throws as `setThreads` */
export const startThreads = (count: number): Promise<number> =>
  inTurn(async () => (engine.threadsSetBy === 'user' ? engine.threads : changeTo(count)));

/** After all changes that were asked for before. */
function inTurn(change: () => Promise<number>): Promise<number> {
  const done = last.then(change);
  last = done.catch(() => undefined);
  return done;
}

async function changeTo(count: number): Promise<number> {
  const missing = count - engine.threads;
  if (missing > 0) await add(missing);
  else if (missing < 0) await remove(members.slice(missing));
  return engine.threads;
}

/** Starts the worker that runs programs for this thread, unless there is one. @throws as `setThreads` */
export const startDelegate = (): Promise<number> =>
  inTurn(async () => {
    if (engine.delegate) return engine.threads;
    const target = shared ?? (await prepare());
    const kernels = shared ? undefined : await kernelsOf(target);
    const delegate = await Delegate.start(target);
    if (shared && shared !== target) delegate.end();
    else {
      if (kernels) takeOver(target, kernels);
      engine.delegate = delegate;
    }
    return engine.threads;
  });

const kernelsOf = async ({ module, memory }: Shared): Promise<Kernels> =>
  (await instantiate<Kernels>(module, imports(memory))).exports;

/** The module for threads takes the place of the one without. */
function takeOver(target: Shared, kernels: Kernels): void {
  engine.adopt(kernels, target.memory, target.maximum);
  shared = target;
}

/** Starts workers; either all of them become active, or none. */
async function add(count: number): Promise<void> {
  const target = shared ?? (await prepare());
  const { module, memory } = target;
  const kernels = shared ? undefined : await kernelsOf(target);
  const seats = freeSeats(count);
  for (const seat of seats) admit(memory, seat);
  const started = await Promise.allSettled(seats.map((seat) => WorkerThread.start({ module, memory, ...seat })));
  const fresh = started.flatMap((s, i) =>
    s.status === 'fulfilled' ? [{ ...(seats[i] as Seat), thread: s.value }] : [],
  );
  try {
    for (const s of started) if (s.status === 'rejected') throw s.reason;
    if (fresh.some(({ thread }) => thread.hasEnded) || (shared && shared !== target))
      throw new RuntimeSupportError('setThreads: a worker ended while others started; try again');
    // From here on nothing waits: a program finds either the old workers or the new ones.
    if (kernels) takeOver(target, kernels);
    engine.seat([...members, ...fresh]);
  } catch (error) {
    dismiss(memory, seats);
    await Promise.all(fresh.map(({ thread }) => thread.end()));
    throw error;
  }
  members = [...members, ...fresh];
  for (const member of fresh) void member.thread.ended.then(() => leave(member));
}

/** Removes workers, asks them to end, and waits until they have. */
async function remove(leaving: readonly Member[]): Promise<void> {
  members = members.filter((m) => !leaving.includes(m));
  engine.seat(members);
  dismiss((shared as Shared).memory, leaving);
  await Promise.all(leaving.map(({ thread }) => thread.end()));
}

/** A worker has ended: if nobody asked it to, the others continue without it. */
function leave(member: Member): void {
  if (!members.includes(member)) return;
  members = members.filter((m) => m !== member);
  engine.seat(members);
  dismiss((shared as Shared).memory, [member]);
  member.thread.terminate();
}

function freeSeats(count: number): Seat[] {
  const taken = new Set(members.map(({ slot }) => slot));
  const seats: Seat[] = [];
  for (let slot = 1; seats.length < count; slot++) if (!taken.has(slot)) seats.push({ slot, worker: ++workers });
  return seats;
}

/**
 * A worker is gone in the middle of a chunk, or seems to be. Whatever it may still write goes to memory that nobody
 * uses any more: all that lives moves to memory that it does not know.
 */
engine.abandon = (): void => {
  const { module, memory } = shared as Shared;
  const lost = members;
  members = [];
  engine.seat([]);
  dismiss(memory, lost);
  for (const { thread } of lost) thread.terminate();
  engine.delegate?.end();
  engine.delegate = undefined;
  try {
    const next = { module, ...sharedMemory() };
    engine.adopt(instantiateSync<Kernels>(module, imports(next.memory)).exports, next.memory, next.maximum);
    shared = next;
  } catch (error) {
    // No room for a second memory: they have been terminated, and that has to do.
    if (!(error instanceof SamegradError)) throw error;
  }
};

async function prepare(): Promise<Shared> {
  if (!threaded) throw new RuntimeSupportError('setThreads: this runtime has no threads; use setThreads(1)');
  // Pages that are not isolated may make shared memory, but not hand it to a worker.
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (crossOriginIsolated === false && isPage())
    throw new RuntimeSupportError(
      'setThreads: this page is not cross-origin isolated, so it has no threads; serve it with the headers ' +
        '"Cross-Origin-Opener-Policy: same-origin" and "Cross-Origin-Embedder-Policy: require-corp", or use setThreads(1)',
    );
  const module = await WebAssembly.compile(await fetched(threaded));
  return { module, ...sharedMemory() };
}

/** The bytes of the module with shared memory, which are in a separate file. @throws RuntimeSupportError */
async function fetched(load: () => Promise<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await load();
  } catch (cause) {
    throw new RuntimeSupportError(
      'setThreads: the kernels for threads could not be loaded: they are a file of the package, samegrad-threads.wasm.js ' +
        '(of samegrad/asset: samegrad-threads.wasm), which must be served beside the script; or use setThreads(1): ' +
        (cause instanceof Error ? cause.message : String(cause)),
      { cause },
    );
  }
}

/** Whether this is a page of a browser, or a worker of one. */
const isPage = (): boolean => {
  const { document, WorkerGlobalScope, process } = globalThis as Record<string, unknown>;
  return document !== undefined || (WorkerGlobalScope !== undefined && process === undefined);
};

/** @throws RuntimeSupportError without shared memory, OutOfMemoryError if it cannot be large enough */
function sharedMemory(): { memory: WebAssembly.Memory; maximum: number } {
  if (typeof SharedArrayBuffer === 'undefined')
    throw new RuntimeSupportError('setThreads: this runtime grants no shared memory; use setThreads(1)');
  const needed = Math.max(LEAST_PAGES, engine.memory.pagesNeeded);
  let reason: unknown;
  // Some hosts reserve the maximum immediately and refuse 4 GiB.
  for (let maximum = MAX_PAGES; maximum >= needed; maximum = Math.floor(maximum / 2)) {
    try {
      return { memory: new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared: true }), maximum };
    } catch (error) {
      reason = error;
    }
  }
  throw new OutOfMemoryError(
    `setThreads: this runtime grants no shared memory of ${needed / 16} MiB, which is what is in use now; ` +
      'dispose of tensors, or set threads before they are made',
    { cause: reason },
  );
}

const INITIAL_PAGES = 16;
/** 64 MiB. */
const LEAST_PAGES = 1024;
