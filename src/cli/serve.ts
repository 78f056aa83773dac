/** Serves the models of a folder. */
import { type LogEntry, listen, type ModelRepository, serve } from '../serve/index';
import { isMember, Membership, superviseProcesses } from './processes';
import { repositoryOf } from './repository';
import { UsageError } from './usage';

/** How the models are served. */
export interface ServeSettings {
  readonly port: number;
  readonly host: string;
  /** What requests need as their bearer token; without one everyone may send them. */
  readonly token: string | undefined;
  /** How many processes serve; undefined: this one does. */
  readonly processes: number | undefined;
  /** Milliseconds for which requests on connections that are open are still answered at the end. */
  readonly grace: number;
  readonly print: (line: string) => void;
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % Math.max(1, b.length));
  return difference === 0;
}

const lineOf = ({ cause, ...entry }: LogEntry, more: object): string =>
  JSON.stringify({
    ...entry,
    ...more,
    ...(cause !== undefined && { cause: (cause as Error).stack ?? String(cause) }),
  });

/** Resolves when the process is told to end. */
const ended = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

/** Serves until the process is told to end, and then answers what has come. @throws UsageError for models that do not load */
export async function serveFolder(folder: string, settings: ServeSettings): Promise<void> {
  const { processes, print } = settings;
  if (isMember()) return serveInGroup(folder, settings);
  if (processes !== undefined) return superviseProcesses(processes, print);
  const { url, models, close } = await started(folder, repositoryOf(folder), settings, {});
  print(JSON.stringify({ time: new Date().toISOString(), url, models }));
  await ended();
  await close();
}

/** Loads all models and listens. @param more what its log says beside requests. */
async function started(folder: string, repository: ModelRepository, settings: ServeSettings, more: object) {
  const { port, host, token, grace, print } = settings;
  const models = await repository.list();
  if (models.length === 0) throw new UsageError(`${folder} has no models`);
  const server = serve({
    repository,
    log: (entry) => print(lineOf(entry, more)),
    bearer: token ? (given) => isSame(given, token) : null,
  });
  try {
    for (const name of models) await server.load(name);
    const listening = await listen(server, { port, host });
    return { server, models, url: listening.url, close: () => listening.close({ grace }) };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The same as one of several processes: what clients load or unload here, all of them do. */
async function serveInGroup(folder: string, settings: ServeSettings): Promise<void> {
  const files = repositoryOf(folder);
  /** Models that are loaded or unloaded because another process did it, or at the start. */
  const told = new Set<string>();
  let isStarted = false;
  const tell = async (what: 'load' | 'unload', name: string): Promise<void> => {
    if (isStarted && !told.has(name)) await group.tell({ what, name });
  };
  const group: Membership = new Membership(async ({ what, name }) => {
    const { server } = await running;
    told.add(name);
    await server[what](name).finally(() => told.delete(name));
  });
  const repository: ModelRepository = {
    list: files.list,
    load: async (name) => {
      const model = await files.load(name);
      await tell('load', name);
      return model;
    },
    unload: (name) => tell('unload', name),
  };
  const running = started(folder, repository, settings, { pid: process.pid });
  try {
    const { url, models, close } = await running;
    isStarted = true;
    group.ready({ url, models });
    await Promise.race([ended(), group.ended]);
    await close();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    group.failed(error.message);
  } finally {
    group.leave();
  }
}
