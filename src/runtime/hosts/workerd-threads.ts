/** Cloudflare Workers have no threads. */
export const threaded = undefined;
