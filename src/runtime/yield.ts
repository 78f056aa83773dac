/** A turn of the event loop. */

/** Timers are slowed down to 4 ms in pages; messages are not. */
export const yieldToEventLoop = (): Promise<void> =>
  new Promise((resolve) => {
    const { setImmediate } = globalThis as { setImmediate?: (run: () => void) => unknown };
    if (setImmediate) {
      setImmediate(resolve);
      return;
    }
    if (typeof MessageChannel === 'undefined') {
      setTimeout(resolve, 0);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });

/**
 * Resolves before a page draws its next frame; elsewhere in the next turn of the event loop. Like `tf.nextFrame`.
 * @example
 * await sg.nextFrame();
 */
export const nextFrame = (): Promise<void> =>
  typeof requestAnimationFrame === 'function'
    ? new Promise((resolve) => requestAnimationFrame(() => resolve()))
    : yieldToEventLoop();
