import type { WebRequestInit, WebResponse } from '../../support/web';

/** The runtime's network. */

/**
 * The runtime's own `fetch`.
 * @example
 * const response = await sg.util.fetch('https://example.com/labels.json');
 */
export const fetch = (path: string, requestInits?: WebRequestInit): Promise<WebResponse> =>
  globalThis.fetch(path, requestInits);
