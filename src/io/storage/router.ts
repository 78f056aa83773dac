/** Which handler an URL is for. */
import { checkFunction, show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import type { IOHandler, IOHandlerSync } from '../artifacts';
import type { LoadOptions } from '../model/options';

/** One URL, or several of the parts of a model. */
export type ModelURLs = string | readonly string[];

/** Returns a handler for URLs that it is for, null for others. */
export type IORouter = (url: ModelURLs, loadOptions?: LoadOptions) => IOHandler | IOHandlerSync | null;

type Places = typeof import('./places');

/** A handler whose module is loaded when it is used. */
export const lazily = (open: (places: Places) => IOHandler): Required<IOHandler> => ({
  load: async () => methodOf(open(await import('./places')), 'load')(),
  save: async (artifacts) => methodOf(open(await import('./places')), 'save')(artifacts),
});

/** A method of a handler. @throws ArgumentError if it has none */
export function methodOf<H extends IOHandler | IOHandlerSync, K extends keyof H>(
  handler: H,
  what: K,
): NonNullable<H[K]> {
  const method = handler[what];
  if (typeof method !== 'function') throw new ArgumentError(`the handler of this place cannot ${String(what)} models`);
  return method.bind(handler) as NonNullable<H[K]>;
}

const URL_SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

/** What stands before `://`; undefined for paths. */
export const schemeOf = (url: string): string | undefined => URL_SCHEME.exec(url)?.[1]?.toLowerCase();

/** What stands behind it. */
export const pathOf = (url: string): string => url.replace(URL_SCHEME, '');

/** Whether it is an address that `fetch` takes. */
export const isHTTP = (url: ModelURLs): boolean =>
  [url].flat().every((u) => typeof u === 'string' && /^https?:\/\//i.test(u));

type Opener = (places: Places, url: string, options: LoadOptions) => IOHandler;

const BUILT_IN: Readonly<Record<string, Opener>> = {
  file: ({ fileHandler }, url) => fileHandler(url),
  http: ({ httpHandler }, url, options) => httpHandler(url, options),
  https: ({ httpHandler }, url, options) => httpHandler(url, options),
  indexeddb: ({ indexedDB }, url) => indexedDB.indexedDBHandler(pathOf(url)),
  localstorage: ({ localStorage }, url) => localStorage.localStorageHandler(pathOf(url)),
  downloads: ({ downloadsHandler }, url) => downloadsHandler(pathOf(url)),
};

const loadRouters: IORouter[] = [];
const saveRouters: IORouter[] = [];

/**
 * Adds a function that finds the handler for an URL when models are loaded. It is asked before those of the library.
 * @throws ArgumentError if it is not a function
 * @example
 * sg.io.registerLoadRouter((url) => (String(url).startsWith('db://') ? sg.io.fromMemory({ modelTopology: {} }) : null));
 * sg.io.getLoadHandlers('db://model').length; // 1
 */
export function registerLoadRouter(router: IORouter): void {
  loadRouters.push(checkFunction(router, 'registerLoadRouter', 'router'));
}

/**
 * Adds a function that finds the handler for an URL when models are saved. It is asked before those of the library.
 * @throws ArgumentError if it is not a function
 * @example
 * sg.io.registerSaveRouter((url) => (String(url).startsWith('db://') ? { save: async () => ({}) } : null));
 * sg.io.getSaveHandlers('db://model').length; // 1
 */
export function registerSaveRouter(router: IORouter): void {
  saveRouters.push(checkFunction(router, 'registerSaveRouter', 'router'));
}

/** Handlers of routers that users registered. */
export const registeredFor = (
  what: 'load' | 'save',
  url: ModelURLs,
  options?: LoadOptions,
): (IOHandler | IOHandlerSync)[] =>
  (what === 'load' ? loadRouters : saveRouters).flatMap((router) => router(url, options) ?? []);

function handlersFor(what: 'load' | 'save', url: ModelURLs, options: LoadOptions): (IOHandler | IOHandlerSync)[] {
  const own = registeredFor(what, url, options);
  if (own.length) return own;
  const [first] = [url].flat() as [string];
  const scheme = typeof first === 'string' ? schemeOf(first) : undefined;
  const open = scheme !== undefined && Object.hasOwn(BUILT_IN, scheme) ? BUILT_IN[scheme] : undefined;
  if (!open || (what === 'load' && scheme === 'downloads')) return [];
  const handler = lazily((places) => open(places, first, options));
  return [what === 'load' ? { load: handler.load } : { save: handler.save }];
}

/**
 * Handlers that load models from an URL: those of registered routers, else that of the library.
 * @throws what a registered router throws
 * @example
 * sg.io.getLoadHandlers('indexeddb://model').length; // 1
 */
export const getLoadHandlers = (url: ModelURLs, loadOptions?: LoadOptions | null): (IOHandler | IOHandlerSync)[] =>
  handlersFor('load', url, loadOptions ?? {});

/**
 * Handlers that save models to an URL: those of registered routers, else that of the library.
 * @throws what a registered router throws
 * @example
 * sg.io.getSaveHandlers('downloads://model').length; // 1
 */
export const getSaveHandlers = (url: ModelURLs): (IOHandler | IOHandlerSync)[] => handlersFor('save', url, {});

/** The only handler for an URL. @throws ArgumentError if there are others, or none */
export function handlerFor(
  where: string,
  what: 'load' | 'save',
  url: string,
  options: LoadOptions = {},
): IOHandler | IOHandlerSync {
  const handlers = handlersFor(what, url, options);
  if (handlers.length === 1) return handlers[0] as IOHandler;
  if (handlers.length > 1)
    throw new ArgumentError(`${where}: ${handlers.length} routers have a handler for ${show(url)}; one is needed`);
  throw new ArgumentError(
    `${where}: no handler can ${what} ${show(url)}; known are paths and ${Object.keys(BUILT_IN)
      .map((s) => `${s}://`)
      .join(', ')}`,
  );
}
