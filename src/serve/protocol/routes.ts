/** Paths and what they stand for. */
import { badRequest, Refusal } from './refusal';

/** What is asked for; the names are those of the metrics too. */
export type Route =
  | 'live'
  | 'ready'
  | 'server'
  | 'model'
  | 'modelReady'
  | 'infer'
  | 'generate'
  | 'generateStream'
  | 'index'
  | 'load'
  | 'unload'
  | 'metrics';

/** Methods and paths: `:model` and `:version` stand for any one segment. */
const ROUTES: readonly (readonly [Route, 'GET' | 'POST', string])[] = [
  ['live', 'GET', 'v2/health/live'],
  ['ready', 'GET', 'v2/health/ready'],
  ['server', 'GET', 'v2'],
  ['index', 'POST', 'v2/repository/index'],
  ['load', 'POST', 'v2/repository/models/:model/load'],
  ['unload', 'POST', 'v2/repository/models/:model/unload'],
  ['metrics', 'GET', 'metrics'],
  ...(['', '/versions/:version'] as const).flatMap(
    (version) =>
      [
        ['infer', 'POST', `v2/models/:model${version}/infer`],
        ['model', 'GET', `v2/models/:model${version}`],
        ['modelReady', 'GET', `v2/models/:model${version}/ready`],
        ['generate', 'POST', `v2/models/:model${version}/generate`],
        ['generateStream', 'POST', `v2/models/:model${version}/generate_stream`],
      ] as const,
  ),
];

const TABLE = ROUTES.map(([route, method, path]) => ({ route, method, segments: path.split('/') }));
/** The routes of paths by their number of segments. */
const BY_LENGTH = Array.from({ length: 8 }, (_, length) => TABLE.filter(({ segments }) => segments.length === length));

/** A route with the names in its path. */
export interface Found {
  readonly route: Route;
  readonly model: string;
  readonly version: string | undefined;
}

const matches = (segments: readonly string[], pattern: readonly string[]): boolean =>
  pattern.every((part, i) => part.startsWith(':') || part === segments[i]);

function named(segments: readonly string[], pattern: readonly string[], name: string): string | undefined {
  const segment = segments[pattern.indexOf(name)];
  if (segment === undefined) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest('the path is not valid: its %-escapes are not UTF-8');
  }
}

/** Paths that were asked for before; so many at most, and none longer than that. */
const KNOWN = new Map<string, Found>();
const MOST_KNOWN = 256;
const LONGEST_KNOWN = 200;

/** Finds what a path stands for. @throws Refusal for one that stands for nothing */
export function findRoute(method: string, path: string): Found {
  const key = `${method} ${path}`;
  const known = KNOWN.get(key);
  if (known) return known;
  const found = search(method, path);
  if (KNOWN.size === MOST_KNOWN) KNOWN.clear();
  if (path.length <= LONGEST_KNOWN) KNOWN.set(key, found);
  return found;
}

function search(method: string, path: string): Found {
  const segments = path.slice(1).split('/');
  // A slash at the end is no segment.
  if (segments.length > 1 && segments.at(-1) === '') segments.pop();
  const found = (BY_LENGTH[segments.length] ?? []).filter((one) => matches(segments, one.segments));
  const own = found.find((one) => one.method === method);
  if (own) {
    const [model = '', version] = [':model', ':version'].map((name) => named(segments, own.segments, name));
    return { route: own.route, model, version };
  }
  const [other] = found;
  if (other) throw new Refusal(405, `${other.method} is the method of this path`, { Allow: other.method });
  throw new Refusal(404, 'there is nothing at this path');
}
