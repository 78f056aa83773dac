/**
 * Forgotten memory. Garbage collectors see how large array buffers are, but not what tensors hold in linear memory: so
 * after every so many bytes they are asked to look. Finalizers then need a turn of the event loop.
 */
import { MAX_PAGES } from './memory';
import { yieldToEventLoop } from './yield';

/** Bytes in use up to which nothing is released. */
const FIRST = 128 << 20;
/** The least growth between two questions. */
const STEP = 64 << 20;
/** A buffer of this size makes the collectors of all engines look. */
const HINT = 128 << 20;
const LIMIT = MAX_PAGES * 65536;

/** How often collectors are asked again before the memory in use is taken for needed. */
const RETRIES = 4;

let mark = FIRST;
let isAsked = false;
/** Counts the bytes that finalizers have released. */
let returned = 0;

/** Programs that hold much ask seldom, but in time before memory is exhausted. */
const markAfter = (bytes: number): number =>
  Math.max(FIRST, bytes + Math.max(STEP, Math.min(bytes, LIMIT - bytes) / 4));

/** A buffer that is dropped immediately, its pages never touched. */
function ask(): void {
  void new ArrayBuffer(HINT);
}

/** To be called when bytes in use have grown. */
export function grew(bytes: number): void {
  if (bytes <= mark) return;
  ask();
  mark = markAfter(bytes);
  isAsked = true;
}

/** To be called when finalizers have released memory. */
export function shrank(bytes: number): void {
  mark = Math.min(mark, markAfter(bytes));
  returned++;
}

/** Whether finalizers wait for a turn of the event loop. */
export const isPressed = (): boolean => isAsked;

/**
 * Lets finalizers run if the collector was asked since the last time. Every public function that returns a promise
 * awaits this, so that a loop that awaits any of them does not grow without bound, whatever tensors it forgets.
 */
export function relieve(): Promise<void> | undefined {
  if (!isAsked) return undefined;
  isAsked = false;
  return collected();
}

/** Collectors work step by step: they are asked again until something has come back, but not without end. */
async function collected(): Promise<void> {
  const before = returned;
  await yieldToEventLoop();
  for (let i = 0; i < RETRIES && returned === before; i++) {
    ask();
    await yieldToEventLoop();
  }
}

/** A promise of a value that is known already, after `relieve`. */
export async function relieved<T>(value: T): Promise<T> {
  await relieve();
  return value;
}
