import type { WebRequestInit, WebResponse } from '../../support/web';

/** The runtime's network. */

/**
 * The runtime's own `fetch`.
 * @throws TypeError if the network cannot be reached; the promise is rejected
 * @example
 * const response = await sg.util.fetch('data:text/plain,hello');
 * await response.text(); // 'hello'
 */
export const fetch = (path: string, requestInits?: WebRequestInit): Promise<WebResponse> =>
  globalThis.fetch(path, requestInits);
