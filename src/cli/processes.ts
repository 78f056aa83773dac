/**
 * Several processes that serve on one port: started anew when they end, replaced one by one on SIGHUP, and told of models
 * that one of them loads or unloads.
 */
import cluster, { type Worker } from 'node:cluster';
import { UsageError } from './usage';

/** What a process tells once it listens. */
export interface Ready {
  readonly url: string;
  readonly models: readonly string[];
}

/** What all processes do: load or unload a model, or end. */
export type Order = { readonly what: 'load' | 'unload'; readonly name: string } | { readonly what: 'close' };

type Message =
  | { readonly kind: 'ready'; readonly ready: Ready }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'order'; readonly id: number; readonly order: Order }
  | { readonly kind: 'done'; readonly id: number; readonly error?: string };

/** Milliseconds after which a process that was told to end is killed, beyond what requests may take. */
const PATIENCE = 60_000;
/** Milliseconds before a process that ended early is started again. */
const PAUSE = 1000;

let count = 0;

/** Where messages go to and come from: a process of the group, or the one that starts them. */
interface Peer {
  send(message: Message, sent: () => void): unknown;
  on(event: 'message', listener: (message: Message) => void): unknown;
  off(event: 'message', listener: (message: Message) => void): unknown;
}

/** Sends a message. That the other one has ended is noticed by its end: it is no error here. */
const post = (peer: Peer, message: Message): void => void peer.send(message, () => {});

/** Gives an order; resolves when it is done, also if the other one has ended. */
function give(peer: Peer, order: Order, whenGone: Promise<unknown>): Promise<void> {
  const id = ++count;
  return new Promise((resolve, reject) => {
    const hear = (message: Message): void => {
      if (message.kind !== 'done' || message.id !== id) return;
      peer.off('message', hear);
      if (message.error === undefined) resolve();
      else reject(new Error(message.error));
    };
    peer.on('message', hear);
    void whenGone.then(() => {
      peer.off('message', hear);
      resolve();
    });
    post(peer, { kind: 'order', id, order });
  });
}

/** Does what it is ordered, and says so. */
function obey(peer: Peer, act: (order: Order) => Promise<void>): void {
  peer.on('message', (message) => {
    if (message.kind !== 'order') return;
    const { id } = message;
    act(message.order).then(
      () => post(peer, { kind: 'done', id }),
      (error: Error) => post(peer, { kind: 'done', id, error: error.message }),
    );
  });
}

const peerOf = (worker: Worker): Peer => worker as unknown as Peer;

/** One of the processes, as the one that starts them sees it. */
class Member {
  readonly ended: Promise<void>;
  readonly ready: Promise<Ready>;
  readonly peer: Peer;
  readonly #worker: Worker;

  constructor() {
    this.#worker = cluster.fork();
    this.peer = peerOf(this.#worker);
    this.ended = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.ready = new Promise((resolve, reject) => {
      this.peer.on('message', (message) => {
        if (message.kind === 'ready') resolve(message.ready);
        if (message.kind === 'failed') reject(new UsageError(message.error));
      });
      void this.ended.then(() => reject(new UsageError('a process ended before it served')));
    });
  }

  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  /** Tells it to answer what it has and to end. */
  async retire(): Promise<void> {
    const timer = setTimeout(() => this.#worker.process.kill('SIGKILL'), PATIENCE);
    if (this.#worker.isConnected()) await give(this.peer, { what: 'close' }, this.ended);
    await this.ended;
    clearTimeout(timer);
  }
}

class Group {
  readonly #members = new Set<Member>();
  readonly #print: (event: object) => void;
  #isClosing = false;
  #replacing: Promise<void> = Promise.resolve();

  constructor(print: (event: object) => void) {
    this.#print = print;
  }

  /** Starts a process; resolves when it serves. @throws UsageError; the promise is rejected */
  async start(): Promise<Ready> {
    const member = new Member();
    obey(member.peer, async (order) => {
      if (order.what === 'close') return;
      const others = [...this.#members].filter((one) => one !== member);
      await Promise.all(others.map((one) => give(one.peer, order, one.ended)));
    });
    const ready = await member.ready;
    this.#members.add(member);
    void member.ended.then(() => this.#restart(member));
    return ready;
  }

  /** A process that was not told to end gets a successor. */
  async #restart(member: Member): Promise<void> {
    if (!this.#members.delete(member) || this.#isClosing) return;
    this.#print({ pid: member.pid, error: 'the process ended; another one is started' });
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (this.#isClosing) return;
    await this.start().catch((error: Error) => this.#print({ error: error.message }));
  }

  /** Starts a successor of each process, and ends the process only when that serves. */
  replace(): Promise<void> {
    this.#replacing = this.#replacing.then(async () => {
      for (const member of [...this.#members]) {
        if (this.#isClosing) return;
        try {
          await this.start();
        } catch (error) {
          return this.#print({ error: `the processes stay, as none can be started: ${(error as Error).message}` });
        }
        this.#members.delete(member);
        await member.retire();
        this.#print({ pid: member.pid, replaced: true });
      }
    });
    return this.#replacing;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#members].map((member) => member.retire()));
  }
}

/**
 * Starts processes that run this command again, until this one is told to end.
 * @throws UsageError if they cannot be started; the promise is rejected
 */
export async function superviseProcesses(processes: number, print: (line: string) => void): Promise<void> {
  const event = (what: object): void => print(JSON.stringify({ time: new Date().toISOString(), ...what }));
  const group = new Group(event);
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const replace = (): void => void group.replace();
  process.on('SIGHUP', replace);
  try {
    const [first] = await Promise.all(Array.from({ length: processes }, () => group.start()));
    event({ ...first, processes });
    await ended;
  } finally {
    await group.close();
    process.off('SIGHUP', replace);
  }
}

/** Whether this process is one of a group. */
export const isMember = (): boolean => cluster.isWorker;

/** The group, as one of its processes sees it. */
export class Membership {
  readonly #parent = process as unknown as Peer;
  /** Resolves when the process is told to end, or the one that started it is there no more. */
  readonly ended: Promise<void>;

  /** @param act loads or unloads a model here. */
  constructor(act: (order: Exclude<Order, { what: 'close' }>) => Promise<void>) {
    this.ended = new Promise((resolve) => {
      process.once('disconnect', resolve);
      obey(this.#parent, async (order) => {
        if (order.what === 'close') resolve();
        else await act(order);
      });
    });
  }

  ready(ready: Ready): void {
    post(this.#parent, { kind: 'ready', ready });
  }

  failed(error: string): void {
    post(this.#parent, { kind: 'failed', error });
  }

  /** Has the other processes do what this one has done. @throws Error if one of them cannot */
  tell(order: Order): Promise<void> {
    return give(this.#parent, order, this.ended);
  }

  /** Lets this process end. */
  leave(): void {
    if (process.connected) process.disconnect?.();
  }
}
