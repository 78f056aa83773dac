/** Serves the models of a folder. */
import { type LogEntry, listen, serve } from '../serve/index';
import { repositoryOf } from './repository';
import { UsageError } from './usage';

/** How the models are served. */
export interface ServeSettings {
  readonly port: number;
  readonly host: string;
  /** What requests need as their bearer token; without one everyone may send them. */
  readonly token: string | undefined;
  readonly print: (line: string) => void;
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % Math.max(1, b.length));
  return difference === 0;
}

const lineOf = ({ cause, ...entry }: LogEntry): string =>
  JSON.stringify(cause === undefined ? entry : { ...entry, cause: (cause as Error).stack ?? String(cause) });

/** Resolves when the process is told to end. */
const ended = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

/** Serves until the process is told to end, and then answers what has come. @throws UsageError for models that do not load */
export async function serveFolder(folder: string, settings: ServeSettings): Promise<void> {
  const { port, host, token, print } = settings;
  const repository = repositoryOf(folder);
  const names = await repository.list();
  if (names.length === 0) throw new UsageError(`${folder} has no models`);
  const server = serve({
    repository,
    log: (entry) => print(lineOf(entry)),
    bearer: token ? (given) => isSame(given, token) : null,
  });
  for (const name of names)
    await server.load(name).catch((error: Error) => {
      throw new UsageError(error.message);
    });
  const listening = await listen(server, { port, host }).catch((error: Error) => {
    throw new UsageError(error.message);
  });
  print(JSON.stringify({ time: new Date().toISOString(), url: listening.url, models: names }));
  await ended();
  await listening.close();
}
